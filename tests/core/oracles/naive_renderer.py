# SPDX-License-Identifier: GPL-3.0-or-later
"""Oracle of the native rasterizer: plain, slow, float64.

Nothing here walks along a chord from cell to cell or sums along a row, as the C code
does. A pixel's winding is the area of the path left of and above its right lower corner,
less that of its neighbors: Green's theorem, one closed formula an edge and a corner.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from semvec.core.drawing import Ramps, Scene


class Loss(NamedTuple):
    """The terms whose gradient `fit_step` returns; its `squared_error` is the first."""

    squared_error: float
    sharpness: float
    containment: float

    @property
    def total(self) -> float:
        return self.squared_error + self.sharpness + self.containment


def cubic_points(subpath: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Points of every cubic of a closed sub-path [3·S, 2] at the parameters `at` [K]: [S, K, 2]."""
    handles = subpath.reshape(-1, 3, 2).astype(np.float64)
    ends = np.roll(handles[:, :1], -1, axis=0)
    control = np.concatenate([handles, ends], axis=1)  # [S, 4, 2]
    t, s = at, 1.0 - at
    bernstein = np.stack([s**3, 3 * s**2 * t, 3 * s * t**2, t**3])  # [4, K]
    return np.einsum("sbd,bk->skd", control, bernstein)


def flatten(subpath: np.ndarray, chords: int) -> np.ndarray:
    """A closed sub-path as a polygon with `chords` edges a cubic: float64 [S·chords, 2]."""
    return cubic_points(subpath, np.arange(chords) / chords).reshape(-1, 2)


def chords_of(subpath: np.ndarray, chords: int) -> np.ndarray:
    """Start and end of the chords of every cubic: float64 [S, 2, chords, 2]."""
    vertices = cubic_points(subpath, np.arange(chords + 1) / chords)
    return np.stack([vertices[:, :-1], vertices[:, 1:]], axis=1)


def signed_areas(segments: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return the share of chords [S, 2, K, 2] in each pixel's mean winding number: [height, width].

    The area left of x = a and above y = b is the sum over the chords of the integral of
    min(x, a) dy over the part with y < b; second differences give the pixels.
    """
    start, end = segments[:, 0].reshape(-1, 2), segments[:, 1].reshape(-1, 2)
    rise = end[:, 1] - start[:, 1]
    start, end, rise = start[rise != 0], end[rise != 0], rise[rise != 0]
    rows = np.arange(height + 1)
    crossing = np.clip((rows[None] - start[:, 1:]) / rise[:, None], 0.0, 1.0)  # [E, H + 1]
    first = np.where(rise[:, None] > 0, 0.0, crossing)
    last = np.where(rise[:, None] > 0, crossing, 1.0)
    run = (end[:, 0] - start[:, 0])[:, None]
    x = np.stack([start[:, :1] + run * first, start[:, :1] + run * last])  # [2, E, H + 1]
    height_above = rise[:, None] * (last - first)
    area = np.stack(
        [
            (height_above * _mean_of_minimum(x.min(axis=0), x.max(axis=0), float(a))).sum(axis=0)
            for a in range(width + 1)
        ],
        axis=1,
    )  # [H + 1, W + 1]
    return np.diff(np.diff(area, axis=0), axis=1)


def _mean_of_minimum(low: np.ndarray, high: np.ndarray, limit: float) -> np.ndarray:
    """Mean of min(x, limit) for x spread evenly over [low, high]."""
    part = np.clip(limit, low, high)  # below it x itself counts, above it the limit
    spread = np.maximum(high - low, 1e-300)
    mixed = ((part - low) * (part + low) / 2 + (high - part) * limit) / spread
    return np.where(high - low > 1e-12, mixed, np.minimum((low + high) / 2, limit))


def subpaths(scene: Scene, path: int) -> list[np.ndarray]:
    """The sub-paths [3·S, 2] of one path of a scene."""
    starts = scene.subpath_starts
    return [
        scene.points[starts[b] : starts[b + 1]]
        for b in range(scene.path_starts[path], scene.path_starts[path + 1])
    ]


def coverages(scene: Scene, width: int, height: int, chords: int = 64) -> np.ndarray:
    """Coverage min(|winding|, 1) of every path: float64 [N, height, width]."""
    return np.minimum(np.abs(_windings(scene, width, height, chords)), 1.0)


def _windings(scene: Scene, width: int, height: int, chords: int) -> np.ndarray:
    """Mean winding number of every path in every pixel: float64 [N, height, width]."""
    windings = np.zeros((len(scene.colors), height, width))
    for path, winding in enumerate(windings):
        for subpath in subpaths(scene, path):
            winding += signed_areas(chords_of(subpath, chords), width, height)
    return windings


def ramp_position(kind: int, axis: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the positions of points [..., 2] along a ramp, in [0, 1]. axis: [4], start and end."""
    start, way = axis[:2], axis[2:] - axis[:2]
    length = np.hypot(*way)
    if length == 0:
        return np.ones(points.shape[:-1])
    if kind == 1:
        t = (points - start) @ (way / length) / length
    else:
        t = np.linalg.norm(points - start, axis=-1) / length
    return t.clip(0.0, 1.0)


def fills(colors: np.ndarray, ramps: Ramps | None, width: int, height: int) -> np.ndarray:
    """RGBA of every path, float64 [N, 4]; where there are ramps, in every pixel: [N, H, W, 4]."""
    colors = colors.astype(np.float64)
    if ramps is None:
        return colors
    rows, columns = np.mgrid[:height, :width] + 0.5
    centers = np.stack([columns, rows], axis=-1)
    result = np.broadcast_to(colors[:, None, None], (len(colors), height, width, 4)).copy()
    for path, kind in enumerate(ramps.kinds):
        if kind != 0:
            t = ramp_position(kind, ramps.axes[path].astype(np.float64), centers)[..., None]
            result[path, ..., :3] += t * (ramps.colors[path] - colors[path, :3])
    return result


def composite(coverage_of: np.ndarray, fill_of: np.ndarray, background: np.ndarray) -> np.ndarray:
    """The painter's algorithm: coverages [N, H, W], `fills`, background [H, W, 3]."""
    image = np.array(background, np.float64)
    for cover, fill in zip(coverage_of, fill_of.astype(np.float64), strict=True):
        alpha = (fill[..., 3] * cover)[..., None]
        image = alpha * fill[..., :3] + (1.0 - alpha) * image
    return image


def render(
    scene: Scene, width: int, height: int, background: object = (1, 1, 1), chords: int = 64
) -> np.ndarray:
    """The scene as an image: float64 [height, width, 3]."""
    ground = np.broadcast_to(np.asarray(background, np.float64), (height, width, 3))
    fill_of = fills(scene.colors, scene.ramps, width, height)
    return composite(coverages(scene, width, height, chords), fill_of, ground)


def loss(
    coverage_of: np.ndarray,
    fill_of: np.ndarray,
    target: np.ndarray,
    background: object = (1, 1, 1),
    weight: np.ndarray | None = None,
    sharpness: float = 0.0,
    regions: np.ndarray | None = None,
    path_regions: np.ndarray | None = None,
    containment: np.ndarray | None = None,
) -> Loss:
    """The weighted mean squared error and the other terms, as `fit_step` defines them."""
    ground = np.broadcast_to(np.asarray(background, np.float64), target.shape)
    difference = composite(coverage_of, fill_of, ground) - target  # [H, W, 3]
    weights = np.ones((*target.shape[:2], 1)) if weight is None else weight[..., None]
    local = sharpness * (weights * within_blocks(difference, weights) ** 2).mean()
    outside = 0.0
    if regions is not None and path_regions is not None and containment is not None:
        for cover, region, strength in zip(coverage_of, path_regions, containment, strict=True):
            if region >= 0:
                outside += float(strength) * cover[regions != region].sum()
    return Loss((weights * difference**2).mean(), local, outside * 2.0 / target.size)


def within_blocks(difference: np.ndarray, weights: np.ndarray, side: int = 8) -> np.ndarray:
    """Values [H, W, 3] less their weighted mean over each block of side x side pixels."""
    result = difference.copy()
    for top in range(0, len(difference), side):
        for left in range(0, difference.shape[1], side):
            block = slice(top, top + side), slice(left, left + side)
            total = weights[block].sum()
            if total > 0:
                result[block] -= (weights[block] * difference[block]).sum(axis=(0, 1)) / total
    return result


def nonzero_coverage(
    polygons: list[np.ndarray], width: int, height: int, samples: int = 64
) -> np.ndarray:
    """Share of samples x samples points of each pixel with a winding number other than zero.

    Winding numbers are counted: signed crossings to the left of each sample point.
    """
    turns = np.zeros((height * samples, width * samples + 1), np.int8)
    for polygon in polygons:
        for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
            low, high = np.clip(np.ceil(np.sort([y0, y1]) * samples - 0.5), 0, len(turns))
            rows = np.arange(int(low), int(high))  # the lines y = (row + 0.5) / samples
            if len(rows):
                x = x0 + ((rows + 0.5) / samples - y0) / (y1 - y0) * (x1 - x0)
                column = np.clip(np.ceil(x * samples - 0.5), 0, width * samples).astype(int)
                turns[rows, column] += 1 if y1 > y0 else -1
    inside = np.cumsum(turns[:, :-1], axis=1, dtype=np.int8) != 0
    return inside.reshape(height, samples, width, samples).mean(axis=(1, 3))


class Gradients(NamedTuple):
    """Central differences of a loss, as `fit_step` names them."""

    point_gradient: np.ndarray
    color_gradient: np.ndarray
    ramp_axis_gradient: np.ndarray | None = None
    ramp_color_gradient: np.ndarray | None = None


def finite_differences(
    scene: Scene, target: np.ndarray, step: float = 1e-4, chords: int = 48, **terms: object
) -> Gradients:
    """The gradients of the loss in `terms` (see `loss`)."""

    def loss_of(coverage_of: np.ndarray, fill_of: np.ndarray) -> float:
        return loss(coverage_of, fill_of, target, **terms).total

    height, width = target.shape[:2]
    return differences_of(loss_of, scene, (width, height), step, chords)


def differences_of(
    loss_of: Callable[[np.ndarray, np.ndarray], float],
    scene: Scene,
    size: tuple[int, int],
    step: float = 1e-4,
    chords: int = 48,
) -> Gradients:
    """Return the gradients of `loss_of(coverages, fills)`, one coordinate at a time.

    The canvas has the size (width, height).
    """
    windings = _windings(scene, *size, chords)
    covers = np.minimum(np.abs(windings), 1.0)
    paint = fills(scene.colors, scene.ramps, *size)
    point_gradient = []
    for path in range(len(windings)):
        for subpath in subpaths(scene, path):
            for index in np.ndindex(*subpath.shape):
                ahead, behind = windings.copy(), windings.copy()
                ahead[path] += _winding_change(subpath, index, step, (*size, chords))
                behind[path] += _winding_change(subpath, index, -step, (*size, chords))
                losses = [loss_of(np.minimum(np.abs(w), 1.0), paint) for w in (ahead, behind)]
                point_gradient.append((losses[0] - losses[1]) / (2.0 * step))

    def by_entry(array: np.ndarray, changed: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """The gradient for an array; changed(array) are the fills with another one."""
        array = array.astype(np.float64)
        gradient = np.zeros(array.shape)
        for index in np.ndindex(*array.shape):
            by = np.zeros_like(array)
            by[index] = step
            difference = loss_of(covers, changed(array + by)) - loss_of(covers, changed(array - by))
            gradient[index] = difference / (2.0 * step)
        return gradient

    ramps = scene.ramps
    points = np.reshape(point_gradient, (-1, 2))
    colors = by_entry(scene.colors, lambda colors: fills(colors, ramps, *size))
    if ramps is None:
        return Gradients(points, colors)
    return Gradients(
        points,
        colors,
        by_entry(ramps.axes, lambda a: fills(scene.colors, ramps._replace(axes=a), *size)),
        by_entry(ramps.colors, lambda c: fills(scene.colors, ramps._replace(colors=c), *size)),
    )


def _winding_change(
    subpath: np.ndarray, index: tuple[int, ...], by: float, canvas: tuple[int, int, int]
) -> np.ndarray:
    """Return the change of the winding by moving one coordinate of a sub-path."""
    width, height, chords = canvas
    moved = subpath.astype(np.float64)
    moved[index] += by
    before, after = chords_of(subpath, chords), chords_of(moved, chords)
    touched = (before != after).any(axis=(1, 2, 3))
    return signed_areas(after[touched], width, height) - signed_areas(
        before[touched], width, height
    )
