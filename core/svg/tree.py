# SPDX-License-Identifier: GPL-3.0-or-later
"""The walk through a document: every element's shapes, in painting order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import cast
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import bounds, polygon
from ..drawing import Kind
from .basic_shapes import BasicShape, basic_shape, box_of
from .clipping import clipped, clipped_to_box, faded, masked, united
from .document import Document, Report, ignore
from .drawn import is_drawn, is_for_us
from .effort import Effort
from .estimate import MAXIMUM_DEPTH, Estimate
from .layers import Shape, silhouette, transformed
from .lengths import Frame, fraction, length
from .markers import MARKED, MOST_MARKERS, Place, marker_matrix, places
from .markup import MAXIMUM_SHAPES, too_many_shapes
from .names import GENERATED, GROUP, INKSCAPE, LAYER
from .operations import Item, Operations, Steps, shapes_of
from .painting import Painter, closed_outline
from .patterns import MOST_TILED, Pattern, Tiling, tiled, tiling
from .properties import Style, reference
from .shapes import SHAPES
from .surroundings import Measured, Surroundings
from .transforms import OWN_BOXES, css_matrix, matrix_of, moved_origin, origin_of, separate
from .viewports import fitted, view_box
from .work import BOX, MARKER, TILE, VISIT, check_work

WALKED = 0.5  # share of the time that reading takes
_EFFECTS = frozenset(("clip-path", "mask", "filter", "mix-blend-mode", "opacity"))


@dataclass(frozen=True)
class _Group:
    """The shapes of one element, what is declared for it, and the state within it."""

    element: Element
    declared: Mapping[str, str]
    inside: Surroundings
    shapes: list[Item]


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
        self._applied: list[Element] = []
        self._regions: dict[tuple[Element, bytes, Frame], list[Item]] = {}

    def shapes(self, size: Frame) -> list[Shape]:
        """Return all shapes of the document on a canvas of this size, pixels. Raises SvgError."""
        root = self._document.root
        box = view_box(root.get("viewBox"))
        matrix, frame, _ = fitted(box, root.get("preserveAspectRatio", ""), size.width, size.height)
        items = self._element(root, Surroundings(matrix, Style(), frame))
        self._painter.outline_strokes()
        self._operations.carry_out(lambda done: self._report(WALKED * (1.0 + done) / 2.0))
        return shapes_of(items)

    def _element(self, element: Element, around: Surroundings) -> list[Item]:
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
        if (own := self._own_transform(element, declared, around, style)) is not None:
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
        shapes = self._content(element, declared, inside)
        if not shapes or inside.measured or _EFFECTS.isdisjoint(declared):
            return shapes
        return self._with_effects(_Group(element, declared, inside, shapes))

    def _group_of(self, element: Element, around: str) -> str:
        """Return the group that the shapes in an element belong to; around: that of its parent.

        It is the innermost one with a name, as in Blender's import of SVG as Grease Pencil.
        """
        if element.tag != "g" or GROUP in element.attrib or self._exact:
            return element.get(GROUP, around)
        name = element.get(f"{INKSCAPE}}}label", element.get("id", "")).strip()
        return around if not name or GENERATED.fullmatch(name) else name

    def _content(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes in an element, before effects on the whole of it."""
        tag = element.tag
        if tag in SHAPES:
            shapes = self._painter.painted(element, declared, inside)
            markers = self._markers(element, declared, inside) if tag in MARKED else []
            is_under = inside.style.paint_order.startswith("markers")
            return markers + shapes if is_under else shapes + markers
        if tag in ("g", "a") or element is self._document.root:
            return self._children(element, inside)
        if tag == "use":
            return self._use(element, declared, inside)
        if tag == "svg":
            return self._viewport(element, declared, {}, inside)
        if tag == "switch":
            chosen = next((child for child in element if is_for_us(child)), None)
            return [] if chosen is None else self._element(chosen, inside)
        if "}" not in tag:
            self._notes.left_out[tag] += 1
        return []

    def _children(self, element: Element, inside: Surroundings) -> list[Item]:
        return [shape for child in element for shape in self._element(child, inside)]

    def _use(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes of a copy of another element (SVG 2, chapter 5.6)."""
        target = self._document.referred(element)
        if target is None or inside.depth >= MAXIMUM_DEPTH or self._document.holds(target, element):
            self._notes.left_out["use"] += 1
            return []
        geometry = {**element.attrib, **declared}
        if target.tag not in ("symbol", "svg"):
            return self._element(target, inside)
        names: tuple[str, ...] = ("width", "height")
        sizes = {name: geometry[name] for name in names if name in geometry}
        style, values = inside.style.inside(self._document.cascade.declared(target))
        if values.get("display") == "none":
            return []
        return self._viewport(target, values, sizes, inside._replace(
            style=style, depth=inside.depth + 1))  # fmt: skip

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
        shapes = self._children(element, within)
        if inside.measured or declared.get("overflow", "hidden") in ("visible", "auto"):
            return shapes
        return self._within(shapes, transformed(_corners(width, height), outer))

    def _markers(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> list[Item]:
        """Return the shapes of the markers on a line (SVG 2, chapter 11.6)."""
        style = inside.style
        if (style.marker_start, style.marker_mid, style.marker_end) == ("none",) * 3:
            return []
        wanted = {name: self._target(getattr(style, name), "marker")
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
            if marker is not None and marker not in self._applied:
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
            context=inside.style,
        )
        self._applied.append(marker)
        try:
            shapes = self._children(marker, within)
        finally:
            self._applied.pop()
        overflow = self._document.cascade.declared(marker).get("overflow", "hidden")
        if overflow in ("visible", "auto") or not shapes:
            return shapes
        return self._within(shapes, transformed(_corners(*size), inside.transform @ outer))

    def _tiles(
        self, pattern: Pattern, shape: Shape, box: np.ndarray, inside: Surroundings
    ) -> list[Item]:
        """Return the shapes of a pattern within a shape; with a note for none where too many."""
        owner, outline = pattern.owner, np.concatenate(shape.subpaths)
        tiles = None
        if owner not in self._applied and inside.depth < MAXIMUM_DEPTH:
            tiles = tiling(pattern, box, inside.frame, inside.transform, outline)
        if tiles is None:
            self._notes.left_out["pattern"] += 1
            return []
        within = Surroundings(tiles.matrix, self._document.style_of(owner), tiles.frame,
                              inside.kind, inside.depth + 1)  # fmt: skip
        self._applied.append(owner)
        try:
            shapes = self._within(self._children(owner, within), tiles.corners)
        finally:
            self._applied.pop()
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

    def _within(self, shapes: list[Item], corners: np.ndarray) -> list[Item]:
        """Return the parts of shapes inside a parallelogram [4, 2]."""
        box = np.stack([corners.min(axis=0), corners.max(axis=0)])
        if np.isin(corners, box).all():
            return self._operations.defer(
                lambda found: clipped_to_box(found, box, self._notes), shapes
            )
        frame = silhouette([polygon(corners).astype(np.float64)])
        return self._operations.defer(lambda found: clipped(found, [frame], self._notes), shapes)

    def _own_transform(
        self, element: Element, declared: Mapping[str, str], around: Surroundings, style: Style
    ) -> np.ndarray | None:
        """Return the matrix of an element's transform, by CSS or by its attribute; or None."""
        text, css, single = element.get("transform"), declared.get("transform"), separate(declared)
        if text is None and css is None and not single:
            return None
        frame = around.frame._replace(em=style.font_size)
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
        origin = origin_of(declared.get("transform-origin", "0 0"), frame, box)
        return matrix if origin is None or not origin.any() else moved_origin(matrix, origin)

    def _reference_box(
        self, element: Element, declared: Mapping[str, str], around: Surroundings, style: Style
    ) -> np.ndarray:
        """Return the box [2, 2] of transforms: the viewport, or by choice the element's own."""
        word = declared.get("transform-box", "view-box").lower()
        inside = around._replace(style=style, depth=around.depth + 1)
        return self._box(
            _Group(element, declared, inside, []), word if word in OWN_BOXES else "view-box"
        )

    def _with_effects(self, group: _Group) -> list[Item]:
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

    def _clipped(self, group: _Group, text: str) -> list[Item]:
        """Return what a clip path leaves of shapes (CSS Masking 1)."""
        if (shape := basic_shape(text)) is not None and group.shapes:
            return self._clipped_by_shape(group, shape)
        element = self._target(text, "clipPath")
        if element is None or not group.shapes or element in self._applied:
            return group.shapes
        return self._inside(group.shapes, self._region(element, group))

    def _clipped_by_shape(self, group: _Group, shape: BasicShape) -> list[Item]:
        """Return what a basic shape of CSS leaves of shapes."""
        box = box_of(self._box(group, shape.box), group.inside.frame)
        outline = shape.outline(box)
        if outline is None:
            self._notes.unreadable["clip-path"] += 1
            return group.shapes
        subpaths = closed_outline(outline.chains)
        matrix = group.inside.transform
        region = silhouette([transformed(points, matrix) for points in subpaths], outline.rule)
        return self._inside(group.shapes, [region] if subpaths else [])

    def _box(self, group: _Group, word: str) -> np.ndarray:
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

    def _region(self, element: Element, group: _Group) -> list[Item]:
        """Return a clip path, in pixels, as one shape. Groups in the same units share it."""
        key = (element, group.inside.transform.tobytes(), group.inside.frame)
        if key in self._regions:
            return self._regions[key]
        contents = self._contents(element, group, "clipPathUnits", True)
        region = self._operations.defer(lambda found: united(found, self._notes), contents)
        if element.get("clipPathUnits") != "objectBoundingBox" and not self._applied:
            self._regions[key] = region
        return region

    def _masked(self, group: _Group, text: str) -> list[Item]:
        """Return what a mask leaves of shapes, cut where it is half transparent."""
        element = self._target(text, "mask")
        if element is None or not group.shapes:
            return group.shapes
        mask = self._contents(element, group, "maskContentUnits", False)
        style = self._document.cascade.declared(element).get("mask-type", "luminance")
        shapes = self._operations.defer(
            lambda found, light: masked(found, light, style == "alpha", self._notes),
            group.shapes,
            mask,
        )
        corners = self._mask_region(element, group)
        return self._within(shapes, transformed(corners, group.inside.transform))

    def _mask_region(self, element: Element, group: _Group) -> np.ndarray:
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
        return transformed(corner + _corners(max(width or 0.0, 0.0), max(height or 0.0, 0.0)), box)

    def _target(self, text: str, tag: str) -> Element | None:
        """Return the element that a clip path or mask refers to; None for no or another one."""
        found = reference(text)
        element = self._document.elements.get(found[0]) if found else None
        if found is None and text not in ("none", "inherit", "initial", "unset"):
            self._notes.left_out[f"{tag} without a reference"] += 1
        return element if element is not None and element.tag == tag else None

    def _contents(
        self, element: Element, group: _Group, units: str, silhouette: bool
    ) -> list[Item]:
        """Return the shapes in a clip path or mask that is applied to other shapes.

        units: the attribute that says which units it is in.
        """
        if element in self._applied:  # it refers to itself
            return []
        frame, box = group.inside.frame, np.identity(3)
        if element.get(units) == "objectBoundingBox":
            frame, box = Frame(1.0, 1.0), self._unit_box(group)
        style, declared = self._document.style_of(element), self._document.cascade.declared(element)
        # As browsers do, the element's own transform is applied in the units of the shapes.
        matrix = group.inside.transform
        around = group.inside._replace(frame=frame)
        if (own_transform := self._own_transform(element, declared, around, style)) is not None:
            matrix = matrix @ own_transform
        within = Surroundings(matrix @ box, style, frame,
                              depth=group.inside.depth + 1, silhouette=silhouette)  # fmt: skip
        self._applied.append(element)
        try:
            found = self._clip_children(element, within) if silhouette else (
                self._children(element, within)
            )  # fmt: skip
            own = replace(group, inside=within, shapes=found)
            found = self._clipped(own, declared.get("clip-path", "none"))
            if silhouette:
                return found
            return self._masked(replace(own, shapes=found), declared.get("mask", "none"))
        finally:
            self._applied.pop()

    def _clip_children(self, element: Element, inside: Surroundings) -> list[Item]:
        """Return what counts in a clip path: shapes, also by `use`, but no groups."""
        shapes: list[Item] = []
        for child in element:
            target = self._document.referred(child) if child.tag == "use" else child
            if target is not None and target.tag in (*SHAPES, "text"):
                shapes += self._element(child, inside)
        return shapes

    def _unit_box(self, group: _Group, what: Measured = "fill") -> np.ndarray:
        """Return the map [3, 3] from the unit square to the box of an element in its units.

        Fills count, and strokes by choice, but not what clips them (SVG 2, chapter 8.10).
        """
        self._operations.work.spend(BOX)
        measured = group.inside._replace(transform=np.identity(3), measured=what)
        shapes = self._content(group.element, group.declared, measured)
        if not shapes:
            return np.zeros((3, 3))
        outlines = [each for shape in shapes_of(shapes) for each in shape.subpaths]
        (left, top), (right, bottom) = bounds(outlines)
        return np.array([[right - left, 0.0, left], [0.0, bottom - top, top], [0.0, 0.0, 1.0]])


def _moved(element: Element, declared: Mapping[str, str], frame: Frame) -> np.ndarray:
    """Return the translation [3, 3] to where an element says that its contents are."""
    moved = np.identity(3)
    for row, (name, whole) in enumerate((("x", frame.width), ("y", frame.height))):
        moved[row, 2] = length(declared.get(name, element.get(name)), whole, frame.em) or 0.0
    return moved


def _corners(width: float, height: float) -> np.ndarray:
    """Return the corners [4, 2] of a viewport."""
    return np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])


def _side(text: str | None, whole: float, em: float) -> float:
    """Return the width or height of a viewport: all there is where it says none."""
    side = length(text, whole, em)
    return whole if side is None or side < 0.0 else side
