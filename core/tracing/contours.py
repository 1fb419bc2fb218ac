# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines of masks: along the cracks between pixels, then as smooth closed polylines."""

from __future__ import annotations

import ctypes

import numpy as np

from ..bezier import polygon_area
from ..native.library import array, function

_follow_outlines = function(
    "semvec_follow_outlines",
    *(array(np.uint8), ctypes.c_int, ctypes.c_int, ctypes.c_int),
    *(array(np.int32), array(np.int32), array(np.int32)),
)

# Passes of smoothing; short outlines get one for every 8 points.
_MOST_PASSES = 6

# Sides of an outline are 0.7 pixels apart or more: so they can't meet.
_LONGEST_MOVE = 0.35


def outline(mask: np.ndarray) -> list[np.ndarray]:
    """All outlines of a mask, bool [H, W], as smooth closed polylines, float64 [K, 2] each.

    Pixels, x right and y down. Around the mask they run counter-clockwise on screen, around
    its holes the other way. The mask counts as 4-connected, what is around it as 8-connected.
    Each polyline is simple and encloses about as much as the pixels do.
    """
    return [smoothed(vertices) for vertices in cracks(mask)]


def cracks(mask: np.ndarray) -> list[np.ndarray]:
    """All outlines of a mask along the sides of its pixels: int32 [K, 2], the K vertices.

    One vertex a pixel side, in the order of `outline`.
    """
    pixels = np.ascontiguousarray(mask, np.uint8)
    padded = np.pad(pixels, 1)
    capacity = np.count_nonzero(padded[:, 1:] != padded[:, :-1])
    capacity += np.count_nonzero(padded[1:] != padded[:-1])
    vertices = np.empty((capacity, 2), np.int32)
    starts = np.empty(capacity // 4 + 1, np.int32)
    count = np.zeros(1, np.int32)
    if capacity:
        _follow_outlines(pixels, *pixels.shape, capacity, vertices, starts, count)
    return [vertices[starts[i] : starts[i + 1]] for i in range(count[0])]


def turned(points: np.ndarray, by: int) -> np.ndarray:
    """Return the closed polyline [K, ...] that starts at its point `by`; -1 is the last."""
    return np.concatenate([points[by:], points[:by]])


def interior(vertices: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return the pixels within one outline of `cracks`: bool [H, W]."""
    following = turned(vertices, 1)
    vertical = vertices[:, 0] == following[:, 0]
    rows = np.minimum(vertices[vertical, 1], following[vertical, 1])
    crossed = np.zeros((shape[0], shape[1] + 1), bool)
    crossed[rows, vertices[vertical, 0]] = True
    return np.logical_xor.accumulate(crossed, axis=1)[:, :-1]


def outside_pixels(vertices: np.ndarray) -> np.ndarray:
    """For each side of an outline of `cracks`, the pixel beyond it: int [K, 2], x and y."""
    step = turned(vertices, 1) - vertices
    right = np.stack([-step[:, 1], step[:, 0]], axis=1)  # the mask is on the left
    return (2 * vertices + step + right - 1) // 2


def smoothed(vertices: np.ndarray) -> np.ndarray:
    """Smooth the stairs of an outline of `cracks`: float64 [K, 2], one point a pixel side."""
    stairs = points = 0.5 * (vertices + turned(vertices, 1))
    for _ in range(min(len(points) // 8, _MOST_PASSES)):
        points = 0.25 * (turned(points, -1) + 2 * points + turned(points, 1))
    points = _with_area(_near(points, stairs), abs(polygon_area(vertices)))
    return _near(points, stairs)


def _near(points: np.ndarray, origin: np.ndarray) -> np.ndarray:
    """Return the points, each moved at most as far as allowed."""
    move = points - origin
    length = np.sqrt(np.sum(move * move, axis=1, keepdims=True))
    return origin + move * np.minimum(1.0, _LONGEST_MOVE / np.maximum(length, 1e-9))


def _with_area(points: np.ndarray, area: float) -> np.ndarray:
    """Move the polyline outward evenly until it encloses `area`.

    Moving it by d adds (perimeter)·d + π·d² (Steiner's formula).
    """
    along = turned(points, 1) - turned(points, -1)
    length = np.sqrt(np.sum(along * along, axis=1, keepdims=True))
    perimeter = 0.5 * float(length.sum())
    signed = polygon_area(points)
    missing = area - abs(signed)
    root = np.sqrt(max(perimeter**2 + 4 * np.pi * missing, 0.0))
    distance = 2 * missing / (perimeter + root)
    outwards = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(length, 1e-9)
    return points + np.copysign(distance, missing * signed) * outwards
