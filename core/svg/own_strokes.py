# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes in our own SVG: as SVG strokes where the width is constant, else as outlines.

SVG has no stroke whose width changes. Such a stroke is a filled path, whose line and widths are in
the attributes `data-line` and `data-widths`.
"""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import numpy as np

from ..drawing import Stroke
from .lengths import numbers
from .paths import is_own_line, own_line
from .properties import Style

LINE, WIDTHS = "data-line", "data-widths"
_ROUND = 'stroke-linecap="round" stroke-linejoin="round"'


def stroke_attributes(stroke: Stroke, line: str, number: Callable[[float], str]) -> list[str]:
    """Return the attributes of a stroke beside its paint. line: its path data."""
    widths = stroke.widths.astype(np.float64)
    if stroke.is_tapered:
        listed = " ".join(map(number, widths.tolist()))
        return [f'{WIDTHS}="{listed}"', f'{LINE}="{line}"']
    return [f'stroke-width="{number(float(widths[0]))}"', _ROUND]


def own_stroke(element: Element, style: Style) -> Stroke | None:
    """Return the stroke that an element of our own file stands for; None for other elements."""
    listed = element.get(WIDTHS)
    widths = [] if listed is None else _all_numbers(listed)
    data = element.get("d" if listed is None else LINE, "")
    if element.tag != "path" or not is_own_line(data):
        return None
    points = own_line(data).astype(np.float32)
    count = len(points) // 3 + 1
    if listed is None:
        is_plain = style.fill == "none" and style.stroke_dasharray == "none"
        if not is_plain or style.stroke_linecap != "round":
            return None
        found = numbers(style.stroke_width)
        widths = found * count if len(found) == 1 else []
    values = np.array(widths, np.float32)
    is_whole = len(values) == count and bool(np.isfinite(values).all() and (values > 0.0).all())
    is_closed = data.endswith("Z")
    if not is_whole or not np.isfinite(points).all():
        return None
    if is_closed and not np.array_equal(points[0], points[-1]):
        return None
    return Stroke(points, values, is_closed)


def _all_numbers(text: str) -> list[float]:
    """Return numbers separated by spaces; none where one of them is no number."""
    try:
        return [float(each) for each in text.split(" ")]
    except ValueError:
        return []
