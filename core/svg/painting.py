# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills of shapes: from an element and its style to filled outlines in pixels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import bounds
from ..drawing import Ramp
from .colors import on_8_bits
from .document import Document
from .gradients import RampDefinition, RampDefinitions, is_round
from .layers import Shape, transformed
from .lengths import Frame, length
from .names import INKSCAPE
from .paths import Chain, closed, is_own_form, own_subpaths
from .properties import Style, reference
from .shapes import chains_of_shape
from .surroundings import Surroundings

_FARTHEST = 1e30  # pixels


class Painter:
    """What turns elements into shapes. exact: keep outlines in our own form as they are."""

    def __init__(self, document: Document, exact: bool) -> None:
        """Read no gradients yet."""
        self._document = document
        self._notes = document.notes
        self._exact = exact
        self._ramps = RampDefinitions(document)

    def painted(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Shape]:
        """Return what is filled of an element; nothing where it is hidden or has no area."""
        style, frame, transform = inside.style, inside.frame, inside.transform
        if style.visibility != "visible":
            return []
        if inside.silhouette:
            style = _silhouette(style)
        if style.stroke != "none" and length(style.stroke_width, frame.diagonal, frame.em):
            self._notes.left_out["stroke"] += 1
        paint = self._paint(style.fill, style, frame)
        if paint is None:
            return []
        rgba, definition = paint
        subpaths, exact = self._subpaths(element, declared, frame)
        if not subpaths:
            return []
        box = bounds(subpaths)
        ramp = self._ramp(definition, box, transform) if definition else None
        fill = np.array([*rgba[:3], rgba[3] * style.fill_opacity])
        name = element.get(f"{INKSCAPE}}}label", element.get("id", ""))
        placed = [transformed(points, transform) for points in subpaths]
        if not exact and not all((np.abs(points) < _FARTHEST).all() for points in placed):
            self._notes.unreadable["outline that is too large"] += 1
            return []
        region = _region(element)
        return [Shape(placed, style.fill_rule, fill, ramp, inside.kind, name, region, exact)]

    def _subpaths(
        self, element: Element, declared: Mapping[str, str], frame: Frame
    ) -> tuple[list[np.ndarray], bool]:
        """Return the closed outline of an element, and whether it is exactly one of ours."""
        data = element.get("d", "") if element.tag == "path" else ""
        if self._exact and is_own_form(data):
            return own_subpaths(data), True
        chains = self._chains(element, declared, frame)
        has_area = [len(chain.points) > 4 or _has_area(chain) for chain in chains]
        return [_closed(chain) for chain, keep in zip(chains, has_area) if keep], False

    def _chains(self, element: Element, declared: Mapping[str, str], frame: Frame) -> list[Chain]:
        """Return the outline of an element."""
        css = {name: value for name, value in declared.items() if name != "transform"}
        geometry = {**element.attrib, **css} if css else element.attrib
        if "d" in css:
            geometry = {**geometry, "d": _css_path(css["d"])}
        chains, is_whole = chains_of_shape(element.tag, geometry, frame)
        if not is_whole:
            self._notes.unreadable["path data"] += 1
        return chains

    def _paint(
        self, text: str, style: Style, frame: Frame
    ) -> tuple[tuple[float, ...], RampDefinition | None] | None:
        """Return color and opacity, and the gradient if there is one; None for no paint."""
        definition = self._ramps.find(text, frame)
        if definition is not None:
            return tuple(definition.rgba), definition
        found = reference(text)
        if found is not None:  # to nothing that can be drawn: what follows is the substitute
            if not found[1]:
                self._notes.left_out["pattern or empty gradient"] += 1
            text = found[1] or "none"
        color = style.resolved_color(text)
        return None if color is None else (color, None)

    def _ramp(
        self, definition: RampDefinition, box: np.ndarray, transform: np.ndarray
    ) -> Ramp | None:
        """Return the ramp of a shape; None where it is of one color."""
        self._notes.left_out.update(definition.left_out)
        self._notes.simplified.update(definition.simplified)
        if definition.ramp is None:
            return None
        with np.errstate(all="ignore"):
            matrix = definition.matrix(box, transform)
        ramp = definition.ramp.placed(matrix)
        if not np.isfinite([ramp.start, ramp.end]).all():
            self._notes.unreadable["gradient that is too large"] += 1
            return None
        if ramp.kind == "radial" and not is_round(matrix):
            self._notes.simplified["gradient of elliptical shape"] += 1
        return replace(ramp, color=on_8_bits(ramp.color))


def _silhouette(style: Style) -> Style:
    """Return the style of an element in a clip path, where only outlines count."""
    return replace(style, fill="#000", fill_opacity=1.0, fill_rule=style.clip_rule, stroke="none")


def _closed(chain: Chain) -> np.ndarray:
    return closed(np.stack([chain.points.real, chain.points.imag], axis=1))


def _has_area(chain: Chain) -> bool:
    """Return False for one cubic that is a point or a straight line."""
    steps = np.diff(chain.points)
    turns = (steps[:, None].conj() * steps).imag
    return bool(np.abs(turns).max() > 0.0)


def _css_path(text: str) -> str:
    """Return the data in a CSS `path("...")`."""
    quoted = re.search(r"""path\(.*?(["'])(.*?)\1""", text, re.DOTALL)
    return quoted[2] if quoted else ""


def _region(element: Element) -> int:
    """Return the region that our writer noted; -1 for none."""
    try:
        return int(element.get("data-region", "-1"))
    except ValueError:
        return -1
