# SPDX-License-Identifier: GPL-3.0-or-later
"""Ten line drawings made of known strokes, and how far traced strokes are from these."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import resvg_py
from PIL import Image
from scipy.spatial import cKDTree

from semvec.core.drawing import Path

SIDE = 400


class Line(NamedTuple):
    """A known stroke: points [K, 2] less than a pixel apart, widths [K], whether it is closed."""

    points: np.ndarray
    widths: np.ndarray
    closed: bool = False
    color: str = "#000"


def curve(controls: Sequence[Sequence[float]], width: float | tuple[float, ...] = 3.0,
          closed: bool = False, color: str = "#000") -> Line:  # fmt: skip
    """A chain of cubics, or of straight lines where `controls` are pairs."""
    given = np.array(controls, float)
    pieces = [given[i : i + 4] for i in range(0, len(given) - 1, 3)]
    t = np.linspace(0, 1, 2000)[:, None]
    fine = np.concatenate([
        (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        for a, b, c, d in pieces
    ])  # fmt: skip
    return evenly(fine, width, closed, color)


def polyline(corners: Sequence[Sequence[float]], width: float | tuple[float, ...] = 3.0,
             closed: bool = False, color: str = "#000") -> Line:  # fmt: skip
    points = np.array([*corners, *([corners[0]] if closed else [])], float)
    return evenly(points, width, closed, color)


def arc(x: float, y: float, rx: float, ry: float, start: float = 0.0, end: float = 360.0,
        width: float | tuple[float, ...] = 3.0, color: str = "#000") -> Line:  # fmt: skip
    """An elliptical arc; angles in degrees, clockwise on screen."""
    t = np.radians(np.linspace(start, end, 2000))
    points = np.stack([x + rx * np.cos(t), y + ry * np.sin(t)], axis=1)
    return evenly(points, width, end - start == 360.0, color)


def evenly(
    points: np.ndarray, width: float | tuple[float, ...] | np.ndarray, closed: bool, color: str
) -> Line:
    """Sample a polyline evenly; several widths are spread along it."""
    lengths = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, lengths[-1], max(int(lengths[-1] * 1.4), 2))
    even = np.stack([np.interp(places, lengths, points[:, k]) for k in (0, 1)], axis=1)
    knots = np.atleast_1d(np.array(width, float))
    if len(knots) == len(points):  # a width for each point
        widths = np.interp(places, lengths, knots)
    else:
        widths = np.interp(np.linspace(0, 1, len(even)), np.linspace(0, 1, len(knots)), knots)
    return Line(even, widths, closed, color)


def drawings(width: float) -> dict[str, list[Line]]:
    """The ten drawings on 400 x 400 pixels, with lines of about this width."""
    return {**plain(width), **composed(width)}


def plain(w: float) -> dict[str, list[Line]]:
    return {
        "lines": [
            polyline([(30 + 35 * i, 40), (60 + 30 * i, 360 - 20 * i)], w) for i in range(9)
        ],
        "arcs": [
            arc(120, 130, 80, 80, 20, 290, w), arc(280, 120, 60, 30, 0, 200, w),
            arc(130, 300, 90, 50, -150, 60, w), arc(300, 290, 25, 70, 90, 330, w),
        ],
        "curves": [
            curve([(30, 60), (150, -40), (200, 180), (370, 50)], w),
            curve([(40, 150), (90, 260), (200, 60), (240, 170),
                   (280, 280), (350, 120), (365, 240)], w),
            curve([(60, 350), (10, 200), (200, 420), (180, 260)], w),
            curve([(230, 370), (300, 200), (340, 420), (370, 290)], w),
        ],
        "circles": [
            arc(100, 100, 60, 60, width=w), arc(280, 110, 85, 45, width=w),
            arc(110, 290, 25, 70, width=w), arc(290, 290, 90, 90, width=w),
            arc(290, 290, 40, 40, width=w),
        ],
        "crossings": [
            *(polyline([(40, 60 + 70 * i), (360, 80 + 60 * i)], w) for i in range(4)),
            *(polyline([(70 + 80 * i, 30), (50 + 95 * i, 370)], w) for i in range(4)),
            curve([(30, 350), (150, 100), (250, 400), (375, 30)], w),
        ],
        "junctions": [
            polyline([(40, 80), (360, 80)], w), polyline([(120, 80), (140, 200)], w),
            polyline([(260, 80), (260, 190)], w),
            *(polyline([(110, 300), (110 + 70 * np.cos(a), 300 + 70 * np.sin(a))], w)
              for a in np.radians([30, 150, 270])),
            arc(290, 290, 70, 70, 180, 400, w), polyline([(290, 220), (330, 190)], w),
            polyline([(250, 347.4), (200, 370)], w),
        ],
    }  # fmt: skip


def composed(w: float) -> dict[str, list[Line]]:
    return {
        "brush": [
            curve([(40, 80), (140, 0), (240, 170), (360, 60)], (1.0, 3 * w, 1.0)),
            curve([(50, 180), (150, 250), (250, 110), (350, 200)], (2.5 * w, 1.0)),
            polyline([(50, 260), (350, 280)], (1.0, 2 * w, w, 2 * w, 1.0)),
            curve([(60, 360), (160, 270), (260, 400), (350, 330)], (w, 3 * w)),
        ],
        "hatching": [
            *(polyline([(60 + i * (2.2 * w + 5), 60), (40 + i * (2.2 * w + 5), 180)], w)
              for i in range(int(280 / (2.2 * w + 5)))),
            *(polyline([(50, 230 + i * (2 * w + 5)), (340, 215 + i * (2 * w + 5))], w)
              for i in range(int(140 / (2 * w + 5)))),
        ],
        "face": [
            arc(200, 200, 140, 165, width=w), arc(145, 160, 28, 14, width=w),
            arc(255, 160, 28, 14, width=w), arc(145, 160, 6, 6, width=w),
            arc(255, 160, 6, 6, width=w),
            curve([(110, 128), (130, 108), (160, 112), (178, 126)], (1.0, 1.6 * w, 1.0)),
            curve([(222, 126), (240, 112), (270, 108), (290, 128)], (1.0, 1.6 * w, 1.0)),
            curve([(200, 150), (205, 200), (165, 235), (205, 238)], w),
            curve([(140, 280), (170, 310), (230, 310), (262, 276)], w),
            curve([(150, 284), (180, 276), (220, 276), (252, 282)], w),
            curve([(66, 150), (90, 60), (150, 70), (210, 42)], w),
            curve([(336, 160), (330, 70), (260, 90), (200, 50)], w),
        ],
        "corners": [
            polyline([(40, 190), (40, 90), (110, 40), (180, 90), (180, 190)], w, closed=True),
            polyline([(90, 190), (90, 130), (130, 130), (130, 190)], w),
            polyline([(220, 60), (250, 150), (275, 60), (300, 150), (330, 60), (360, 150)], w),
            polyline([(60, 350), (110, 240), (160, 350)], w),
            polyline([(210, 240), (350, 240), (350, 350), (210, 350)], w, closed=True),
            *(polyline([(240 + 40 * i, 295), (240 + 40 * i, 295.01)], 2 * w) for i in range(3)),
        ],
    }  # fmt: skip


def to_svg(lines: Sequence[Line], paper: str = "") -> str:
    """The drawing as SVG: strokes, or a disc at each sample where the width changes."""
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIDE}" height="{SIDE}">', paper]
    for line in lines:
        if np.ptp(line.widths) > 0:
            parts += [
                f'<circle cx="{x:.3f}" cy="{y:.3f}" r="{w / 2:.3f}" fill="{line.color}"/>'
                for (x, y), w in zip(line.points, line.widths, strict=True)
            ]
        else:
            data = "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in line.points)
            parts.append(
                f'<path d="{data}{"Z" if line.closed else ""}" fill="none" stroke="{line.color}" '
                f'stroke-width="{line.widths[0]}" stroke-linecap="round" stroke-linejoin="round"/>'
            )
    return "".join([*parts, "</svg>"])


def rendered(svg: str, scale: float = 1.0) -> np.ndarray:
    """The SVG rendered by resvg: uint8 [H, W, 4]."""
    side = round(SIDE * scale)
    data = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=side, height=side))
    return np.array(Image.open(io.BytesIO(data)).convert("RGBA"))


def on_white(pixels: np.ndarray) -> np.ndarray:
    """The picture on white paper: uint8 [H, W, 4]."""
    alpha = pixels[..., 3:] / 255.0
    rgb = np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha))
    return np.dstack([rgb, np.full(alpha.shape, 255)]).astype(np.uint8)


def scanned(pixels: np.ndarray, seed: int = 0, quality: int = 80) -> np.ndarray:
    """The picture as a scan: uneven gray paper, noise and JPEG."""
    height, width = pixels.shape[:2]
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width] / max(height, width)
    paper = 225 - 45 * x - 30 * y * y + 8 * np.sin(5 * x + 3 * y)
    share = pixels[..., 3:] / 255.0
    ink = 0.9 * pixels[..., :3] + 22
    rgb = share * ink + (1 - share) * paper[..., None] * [1.0, 0.98, 0.94]
    rgb = rgb + rng.normal(0, 4.0, (height, width, 1))
    buffer = io.BytesIO()
    Image.fromarray(np.clip(np.rint(rgb), 0, 255).astype(np.uint8)).save(
        buffer, "JPEG", quality=quality
    )
    return np.array(Image.open(buffer).convert("RGBA"))


def flattened(paths: Sequence[Path]) -> list[Line]:
    """The strokes among paths as lines."""
    lines = []
    for path in paths:
        if path.stroke is not None:
            points, widths = path.stroke.points.astype(float), path.stroke.widths
            t = np.linspace(0, 1, 200)[:, None]
            pieces = [points[i : i + 4] for i in range(0, len(points) - 1, 3)]
            fine = np.concatenate([
                (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
                for a, b, c, d in pieces
            ])  # fmt: skip
            along = np.concatenate([
                (1 - t[:, 0]) * widths[i] + t[:, 0] * widths[i + 1] for i in range(len(pieces))
            ])  # fmt: skip
            lines.append(evenly(fine, along, path.stroke.closed, "#000"))
    return lines


class Agreement(NamedTuple):
    """Traced strokes against true ones.

    recall: share of the true center lines within 1 px of ours. precision: of ours within 1 px of
    true ones. width: mean difference of the widths where lines agree. junctions: ours, true.
    """

    recall: float
    precision: float
    width: float
    junctions: tuple[int, int]


def agreement(truth: Sequence[Line], found: Sequence[Line], limit: float = 1.0) -> Agreement:
    if not found:
        return Agreement(0.0, 0.0, np.inf, (0, len(junctions(truth))))
    ours, true = (np.concatenate([line.points for line in lines]) for lines in (found, truth))
    our_widths, true_widths = (
        np.concatenate([line.widths for line in lines]) for lines in (found, truth)
    )
    distance, nearest = to_nearest(true, ours)
    back, _ = to_nearest(ours, true)
    close = distance <= limit
    width = np.abs(our_widths[nearest] - true_widths)[close]
    off = float(width.mean()) if len(width) else np.inf
    meetings = (len(junctions(found)), len(junctions(truth)))
    return Agreement(float(close.mean()), float((back <= limit).mean()), off, meetings)


def to_nearest(points: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distance to the nearest other point, and its index."""
    distance, index = cKDTree(others).query(points)
    return distance, index


def junctions(lines: Sequence[Line]) -> list[np.ndarray]:
    """Places where lines cross, touch or end on each other; those within 6 px are one."""
    places: list[np.ndarray] = []
    for i, a in enumerate(lines):
        for b in lines[i + 1 :]:
            if (a.points.min(axis=0) - 3 > b.points.max(axis=0)).any():
                continue
            if (b.points.min(axis=0) - 3 > a.points.max(axis=0)).any():
                continue
            distance, _ = to_nearest(a.points, b.points)
            at = np.flatnonzero(distance < 1.0)
            for run in np.split(at, np.flatnonzero(np.diff(at) > 8) + 1):
                if len(run):
                    places.append(a.points[run[distance[run].argmin()]])
    merged: list[np.ndarray] = []
    for place in places:
        if all(np.hypot(*(place - other)) > 6 for other in merged):
            merged.append(place)
    return merged
