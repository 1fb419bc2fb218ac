# SPDX-License-Identifier: GPL-3.0-or-later
"""Estimate of the work that a document takes, made before any of it is done.

It counts as the walk does, but looks at elements and their paints only, not at outlines and
places. So it is a little less than what the walk will count, and takes a tenth of the time: a
document that is too large is refused at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

from .document import Document
from .drawn import is_drawn, is_for_us
from .gradients import MOST_LINKS
from .lengths import fraction, length, numbers
from .markers import MARKED, MOST_MARKERS
from .paths import work_of
from .properties import reference
from .shapes import SHAPES
from .transforms import OWN_BOXES
from .work import (
    BOX,
    DASHED,
    DEFERRED,
    FILL,
    GRADIENT,
    LINE,
    MARKER,
    OUTLINED,
    PIECE,
    SEGMENT,
    STOP,
    TILE,
    VISIT,
    check_work,
)

MAXIMUM_DEPTH = 200
MAXIMUM_LINES = 64  # of one element: more are one outline
_COLOR = "#"  # a paint that is one color
_SEGMENT = re.compile(r"[LlHhVvCcSsQqTtAa]")
_ONE_LINE = re.compile(r"\s*[Mm][^A-Za-z]*[LlHhVv][^A-Za-z]*")
_CORNER = re.compile(r"[^\s,]+")
_SEGMENTS = {"rect": 4, "circle": 4, "ellipse": 4}
_KEPT = ("inherit", "unset", "revert", "revert-layer")


class _Paint(NamedTuple):
    """The part of a style that decides how much work a shape is.

    fill, stroke: empty for none, `_COLOR`, or the identifier of what is referred to. markers: the
    identifiers of those at the start, at vertices between, and at the end. is_measured: for the box
    of an element, where effects don't count.
    """

    fill: str = _COLOR
    stroke: str = ""
    is_visible: bool = True
    has_width: bool = True
    is_dashed: bool = False
    join: str = "miter"
    is_measured: bool = False
    markers: tuple[str, str, str] = ("", "", "")

    def inside(self, declared: Mapping[str, str]) -> _Paint:
        """Return the paint inside an element."""
        changes: dict[str, Any] = {}
        for name, value in declared.items():
            word = value.strip().lower()
            if word in _KEPT:
                continue
            if name in ("fill", "stroke"):
                changes[name] = _paint(value, _COLOR if name == "fill" else "")
            elif name == "visibility":
                changes["is_visible"] = word in ("visible", "initial")
            elif name in ("stroke-width", "stroke-opacity"):
                if length(word, 1.0) == 0.0:
                    changes["has_width"] = False
                else:
                    changes.setdefault("has_width", True)
            elif name == "stroke-dasharray":
                changes["is_dashed"] = any(numbers(word))
            elif name == "stroke-linejoin":
                changes["join"] = word
            elif name.startswith("marker-"):
                markers = list(changes.get("markers", self.markers))
                markers[("marker-start", "marker-mid", "marker-end").index(name)] = _target(value)
                changes["markers"] = tuple(markers)
        return self._replace(**changes) if changes else self


_SILHOUETTE = _Paint(has_width=False)
_MEASURED = _Paint(has_width=False, is_measured=True)
_Load = tuple[int, bool]  # work, and whether anything is drawn


class Estimate:
    """The least work of the parts of a document."""

    def __init__(self, document: Document) -> None:
        """Look at nothing yet."""
        self._document = document
        self._copied: dict[tuple[Element, _Paint], _Load] = {}
        self._painted: dict[str, int] = {}
        self._regions: set[Element] = set()
        self._visits = 0

    def of_all(self) -> int:
        """Return the work of the whole document."""
        root = self._document.root
        paint = _Paint().inside(self._document.cascade.declared(root))
        return VISIT + self._children(root, paint, 0)[0]

    def _children(self, element: Element, paint: _Paint, depth: int) -> _Load:
        work, draws = 0, False
        for child in element:
            load = self._element(child, paint, depth + 1)
            work, draws = work + load[0], draws or load[1]
        return work, draws

    def _element(self, element: Element, paint: _Paint, depth: int) -> _Load:
        """Return the load of an element with all in it."""
        if depth > MAXIMUM_DEPTH or not is_drawn(element):
            return 0, False
        self._visits += 1
        check_work(VISIT * self._visits)
        declared = self._document.cascade.declared(element)
        if declared:
            if declared.get("display") == "none":
                return VISIT, False
            paint = paint.inside(declared)
        work, draws = self._content(element, declared, paint, depth)
        if draws and declared and not paint.is_measured:
            work += self._effects(element, declared, depth)
        if "transform" in element.attrib and declared.get("transform-box") in OWN_BOXES:
            work += BOX + self._content(element, declared, _MEASURED, depth)[0]
        return VISIT + work, draws

    def _content(
        self, element: Element, declared: Mapping[str, str], paint: _Paint, depth: int
    ) -> _Load:
        tag = element.tag
        if tag in SHAPES:
            return self._shape(element, declared, paint, depth)
        if tag in ("g", "a"):
            return self._children(element, paint, depth)
        if tag == "use":
            target = self._document.referred(element)
            return (0, False) if target is None else self._copy(target, paint, depth)
        if tag == "svg":
            return self._viewport(element, paint, depth)
        if tag == "switch":
            chosen = next((child for child in element if is_for_us(child)), None)
            return (0, False) if chosen is None else self._element(chosen, paint, depth + 1)
        return 0, False

    def _copy(self, target: Element, paint: _Paint, depth: int) -> _Load:
        """Return the load of an element that something refers to; nothing within itself."""
        key = (target, paint)
        if key not in self._copied:
            self._copied[key] = 0, False
            if target.tag == "symbol":
                declared = self._document.cascade.declared(target)
                work, draws = self._viewport(target, paint.inside(declared), depth + 1)
                if draws and not paint.is_measured:
                    work += self._effects(target, declared, depth)
                self._copied[key] = work, draws
            else:
                self._copied[key] = self._element(target, paint, depth + 1)
        return self._copied[key]

    def _viewport(self, element: Element, paint: _Paint, depth: int) -> _Load:
        work, draws = self._children(element, paint, depth)
        overflow = self._document.cascade.declared(element).get("overflow", "hidden")
        is_cut = draws and overflow not in ("visible", "auto")
        return work + DEFERRED * is_cut, draws

    def _contents(self, element: Element, paint: _Paint, depth: int) -> int:
        """Return the work of what is in a clip path, mask, marker or pattern."""
        key = (element, paint)
        if key not in self._copied:
            self._copied[key] = 0, False
            self._copied[key] = self._children(element, paint, depth + 1)
        return self._copied[key][0]

    def _shape(
        self, element: Element, declared: Mapping[str, str], paint: _Paint, depth: int
    ) -> _Load:
        has_stroke = bool(paint.stroke) and paint.has_width
        if not paint.is_visible or not (paint.fill or has_stroke):
            return 0, False
        data = element.get("d", "") if element.tag == "path" else ""
        work, has_area = 0, element.tag != "line" and not _ONE_LINE.fullmatch(data)
        if paint.fill and has_area:
            work += FILL + self._of_paint(paint.fill, depth)
        if has_stroke:
            work += self._stroke(element, declared, paint, data)
            if has_area:  # else there is no box for gradients
                work += self._of_paint(paint.stroke, depth)
        if work and element.tag in MARKED and paint.markers != ("", "", ""):
            work += self._markers(element, paint, data, depth)
        return work + work_of(data, element.get("points", "")), work > 0

    def _stroke(
        self, element: Element, declared: Mapping[str, str], paint: _Paint, data: str
    ) -> int:
        """Return the work of a stroke, but for its paint."""
        work, segments = 0, _segments(element, data)
        if paint.stroke == _COLOR and "vector-effect" not in declared:
            lines = max(1, data.count("M") + data.count("m"))
            if lines <= MAXIMUM_LINES:
                work = LINE * lines + SEGMENT * max(segments - lines, 0)
                if not paint.is_dashed and paint.join in ("miter", "round"):
                    return work
        work += (DASHED if paint.is_dashed else OUTLINED) + FILL
        return work + PIECE * segments

    def _of_paint(self, paint: str, depth: int) -> int:
        """Return the work of a paint besides that of its outline."""
        first = 0
        if paint not in self._painted:
            self._painted[paint] = 0
            server = self._document.elements.get(paint)
            if server is not None and server.tag == "pattern":
                work = self._contents(server, _Paint(), depth)
                self._painted[paint] = work + 2 * DEFERRED + TILE * _tiles(server) if work else 0
            elif server is not None and server.tag in ("linearGradient", "radialGradient"):
                stops = self._stops(server)
                self._painted[paint] = GRADIENT * (stops > 1) + DEFERRED * (stops > 2)
                first = STOP * stops
        return first + self._painted[paint]

    def _stops(self, gradient: Element) -> int:
        """Return the number of a gradient's colors, its own or the first inherited ones."""
        link: Element | None = gradient
        for _ in range(MOST_LINKS):
            if link is None or (count := len(link.findall("stop"))):
                break
            link = self._document.referred(link)
        return count if link is not None else 0

    def _markers(self, element: Element, paint: _Paint, data: str, depth: int) -> int:
        vertices = _segments(element, data) + 1
        if vertices > MOST_MARKERS:
            return 0
        work = work_of(data, element.get("points", ""))
        for name, count in zip(paint.markers, (1, max(vertices - 2, 0), 1)):
            marker = self._document.elements.get(name)
            if marker is not None and marker.tag == "marker":
                found = self._contents(marker, _Paint(), depth)
                work += count * (MARKER + found + DEFERRED * (found > 0))
        return work

    def _effects(self, element: Element, declared: Mapping[str, str], depth: int) -> int:
        """Return the work of what concerns an element as a whole."""
        work, boxes = 0, 0
        clip, mask = declared.get("clip-path", "none"), declared.get("mask", "none")
        if (region := self._document.elements.get(_target(clip))) is not None:
            work += DEFERRED
            is_own = "transform" in element.attrib or "clipPathUnits" in region.attrib
            if is_own or region not in self._regions:
                self._regions.add(region)
                work += DEFERRED + self._contents(region, _SILHOUETTE, depth)
            boxes += region.get("clipPathUnits") == "objectBoundingBox"
        elif clip.endswith(")") and reference(clip) is None:  # a basic shape
            work += DEFERRED + BOX
        if (light := self._document.elements.get(_target(mask))) is not None:
            work += 2 * DEFERRED + self._contents(light, _Paint(), depth)
            boxes += light.get("maskUnits") != "userSpaceOnUse"
        if boxes:
            work += boxes * (BOX + self._content(element, declared, _MEASURED, depth)[0])
        opacity = fraction(declared.get("opacity"))
        return work + DEFERRED * (opacity is not None and opacity < 1.0)


def _paint(text: str, initial: str) -> str:
    """Return a paint in short, as of `_Paint`."""
    if text.strip().lower() == "initial":
        return initial
    if text[:4].lower() == "url(":
        return _target(text)
    is_known = text.strip().lower() not in ("none", "context-fill", "context-stroke")
    return _COLOR if is_known and "var(" not in text else ""


def _target(text: str) -> str:
    """Return the identifier that a `url(#id)` refers to; empty for any other text."""
    found = reference(text) if "(" in text else None
    return found[0] if found else ""


def _tiles(pattern: Element) -> int:
    """Return the number of tiles of a pattern in a shape where it says so itself; else 1."""
    sizes = [fraction(pattern.get(name)) or 1.0 for name in ("width", "height")]
    if pattern.get("patternUnits") == "userSpaceOnUse" or min(sizes) < 1e-3:
        return 1
    return int(1.0 / sizes[0]) * int(1.0 / sizes[1])


def _segments(element: Element, data: str) -> int:
    """Return the number of segments of an outline, or less."""
    if data:
        return len(_SEGMENT.findall(data))
    corners = len(_CORNER.findall(element.get("points", "")))
    return _SEGMENTS.get(element.tag, max(1, corners // 2 - 1))
