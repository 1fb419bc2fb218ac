# SPDX-License-Identifier: GPL-3.0-or-later
"""The reader of a sequence's frames, with a program that hangs, ends and talks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semvec.core.errors import Cancelled, ImageError, WorkerError
from semvec.core.worker.frame_reader import FrameReader

# Answers with the file that it is asked for; hangs and ends on request.
PROGRAM = """
import json, os, shutil, sys, time
folder = sys.argv[1]
open(os.path.join(folder, "starts"), "a").write("x")
for index, line in enumerate(sys.stdin):
    file = json.loads(line)["file"]
    if file.endswith("hangs"):
        time.sleep(600)
    if file.endswith("ends"):
        os._exit(3)
    print("Blender says something")
    copy = f"copy-{index}.npy"
    shutil.copy(file, os.path.join(folder, copy))
    answer = {"file": copy, "width": 3, "height": 2, "channels": 3, "linear": False,
              "premultiplied": False, "has_opacity": False}
    print("semvec-frame " + json.dumps(answer), flush=True)
"""
COMMAND = [sys.executable, "-c", PROGRAM]


@pytest.fixture
def frame(tmp_path: Path) -> Callable[[str], dict[str, Any]]:
    """Makes a file of 3 x 2 pixels; returns the request for it."""

    def make(name: str) -> dict[str, Any]:
        file = tmp_path / name
        with file.open("wb") as stream:
            np.save(stream, np.full(18, 0.5, np.float32))
        return {"file": str(file), "movie": 0}

    return make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "shared").mkdir()
    return tmp_path / "shared"


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text())


def test_a_file_that_hangs_is_named_once_it_takes_too_long_and_the_rest_is_read(
    frame: Callable[[str], dict[str, Any]], folder: Path
) -> None:
    with FrameReader(COMMAND, folder) as reader:
        assert reader.read(frame("first")).rgb.shape == (2, 3, 3)
        usual, reader.limit = reader.limit, 0.5
        with pytest.raises(ImageError, match=r"'hangs' can't be read.*takes too long"):
            reader.read(frame("hangs"))
        reader.limit = usual
        assert reader.read(frame("second")).rgb.mean() == 0.5
        with pytest.raises(ImageError, match="takes too long"):
            reader.read({**frame("hangs"), "movie": 2})
        reader.read(frame("third"))
    assert starts(folder) == 2, "the file is not tried again"


def test_after_a_crash_the_next_frame_is_read_by_a_new_program(
    frame: Callable[[str], dict[str, Any]], folder: Path
) -> None:
    with FrameReader(COMMAND, folder) as reader:
        with pytest.raises(ImageError, match="'ends' can't be read"):
            reader.read(frame("ends"))
        reader.read(frame("next"))
    assert starts(folder) == 2
    assert [each.name for each in folder.iterdir()] == ["starts"]


def test_a_job_that_is_stopped_does_not_wait_for_a_frame(
    frame: Callable[[str], dict[str, Any]], folder: Path
) -> None:
    with FrameReader(COMMAND, folder, lambda: True) as reader, pytest.raises(Cancelled):
        reader.read(frame("hangs"))


def test_a_program_that_is_missing_is_a_failure_of_the_worker(
    frame: Callable[[str], dict[str, Any]], folder: Path
) -> None:
    with (
        FrameReader([str(folder / "none")], folder) as reader,
        pytest.raises(WorkerError, match="Frames can't be read"),
    ):
        reader.read(frame("first"))
