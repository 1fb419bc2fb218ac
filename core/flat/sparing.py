# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines with fewer nodes, where a picture is matched as well without them.

Nodes are taken away many at a time, the rest is refined, and those come back without which the
picture is matched worse than a node is worth. Fewer nodes follow the rounding of pixels less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from ..bezier import bernstein, cubics
from ..drawing import Path, pack
from ..errors import Cancelled
from ..progress import NO_PROGRESS, PreviewProgress
from ..rendering.native import render
from ..simplification.spans import chain_of, find_spans
from .refining import refine

# Rounds at most, and steps of refinement in each.
_ROUNDS, _STEPS = 8, 10

# Distance in pixels up to which a cubic may replace two at first.
_TOLERANCE = 1.0

# What a node is worth: squared distances of its outline, summed over the pixels along it; and a
# squared error that is none.
_PRICE, _NOTHING = 0.03, 1e-5

# Pixels around an outline that are compared; and how far beside it its two colors are.
_REACH, _SIDE = 1, 1.2

# A node that was tried is found again within so many pixels.
_SAME = 0.3


class _Trial(NamedTuple):
    """An outline without one of its nodes, to be tried.

    path, outline, place: the numbers of the path, of its outline, and of the first of two cubics
    that become one. cubic: the one, [4, 2]. pixels: int [K], those along it, in rows. worth: the
    squared error that a node may save there.
    """

    path: int
    outline: int
    place: int
    cubic: np.ndarray
    pixels: np.ndarray
    worth: float


class _Aim(NamedTuple):
    """The picture to match: see `spare_nodes`."""

    image: np.ndarray
    background: np.ndarray
    weight: np.ndarray | None
    threads: int

    def refined(self, paths: Sequence[Path]) -> list[Path]:
        return refine(
            paths, self.image, self.background, self.threads, steps=_STEPS, weight=self.weight
        )

    def errors(self, paths: Sequence[Path]) -> np.ndarray:
        """Return the squared error of each pixel, in rows: [H·W]."""
        height, width = self.image.shape[:2]
        shown = render(pack(paths), width, height, self.background, self.threads)
        errors = np.square(shown - self.image).sum(axis=2, dtype=np.float64)
        return (errors if self.weight is None else errors * self.weight).ravel()


def spare_nodes(
    paths: Sequence[Path],
    image: np.ndarray,
    background: np.ndarray,
    threads: int = 0,
    progress: PreviewProgress = NO_PROGRESS,
    weight: np.ndarray | None = None,
) -> list[Path]:
    """Return refined paths with fewer nodes, refined again.

    image: float32 [H, W, 3]; background: float32 [3], what lies beneath all paths. weight:
    float32 [H, W], of the pixels' errors; None for 1 everywhere.
    On a request to cancel, the paths so far are returned.
    """
    aim = _Aim(image, background, weight, threads)
    current, needed = list(paths), _Needed()
    for number in range(_ROUNDS):
        trials = _choose_trials(current, image, needed)
        if not trials:
            break
        before = aim.errors(current)
        spared = aim.refined(_without_nodes(current, trials))
        more = aim.errors(spared) - before
        bad = [trial for trial in trials if float(more[trial.pixels].sum()) > trial.worth]
        for trial in bad:
            needed.add(trial, current)
        if len(bad) < len(trials):
            current = aim.refined(_with_nodes(current, spared, trials, bad))
        progress.report((number + 1) / _ROUNDS)
        progress.preview(partial(list, current))
        try:
            progress.check_cancelled()
        except Cancelled:
            break
    return current


class _Needed:
    """Nodes that were tried to do without and can't be."""

    def __init__(self) -> None:
        self._places: dict[int, list[np.ndarray]] = {}

    def add(self, trial: _Trial, paths: Sequence[Path]) -> None:
        node = cubics(paths[trial.path].subpaths[trial.outline])[trial.place][3]
        self._places.setdefault(trial.path, []).append(node)

    def has(self, path: int, node: np.ndarray) -> bool:
        places = self._places.get(path, [])
        return any(np.abs(place - node).max() < _SAME for place in places)


def _choose_trials(paths: Sequence[Path], image: np.ndarray, needed: _Needed) -> list[_Trial]:
    """Choose nodes that are missed least, apart from each other."""
    keys = [(i, j) for i, path in enumerate(paths) for j in range(len(path.subpaths))]
    outlines = [cubics(paths[i].subpaths[j]).astype(np.float64) for i, j in keys]
    lengths = np.array([len(outline) for outline in outlines])
    if not lengths.sum():
        return []
    chain = chain_of(np.concatenate(outlines), lengths)
    chain = chain._replace(corners=np.zeros(len(chain.cubics), bool))
    spans = find_spans(chain, np.full(len(chain.cubics), _TOLERANCE), longest=2)
    owner = np.repeat(np.arange(len(keys)), lengths)
    firsts = np.cumsum(lengths) - lengths
    taken = np.zeros(image.shape[0] * image.shape[1], bool)
    trials = []
    for number in np.argsort(spans.errors, kind="stable").tolist():
        start, cubic = int(spans.starts[number]), spans.cubics[number]
        path, outline = keys[owner[start]]
        if needed.has(path, chain.cubics[start, 3]):
            continue
        pair = chain.cubics[[start, chain.following[start]]]
        pixels = _pixels_along(np.concatenate([pair, cubic[None]]), image.shape)
        if taken[pixels].any():
            continue
        taken[pixels] = True
        place = start - int(firsts[owner[start]])
        worth = _PRICE * _contrast(pair, image) + _NOTHING
        trials.append(_Trial(path, outline, place, cubic, pixels, worth))
    return trials


def _pixels_along(curves: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the pixels within _REACH of cubics [N, 4, 2], in rows: int [K]."""
    height, width = shape[:2]
    points = _along(curves).reshape(-1, 2)
    steps = np.arange(-_REACH, _REACH + 1)
    x = np.floor(points[:, 0]).astype(int)[:, None, None] + steps[None, :, None]
    y = np.floor(points[:, 1]).astype(int)[:, None, None] + steps[None, None, :]
    inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return np.unique((y * width + x)[inside])


def _along(curves: np.ndarray) -> np.ndarray:
    """Return points on cubics [N, 4, 2], less than a pixel apart: [N, M, 2]."""
    steps = np.abs(np.diff(curves, axis=1)).sum(axis=(1, 2)).max(initial=1.0)
    weights = bernstein(np.linspace(0.0, 1.0, int(steps) + 2))
    return np.einsum("mk,nkd->nmd", weights, curves)


def _contrast(curves: np.ndarray, image: np.ndarray) -> float:
    """Return the squared difference of the colors on both sides of cubics [N, 4, 2], the mean."""
    points = _along(curves)
    tangents = np.gradient(points, axis=1)
    tangents /= np.maximum(np.sqrt(np.square(tangents).sum(axis=2, keepdims=True)), 1e-9)
    normals = np.stack([-tangents[..., 1], tangents[..., 0]], axis=2)
    limits = np.array([image.shape[1] - 1, image.shape[0] - 1])
    colors = []
    for side in (-_SIDE, _SIDE):
        x, y = np.moveaxis(np.floor(points + side * normals).astype(int).clip(0, limits), 2, 0)
        colors.append(image[y, x])
    return float(np.square(colors[0] - colors[1]).sum(axis=2).mean())


def _without_nodes(paths: Sequence[Path], trials: list[_Trial]) -> list[Path]:
    """Return the paths with one cubic for two in each trial."""
    result = list(paths)
    for (path, outline), chosen in _by_outline(trials).items():
        curves = cubics(paths[path].subpaths[outline])
        pieces = [
            curves[place : place + 1] if trial is None else trial.cubic[None]
            for place, trial in _pieces(len(curves), chosen)
        ]
        result[path] = _replaced(result[path], outline, np.concatenate(pieces))
    return result


def _with_nodes(
    before: Sequence[Path], spared: Sequence[Path], trials: list[_Trial], bad: list[_Trial]
) -> list[Path]:
    """Return the spared paths with the nodes of bad trials, as they were before, moved along."""
    result = list(spared)
    rejected = {id(trial) for trial in bad}
    for (path, outline), chosen in _by_outline(trials).items():
        old = cubics(before[path].subpaths[outline])
        new = cubics(spared[path].subpaths[outline])
        pieces = []
        for curve, (place, trial) in zip(new, _pieces(len(old), chosen), strict=True):
            if trial is None or id(trial) not in rejected:
                pieces.append(curve[None])
                continue
            pair = old[[place, (place + 1) % len(old)]]
            part = np.array([[0, 1, 2, 3], [3, 4, 5, 6]])[..., None] / 6.0
            moved = curve[0] - pair[0, 0], curve[3] - pair[1, 3]
            pieces.append(pair + (1 - part) * moved[0] + part * moved[1])
        result[path] = _replaced(result[path], outline, np.concatenate(pieces))
    return result


def _by_outline(trials: list[_Trial]) -> dict[tuple[int, int], dict[int, _Trial]]:
    found: dict[tuple[int, int], dict[int, _Trial]] = {}
    for trial in trials:
        found.setdefault((trial.path, trial.outline), {})[trial.place] = trial
    return found


def _pieces(count: int, chosen: dict[int, _Trial]) -> list[tuple[int, _Trial | None]]:
    """Return the cubics that are left of `count`, each the first of those that it stands for."""
    place = 1 if count - 1 in chosen else 0
    last = place + count
    pieces = []
    while place < last:
        trial = chosen.get(place % count)
        pieces.append((place % count, trial))
        place += 1 if trial is None else 2
    return pieces


def _replaced(path: Path, outline: int, curves: np.ndarray) -> Path:
    subpaths = list(path.subpaths)
    subpaths[outline] = curves[:, :3].reshape(-1, 2).astype(np.float32)
    return replace(path, subpaths=subpaths)
