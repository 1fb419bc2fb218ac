# SPDX-License-Identifier: GPL-3.0-or-later
"""Cleanliness of the shapes of a drawing.

Outlines are measured as polygons of `samples` chords per cubic; lengths are in the drawing's
pixels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from semvec.core.bezier import SAMPLES, area, flattened, polygon_area, turn_angles
from semvec.core.drawing import Drawing, Path
from semvec.core.refinement.repair import SMALLEST_AREA, SMALLEST_THICKNESS

# Anchors that turn by less than the first angle are smooth, by more than the second are spikes;
# degrees.
SMOOTH_TURN, SPIKE_TURN = 15.0, 150.0

_PROBE_SPACING = 0.1  # along the outline, as a share of the radius of the disc
_BLOCK = 2**20


def crosses_itself(path: Path, samples: int = SAMPLES) -> bool:
    """Return True where a sub-path is not a simple closed curve, or two sub-paths cross.

    A sub-path that touches itself, or reverses over itself, is not simple either.
    """
    chords = _chords(path, samples)
    start, end = chords.start, chords.end
    if _turns_back(chords):
        return True
    for first, second in _close_pairs(start, end):
        touch, cross = _meeting(start[first], end[first], start[second], end[second])
        neighbors = (chords.following[first] == second) | (chords.following[second] == first)
        same_subpath = chords.subpath[first] == chords.subpath[second]
        if (cross | (touch & same_subpath & ~neighbors)).any():
            return True
    return False


def thicker_than(path: Path, thickness: float, samples: int = SAMPLES) -> bool:
    """Return True where a disc of this diameter fits into the path.

    If one fits, one that touches the outline fits as well: centers are tried at the radius from
    closely spaced points of the outline, and one of them must be that far from all chords. They
    are tried 1 % further inwards, because the corners between chords are nearer.
    """
    radius = thickness / 2.0
    start, end, *_ = _chords(path, samples)
    probes = _probes(start, end, 1.01 * radius)
    tried = np.zeros(len(probes), bool)
    for stride in (256, 32, 4, 1):  # a few probes decide for all shapes that are not thin
        chosen = np.flatnonzero(~tried)[::stride]
        tried[chosen] = True
        size = max(1, _BLOCK // len(start))
        for i in range(0, len(chosen), size):
            some = probes[chosen[i : i + size]]
            clear = _distance(some, start, end) > radius
            if (clear & (_winding(some, start, end) != 0)).any():
                return True
    return False


def is_speck(path: Path) -> bool:
    """Return True for a path that is smaller than a finished shape may be.

    The thickness is that of the largest disc inside; `repair.is_sliver` uses the mean thickness,
    which is a lower bound of it.
    """
    return area(path.subpaths) < SMALLEST_AREA or not thicker_than(path, SMALLEST_THICKNESS)


def outside_share(paths: Sequence[Path], width: float, height: float) -> float:
    """Compute the share of the paths' area that lies outside the canvas."""
    total = inside = 0.0
    for path in paths:
        polygons = [flattened(points) for points in path.subpaths]
        clipped = [_clipped(polygon, width, height) for polygon in polygons]
        total += abs(sum(map(polygon_area, polygons)))
        inside += abs(sum(map(polygon_area, clipped)))
    return 1.0 - inside / total if total > 0.0 else 0.0


def corner_shares(paths: Sequence[Path]) -> dict[str, float]:
    """Compute the shares of anchors that are smooth (under 15 degrees) and spikes (over 150)."""
    turns = [turn_angles(points) for path in paths for points in path.subpaths]
    angles = np.concatenate([*turns, np.zeros(0)])
    count = max(len(angles), 1)
    return {
        "smooth_anchors": np.count_nonzero(angles < SMOOTH_TURN) / count,
        "spikes": np.count_nonzero(angles > SPIKE_TURN) / count,
    }


def mean_nodes(paths: Sequence[Path]) -> float:
    """Compute the mean number of anchors per path; 0 for no paths."""
    return sum(path.nodes for path in paths) / len(paths) if paths else 0.0


def shape_report(drawing: Drawing) -> dict[str, float]:
    """Compute all figures of the shapes of a drawing, none of which needs the image."""
    paths = drawing.paths
    structural = [path for path in paths if path.kind == "structural"]
    detail = [path for path in paths if path.kind == "detail"]
    return {
        "paths": len(paths),
        "structural": len(structural),
        "detail": len(detail),
        "nodes": sum(path.nodes for path in paths),
        "nodes_per_structural_path": mean_nodes(structural),
        "nodes_per_detail_path": mean_nodes(detail),
        "crossing_paths": sum(map(crosses_itself, paths)),
        "slivers": sum(map(is_speck, paths)),
        "outside_share": outside_share(paths, drawing.width, drawing.height),
        **corner_shares(paths),
    }


class _Chords(NamedTuple):
    """All chords of a path that have a length.

    start, end: float64 [C, 2]. subpath: int [C]. following: int [C], the next chord of
    the same sub-path.
    """

    start: np.ndarray
    end: np.ndarray
    subpath: np.ndarray
    following: np.ndarray


def _chords(path: Path, samples: int) -> _Chords:
    polygons = [flattened(points, samples) for points in path.subpaths]
    polygons = [p[(p != np.roll(p, 1, axis=0)).any(axis=1)] for p in polygons]
    start = np.concatenate([*polygons, np.zeros((0, 2))])
    subpath = np.repeat(np.arange(len(polygons)), [len(p) for p in polygons])
    following = np.arange(1, len(start) + 1)
    lengths = np.array([len(p) for p in polygons if len(p)], np.int64)
    following[np.cumsum(lengths) - 1] -= lengths  # the last of each leads to its first
    return _Chords(start, start[following], subpath, following)


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _turns_back(chords: _Chords) -> bool:
    """Return True where a chord reverses straight over the one before it."""
    step = chords.end - chords.start
    following = step[chords.following]
    return bool(((_cross(step, following) == 0.0) & ((step * following).sum(axis=1) < 0.0)).any())


def _close_pairs(start: np.ndarray, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Return indices i < j of chords whose bounding boxes meet, in blocks."""
    low, high = np.minimum(start, end), np.maximum(start, end)
    size = max(1, _BLOCK // max(1, len(start)))
    for top in range(0, len(start), size):
        rows = slice(top, top + size)
        meet = np.ones((len(low[rows]), len(low)), bool)
        for axis in (0, 1):
            meet &= low[rows, None, axis] <= high[None, :, axis]
            meet &= high[rows, None, axis] >= low[None, :, axis]
        first, second = np.nonzero(meet)
        first += top
        yield first[first < second], second[first < second]


def _meeting(
    a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Test whether chords ab and cd, whose boxes meet, share a point, and whether they cross."""
    sides_of_ab = np.sign(_cross(b - a, c - a)) * np.sign(_cross(b - a, d - a))
    sides_of_cd = np.sign(_cross(d - c, a - c)) * np.sign(_cross(d - c, b - c))
    touch = (sides_of_ab <= 0.0) & (sides_of_cd <= 0.0)
    return touch, (sides_of_ab < 0.0) & (sides_of_cd < 0.0)


def _probes(start: np.ndarray, end: np.ndarray, radius: float) -> np.ndarray:
    """Points at `radius` to both sides of the chords, closely along them: [P, 2]."""
    way = end - start
    long = np.hypot(*way.T)
    counts = np.ceil(long / (_PROBE_SPACING * radius)).astype(np.int64)
    chord = np.repeat(np.arange(len(start)), counts)
    step = np.arange(len(chord)) - np.repeat(np.cumsum(counts) - counts, counts)
    along = start[chord] + way[chord] * ((step + 0.5) / counts[chord])[:, None]
    normal = np.stack([-way[:, 1], way[:, 0]], axis=1) / long[:, None]
    return np.concatenate([along + radius * normal[chord], along - radius * normal[chord]])


def _distance(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Distance of each point to the nearest chord: [P]."""
    way = end - start
    offset = points[:, None] - start  # [P, C, 2]
    t = ((offset * way).sum(axis=-1) / (way * way).sum(axis=-1)).clip(0.0, 1.0)
    return np.asarray(np.sqrt(((offset - t[..., None] * way) ** 2).sum(axis=-1).min(axis=1)))


def _winding(points: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Winding number of the chords around each point: int [P]."""
    y = points[:, None, 1]
    side = _cross(end - start, points[:, None] - start)  # [P, C]
    down = (start[:, 1] <= y) & (end[:, 1] > y) & (side > 0.0)
    up = (start[:, 1] > y) & (end[:, 1] <= y) & (side < 0.0)
    return np.asarray(down.sum(axis=1) - up.sum(axis=1))


def _clipped(polygon: np.ndarray, width: float, height: float) -> np.ndarray:
    """Clip the polygon to the canvas (Sutherland and Hodgman 1974); its signed area is exact."""
    for axis, sign, bound in ((0, 1, 0.0), (0, -1, width), (1, 1, 0.0), (1, -1, height)):
        if not len(polygon):
            break
        polygon = _half_plane(polygon, sign * (polygon[:, axis] - bound))
    return polygon


def _half_plane(polygon: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the part of the polygon where `depth`, given at its vertices, is not negative."""
    following, next_depth = np.roll(polygon, -1, axis=0), np.roll(depth, -1)
    crosses = (depth < 0.0) != (next_depth < 0.0)
    t = depth / np.where(crosses, depth - next_depth, 1.0)
    crossing = polygon + t[:, None] * (following - polygon)
    both = np.stack([polygon, crossing], axis=1)  # [K, 2, 2]
    return both[np.stack([depth >= 0.0, crosses], axis=1)]
