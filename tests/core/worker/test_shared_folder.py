# SPDX-License-Identifier: GPL-3.0-or-later
"""Temporary folders of workers: private, and removed after a client was killed."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from semvec.core.errors import WorkerError
from semvec.core.worker.process import Worker
from semvec.core.worker.shared_folder import PREFIX, SharedFolder, remove_folder


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder


def test_the_folder_is_private_and_only_ours_is_removed(tmp_path: Path) -> None:
    shared = SharedFolder()
    assert shared.path.stat().st_mode & 0o777 == 0o700
    shared.remove()
    assert not shared.path.exists()
    remove_folder(tmp_path)
    assert tmp_path.exists()


def test_folders_of_killed_clients_are_swept(temporary: Path) -> None:
    program = (
        "import os, sys, tempfile; tempfile.tempdir = sys.argv[1]\n"
        "from semvec.core.worker.shared_folder import SharedFolder\n"
        "shared = SharedFolder(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, temporary])
    (left,) = temporary.iterdir()
    used = SharedFolder()
    assert not left.exists()
    other = SharedFolder()
    assert used.path.exists(), "its client lives"
    used.remove()
    other.remove()


def test_folders_without_a_lock_are_swept_when_old(temporary: Path) -> None:
    old, new = temporary / f"{PREFIX}old", temporary / f"{PREFIX}new"
    foreign = temporary / "foreign"
    for folder in (old, new, foreign):
        folder.mkdir()
        os.utime(folder, (0, 0))
    os.utime(new)
    SharedFolder().remove()
    assert {folder.name for folder in temporary.iterdir()} == {new.name, "foreign"}


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_not_followed(temporary: Path, tmp_path: Path) -> None:
    target = tmp_path / "precious"
    target.mkdir()
    os.utime(target, (0, 0))
    (temporary / f"{PREFIX}link").symlink_to(target)
    SharedFolder().remove()
    assert target.exists()


def test_a_missing_temporary_folder_is_an_error_with_a_hint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    with pytest.raises(WorkerError, match="temporary folder") as raised:
        Worker()
    assert "TMPDIR" in raised.value.hint
