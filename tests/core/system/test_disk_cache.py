# SPDX-License-Identifier: GPL-3.0-or-later
"""Arrays kept as files: found by another process, bounded, harmless when damaged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from semvec.core.system.disk_cache import CachedFiles, cached_bytes, prune

LABELS = np.arange(12, dtype=np.int32).reshape(3, 4)


def test_another_process_finds_what_was_kept(tmp_path: Path) -> None:
    CachedFiles({}, tmp_path / "new")["key"] = LABELS
    later = CachedFiles({}, tmp_path / "new")
    assert "key" in later and "other" not in later
    np.testing.assert_array_equal(later["key"], LABELS)
    assert later["key"].dtype == np.int32
    assert len(list((tmp_path / "new").iterdir())) == 1, "and nothing unfinished"


def test_memory_comes_first(tmp_path: Path) -> None:
    memory: dict[str, object] = {}
    cache = CachedFiles(memory, tmp_path)
    cache["key"] = LABELS
    assert memory["key"] is LABELS and cache["key"] is LABELS
    cache["model"] = object()
    assert len(list(tmp_path.iterdir())) == 1, "only arrays become files"
    del cache["key"]
    assert "key" not in cache and not list(tmp_path.iterdir())


@given(arrays.arrays(np.int32, st.tuples(st.integers(0, 5), st.integers(0, 5))))
def test_any_array_comes_back(tmp_path_factory: pytest.TempPathFactory, values: np.ndarray) -> None:
    folder = tmp_path_factory.mktemp("cache")
    CachedFiles({}, folder)["key"] = values
    np.testing.assert_array_equal(CachedFiles({}, folder)["key"], values)


@given(st.binary(max_size=300))
def test_a_damaged_file_is_a_missing_one(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = CachedFiles({}, folder)
    cache["key"] = LABELS
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for damaged in (content, whole[: len(whole) // 2], content + whole):
        file.write_bytes(damaged)
        later = CachedFiles({}, folder)
        assert "key" not in later or (later["key"] == LABELS).all()
    CachedFiles({}, folder)["key"] = LABELS
    assert "key" in CachedFiles({}, folder)


def test_files_of_other_code_are_not_trusted(tmp_path: Path) -> None:
    CachedFiles({}, tmp_path, "old")["key"] = LABELS
    assert "key" in CachedFiles({}, tmp_path, "old")
    assert "key" not in CachedFiles({}, tmp_path, "new")


def test_a_file_under_another_name_is_a_missing_one(tmp_path: Path) -> None:
    CachedFiles({}, tmp_path)["first"] = LABELS
    (file,) = tmp_path.iterdir()
    file.rename(file.with_name(file.name.replace("first", "second")))
    assert "second" not in CachedFiles({}, tmp_path)
    np.savez(file, values=LABELS)
    assert "first" not in CachedFiles({}, tmp_path), "a foreign archive"


@given(st.data())
def test_one_changed_byte_is_found(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.mktemp("cache")
    CachedFiles({}, folder)["key"] = LABELS
    (file,) = folder.iterdir()
    content = bytearray(file.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    later = CachedFiles({}, folder)
    assert "key" not in later or (later["key"] == LABELS).all()


def test_a_failed_write_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes) -> None:
        path.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    CachedFiles({}, tmp_path)["key"] = LABELS
    assert list(tmp_path.iterdir()) == []


def test_unfinished_files_without_a_writer_are_pruned(tmp_path: Path) -> None:
    old, new = tmp_path / "old.part", tmp_path / "new.part"
    for file in (old, new):
        file.write_bytes(b"half")
    os.utime(old, (0, 0))
    assert cached_bytes(tmp_path) == 8
    prune(tmp_path, 1000)
    assert list(tmp_path.iterdir()) == [new]
    prune(tmp_path, 0)
    assert list(tmp_path.iterdir()) == []


def test_the_files_used_longest_ago_go_first(tmp_path: Path) -> None:
    cache = CachedFiles({}, tmp_path)
    for number, name in enumerate("abc"):
        cache[name] = np.random.default_rng(number).random(1000)
        (file,) = tmp_path.glob(f"*-{name}.npz")
        os.utime(file, (number, number))
    size = cached_bytes(tmp_path) // 3
    assert "a" in CachedFiles({}, tmp_path), "which is a use"
    assert CachedFiles({}, tmp_path)["a"] is not None
    prune(tmp_path, 2 * size)
    left = {name for name in "abc" if name in CachedFiles({}, tmp_path)}
    assert left == {"a", "c"} and cached_bytes(tmp_path) <= 2 * size
    prune(tmp_path, 0)
    assert cached_bytes(tmp_path) == 0


def test_a_folder_that_cant_be_written_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    cache = CachedFiles({}, file / "folder")
    cache["key"] = LABELS
    assert (cache["key"] == LABELS).all()
    assert cached_bytes(file / "folder") == 0
