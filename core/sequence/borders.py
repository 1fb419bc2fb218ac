# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that the canvas cuts off, moved: the border cuts them off where they cross it then.

The cubic that leads from the border into the picture is cut at the border, or prolonged up to it,
so that what can be seen of it is the same curve, moved.
"""

from __future__ import annotations

import numpy as np

from ..refinement.optimization import OVERRUN

# Points within so many pixels of the border of the canvas stay on it.
BORDER = 0.75

# Largest share of its length by which a cubic is prolonged, and the largest distance in pixels
# over which a node slides along it: by itself, and for each pixel that its outline moves.
_PROLONGED = 0.5
_LEAST_SLIDE, _SLIDE = 1.0, 4.0


def cut_off(before: np.ndarray, moved: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a moved outline, float64 [3·S, 2], cut off by the canvas where it was before.

    before: the outline before. size: width and height of the canvas. Nodes where an outline only
    touches the border, and corners of the canvas, stay there.
    """
    limits = np.asarray(size, np.float64)
    on, held = _on_sides(before, moved, limits)
    result = moved.copy()
    for node in np.flatnonzero(on[::3].any(axis=1)):
        leads = [way for way in (-1, 1) if not _share(on, 3 * node, 3 * (node + way))]
        is_cut = len(leads) == 1 and on[3 * node].sum() == 1
        if not (is_cut and _slide(result, before, held, 3 * node, leads[0], on)):
            around = 3 * node + np.arange(-1, 2)
            result[around % len(result)] += held[3 * node] - result[3 * node]
    for cubic in range(len(before) // 3):
        index = (3 * cubic + np.arange(4)) % len(result)
        common = on[index].all(axis=0)
        if common.any():
            _stretch(result, before, held, index, int(np.flatnonzero(common)[0]) % 2)
    return np.clip(result, -OVERRUN, limits + OVERRUN)


def _on_sides(
    before: np.ndarray, moved: np.ndarray, limits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return which points were on the left, top, right and bottom border, or are now beyond it.

    [K, 4]; and the points with the coordinates that they keep for that, [K, 2].
    """
    was = np.concatenate([before < BORDER, before > limits - BORDER], axis=1)
    beyond = np.concatenate([moved < -OVERRUN, moved > limits + OVERRUN], axis=1)
    outside = np.clip(moved, -OVERRUN, limits + OVERRUN)
    return was | beyond, np.where(was[:, :2] | was[:, 2:], before, outside)


def _share(on: np.ndarray, first: int, second: int) -> bool:
    """Return whether two points are on the same side of the canvas."""
    return bool((on[first % len(on)] & on[second % len(on)]).any())


def _slide(
    points: np.ndarray,
    before: np.ndarray,
    held: np.ndarray,
    anchor: int,
    way: int,
    on: np.ndarray,
) -> bool:
    """Put an anchor where the cubic that leads from it crosses the border, if it does close by.

    way: 1 for the cubic after the anchor, -1 for the one before.
    """
    axis = int(np.flatnonzero(on[anchor])[0]) % 2
    index = (anchor + way * np.arange(4)) % len(points)
    cubic = points[index]
    t = _crossing(cubic[:, axis], held[anchor, axis])
    if t is None:
        return False
    rest = _from(cubic, t)
    distance = float(np.abs(rest[0] - cubic[0]).max())
    motion = float(np.abs(cubic[0] - before[anchor]).max())
    if distance > _LEAST_SLIDE + _SLIDE * motion:
        return False
    rest[0, axis] = held[anchor, axis]
    points[(anchor - way) % len(points)] += rest[0] - cubic[0]
    points[index[:3]] = rest[:3]
    return True


def _crossing(values: np.ndarray, value: float) -> float | None:
    """Return the parameter nearest to 0 at which a cubic of control values [4] has a value."""
    a, b, c, d = values
    roots = np.roots([d - 3 * c + 3 * b - a, 3 * (c - 2 * b + a), 3 * (b - a), a - value])
    real = roots[np.abs(roots.imag) < 1e-9].real
    near = real[(real >= -_PROLONGED) & (real < 1)]
    return float(near[np.abs(near).argmin()]) if len(near) else None


def _from(cubic: np.ndarray, t: float) -> np.ndarray:
    """Return the part of a cubic [4, 2] from t, by de Casteljau's algorithm; t may be negative."""
    rows = [cubic]
    for _ in range(3):
        rows.append((1 - t) * rows[-1][:-1] + t * rows[-1][1:])
    return np.stack([row[-1] for row in reversed(rows)])


def _stretch(
    points: np.ndarray, before: np.ndarray, held: np.ndarray, index: np.ndarray, axis: int
) -> None:
    """Place the handles of a cubic along the border as far between its ends as before."""
    along = 1 - axis
    length = before[index[3], along] - before[index[0], along]
    shares = np.array([1 / 3, 2 / 3])
    if abs(length) > 1e-6:
        shares = (before[index[1:3], along] - before[index[0], along]) / length
    first, last = points[index[0]], points[index[3]]
    points[index[1:3], along] = first[along] + shares * (last[along] - first[along])
    points[index[1:3], axis] = held[index[1:3], axis]
