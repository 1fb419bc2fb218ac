# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk through a document: every element's shapes, in painting order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import bounds, polygon
from ..drawing import Kind
from .boolean import Operand
from .clipping import clipped, clipped_to_box, faded, masked
from .document import Document, Report, ignore
from .layers import Shape, transformed
from .lengths import Frame, fraction, length
from .markup import MAXIMUM_SHAPES, too_many_shapes
from .names import LAYER
from .painting import Painter
from .properties import Style, reference
from .shapes import SHAPES
from .surroundings import Surroundings
from .transforms import css_matrix, matrix_of, moved_origin, origin_of
from .viewports import fitted, view_box

WALKED = 0.5  # share of the time that reading takes
_MAXIMUM_DEPTH = 200
_NEVER_DRAWN = frozenset((
    "defs", "symbol", "clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient",
    "filter", "metadata", "style", "title", "desc", "script", "animate", "animateTransform",
    "animateMotion", "set", "solidColor", "view", "cursor", "font", "stop",
))  # fmt: skip
_LANGUAGE = "en"


class Tree:
    """A walk. exact: keep outlines in the form of our own writer as they are.

    report: hears how far it is, up to `WALKED`.
    """

    def __init__(self, document: Document, exact: bool, report: Report = ignore) -> None:
        """Prepare the walk."""
        self._document = document
        self._notes = document.notes
        self._painter = Painter(document, exact)
        self._visits = 0
        self._report = report
        self._elements = sum(1 for _ in document.root.iter())
        self._applied: list[Element] = []

    def shapes(self, size: Frame) -> list[Shape]:
        """Return all shapes of the document on a canvas of this size, pixels. Raises SvgError."""
        root = self._document.root
        box = view_box(root.get("viewBox"))
        matrix, frame, _ = fitted(box, root.get("preserveAspectRatio", ""), size.width, size.height)
        return self._element(root, Surroundings(matrix, Style(), frame))

    def _element(self, element: Element, around: Surroundings) -> list[Shape]:
        """Return the shapes of an element with all in it."""
        if element.tag in _NEVER_DRAWN or not _is_for_us(element):
            return []
        self._visits += 1
        if self._visits > max(self._elements, 2 * MAXIMUM_SHAPES):
            raise too_many_shapes()
        if self._visits % 100 == 0:
            self._report(WALKED * min(self._visits / self._elements, 1.0))
        style, declared = around.style.inside(self._document.cascade.declared(element))
        if declared.get("display") == "none" or around.depth > _MAXIMUM_DEPTH:
            return []
        layer = LAYER.fullmatch(element.get("id", "")) if element.tag == "g" else None
        inside = Surroundings(
            around.transform @ self._own_transform(element, declared, around.frame, style),
            style,
            around.frame if style is around.style else around.frame._replace(em=style.font_size),
            cast(Kind, layer[1]) if layer else around.kind,
            around.depth + 1,
            around.silhouette,
        )
        shapes = self._content(element, declared, inside)
        return self._with_effects(shapes, declared, inside) if shapes and declared else shapes

    def _content(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Shape]:
        """Return the shapes in an element, before effects on the whole of it."""
        tag = element.tag
        if tag in SHAPES:
            return self._painter.painted(element, declared, inside)
        if tag in ("g", "a") or element is self._document.root:
            return self._children(element, inside)
        if tag == "use":
            return self._use(element, declared, inside)
        if tag == "svg":
            return self._viewport(element, declared, {}, inside)
        if tag == "switch":
            chosen = next((child for child in element if _is_for_us(child)), None)
            return [] if chosen is None else self._element(chosen, inside)
        if "}" not in tag:
            self._notes.left_out[tag] += 1
        return []

    def _children(self, element: Element, inside: Surroundings) -> list[Shape]:
        return [shape for child in element for shape in self._element(child, inside)]

    def _use(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Shape]:
        """Return the shapes of a copy of another element (SVG 2, chapter 5.6)."""
        target = self._document.referred(element)
        if target is None or inside.depth >= _MAXIMUM_DEPTH:
            self._notes.left_out["use"] += 1
            return []
        geometry = {**element.attrib, **declared}
        moved = np.identity(3)
        moved[0, 2] = length(geometry.get("x"), inside.frame.width, inside.frame.em) or 0.0
        moved[1, 2] = length(geometry.get("y"), inside.frame.height, inside.frame.em) or 0.0
        placed = replace(inside, transform=inside.transform @ moved)
        if target.tag not in ("symbol", "svg"):
            return self._element(target, placed)
        names: tuple[str, ...] = ("width", "height")
        sizes = {name: geometry[name] for name in names if name in geometry}
        style, values = placed.style.inside(self._document.cascade.declared(target))
        if values.get("display") == "none":
            return []
        return self._viewport(target, values, sizes, replace(
            placed, style=style, depth=inside.depth + 1))  # fmt: skip

    def _viewport(
        self,
        element: Element,
        declared: Mapping[str, str],
        sizes: Mapping[str, str],
        inside: Surroundings,
    ) -> list[Shape]:
        """Return the shapes of a nested drawing or symbol. sizes: what a `use` says of them."""
        geometry = {**element.attrib, **declared, **sizes}
        whole, em = inside.frame, inside.frame.em
        width = _side(geometry.get("width"), whole.width, em)
        height = _side(geometry.get("height"), whole.height, em)
        if width <= 0.0 or height <= 0.0:
            return []
        moved = np.identity(3)
        if element.tag == "svg":
            moved[0, 2] = length(geometry.get("x"), whole.width, em) or 0.0
            moved[1, 2] = length(geometry.get("y"), whole.height, em) or 0.0
        matrix, frame, _ = fitted(
            view_box(element.get("viewBox")), element.get("preserveAspectRatio", ""), width, height
        )
        outer = inside.transform @ moved
        within = replace(inside, transform=outer @ matrix, frame=frame._replace(em=em))
        shapes = self._children(element, within)
        if declared.get("overflow", "hidden") in ("visible", "auto"):
            return shapes
        corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
        return self._within(shapes, transformed(corners, outer))

    def _within(self, shapes: list[Shape], corners: np.ndarray) -> list[Shape]:
        """Return the parts of shapes inside a parallelogram [4, 2]."""
        box = np.stack([corners.min(axis=0), corners.max(axis=0)])
        if np.isin(corners, box).all():
            return clipped_to_box(shapes, box, self._notes)
        return clipped(shapes, [Operand([polygon(corners).astype(np.float64)])], self._notes)

    def _own_transform(
        self, element: Element, declared: Mapping[str, str], frame: Frame, style: Style
    ) -> np.ndarray:
        """Return the matrix of an element's transform, by CSS or by its attribute."""
        text = element.get("transform")
        css = declared.get("transform")
        if text is None and css is None:
            return np.identity(3)
        matrix, is_readable = np.identity(3), True
        if css is not None:
            found = css_matrix(css, frame._replace(em=style.font_size), frame[:2])
            matrix, is_readable = (matrix, False) if found is None else (found, True)
        if text is not None and (css is None or not is_readable):
            matrix, is_readable = matrix_of(text)
        if not is_readable:
            self._notes.unreadable["transform"] += 1
        return self._about_origin(matrix, declared, frame)

    def _about_origin(
        self, matrix: np.ndarray, declared: Mapping[str, str], frame: Frame
    ) -> np.ndarray:
        """Return the matrix about the element's transform-origin."""
        text = declared.get("transform-origin")
        if text is None:
            return matrix
        box = np.array([[0.0, 0.0], frame[:2]])
        origin = origin_of(text, frame, box)
        return matrix if origin is None else moved_origin(matrix, origin)

    def _with_effects(
        self, shapes: list[Shape], declared: Mapping[str, str], inside: Surroundings
    ) -> list[Shape]:
        """Return shapes with the effects that concern them as a whole."""
        shapes = self._clipped(shapes, declared.get("clip-path", "none"), inside)
        if inside.silhouette:
            return shapes
        shapes = self._masked(shapes, declared.get("mask", "none"), inside)
        if declared.get("filter", "none") != "none":
            self._notes.left_out["filter"] += 1
        if declared.get("mix-blend-mode", "normal") != "normal":
            self._notes.left_out["mix-blend-mode"] += 1
        opacity = fraction(declared.get("opacity"))
        if opacity is not None and opacity < 1.0:
            return faded(shapes, opacity, self._notes)
        return shapes

    def _clipped(self, shapes: list[Shape], text: str, inside: Surroundings) -> list[Shape]:
        """Return what a clip path leaves of shapes (CSS Masking 1)."""
        element = self._target(text, "clipPath")
        if element is None or not shapes:
            return shapes
        region = self._contents(element, shapes, inside, "clipPathUnits", "userSpaceOnUse", True)
        return clipped(shapes, [shape.operand for shape in region], self._notes)

    def _masked(self, shapes: list[Shape], text: str, inside: Surroundings) -> list[Shape]:
        """Return what a mask leaves of shapes, cut where it is half transparent."""
        element = self._target(text, "mask")
        if element is None or not shapes:
            return shapes
        mask = self._contents(element, shapes, inside, "maskContentUnits", "userSpaceOnUse", False)
        style = self._document.cascade.declared(element).get("mask-type", "luminance")
        return masked(shapes, mask, style == "alpha", self._notes)

    def _target(self, text: str, tag: str) -> Element | None:
        """Return the element that a clip path or mask refers to; None for no or another one."""
        found = reference(text)
        element = self._document.elements.get(found[0]) if found else None
        if found is None and text not in ("none", "inherit", "initial", "unset"):
            self._notes.left_out[f"{tag} without a reference"] += 1
        return element if element is not None and element.tag == tag else None

    def _contents(
        self,
        element: Element,
        shapes: list[Shape],
        inside: Surroundings,
        units: str,
        default: str,
        silhouette: bool,
    ) -> list[Shape]:
        """Return the shapes in a clip path or mask that is applied to other shapes."""
        if element in self._applied:  # it refers to itself
            return []
        transform, frame = inside.transform, inside.frame
        if element.get(units, default) == "objectBoundingBox":
            transform, frame = transform @ _unit_box(shapes, transform), Frame(1.0, 1.0)
        style, declared = self._document.style_of(element), self._document.cascade.declared(element)
        matrix = self._own_transform(element, declared, frame, style)
        within = Surroundings(transform @ matrix, style, frame, depth=inside.depth + 1,
                              silhouette=silhouette)  # fmt: skip
        self._applied.append(element)
        try:
            found = self._children(element, within)
            return self._clipped(found, declared.get("clip-path", "none"), within)
        finally:
            self._applied.pop()


def _unit_box(shapes: list[Shape], transform: np.ndarray) -> np.ndarray:
    """Return the map [3, 3] from the unit square to the box of shapes in their own units."""
    with np.errstate(all="ignore"):
        back = np.linalg.pinv(transform)
    (left, top), (right, bottom) = bounds(
        [transformed(points, back) for shape in shapes for points in shape.subpaths]
    )
    return np.array([[right - left, 0.0, left], [0.0, bottom - top, top], [0.0, 0.0, 1.0]])


def _is_for_us(element: Element) -> bool:
    """Return whether conditional attributes let the element be drawn (SVG 2, chapter 5.9)."""
    languages = element.get("systemLanguage")
    if languages is not None:
        wanted = [language.strip().lower() for language in languages.split(",")]
        if not any(language.split("-")[0] == _LANGUAGE for language in wanted):
            return False
    return "requiredExtensions" not in element.attrib


def _side(text: str | None, whole: float, em: float) -> float:
    """Return the width or height of a viewport: all there is where it says none."""
    side = length(text, whole, em)
    return whole if side is None else side
