# SPDX-License-Identifier: GPL-3.0-or-later
"""Full disks, little memory, and closed or narrow standard streams."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from faults import IMAGE, SMALL, is_one_clear_line, semvec, write_image

from semvec.core.errors import OutputError, WorkerError
from semvec.core.system.disk_cache import CachedFiles
from semvec.core.system.files import write_output
from semvec.core.worker.job import Job
from semvec.core.worker.process import Worker


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KB."""
    if not hasattr(os, "getuid") or os.getuid() != 0:
        pytest.skip("only root may mount a file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a file system")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write until the disk is full."""
    filler = folder / "filler"
    with pytest.raises(OSError), filler.open("wb", 0) as file:
        while True:
            file.write(bytes(4096))
    return filler


def test_an_output_on_a_full_disk(small_disk: Path) -> None:
    output = small_disk / "a.svg"
    output.write_bytes(b"old")
    filler = fill(small_disk)
    with pytest.raises(OutputError, match="No space"):
        write_output(output, bytes(20000))
    assert output.read_bytes() == b"old"
    filler.unlink()
    assert [file.name for file in small_disk.iterdir()] == ["a.svg"]


def test_the_command_line_on_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    image = write_image(tmp_path)
    fill(small_disk)
    run = semvec(image, "-o", small_disk / "a.svg")
    assert run.returncode == 1 and is_one_clear_line(run.stderr)


def test_a_cache_on_a_full_disk(small_disk: Path) -> None:
    values = np.random.default_rng(0).random((300, 300))
    cache = CachedFiles({}, small_disk)
    cache["a"] = values
    assert (cache["a"] == values).all() and list(small_disk.iterdir()) == []
    cache["b"] = values[:50]
    assert "b" in CachedFiles({}, small_disk)


def test_a_full_temporary_folder(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says so, and the worker goes on when there is space again."""
    monkeypatch.setattr(tempfile, "tempdir", str(small_disk))
    worker = Worker()
    try:
        filler = fill(small_disk)
        with pytest.raises(WorkerError, match=r"temporary folder.*No space") as raised:
            Job(worker, IMAGE, SMALL)
        assert "TMPDIR" in raised.value.hint and not worker.busy
        filler.unlink()
        assert len(Job(worker, IMAGE, SMALL).wait().drawing.paths) == 6
    finally:
        worker.close()
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("megabytes", [150, 200, 300, 400, 600])
def test_little_memory(megabytes: int, tmp_path: Path) -> None:
    """The result is whole, or one line says why there is none."""
    image, output = write_image(tmp_path), tmp_path / "a.svg"
    limit = megabytes << 20
    run = semvec(
        image, "-o", output, "--resolution", 2048,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    if "numpy" in run.stderr or "MemoryError" in run.stderr.splitlines()[-1:]:
        pytest.skip("Python itself does not start with so little memory")
    assert run.returncode in (0, 1) and (run.returncode == 0) == output.exists()
    assert run.stderr == "" or is_one_clear_line(run.stderr)


@pytest.mark.parametrize("closed", ["2>&-", "1>&-", "0<&- 1>&- 2>&-"])
def test_closed_streams(closed: str, tmp_path: Path) -> None:
    image, output = write_image(tmp_path), tmp_path / "a.svg"
    command = f'"{sys.executable}" -m semvec.core "{image}" -o "{output}" -b 4 --iterations 0'
    assert subprocess.run(["sh", "-c", f"(exec {closed}; {command})"]).returncode == 0
    assert output.read_bytes().startswith(b"<")


@pytest.mark.parametrize("encoding", ["ascii", "cp932", "cp1251", "cp437", "utf-8"])
def test_help_on_any_code_page(encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "semvec.core", "--help"]
    run = subprocess.run(command, capture_output=True, env=environment)
    assert run.returncode == 0 and run.stderr == b""
    assert b"usage: semvec" in run.stdout and b"B?" not in run.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_output() -> None:
    command = [sys.executable, "-m", "semvec.core", "models", "list"]
    with open("/dev/full", "w") as full:
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 1 and "Traceback" not in run.stderr


def test_libraries_do_not_reach_stderr() -> None:
    """Neither from Python, nor from C; our own messages do."""
    program = """
import logging, os, sys, warnings
from semvec.core.system.standard_streams import own_streams
with own_streams():
    warnings.warn("by Python")
    logging.getLogger("library").warning("by logging")
    os.write(2, b"by C")
    print("semvec: ours", file=sys.stderr)
os.write(2, b"after")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stderr == "semvec: ours\nafter"
