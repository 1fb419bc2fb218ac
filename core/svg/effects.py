# SPDX-License-Identifier: GPL-3.0-or-later
"""Effects on elements as a whole: clip paths, masks and opacity (CSS Masking 1, SVG 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import bounds
from .basic_shapes import BasicShape, basic_shape, box_of
from .clipping import clipped, faded, masked, united
from .document import Document
from .layers import silhouette, transformed
from .lengths import Frame, fraction, length
from .operations import Item, Operations, shapes_of
from .painting import closed_outline
from .properties import Style, reference
from .shapes import SHAPES
from .surroundings import Measured, Surroundings
from .work import BOX

EFFECTS = frozenset(("clip-path", "mask", "filter", "mix-blend-mode", "opacity"))


class Walk(Protocol):
    """Drawing of elements. applied: those that are being applied, so that none is to itself."""

    applied: list[Element]

    def element(self, element: Element, around: Surroundings) -> list[Item]:
        """Return the shapes of an element with all in it."""

    def children(self, element: Element, inside: Surroundings) -> list[Item]:
        """Return the shapes of all elements in one."""

    def content(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes in an element, before effects on the whole of it."""

    def within(self, shapes: list[Item], corners: np.ndarray) -> list[Item]:
        """Return the parts of shapes inside a parallelogram [4, 2]."""

    def own_transform(
        self,
        element: Element,
        declared: Mapping[str, str],
        around: Surroundings,
        style: Style,
        box: np.ndarray | None = None,
    ) -> np.ndarray | None:
        """Return the matrix of an element's transform; None for none."""


@dataclass(frozen=True)
class Group:
    """The shapes of one element, what is declared for it, and the state within it."""

    element: Element
    declared: Mapping[str, str]
    inside: Surroundings
    shapes: list[Item]


class Effects:
    """Effects of a document's elements."""

    def __init__(self, document: Document, operations: Operations, walk: Walk) -> None:
        """Apply none yet."""
        self._document = document
        self._notes = document.notes
        self._operations = operations
        self._walk = walk
        self._regions: dict[tuple[Element, bytes, Frame], list[Item]] = {}

    def applied_to(self, group: Group) -> list[Item]:
        """Return the shapes of an element with the effects that concern them as a whole."""
        declared = group.declared
        shapes = self._clipped(group, declared.get("clip-path", "none"))
        if group.inside.silhouette:
            return shapes
        shapes = self._masked(replace(group, shapes=shapes), declared.get("mask", "none"))
        if declared.get("filter", "none") != "none":
            self._notes.left_out["filter"] += 1
        if declared.get("mix-blend-mode", "normal") != "normal":
            self._notes.left_out["mix-blend-mode"] += 1
        opacity = fraction(declared.get("opacity"))
        if opacity is not None and opacity < 1.0:
            return self._operations.defer(lambda found: faded(found, opacity, self._notes), shapes)
        return shapes

    def _clipped(self, group: Group, text: str) -> list[Item]:
        """Return what a clip path leaves of shapes (CSS Masking 1)."""
        if (shape := basic_shape(text)) is not None and group.shapes:
            return self._clipped_by_shape(group, shape)
        element = target_of(self._document, text, "clipPath")
        if element is None or not group.shapes or element in self._walk.applied:
            return group.shapes
        return self._inside(group.shapes, self._region(element, group))

    def _clipped_by_shape(self, group: Group, shape: BasicShape) -> list[Item]:
        """Return what a basic shape of CSS leaves of shapes."""
        box = box_of(self.box(group, shape.box), group.inside.frame)
        outline = shape.outline(box)
        if outline is None:
            self._notes.unreadable["clip-path"] += 1
            return group.shapes
        subpaths = closed_outline(outline.chains)
        matrix = group.inside.transform
        region = silhouette([transformed(points, matrix) for points in subpaths], outline.rule)
        return self._inside(group.shapes, [region] if subpaths else [])

    def box(self, group: Group, word: str) -> np.ndarray:
        """Return one of the boxes [2, 2] of an element that CSS speaks of, in its units."""
        word = word.lower()
        if word == "view-box":
            return np.array([[0.0, 0.0], group.inside.frame[:2]])
        is_of_fills = word in ("fill-box", "content-box", "padding-box")
        box = self._unit_box(group, "fill" if is_of_fills else "stroke")
        return np.stack([box[:2, 2], box[:2, 2] + np.diag(box)[:2]])

    def _inside(self, shapes: list[Item], region: list[Item]) -> list[Item]:
        """Return the parts of shapes inside a region."""
        return self._operations.defer(
            lambda found, whole: clipped(found, whole, self._notes), shapes, region
        )

    def _region(self, element: Element, group: Group) -> list[Item]:
        """Return a clip path, in pixels, as one shape. Groups in the same units share it."""
        key = (element, group.inside.transform.tobytes(), group.inside.frame)
        if key in self._regions:
            return self._regions[key]
        contents = self._contents(element, group, "clipPathUnits", True)
        region = self._operations.defer(lambda found: united(found, self._notes), contents)
        if element.get("clipPathUnits") != "objectBoundingBox" and not self._walk.applied:
            self._regions[key] = region
        return region

    def _masked(self, group: Group, text: str) -> list[Item]:
        """Return what a mask leaves of shapes, cut where it is half transparent."""
        element = target_of(self._document, text, "mask")
        if element is None or not group.shapes or element in self._walk.applied:
            return group.shapes
        mask = self._contents(element, group, "maskContentUnits", False)
        style = self._document.cascade.declared(element).get("mask-type", "luminance")
        shapes = self._operations.defer(
            lambda found, light: masked(found, light, style == "alpha", self._notes),
            group.shapes,
            mask,
        )
        corners = self._mask_region(element, group)
        return self._walk.within(shapes, transformed(corners, group.inside.transform))

    def _mask_region(self, element: Element, group: Group) -> np.ndarray:
        """Return the corners [4, 2] of where a mask lets anything through, in user units."""
        frame, box = group.inside.frame, np.identity(3)
        if element.get("maskUnits") != "userSpaceOnUse":
            frame, box = Frame(1.0, 1.0), self._unit_box(group)
        x, y, width, height = (
            length(element.get(name), whole, frame.em) if name in element.attrib else share * whole
            for name, whole, share in (
                ("x", frame.width, -0.1), ("y", frame.height, -0.1),
                ("width", frame.width, 1.2), ("height", frame.height, 1.2),
            )
        )  # fmt: skip
        corner = np.array([x or 0.0, y or 0.0])
        corners = corner + corners_of(max(width or 0.0, 0.0), max(height or 0.0, 0.0))
        return transformed(corners, box)

    def _contents(self, element: Element, group: Group, units: str, silhouette: bool) -> list[Item]:
        """Return the shapes in a clip path or mask that is applied to other shapes.

        units: the attribute that says which units it is in.
        """
        if element in self._walk.applied:  # it refers to itself
            return []
        frame, box, corners = group.inside.frame, np.identity(3), None
        if element.get(units) == "objectBoundingBox":
            frame, box = Frame(1.0, 1.0), self._unit_box(group)
        style, declared = self._document.style_of(element), self._document.cascade.declared(element)
        if element.get(units) == "objectBoundingBox" and "transform-origin" in declared:
            corners = np.stack([box[:2, 2], box[:2, :2].sum(axis=1) + box[:2, 2]])
        # As browsers do, a clip path's own transform is applied in the units of the shapes; a mask
        # has none (SVG 2, chapter 8.6).
        matrix = group.inside.transform
        if silhouette:
            own = self._walk.own_transform(element, declared, group.inside, style, corners)
            matrix = matrix if own is None else matrix @ own
        within = Surroundings(matrix @ box, style, frame,
                              depth=group.inside.depth + 1, silhouette=silhouette)  # fmt: skip
        self._walk.applied.append(element)
        try:
            found = self._clip_children(element, within) if silhouette else (
                self._walk.children(element, within)
            )  # fmt: skip
            inner = replace(group, inside=within, shapes=found)
            found = self._clipped(inner, declared.get("clip-path", "none"))
            if silhouette:
                return found
            return self._masked(replace(inner, shapes=found), declared.get("mask", "none"))
        finally:
            self._walk.applied.pop()

    def _clip_children(self, element: Element, inside: Surroundings) -> list[Item]:
        """Return what counts in a clip path: shapes, also by `use`, but no groups."""
        shapes: list[Item] = []
        for child in element:
            target = self._document.referred(child) if child.tag == "use" else child
            if target is not None and target.tag in (*SHAPES, "text"):
                shapes += self._walk.element(child, inside)
        return shapes

    def _unit_box(self, group: Group, what: Measured = "fill") -> np.ndarray:
        """Return the map [3, 3] from the unit square to the box of an element in its units.

        Fills count, and strokes by choice, but not what clips them (SVG 2, chapter 8.10).
        """
        self._operations.work.spend(BOX)
        measured = group.inside._replace(transform=np.identity(3), measured=what)
        shapes = self._walk.content(group.element, group.declared, measured)
        if not shapes:
            return np.zeros((3, 3))
        outlines = [each for shape in shapes_of(shapes) for each in shape.subpaths]
        (left, top), (right, bottom) = bounds(outlines)
        return np.array([[right - left, 0.0, left], [0.0, bottom - top, top], [0.0, 0.0, 1.0]])


def target_of(document: Document, text: str, tag: str) -> Element | None:
    """Return the element that a clip path or mask refers to; None for no or another one."""
    found = reference(text)
    element = document.elements.get(found[0]) if found else None
    if found is None and text not in ("none", "inherit", "initial", "unset"):
        document.notes.left_out[f"{tag} without a reference"] += 1
    return element if element is not None and element.tag == tag else None


def corners_of(width: float, height: float) -> np.ndarray:
    """Return the corners [4, 2] of a viewport."""
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
