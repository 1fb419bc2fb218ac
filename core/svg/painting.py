# SPDX-License-Identifier: GPL-3.0-or-later
"""Fills and strokes of shapes: from an element and its style to filled outlines in pixels."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import bounds
from ..drawing import Ramp, Stroke
from ..strokes.outline import stroke_outlines
from .bands import bands_of, needs_bands, plan_of, stepped
from .colors import on_8_bits
from .document import Document
from .estimate import MAXIMUM_LINES
from .gradients import RampDefinition, RampDefinitions, is_round
from .layers import Shape, silhouette, transformed
from .lengths import Frame, length
from .names import INKSCAPE
from .operations import Item, Operations, Steps
from .own_strokes import own_stroke
from .paths import Chain, closed, is_own_form, own_subpaths, work_of
from .patterns import Pattern, pattern_of
from .properties import GEOMETRY, Style, in_context, reference
from .shapes import chains_of_shape
from .strokes import Pen, as_stroke, stroked
from .surroundings import Surroundings
from .work import DASHED, FILL, GRADIENT, LINE, OUTLINED, PIECE, SEGMENT

MAXIMUM_BANDS = 2000  # of all gradients together: later ones become single ramps
_OUTLINE = frozenset(GEOMETRY) - {"transform", "translate", "rotate", "scale"}
_FARTHEST = 1e30  # pixels
_LABEL = f"{INKSCAPE}}}label"


class _Outline(NamedTuple):
    """A filled outline. exact: one of ours. placed: in pixels already, not in user units."""

    subpaths: list[np.ndarray]
    rule: str
    exact: bool = False
    placed: bool = False


# Returns a pattern's tiles within a shape. The array: the box [2, 2] of its fill, user units.
Tiles = Callable[[Pattern, Shape, np.ndarray, Surroundings], list[Item]]


class Painter:
    """Converter of elements to shapes. exact: keep outlines in our own form as they are.

    tiles: draws patterns, whose shapes are elements themselves.
    """

    def __init__(
        self, document: Document, exact: bool, operations: Operations, tiles: Tiles
    ) -> None:
        """Read no gradients yet."""
        self._document = document
        self._operations = operations
        self._work = operations.work
        self._tiles = tiles
        self._notes = document.notes
        self._exact = exact
        self._strokes: list[Shape] = []
        self._bands = self._stacks = 0
        self._ramps = RampDefinitions(document, self._work)

    def painted(
        self, element: Element, declared: Mapping[str, str], inside: Surroundings
    ) -> tuple[list[Item], list[Item]]:
        """Return fill and stroke of an element; nothing where it is hidden or has no area."""
        style, frame = inside.style, inside.frame
        if style.visibility != "visible" and not inside.measured:
            return [], []
        if inside.silhouette or inside.measured:
            style = _silhouette(style)
        else:
            style = in_context(style, inside.context)
            if style is not inside.style and any(map(reference, (style.fill, style.stroke))):
                self._notes.simplified["gradient or pattern of a context"] += 1
        has_stroke = style.stroke != "none" and style.stroke_opacity > 0.0
        if style.fill == "none" and not has_stroke:
            return [], []
        if self._exact and (own := self._own_stroke(element, inside, style)) is not None:
            return [own], []
        chains, exact = self.outline(element, declared, frame)
        if inside.measured == "stroke":
            return self._measured(chains, inside), []
        fills: list[Item] = []
        lines: list[Item] = []
        # The stroke's gradient or pattern needs the outline, too.
        has_box = style.fill != "none" or reference(style.stroke) is not None
        subpaths = closed_outline(chains, exact) if has_box else []
        if style.fill != "none" and subpaths:
            paint = (style.fill, style.fill_opacity)
            filled = _Outline(subpaths, style.fill_rule, exact)
            fills = self._shape(element, filled, subpaths, inside, paint)
        if has_stroke and (pen := _pen(style, frame)) is not None:
            paint = (style.stroke, style.stroke_opacity)
            lines = self._lines(element, chains, pen, inside, paint, declared)
            if not lines:
                stroke = self._stroke(chains, pen, declared, inside)
                lines = self._shape(element, stroke, subpaths, inside, paint)
        return fills, lines

    def _measured(self, chains: list[Chain], inside: Surroundings) -> list[Item]:
        """Return what a bounding box of fills and strokes has to hold."""
        style, pieces = inside.style, closed_outline(chains)
        pen = _pen(style, inside.frame) if style.stroke != "none" else None
        if pen is not None:  # dashes don't count (SVG 2, chapter 8.10)
            pieces = pieces + self._pieces(chains, replace(pen, dashes=()))
        placed = [transformed(points, inside.transform) for points in pieces]
        return [silhouette(placed)] if placed and _are_near(placed) else []

    def _own_stroke(self, element: Element, inside: Surroundings, style: Style) -> Shape | None:
        """Return a stroke of our own file that nothing has changed the kind of; else None."""
        stroke = own_stroke(element, style)
        if stroke is None or not np.array_equal(inside.transform, np.eye(3)):
            return None
        is_line = style.fill == "none"
        paint, opacity = (
            (style.stroke, style.stroke_opacity) if is_line else (style.fill, style.fill_opacity)
        )
        found = self._paint(paint, style, inside.frame)
        if found is None or found[1] is not None:
            return None
        rgba = found[0]
        fill = np.array([*rgba[:3], rgba[3] * opacity])
        name = element.get(_LABEL, element.get("id", ""))
        shape = Shape([], "nonzero", fill, None, inside.kind, name, _region(element),
                      exact=True, stroke=stroke, group=inside.group)  # fmt: skip
        self._strokes.append(shape)
        return shape

    def _lines(
        self,
        element: Element,
        chains: list[Chain],
        pen: Pen,
        inside: Surroundings,
        paint: tuple[str, float],
        declared: Mapping[str, str],
    ) -> list[Item]:
        """Return each line of an element as a stroke; nothing where they are no plain strokes."""
        if reference(paint[0]) is not None or "vector-effect" in declared:
            return []
        found = self._paint(paint[0], inside.style, inside.frame)
        if found is None or len(chains) > MAXIMUM_LINES:
            return []
        fill = np.array([*found[0][:3], found[0][3] * paint[1]])
        if len(chains) > 1 and fill[3] < 1.0:  # where lines cross, they are as one
            return []
        cubics = sum(len(chain.points) // 3 for chain in chains)
        self._work.spend(LINE * len(chains) + SEGMENT * (cubics - len(chains)))
        strokes = [as_stroke(chain, pen, inside.transform) for chain in chains]
        if not all(stroke is not None and _is_near(stroke) for stroke in strokes):
            return []
        name, region = element.get(_LABEL, element.get("id", "")), _region(element)
        lines = [Shape([], "nonzero", fill, None, inside.kind, name, region, simple=True,
                       stroke=stroke, group=inside.group) for stroke in strokes]  # fmt: skip
        self._strokes += lines
        return list(lines)

    def outline_strokes(self) -> None:
        """Give all strokes that were painted their outlines."""
        strokes = [shape.stroke for shape in self._strokes if shape.stroke is not None]
        for shape, outline in zip(self._strokes, stroke_outlines(strokes), strict=True):
            shape.subpaths = [points.astype(np.float64) for points in outline]
        self._strokes = []

    def _shape(
        self,
        element: Element,
        outline: _Outline,
        box: list[np.ndarray],
        inside: Surroundings,
        paint: tuple[str, float],
    ) -> list[Item]:
        """Return an outline with a paint and its opacity; nothing for no paint.

        box: the outline whose box gradients refer to.
        """
        self._work.spend(FILL)
        pattern = pattern_of(paint[0], self._document)
        found = self._paint("#000" if pattern else paint[0], inside.style, inside.frame)
        if found is None or not outline.subpaths:
            return []
        rgba, definition = found
        placed = outline.subpaths
        if not outline.placed:
            placed = [transformed(points, inside.transform) for points in placed]
        if not outline.exact and not _are_near(placed):
            self._notes.unreadable["outline that is too large"] += 1
            return []
        name = element.get(_LABEL, element.get("id", ""))
        fill = np.array([*rgba[:3], rgba[3] * paint[1]])
        shape = Shape(placed, outline.rule, fill, None, inside.kind, name, _region(element),
                      outline.exact, group=inside.group)  # fmt: skip
        if pattern is not None:
            return self._tiles(pattern, shape, bounds(box) if box else np.zeros((2, 2)), inside)
        if definition is None or definition.ramp is None:
            return [shape]
        whole = bounds(box) if box else np.zeros((2, 2))
        if definition.of_box and not np.ptp(whole, axis=0).all():  # SVG 2, chapter 8.10
            fallback = inside.style.resolved_color(_fallback(paint[0]))
            return [] if fallback is None else [
                replace(shape, fill=np.array([*fallback[:3], fallback[3] * paint[1]]))
            ]  # fmt: skip
        self._work.spend(GRADIENT)
        with np.errstate(all="ignore"):
            matrix = definition.matrix(whole, inside.transform)
        return self._banded(shape, definition, matrix, paint[1])

    def _banded(
        self, shape: Shape, definition: RampDefinition, matrix: np.ndarray, opacity: float
    ) -> list[Item]:
        """Return a shape with a gradient: one with a ramp, or several where that differs."""
        is_exact = not definition.simplified and not definition.left_out
        is_free = not shape.exact and bool(np.isfinite(matrix).all())
        if is_free and needs_bands(definition.gradient, is_exact, matrix):
            return self._operations.defer(
                partial(self._in_bands, definition, matrix, opacity), [shape]
            )
        return [replace(shape, ramp=self._ramp(definition, matrix))]

    def _in_bands(
        self, definition: RampDefinition, matrix: np.ndarray, opacity: float, shapes: list[Shape]
    ) -> Steps[list[Shape]]:
        """Return a shape in bands, or with one ramp where there are too many."""
        (shape,) = shapes
        plan, bands = None, None
        if self._bands < MAXIMUM_BANDS:
            plan = plan_of(definition.gradient, shape.operand, matrix)
        if plan is not None and self._bands + len(plan.parts) <= MAXIMUM_BANDS:
            self._bands += len(plan.parts)
            self._stacks += 1
            stack = self._stacks
            bands = yield from bands_of(plan, shape.operand)
        if bands is None:
            return [replace(shape, ramp=self._ramp(definition, matrix))]
        assert plan is not None
        self._notes.simplified.update(stepped(plan))
        factors = np.array([1.0, 1.0, 1.0, opacity])
        return [
            replace(
                shape,
                subpaths=band.outline,
                rule="nonzero",
                simple=True,
                fill=band.fill * factors,
                ramp=_rounded(band.ramp),
                stack=stack,
            )
            for band in bands
        ]

    def _stroke(
        self, chains: list[Chain], pen: Pen, declared: Mapping[str, str], inside: Surroundings
    ) -> _Outline:
        """Return the outline of a stroke."""
        if declared.get("vector-effect", "").lower() != "non-scaling-stroke":
            pieces = self._pieces(chains, pen)
            return _Outline(pieces, "nonzero")
        matrix = inside.transform
        axes = matrix[0, :2] + 1j * matrix[1, :2]
        moved = [
            Chain(
                axes[0] * chain.points.real
                + axes[1] * chain.points.imag
                + complex(matrix[0, 2], matrix[1, 2]),
                chain.closed,
            )
            for chain in chains
        ]
        return _Outline(self._pieces(moved, pen), "nonzero", placed=True)

    def _pieces(self, chains: list[Chain], pen: Pen) -> list[np.ndarray]:
        """Return the outline of a stroke in pieces."""
        self._work.spend(DASHED if pen.dashes else OUTLINED)
        pieces = stroked(chains, pen)
        self._work.spend(PIECE * len(pieces))
        return pieces

    def outline(
        self, element: Element, declared: Mapping[str, str], frame: Frame
    ) -> tuple[list[Chain], bool]:
        """Return the lines of an element, and whether they are an outline of ours."""
        data = element.get("d", "") if element.tag == "path" else ""
        if self._exact and is_own_form(data):
            subpaths = own_subpaths(data)
            points = [np.append(each, each[:1], axis=0) @ [1.0, 1.0j] for each in subpaths]
            return [Chain(each, True) for each in points], True
        return self._chains(element, declared, frame), False

    def _chains(self, element: Element, declared: Mapping[str, str], frame: Frame) -> list[Chain]:
        """Return the outline of an element."""
        css = {name: declared[name] for name in _OUTLINE & declared.keys()}
        geometry = {**element.attrib, **css} if css else element.attrib
        if "d" in css:
            geometry = {**geometry, "d": _css_path(css["d"])}
        self._work.spend(work_of(geometry.get("d", ""), geometry.get("points", "")))
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

    def _ramp(self, definition: RampDefinition, matrix: np.ndarray) -> Ramp | None:
        """Return the ramp that comes nearest to a gradient; None for one that is too large."""
        assert definition.ramp is not None
        self._notes.left_out.update(definition.left_out)
        self._notes.simplified.update(definition.simplified)
        ramp = definition.ramp.placed(matrix)
        if not np.isfinite([ramp.start, ramp.end]).all():
            self._notes.unreadable["gradient that is too large"] += 1
            return None
        if ramp.kind == "radial" and not is_round(matrix):
            self._notes.simplified["gradient of elliptical shape"] += 1
        return ramp


def _pen(style: Style, frame: Frame) -> Pen | None:
    """Return how an element's stroke is drawn; None where it has no width."""
    width = length(style.stroke_width, frame.diagonal, frame.em) or 0.0
    if not width > 0.0:
        return None
    texts = [] if style.stroke_dasharray == "none" else re.split(r"[\s,]+", style.stroke_dasharray)
    dashes = [length(text, frame.diagonal, frame.em) or 0.0 for text in texts if text]
    offset = length(style.stroke_dashoffset, frame.diagonal, frame.em) or 0.0
    return Pen(
        width,
        style.stroke_linecap,
        style.stroke_linejoin,
        style.stroke_miterlimit,
        tuple(dashes * (1 + len(dashes) % 2)),
        offset,
    )


def _rounded(ramp: Ramp | None) -> Ramp | None:
    """Return a ramp with its color on 8 bits."""
    return ramp and replace(ramp, color=on_8_bits(ramp.color))


def _silhouette(style: Style) -> Style:
    """Return the style of an element in a clip path, where only outlines count."""
    return style._replace(fill="#000", fill_opacity=1.0, fill_rule=style.clip_rule, stroke="none")


def _fallback(paint: str) -> str:
    found = reference(paint)
    return found[1] if found else ""


def _are_near(outline: list[np.ndarray]) -> bool:
    return all(np.abs(points).max() < _FARTHEST for points in outline)


def closed_outline(chains: list[Chain], exact: bool = False) -> list[np.ndarray]:
    """Return the closed outline of lines; exact: all that there are."""
    return [
        _closed(chain) for chain in chains if exact or len(chain.points) > 4 or _has_area(chain)
    ]


def _is_near(stroke: Stroke) -> bool:
    farthest = float(np.abs(stroke.points).max()) + stroke.miter_limit * float(stroke.widths[0])
    return farthest < _FARTHEST


def _closed(chain: Chain) -> np.ndarray:
    return closed(np.ascontiguousarray(chain.points).view(np.float64).reshape(-1, 2))


def _has_area(chain: Chain) -> bool:
    """Return False for one cubic that is a point or a straight line."""
    start, one, two, end = chain.points.tolist()
    steps = one - start, two - one, end - two
    return any((a.conjugate() * b).imag != 0.0 for a in steps for b in steps)


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
