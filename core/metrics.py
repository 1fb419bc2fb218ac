# SPDX-License-Identifier: GPL-3.0-or-later
"""How good a drawing is: close to the picture, within its objects, of clean shapes.

Images are float [H, W, 3] in [0, 1]. Outlines are measured as polygons of `samples`
chords a cubic, lengths in the drawing's pixels.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .drawing import Drawing, Path

SAMPLES = 40
MINIMUM_AREA = 4.0
MINIMUM_THICKNESS = 1.0

# Anchors that turn by less than this are smooth, by more than that are spikes; degrees.
SMOOTH_TURN, SPIKE_TURN = 15.0, 150.0

_PROBE_SPACING = 0.1  # of the radius of a disc, along the outline
_BLOCK = 2**20


def mse(image: np.ndarray, reference: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Mean squared error over all pixels and channels, or those where mask [H, W] is true."""
    difference = np.asarray(image, np.float64) - np.asarray(reference, np.float64)
    if mask is not None:
        difference = difference[np.asarray(mask, bool)]
    return float(np.mean(difference**2)) if difference.size else 0.0


def psnr(image: np.ndarray, reference: np.ndarray, mask: np.ndarray | None = None) -> float:
    """Peak signal-to-noise ratio in dB for a peak of 1; infinite for equal images."""
    error = mse(image, reference, mask)
    return -10.0 * math.log10(error) if error > 0.0 else math.inf


def ssim(image: np.ndarray, reference: np.ndarray) -> float:
    """Mean structural similarity over the channels of images of at least 11 x 11 pixels.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error
    visibility to structural similarity", 2004: Gaussian window of 11 pixels with
    sigma 1.5, K = (0.01, 0.03), only windows inside the image.
    """
    x, y = np.asarray(image, np.float64), np.asarray(reference, np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x = _blurred(x * x) - mean_x**2
    variance_y = _blurred(y * y) - mean_y**2
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    similar = (2.0 * mean_x * mean_y + c1) * (2.0 * covariance + c2)
    return float(np.mean(similar / ((mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2))))


def vector_compactness(
    covered: np.ndarray,
    labels: np.ndarray,
    inside: float = 0.85,
    touching: float = 0.0,
    smallest: int = 1,
) -> float:
    """VeC: how many of the vectors that touch a mask are contained in it, in [0, 1].

    For each mask, the share of the vectors touching it that have more than `inside` of
    their area in it; the mean over all masks that a vector touches; NaN if none does.
    Wang et al., "Layered image vectorization via semantic simplification", 2025, as
    cited in the paper's section 5.2.

    covered: bool [N, H, W], see rendering/footprints.py. labels: int [H, W], the masks; pixels of
    negative labels are in none. touching: share of a vector's area that has to lie in a
    mask for the two to touch; at 0 one pixel does. smallest: masks of fewer pixels are passed
    over; those of a person hold specks of a pixel or two, which no vector lies in.
    """
    masks = np.unique(labels, return_inverse=True)
    names, of_pixel = masks[0], masks[1].reshape(labels.shape)
    count = len(names)
    pixels = np.array([np.bincount(of_pixel[vector], minlength=count) for vector in covered])
    sizes = np.bincount(of_pixel.ravel(), minlength=count)
    pixels = pixels.reshape(-1, count)[:, (names >= 0) & (sizes >= smallest)]  # [N, masks]
    areas = covered.sum(axis=(1, 2))[:, None]
    touched = (pixels > 0) & (pixels >= touching * areas)
    contained = touched & (pixels > inside * areas)
    vectors = touched.sum(axis=0)
    if not vectors.any():
        return math.nan
    return float(np.mean(contained.sum(axis=0)[vectors > 0] / vectors[vectors > 0]))


def outline(points: np.ndarray, samples: int = SAMPLES) -> np.ndarray:
    """A closed sub-path [3·S, 2] as a polygon: float64 [samples·S, 2]."""
    t = np.arange(samples)[:, None] / samples
    basis = np.hstack([3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3])  # [samples, 3]
    closed = np.concatenate([points, points[:1]]).astype(np.float64)
    anchors = closed[:-1:3]
    ways = np.stack([closed[k::3][: len(anchors)] - anchors for k in (1, 2, 3)], axis=1)
    # From the anchor on, so that a cubic of no length stays one point exactly.
    return (anchors[:, None] + basis @ ways).reshape(-1, 2)


def crosses_itself(path: Path, samples: int = SAMPLES) -> bool:
    """Whether any sub-path is not a simple closed curve, or two sub-paths cross.

    A sub-path that touches itself, or runs back on itself, is not simple either.
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


def area(path: Path, samples: int = SAMPLES) -> float:
    """Area in square pixels; sub-paths that run the other way (holes) count negative."""
    return abs(sum(_signed_area(outline(points, samples)) for points in path.subpaths))


def thicker_than(path: Path, thickness: float, samples: int = SAMPLES) -> bool:
    """Whether a disc of this diameter fits into the path somewhere.

    If one fits, one fits that touches the outline: points closely along the outline are
    moved inwards by the radius, and one must stay that far from all chords. They are
    moved 1 % further, since the corners between chords stand in their way.
    """
    radius = thickness / 2.0
    start, end, *_ = _chords(path, samples)
    probes = _probes(start, end, 1.01 * radius)
    tried = np.zeros(len(probes), bool)
    for stride in (256, 32, 4, 1):  # a few probes decide for any shape that isn't thin
        chosen = np.flatnonzero(~tried)[::stride]
        tried[chosen] = True
        size = max(1, _BLOCK // len(start))
        for i in range(0, len(chosen), size):
            some = probes[chosen[i : i + size]]
            clear = _distance(some, start, end) > radius
            if (clear & (_winding(some, start, end) != 0)).any():
                return True
    return False


def is_sliver(path: Path) -> bool:
    """Whether the path is under 4 square pixels, or nowhere thicker than 1 pixel."""
    return area(path) < MINIMUM_AREA or not thicker_than(path, MINIMUM_THICKNESS)


def outside_share(paths: Sequence[Path], width: float, height: float) -> float:
    """The share of the paths' area that lies outside the canvas."""
    total = inside = 0.0
    for path in paths:
        polygons = [outline(points) for points in path.subpaths]
        clipped = [_clipped(polygon, width, height) for polygon in polygons]
        total += abs(sum(map(_signed_area, polygons)))
        inside += abs(sum(map(_signed_area, clipped)))
    return 1.0 - inside / total if total > 0.0 else 0.0


def turn_angles(points: np.ndarray) -> np.ndarray:
    """How much a sub-path [3·S, 2] turns at each anchor, in degrees: [S]."""
    arriving = points[::3] - np.roll(points[2::3], 1, axis=0)
    leaving = points[1::3] - points[::3]
    cross = _cross(arriving, leaving)
    return np.degrees(np.abs(np.arctan2(cross, np.sum(arriving * leaving, axis=1))))


def corner_shares(paths: Sequence[Path]) -> dict[str, float]:
    """Shares of all anchors that are smooth (turn under 15 degrees) and spikes (over 150)."""
    turns = [turn_angles(points) for path in paths for points in path.subpaths]
    angles = np.concatenate([*turns, np.zeros(0)])
    count = max(len(angles), 1)
    return {
        "smooth_anchors": np.count_nonzero(angles < SMOOTH_TURN) / count,
        "spikes": np.count_nonzero(angles > SPIKE_TURN) / count,
    }


def mean_nodes(paths: Sequence[Path]) -> float:
    """Mean number of anchors a path; 0 for no paths."""
    return sum(path.nodes for path in paths) / len(paths) if paths else 0.0


def shape_report(drawing: Drawing) -> dict[str, float]:
    """All figures about the shapes of a drawing, none of which needs the picture."""
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
        "slivers": sum(map(is_sliver, paths)),
        "outside_share": outside_share(paths, drawing.width, drawing.height),
        **corner_shares(paths),
    }


def peak_memory() -> float:
    """Most memory that this process has had so far, in MB; 0 where the system can't tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def _blurred(values: np.ndarray) -> np.ndarray:
    """Gaussian window of 11 pixels, along y and x, where it lies inside: [H-10, W-10, ...]."""
    weights = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    weights /= weights.sum()
    height, width = values.shape[0] - 10, values.shape[1] - 10
    rows = sum(weight * values[i : i + height] for i, weight in enumerate(weights))
    return np.asarray(sum(weight * rows[:, i : i + width] for i, weight in enumerate(weights)))


def _signed_area(polygon: np.ndarray) -> float:
    """The shoelace formula; y is down, so counter-clockwise on screen is negative."""
    if not len(polygon):
        return 0.0
    x, y = (polygon - polygon[0]).T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


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
    polygons = [outline(points, samples) for points in path.subpaths]
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
    """Whether a chord runs straight back over the one before it."""
    way = chords.end - chords.start
    following = way[chords.following]
    return bool(((_cross(way, following) == 0.0) & ((way * following).sum(axis=1) < 0.0)).any())


def _close_pairs(start: np.ndarray, end: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Indices i < j of chords whose bounding boxes meet, in blocks."""
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
    """Whether chords ab and cd, whose boxes meet, share a point; and whether they cross inside."""
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
    """The polygon inside the canvas (Sutherland and Hodgman 1974); its signed area is exact."""
    for axis, sign, bound in ((0, 1, 0.0), (0, -1, width), (1, 1, 0.0), (1, -1, height)):
        if not len(polygon):
            break
        polygon = _half_plane(polygon, sign * (polygon[:, axis] - bound))
    return polygon


def _half_plane(polygon: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """The part of the polygon where `depth`, given at its vertices, is not negative."""
    following, next_depth = np.roll(polygon, -1, axis=0), np.roll(depth, -1)
    crosses = (depth < 0.0) != (next_depth < 0.0)
    t = depth / np.where(crosses, depth - next_depth, 1.0)
    crossing = polygon + t[:, None] * (following - polygon)
    both = np.stack([polygon, crossing], axis=1)  # [K, 2, 2]
    return both[np.stack([depth >= 0.0, crosses], axis=1)]
