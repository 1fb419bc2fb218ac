# SPDX-License-Identifier: GPL-3.0-or-later
"""Outputs: complete or unchanged, with the permissions that they had."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from semvec.core.errors import OutputError
from semvec.core.system.files import write_output

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755, 0o644])
def test_permissions_are_kept(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "a.svg"
    file.write_bytes(b"old")
    file.chmod(mode)
    write_output(file, b"new")
    assert file.read_bytes() == b"new" and stat.S_IMODE(file.stat().st_mode) == mode


@posix
def test_a_new_file_has_the_permissions_of_the_mask(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_output(tmp_path / "a.svg", b"new")
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "a.svg").stat().st_mode) == 0o640


@posix
def test_a_read_only_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.svg"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != file)  # root may all
    with pytest.raises(OutputError, match="read-only"):
        write_output(file, b"new")
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]


def test_the_data_are_on_the_disk_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    real_sync, real_replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (calls.append("sync"), real_sync(fd)))
    monkeypatch.setattr(os, "replace", lambda a, b: (calls.append("replace"), real_replace(a, b)))
    write_output(tmp_path / "a.svg", b"new")
    assert calls[:2] == ["sync", "replace"]


def test_a_failed_write_leaves_the_old_file_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "a.svg"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space"):
        write_output(file, b"new")
    assert file.read_bytes() == b"old" and list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("is_linux", [True, False])
def test_both_ways_of_writing(
    tmp_path: Path, is_linux: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_linux:
        monkeypatch.setattr("sys.platform", "darwin")
    for content in (b"first", b"", b"second" * 10000):
        write_output(tmp_path / "a.svg", content)
        assert (tmp_path / "a.svg").read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["a.svg"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems name a file at once")
def test_a_process_killed_while_writing_leaves_nothing(tmp_path: Path) -> None:
    program = (
        "import os, sys; from semvec.core.system import files\n"
        "os.fsync = lambda descriptor: os.kill(os.getpid(), 9)\n"
        "files.write_output(sys.argv[1], b'new')"
    )
    assert subprocess.run([sys.executable, "-c", program, tmp_path / "a.svg"]).returncode == -9
    assert list(tmp_path.iterdir()) == []
