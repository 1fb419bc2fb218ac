# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk through a document: every element's shapes, in painting order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import cast
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import polygon
from ..drawing import Kind
from .clipping import clipped, clipped_to_box, faded, united
from .document import Document, Report, ignore
from .drawn import is_drawn, is_for_us
from .effects import EFFECTS, Effects, Group, corners_of, target_of
from .effort import Effort
from .estimate import MAXIMUM_DEPTH, Estimate
from .layers import Shape, silhouette, transformed
from .lengths import Frame, length
from .markers import MARKED, MOST_MARKERS, Place, marker_matrix, places
from .markup import MAXIMUM_SHAPES, too_many_shapes
from .names import GENERATED, GROUP, INKSCAPE, LAYER
from .operations import Item, Operations, Steps, shapes_of
from .painting import Painter
from .patterns import MOST_TILED, Pattern, Tiling, tiled, tiling
from .properties import Style, in_context, layers_of
from .shapes import SHAPES
from .surroundings import Surroundings
from .transforms import OWN_BOXES, about_origin, css_matrix, matrix_of, separate
from .viewports import fitted, view_box
from .work import MARKER, TILE, VISIT, check_work

WALKED = 0.5  # share of the time that reading takes


class Tree:
    """A walk. exact: keep outlines in the form of our own writer as they are.

    report: hears how far it is, up to `WALKED`.
    """

    def __init__(
        self, document: Document, exact: bool, effort: Effort, report: Report = ignore
    ) -> None:
        """Prepare the walk."""
        self._document = document
        self._notes = document.notes
        self._exact = exact
        self._operations = Operations(effort)
        self._painter = Painter(document, exact, self._operations, self._tiles)
        if not exact:
            check_work(Estimate(document).of_all())
        self._visits = 0
        self._report = report
        self._elements = sum(1 for _ in document.root.iter())
        self.applied: list[Element] = []
        self._effects = Effects(document, self._operations, self)

    def shapes(self, size: Frame) -> list[Shape]:
        """Return all shapes of the document on a canvas of this size, pixels. Raises SvgError."""
        root = self._document.root
        box = view_box(root.get("viewBox"))
        matrix, frame, _ = fitted(box, root.get("preserveAspectRatio", ""), size.width, size.height)
        items = self.element(root, Surroundings(matrix, Style(), frame))
        self._painter.outline_strokes()
        self._operations.carry_out(lambda done: self._report(WALKED * (1.0 + done) / 2.0))
        return shapes_of(items)

    def background(self, width: float, height: float) -> list[Shape]:
        """Return what is below all shapes by the root's CSS, on a canvas of this size, pixels."""
        declared = self._document.cascade.declared(self._document.root)
        text = declared.get("background-color", declared.get("background", "none"))
        color = self._document.style_of(self._document.root).resolved_color(text)
        if color is None or color[3] == 0.0:
            return []
        shape = silhouette([polygon(corners_of(width, height)).astype(np.float64)])
        return [replace(shape, fill=np.array(color))]

    def element(self, element: Element, around: Surroundings) -> list[Item]:
        """Return the shapes of an element with all in it."""
        if not is_drawn(element):
            return []
        self._visits += 1
        self._operations.work.spend(VISIT)
        if self._visits > max(self._elements, 2 * MAXIMUM_SHAPES):
            raise too_many_shapes()
        if self._visits % 100 == 0:
            self._report(WALKED / 2.0 * min(self._visits / self._elements, 1.0))
        style, declared = around.style.inside(self._document.cascade.declared(element))
        if declared.get("display") == "none" or around.depth > MAXIMUM_DEPTH:
            return []
        layer = LAYER.fullmatch(element.get("id", "")) if element.tag == "g" else None
        transform = around.transform
        if (own := self.own_transform(element, declared, around, style)) is not None:
            transform = transform @ own
        frame = around.frame if style is around.style else around.frame._replace(em=style.font_size)
        if element.tag == "use":  # effects on it move with it (SVG 2, chapter 5.6)
            transform = transform @ _moved(element, declared, frame)
        inside = Surroundings(
            transform,
            style,
            frame,
            cast(Kind, layer[1]) if layer else around.kind,
            around.depth + 1,
            around.silhouette,
            around.context,
            around.measured,
            around.group if layer else self._group_of(element, around.group),
        )
        shapes = self.content(element, declared, inside)
        return self._with_effects(Group(element, declared, inside, shapes))

    def _with_effects(self, group: Group) -> list[Item]:
        if not group.shapes or group.inside.measured or EFFECTS.isdisjoint(group.declared):
            return group.shapes
        return self._effects.applied_to(group)

    def _group_of(self, element: Element, around: str) -> str:
        """Return the group that the shapes in an element belong to; around: that of its parent.

        It is the innermost one with a name, as in Blender's import of SVG as Grease Pencil.
        """
        if element.tag != "g" or GROUP in element.attrib or self._exact:
            return element.get(GROUP, around)
        name = element.get(f"{INKSCAPE}}}label", element.get("id", "")).strip()
        return around if not name or GENERATED.fullmatch(name) else name

    def content(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes in an element, before effects on the whole of it."""
        tag = element.tag
        if tag in SHAPES:
            fill, stroke = self._painter.painted(element, declared, inside)
            markers = self._markers(element, declared, inside) if tag in MARKED else []
            layers = {"fill": fill, "stroke": stroke, "markers": markers}
            order = layers_of(inside.style.paint_order)
            return [shape for layer in order for shape in layers[layer]]
        if tag in ("g", "a") or element is self._document.root:
            return self.children(element, inside)
        if tag == "use":
            return self._use(element, declared, inside)
        if tag in ("svg", "symbol"):
            return self._viewport(element, declared, {}, inside)
        if tag == "switch":
            chosen = next((child for child in element if is_for_us(child)), None)
            return [] if chosen is None else self.element(chosen, inside)
        if "}" not in tag:
            self._notes.left_out[tag] += 1
        return []

    def children(self, element: Element, inside: Surroundings) -> list[Item]:
        return [shape for child in element for shape in self.element(child, inside)]

    def _use(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes of a copy of another element (SVG 2, chapter 5.6)."""
        target = self._document.referred(element)
        if target is None or inside.depth >= MAXIMUM_DEPTH or self._document.holds(target, element):
            self._notes.left_out["use"] += 1
            return []
        geometry = {**element.attrib, **declared}
        inside = inside._replace(context=in_context(inside.style, inside.context))
        if target.tag not in ("symbol", "svg"):
            return self.element(target, inside)
        names: tuple[str, ...] = ("width", "height")
        sizes = {name: geometry[name] for name in names if name in geometry}
        style, values = inside.style.inside(self._document.cascade.declared(target))
        if values.get("display") == "none":
            return []
        within = inside._replace(style=style, depth=inside.depth + 1)
        shapes = self._viewport(target, values, sizes, within)
        return self._with_effects(Group(target, values, within, shapes))

    def _viewport(
        self,
        element: Element,
        declared: Mapping[str, str],
        sizes: Mapping[str, str],
        inside: Surroundings,
    ) -> list[Item]:
        """Return the shapes of a nested drawing or symbol. sizes: what a `use` says of them."""
        geometry = {**element.attrib, **declared, **sizes}
        whole, em = inside.frame, inside.frame.em
        width = _side(geometry.get("width"), whole.width, em)
        height = _side(geometry.get("height"), whole.height, em)
        if width <= 0.0 or height <= 0.0:
            return []
        moved = _moved(element, declared, whole) if element.tag == "svg" else np.identity(3)
        matrix, frame, _ = fitted(
            view_box(element.get("viewBox")), element.get("preserveAspectRatio", ""), width, height
        )
        outer = inside.transform @ moved
        within = inside._replace(transform=outer @ matrix, frame=frame._replace(em=em))
        shapes = self.children(element, within)
        if inside.measured or declared.get("overflow", "hidden") in ("visible", "auto"):
            return shapes
        return self.within(shapes, transformed(corners_of(width, height), outer))

    def _markers(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes of the markers on a line (SVG 2, chapter 11.6)."""
        style = inside.style
        if (style.marker_start, style.marker_mid, style.marker_end) == ("none",) * 3:
            return []
        wanted = {name: target_of(self._document, getattr(style, name), "marker")
                  for name in ("marker_start", "marker_mid", "marker_end")}  # fmt: skip
        is_plain = inside.silhouette or inside.measured or style.visibility != "visible"
        if is_plain or not any(marker is not None for marker in wanted.values()):
            return []
        chains, _ = self._painter.outline(element, declared, inside.frame)
        if wanted["marker_mid"] is not None and "a" in element.get("d", "").lower():
            self._notes.simplified["marker on an arc"] += 1
        if sum(len(chain.points) // 3 + 1 for chain in chains) > MOST_MARKERS:
            self._notes.left_out["marker"] += 1
            return []
        shapes: list[Item] = []
        for place in places(chains):
            marker = wanted[place.property]
            if marker is not None and marker not in self.applied:
                shapes += self._marker(marker, place, inside)
        return shapes

    def _marker(self, marker: Element, place: Place, inside: Surroundings) -> list[Item]:
        """Return the shapes of one marker."""
        self._operations.work.spend(MARKER)
        frame = inside.frame
        width = length(inside.style.stroke_width, frame.diagonal, frame.em) or 0.0
        placed = marker_matrix(marker.attrib, place, width, frame)
        if placed is None or inside.depth > MAXIMUM_DEPTH:
            return []
        outer, matrix, viewport, size = placed
        within = inside._replace(
            transform=inside.transform @ outer @ matrix,
            style=self._document.style_of(marker),
            frame=viewport,
            depth=inside.depth + 1,
            context=in_context(inside.style, inside.context),
        )
        self.applied.append(marker)
        try:
            shapes = self.children(marker, within)
        finally:
            self.applied.pop()
        overflow = self._document.cascade.declared(marker).get("overflow", "hidden")
        if overflow in ("visible", "auto") or not shapes:
            return shapes
        return self.within(shapes, transformed(corners_of(*size), inside.transform @ outer))

    def _tiles(
        self, pattern: Pattern, shape: Shape, box: np.ndarray, inside: Surroundings
    ) -> list[Item]:
        """Return the shapes of a pattern within a shape; with a note for none where too many."""
        owner, outline = pattern.owner, np.concatenate(shape.subpaths)
        tiles = None
        if owner not in self.applied and inside.depth < MAXIMUM_DEPTH:
            tiles = tiling(pattern, box, inside.frame, inside.transform, outline)
        if tiles is None:
            self._notes.left_out["pattern"] += 1
            return []
        within = Surroundings(tiles.matrix, self._document.style_of(owner), tiles.frame,
                              inside.kind, inside.depth + 1)  # fmt: skip
        self.applied.append(owner)
        try:
            shapes = self.within(self.children(owner, within), tiles.corners)
        finally:
            self.applied.pop()
        return self._operations.defer(partial(self._filled, shape, tiles), shapes)

    def _filled(self, shape: Shape, tiles: Tiling, shapes: list[Shape]) -> Steps[list[Shape]]:
        """Return a shape filled with the shapes of a tile."""
        if len(shapes) * len(tiles.numbers) > MOST_TILED:
            self._notes.left_out["pattern"] += 1
            return []
        self._operations.work.spend(TILE * len(shapes) * len(tiles.numbers))
        region = yield from united([shape], self._notes)
        found = yield from clipped(tiled(shapes, tiles), region, self._notes)
        if shape.fill[3] < 1.0:
            found = yield from faded(found, float(shape.fill[3]), self._notes)
        return found

    def within(self, shapes: list[Item], corners: np.ndarray) -> list[Item]:
        """Return the parts of shapes inside a parallelogram [4, 2]."""
        box = np.stack([corners.min(axis=0), corners.max(axis=0)])
        if np.isin(corners, box).all():
            return self._operations.defer(
                lambda found: clipped_to_box(found, box, self._notes), shapes
            )
        frame = silhouette([polygon(corners).astype(np.float64)])
        return self._operations.defer(lambda found: clipped(found, [frame], self._notes), shapes)

    def own_transform(
        self,
        element: Element,
        declared: Mapping[str, str],
        around: Surroundings,
        style: Style,
        box: np.ndarray | None = None,
    ) -> np.ndarray | None:
        """Return the matrix of an element's transform, by CSS or by its attribute; or None.

        box: [2, 2], what origin and percentages refer to where the element doesn't decide that.
        """
        text, css, single = element.get("transform"), declared.get("transform"), separate(declared)
        if text is None and css is None and not single:
            return None
        frame = around.frame._replace(em=style.font_size)
        if box is None:
            box = self._reference_box(element, declared, around, style)
        width, height = (box[1] - box[0]).tolist()
        matrix, is_readable = np.identity(3), True
        if css is not None:
            found = css_matrix(css, frame, (width, height))
            matrix, is_readable = (matrix, False) if found is None else (found, True)
        if text is not None and (css is None or not is_readable):
            matrix, is_readable = matrix_of(text)
        if single:
            first = css_matrix(single, frame, (width, height))
            matrix = matrix if first is None else first @ matrix
            is_readable = is_readable and first is not None
        if not is_readable:
            self._notes.unreadable["transform"] += 1
        return about_origin(matrix, declared, frame, box)

    def _reference_box(
        self, element: Element, declared: Mapping[str, str], around: Surroundings, style: Style
    ) -> np.ndarray:
        """Return the box [2, 2] of transforms: the viewport, or by choice the element's own."""
        word = declared.get("transform-box", "view-box").lower()
        inside = around._replace(style=style, depth=around.depth + 1)
        return self._effects.box(
            Group(element, declared, inside, []), word if word in OWN_BOXES else "view-box"
        )


def _moved(element: Element, declared: Mapping[str, str], frame: Frame) -> np.ndarray:
    """Return the translation [3, 3] to where an element says that its contents are."""
    moved = np.identity(3)
    for row, (name, whole) in enumerate((("x", frame.width), ("y", frame.height))):
        moved[row, 2] = length(declared.get(name, element.get(name)), whole, frame.em) or 0.0
    return moved


def _side(text: str | None, whole: float, em: float) -> float:
    """Return the width or height of a viewport: all there is where it says none."""
    side = length(text, whole, em)
    return whole if side is None or side < 0.0 else side
