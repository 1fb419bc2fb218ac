# SPDX-License-Identifier: GPL-3.0-or-later
"""Damaged levels of detail and cached masks: typed errors, or as good as missing."""

from __future__ import annotations

import io
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from faults import IMAGE, SMALL
from lengths import trials

from semvec.core.errors import EngineMissingError, MaskError
from semvec.core.models.import_torch import import_torch
from semvec.core.pipeline.levels_of_detail import LevelsOfDetail
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.system.arrays import DamagedArrays, read_arrays
from semvec.core.worker.job import Job
from semvec.core.worker.level_request import request_level
from semvec.core.worker.process import Worker


@pytest.fixture(scope="module")
def levels() -> bytes:
    return vectorize(IMAGE, SMALL).levels.to_bytes()


def damaged(content: bytes, trials: int) -> Iterator[bytes]:
    """Yield copies with a few changed, missing or doubled bytes."""
    source = random.Random(0)
    for _ in range(trials):
        copy = bytearray(content)
        for _ in range(source.randint(1, 4)):
            place = source.randrange(len(copy))
            match source.randrange(3):
                case 0:
                    copy[place] ^= source.randint(1, 255)
                case 1:
                    del copy[place : place + source.randint(1, 50)]
                case 2:
                    copy[place:place] = copy[place : place + source.randint(1, 50)]
        yield bytes(copy)


def test_damaged_levels_of_detail_are_typed(levels: bytes) -> None:
    for content in damaged(levels, trials(1000)):
        try:
            LevelsOfDetail.from_bytes(content).drawing(3, 48, 32)
        except MaskError as error:
            assert error.hint


def test_a_worker_reports_damaged_levels(levels: bytes) -> None:
    worker = Worker()
    try:
        with pytest.raises(MaskError):
            request_level(worker, levels[: len(levels) // 2], 3, 48, 32)
        assert request_level(worker, levels, 3, 48, 32).paths
    finally:
        worker.close()


def test_a_damaged_cache_does_not_fail_a_job(tmp_path: Path) -> None:
    worker = Worker()
    try:
        first = Job(worker, IMAGE, SMALL, cache=tmp_path).wait()
    finally:
        worker.close()
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    for number, copy in enumerate(damaged(content, trials(3))):
        file.write_bytes(copy)
        worker = Worker()
        try:
            again = Job(worker, IMAGE, SMALL, cache=tmp_path).wait()
        finally:
            worker.close()
        assert len(again.drawing.paths) == len(first.drawing.paths), number
    assert file.read_bytes() == content, "written anew"


@pytest.mark.parametrize("shape", [(10**14,), (2**40, 2**40), (-1,)])
def test_a_header_that_promises_too_much_reserves_no_memory(shape: tuple[int, ...]) -> None:
    array, archive = io.BytesIO(), io.BytesIO()
    header = {"descr": "<f8", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(array, header)
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("values.npy", array.getvalue() + bytes(64))
    with pytest.raises(DamagedArrays):
        read_arrays(archive)


@pytest.mark.parametrize(
    ("version", "is_refused"), [("2.5.1", True), ("1.13", True), ("2.6.0", False), ("3.0", False)]
)
def test_an_old_pytorch_is_refused(
    version: str, is_refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(__version__=version))
    if is_refused:
        with pytest.raises(EngineMissingError, match="too old"):
            import_torch()
    else:
        import_torch()
