# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings of a sequence as animated paths: one track for each slot of each shot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from ..drawing import Drawing, Path
from .slots import nodes_of

T = TypeVar("T")


@dataclass(frozen=True)
class Drawn:
    """A drawing in a sequence. index: its time in frames from the start. shot: its number."""

    index: int
    shot: int
    drawing: Drawing


@dataclass(frozen=True)
class Track:
    """One slot over the frames of its shot.

    keys: (index, path), rising; None where it is hidden from there on. All paths have the same
    nodes. shot: number of the shot.
    """

    shot: int
    keys: list[tuple[int, Path | None]]

    @property
    def name(self) -> str:
        """Name of the slot."""
        return self.first.name

    @property
    def first(self) -> Path:
        """The first shape."""
        return next(path for _, path in self.keys if path is not None)

    def visibility(self) -> list[tuple[int, bool]]:
        """Return when the track appears and disappears, from index 0 on."""
        shown = [(index, path is not None) for index, path in self.keys]
        return _changes(shown if shown[0][0] == 0 else [(0, False), *shown])

    def values(self, read: Callable[[Path], T]) -> list[tuple[int, T]]:
        """Return keys of what is read of the paths, to be interpolated linearly.

        While the slot is hidden, and wherever it does not change, the value is held.
        """
        held: list[tuple[int, T]] = []
        last = read(self.first)
        for index, path in self.keys:
            last = last if path is None else read(path)
            held.append((index, last))
        return _without_repeats(held)


@dataclass(frozen=True)
class Animation:
    """Tracks in painting order, shot after shot.

    length: in frames. fps: frames a second.
    """

    width: float
    height: float
    length: int
    fps: float
    tracks: list[Track]


def animated(drawn: Sequence[Drawn], orders: Sequence[Sequence[str]], fps: float) -> Animation:
    """Return drawings as tracks.

    orders: names of the slots of each shot, in painting order. Raises ValueError
    where there are no drawings.
    """
    if not drawn:
        raise ValueError("an animation needs a drawing")
    tracks = []
    for shot, names in enumerate(orders):
        frames = [each for each in drawn if each.shot == shot]
        following = [each.index for each in drawn if each.shot > shot]
        tracks += _tracks(frames, names, following[0] if following else None)
    size = drawn[0].drawing
    return Animation(size.width, size.height, drawn[-1].index + 1, fps, tracks)


def _tracks(frames: Sequence[Drawn], names: Iterable[str], end: int | None) -> list[Track]:
    shown = [(each.index, {path.name: path for path in each.drawing.paths}) for each in frames]
    tracks = []
    for name in names:
        keys: list[tuple[int, Path | None]] = [(index, paths.get(name)) for index, paths in shown]
        while keys and keys[0][1] is None:
            keys.pop(0)
        if not keys:
            continue
        if end is not None:
            keys.append((end, None))
        track = Track(frames[0].shot, keys)
        assert all(path is None or nodes_of(path) == nodes_of(track.first) for _, path in keys)
        tracks.append(track)
    return tracks


def _changes(states: list[tuple[int, bool]]) -> list[tuple[int, bool]]:
    """Return the states that differ from the one before."""
    return [state for i, state in enumerate(states) if i == 0 or state[1] != states[i - 1][1]]


def _without_repeats(keys: list[tuple[int, T]]) -> list[tuple[int, T]]:
    """Return keys without those that equal both of their neighbors."""
    last = len(keys) - 1
    return [
        key
        for i, key in enumerate(keys)
        if i == 0
        or not _equal(key[1], keys[i - 1][1])
        or (i < last and not _equal(key[1], keys[i + 1][1]))
    ]


def _equal(first: object, second: object) -> bool:
    if isinstance(first, np.ndarray):
        return np.array_equal(first, np.asarray(second))
    return first == second
