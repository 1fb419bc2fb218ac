# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes in our own SVG: as SVG strokes where the width is constant, else as outlines.

SVG has no stroke whose width changes. Such a stroke is a filled path, whose line and widths are in
the attributes `data-line` and `data-widths`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args
from xml.etree.ElementTree import Element

import numpy as np

from ..drawing import Cap, Join, Stroke
from .lengths import numbers
from .paths import is_own_line, own_line
from .properties import Style

LINE, WIDTHS = "data-line", "data-widths"
# Usual caps and joins of SVG's strokes, of those with changing width, and the usual miter limit.
_SVG_ENDS, _TAPERED_ENDS, _DEFAULT_LIMIT = ("butt", "miter"), ("round", "round"), 4.0


def stroke_attributes(stroke: Stroke, line: str, number: Callable[[float], str]) -> list[str]:
    """Return the attributes of a stroke beside its paint. line: its path data."""
    widths = stroke.widths.astype(np.float64)
    if stroke.is_tapered:
        listed = " ".join(map(number, widths.tolist()))
        return [f'{WIDTHS}="{listed}"', f'{LINE}="{line}"', *_ends(stroke, _TAPERED_ENDS)]
    return [f'stroke-width="{number(float(widths[0]))}"', *_ends(stroke, _SVG_ENDS)]


def _ends(stroke: Stroke, usual: tuple[str, str]) -> list[str]:
    """Return the attributes of caps and joins, less those of the usual cap and join."""
    found = []
    if stroke.cap != usual[0]:
        found.append(f'stroke-linecap="{stroke.cap}"')
    if stroke.join != usual[1]:
        found.append(f'stroke-linejoin="{stroke.join}"')
    if stroke.join == "miter" and stroke.miter_limit != _DEFAULT_LIMIT:
        found.append(f'stroke-miterlimit="{stroke.miter_limit!r}"')
    return found


def own_stroke(element: Element, style: Style) -> Stroke | None:
    """Return the stroke that an element of our own file stands for; None for other elements."""
    listed = element.get(WIDTHS)
    widths = [] if listed is None else _all_numbers(listed)
    data = element.get("d" if listed is None else LINE, "")
    if element.tag != "path" or not is_own_line(data):
        return None
    points = own_line(data).astype(np.float32)
    count = len(points) // 3 + 1
    cap, join = style.stroke_linecap, style.stroke_linejoin
    if listed is None:
        if style.fill != "none" or style.stroke_dasharray != "none":
            return None
        found = numbers(style.stroke_width)
        widths = found * count if len(found) == 1 else []
    else:
        cap = element.get("stroke-linecap", _TAPERED_ENDS[0])
        join = element.get("stroke-linejoin", _TAPERED_ENDS[1])
    if cap not in get_args(Cap) or join not in get_args(Join):
        return None
    values = np.array(widths, np.float32)
    is_whole = len(values) == count and bool(np.isfinite(values).all() and (values > 0.0).all())
    is_closed = data.endswith("Z")
    if not is_whole or not np.isfinite(points).all():
        return None
    if is_closed and not np.array_equal(points[0], points[-1]):
        return None
    return Stroke(points, values, is_closed, cap, join, style.stroke_miterlimit)  # type: ignore[arg-type]


def _all_numbers(text: str) -> list[float]:
    """Return numbers separated by spaces; none where one of them is no number."""
    try:
        return [float(each) for each in text.split(" ")]
    except ValueError:
        return []
