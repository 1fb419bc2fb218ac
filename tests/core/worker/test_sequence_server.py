# SPDX-License-Identifier: GPL-3.0-or-later
"""Guides of a sequence in the worker: each frame is drawn with what is painted on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from semvec.core.errors import ImageError
from semvec.core.image import Image
from semvec.core.settings import Settings
from semvec.core.worker import sequence_server
from semvec.core.worker.sequence_server import SequenceTask

FRAMES = 5


class Reader:
    """Frames of 4 x 3 pixels; those whose numbers are given can't be read."""

    def __init__(self, *broken: int) -> None:
        self._broken = broken

    def read(self, frame: dict[str, Any]) -> Image:
        if frame["number"] in self._broken:
            raise ImageError("It is broken.")
        return Image(np.zeros((3, 4, 3), np.float32))


def painted_with(
    monkeypatch: pytest.MonkeyPatch, keys: dict[int, float], reader: Reader
) -> list[tuple[float | None, ...]]:
    """Return what is painted, and the masks, that each frame is drawn with."""
    calls: list[tuple[float | None, ...]] = []

    class Run(sequence_server.SequenceRun):
        def add(self, image: Image, painted: Any = None, masks: Any = None) -> Any:
            calls.append(tuple(None if a is None else float(a.max()) for a in (painted, masks)))
            return super().add(image, painted, masks)

    monkeypatch.setattr(sequence_server, "SequenceRun", Run)
    task = SequenceTask(
        [{"number": number} for number in range(FRAMES)],
        Settings(budget=1, kind="photo", iterations=1, threads=1),
        lambda index: np.full((3, 4), keys[index], np.float32) if index in keys else None,
        np.ones((3, 4), np.int32),
        {},
        lambda *_: None,
        lambda _: None,
        lambda: False,
    )
    task.run(reader)  # type: ignore[arg-type]  # has what the task calls
    return calls


def test_frames_are_drawn_with_what_is_painted_on_them(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = painted_with(monkeypatch, {0: 0.5, 3: 0.75}, Reader())
    assert drawn == [(0.5, 1.0), (None, None), (None, None), (0.75, None), (None, None)]


def test_what_is_painted_on_a_broken_frame_waits_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = painted_with(monkeypatch, {0: 0.5, 3: 0.75}, Reader(0, 3))
    assert drawn == [(0.5, 1.0), (None, None), (0.75, None)]


def test_of_two_broken_frames_the_later_paint_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = painted_with(monkeypatch, {1: 0.5, 2: 0.75}, Reader(1, 2))
    assert drawn == [(None, 1.0), (0.75, None), (None, None)]
