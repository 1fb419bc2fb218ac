# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry of closed cubic Bézier outlines.

An outline (a sub-path of a `Path`) is an array [3·S, 2] of S cubics: anchor, handle, handle,
anchor, ...; the last cubic ends in the first anchor. A polygon is an array [K, 2] of corners.
Coordinates are pixels, x right and y down; areas are positive for clockwise curves on screen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Chords per cubic with which finished outlines are measured.
SAMPLES = 40


# Shapes


def circle(center: Sequence[float] | np.ndarray, radius: float, segments: int = 4) -> np.ndarray:
    """Approximate a circle: float32 [3·segments, 2], counter-clockwise on screen."""
    step = 2.0 * np.pi / segments
    angles = -step * np.arange(segments)
    on_circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # [S, 2]
    tangents = np.stack([np.sin(angles), -np.cos(angles)], axis=1)  # [S, 2], direction of travel
    reach = 4.0 / 3.0 * np.tan(step / 4.0)
    following = np.roll(on_circle, -1, axis=0)
    handles_out = on_circle + reach * tangents
    handles_in = following - reach * np.roll(tangents, -1, axis=0)
    points = np.stack([on_circle, handles_out, handles_in], axis=1).reshape(-1, 2)
    return (np.asarray(center, np.float64) + radius * points).astype(np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """Make a rectangle of four straight cubics: float32 [12, 2]."""
    corners = np.array([[left, top], [left, bottom], [right, bottom], [right, top]], np.float64)
    return polygon(corners)


def polygon(corners: np.ndarray) -> np.ndarray:
    """Make an outline of straight cubics through `corners` [S, 2]: float32 [3·S, 2]."""
    following = np.roll(corners, -1, axis=0)
    thirds = (following - corners) / 3.0
    points = np.stack([corners, corners + thirds, following - thirds], axis=1)
    return points.reshape(-1, 2).astype(np.float32)


# Points on cubics


def cubics(points: np.ndarray) -> np.ndarray:
    """Collect the control points of each cubic of an outline [3·S, D]: float64 [S, 4, D]."""
    corners = points.astype(np.float64).reshape(-1, 3, points.shape[-1])
    return np.concatenate([corners, np.roll(corners[:, :1], -1, axis=0)], axis=1)


def bernstein(t: np.ndarray) -> np.ndarray:
    """Evaluate the four Bernstein polynomials of degree three at t [K]: [K, 4]."""
    s = 1 - t
    return np.stack([s**3, 3 * s**2 * t, 3 * s * t**2, t**3], axis=-1)


def flattened(points: np.ndarray, samples: int = SAMPLES) -> np.ndarray:
    """Convert an outline to a polygon of `samples` chords per cubic: float64 [samples·S, 2]."""
    weights = np.ascontiguousarray(bernstein(np.arange(samples) / samples)[:, 1:])
    closed = np.concatenate([points, points[:1]]).astype(np.float64)
    anchors = closed[:-1:3]
    offsets = np.stack([closed[k::3][: len(anchors)] - anchors for k in (1, 2, 3)], axis=1)
    # Relative to the anchor, so that a cubic without length gives exactly one point.
    return (anchors[:, None] + weights @ offsets).reshape(-1, 2)


def split(cubic: np.ndarray, t: float) -> tuple[np.ndarray, np.ndarray]:
    """Divide a cubic [4, 2] at t by de Casteljau's algorithm: the parts before and after."""
    levels = [cubic]
    while len(levels[-1]) > 1:
        levels.append((1 - t) * levels[-1][:-1] + t * levels[-1][1:])
    return np.array([level[0] for level in levels]), np.array([level[-1] for level in levels[::-1]])


# Measures


def between(cubics: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Return the parts of cubics, complex [N, 4], between parameters [N]."""
    a, b, c, d = cubics.T

    def blossom(u: np.ndarray, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        ab, bc, cd = ((1 - u) * p + u * q for p, q in ((a, b), (b, c), (c, d)))
        abc, bcd = (1 - v) * ab + v * bc, (1 - v) * bc + v * cd
        return (1 - w) * abc + w * bcd

    s, t = start, end
    return np.stack([blossom(s, s, s), blossom(s, s, t), blossom(s, t, t), blossom(t, t, t)], 1)


def polygon_area(corners: np.ndarray) -> float:
    """Compute the signed area of a polygon by the shoelace formula."""
    if len(corners) < 3:
        return 0.0
    x, y = (corners - corners[0]).T
    doubled = x[1:-1] * y[2:] - x[2:] * y[1:-1]  # twice the triangles from the first corner
    return 0.5 * float(doubled.sum())


def outline_area(points: np.ndarray) -> float:
    """Compute the signed area of an outline, exactly, by Green's theorem."""
    if not len(points):
        return 0.0
    return float(_weighted_areas(cubics(points) - points[0]).sum()) / 20


def cubic_areas(curves: np.ndarray) -> np.ndarray:
    """Compute the signed areas between the origin and cubics [S, 4, 2], exactly: [S]."""
    return _weighted_areas(curves) / 20


def _weighted_areas(curves: np.ndarray) -> np.ndarray:
    """Compute 20 times the areas of `cubic_areas`."""
    p0, p1, p2, p3 = np.moveaxis(curves, 1, 0)
    weighted = 6 * (_cross(p0, p1) + _cross(p2, p3)) + 3 * (
        _cross(p0, p2) + _cross(p1, p2) + _cross(p1, p3)
    )
    return weighted + _cross(p0, p3)


def area(outlines: Sequence[np.ndarray]) -> float:
    """Compute the area within a path's outlines; those that run the other way are holes."""
    return abs(sum(map(outline_area, outlines)))


def turn_angles(points: np.ndarray) -> np.ndarray:
    """Measure by how much an outline turns at each anchor, in degrees: [S]."""
    arriving = points[::3] - np.roll(points[2::3], 1, axis=0)
    leaving = points[1::3] - points[::3]
    along = np.sum(arriving * leaving, axis=1)
    return np.degrees(np.abs(np.arctan2(_cross(arriving, leaving), along)))


def bounds(outlines: Sequence[np.ndarray]) -> np.ndarray:
    """Find the smallest box around outlines: its least and greatest corner, [2, 2]."""
    points = np.concatenate(outlines)
    start = points[::3]
    low, high = start.min(axis=0), start.max(axis=0)
    if ((points >= low) & (points <= high)).all():  # curves lie within their handles
        return np.stack([low, high])
    end = np.concatenate([np.roll(points[::3], -1, axis=0) for points in outlines])
    out, back = (points[k::3] for k in (1, 2))
    first, middle, last = out - start, back - out, end - back
    with np.errstate(all="ignore"):
        # The zeros of the derivative, (a·t + 2·b)·t + c.
        a, b, c = first - 2.0 * middle + last, middle - first, first
        q = -(b + np.copysign(np.sqrt(b * b - a * c), b))
        zeros = np.nan_to_num(np.stack([q / a, c / q]), posinf=0.0, neginf=0.0).clip(0.0, 1.0)
        t, s = zeros, 1.0 - zeros
        extremes = s**3 * start + 3 * s * s * t * out + 3 * s * t * t * back + t**3 * end
    reached = np.concatenate([start, *extremes])
    return np.stack([reached.min(axis=0), reached.max(axis=0)])


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
