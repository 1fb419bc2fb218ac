# SPDX-License-Identifier: GPL-3.0-or-later
"""Scatter charts as SVG text, to stand in a page."""

from __future__ import annotations

import math
from html import escape
from typing import NamedTuple

import numpy as np

WIDTH, HEIGHT, MARGIN = 440, 300, 46
LABEL_WIDTH, LABEL_HEIGHT = 100, 11
COLORS = (
    "#4477aa", "#ee6677", "#228833", "#b5a52c", "#66a4c0",
    "#aa3377", "#777777", "#994455", "#dd8833", "#000000", "#117733", "#882255",
)  # fmt: skip


class Series(NamedTuple):
    """Points (x, y) joined by a line in their order."""

    label: str
    points: list[tuple[float, float]]


def scatter(
    title: str, x_title: str, y_title: str, series: list[Series], logarithmic: bool = False
) -> str:
    """One chart, as a part of a page; points that are not finite are left out.

    logarithmic: whether the axis of x is; its values must be positive then.
    """
    if logarithmic:
        series = [Series(s.label, [(_log(x), y) for x, y in s.points]) for s in series]
    finite = [Series(s.label, [p for p in s.points if math.isfinite(p[0] + p[1])]) for s in series]
    points = np.array([p for s in finite for p in s.points])
    if not len(points):
        return ""
    low, high = points.min(axis=0), points.max(axis=0)
    pad = np.maximum(0.08 * (high - low), 1e-3)
    low, high = low - pad, high + pad

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x, y = (np.array(point) - low) / (high - low)
        return MARGIN + x * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN)

    parts = [_axes(title, x_title, y_title, low, high, logarithmic)]
    lines = [(i, [place(p) for p in one.points]) for i, one in enumerate(finite) if one.points]
    heights = _apart([places[-1] for _, places in lines])
    for (i, places), height in zip(lines, heights, strict=True):
        parts.append(_line(finite[i].label, places, height, COLORS[i % len(COLORS)]))
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" font-family="sans-serif" font-size="11">{"".join(parts)}</svg>'
    )


def _log(x: float) -> float:
    return math.log10(x) if x > 0 else math.nan


def _apart(ends: list[tuple[float, float]]) -> list[float]:
    """Heights of the labels at the ends of lines, lower where two would lie on each other."""
    heights = np.array([y for _, y in ends])
    placed: list[int] = []
    for i in np.argsort(heights, kind="stable"):
        near = [j for j in placed if abs(ends[i][0] - ends[j][0]) < LABEL_WIDTH]
        heights[i] = max([heights[i], *(heights[j] + LABEL_HEIGHT for j in near)])
        placed.append(i)
    return heights.tolist()


def _line(label: str, places: list[tuple[float, float]], height: float, color: str) -> str:
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in places)
    x, _ = places[-1]
    anchor, beside = ("end", -5) if x > 0.65 * WIDTH else ("start", 5)
    name = f'<text x="{x + beside:.1f}" y="{height - 5:.1f}" text-anchor="{anchor}">'
    return (
        f'<g fill="{color}" stroke="none"><polyline points="{joined}" fill="none" '
        f'stroke="{color}" stroke-opacity=".5"/>{dots}'
        f"{name}{escape(label)}</text></g>"
    )


def _axes(
    title: str, x_title: str, y_title: str, low: np.ndarray, high: np.ndarray, logarithmic: bool
) -> str:
    right, bottom = WIDTH - MARGIN, HEIGHT - MARGIN
    parts = [
        f'<path d="M{MARGIN} {MARGIN}V{bottom}H{right}" fill="none" stroke="#888"/>',
        f'<text x="{MARGIN}" y="20" class="title">{escape(title)}</text>',
        f'<text x="{right}" y="{HEIGHT - 8}" text-anchor="end">{escape(x_title)}</text>',
        f'<text x="4" y="{MARGIN - 10}">{escape(y_title)}</text>',
    ]
    for share in (0.1, 0.5, 0.9):
        x, y = low + share * (high - low)
        x = 10**x if logarithmic else x
        across = MARGIN + share * (right - MARGIN)
        up = bottom - share * (bottom - MARGIN)
        parts.append(f'<text x="{across}" y="{bottom + 14}" text-anchor="middle">{x:.3g}</text>')
        parts.append(f'<text x="{MARGIN - 4}" y="{up + 4}" text-anchor="end">{y:.3g}</text>')
    return "".join(parts)
