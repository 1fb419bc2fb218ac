# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG text as a drawing: our own files exactly, other programs' as well as can be.

All filled shapes are read, in painting order. What has no place in a drawing (strokes,
patterns, text, clipping ...) is left out, gradients that are no ramps are simplified; both
are listed in `settings["notes"]`.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast
from xml.etree.ElementTree import Element

import numpy as np

from ..drawing import Drawing, Kind, Path, Ramp
from ..errors import SvgError
from ..system.files import open_input
from .markup import MAXIMUM_BYTES, parse_markup
from .names import INKSCAPE, LAYER, SEMVEC
from .outlines import (
    SHAPES,
    length,
    numbers,
    subpaths_of,
    wind_even_odd,
)
from .paint import Paint, class_rules, declared, drawn_color, fill_color, on_8_bits
from .ramps import RampDefinition, RampDefinitions, is_round
from .transforms import matrix_of

_GROUPS = ("g", "a", "switch")
_NEVER_DRAWN = (
    "defs", "symbol", "clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient",
    "filter", "metadata", "style", "title", "desc", "script", "animate",
)  # fmt: skip
_EFFECTS = ("clip-path", "mask", "filter")


@dataclass(frozen=True)
class _Surroundings:
    """What an element gets from those around it."""

    transform: np.ndarray  # [3, 3], to pixels of the drawing
    paint: Paint
    kind: Kind


@dataclass
class _Document:
    """What all elements share."""

    root: Element
    canvas: np.ndarray  # [2], user units: what per cents refer to
    rules: dict[str, dict[str, str]]
    ramps: RampDefinitions
    left_out: Counter[str] = field(default_factory=Counter)
    simplified: Counter[str] = field(default_factory=Counter)

    def notes(self) -> list[str]:
        """What the drawing doesn't say as the file does."""
        return [
            f"{fate}: {count} x {what}"
            for fate, counts in (("Left out", self.left_out), ("Simplified", self.simplified))
            for what, count in counts.items()
        ]


def load_svg(path: str | os.PathLike[str]) -> Drawing:
    """Read an SVG file. Raises SvgError."""
    with open_input(path, SvgError) as stream:
        return from_svg(stream.read(MAXIMUM_BYTES + 1))


def from_svg(text: str | bytes) -> Drawing:
    """Read SVG. For what `to_svg(drawing)` gives, that is `quantized(drawing)`.

    Raises SvgError for anything that can't be read as a drawing.
    """
    root = parse_markup(text)
    if root.tag != "svg":
        raise SvgError("This is XML, but not an SVG drawing.", "Choose an SVG file.")
    width, height, transform, canvas = _canvas(root)
    rules = class_rules("".join(style.itertext()) for style in root.iter("style"))
    document = _Document(root, canvas, rules, RampDefinitions(root, rules, canvas))
    surroundings = _Surroundings(transform, Paint(), "structural")
    paths = list(_paths(root, surroundings, document))
    settings = _settings(root)
    if notes := document.notes():
        settings["notes"] = notes
    return Drawing(width, height, paths, settings)


def _canvas(root: Element) -> tuple[float, float, np.ndarray, np.ndarray]:
    """Width and height in pixels, the transform to them, and the size in user units."""
    box = np.array(numbers(root.get("viewBox", "")))
    if "viewBox" in root.attrib and (len(box) != 4 or not (box[2:] > 0.0).all()):
        raise SvgError("The drawing's viewBox can't be read.", "It needs four numbers.")
    inner = box[2:] if len(box) else np.full(2, np.nan)
    width = _size(root.get("width"), inner[0])
    height = _size(root.get("height"), inner[1])
    if len(box) and "width" in root.attrib and "height" not in root.attrib:
        height = width * inner[1] / inner[0]
    if len(box) and "height" in root.attrib and "width" not in root.attrib:
        width = height * inner[0] / inner[1]
    outer = np.array([width, height])
    if not (np.isfinite(outer).all() and (outer > 0.0).all()):
        raise SvgError("The drawing has no size.", "Give its svg element a viewBox.")
    transform = np.identity(3)
    if len(box):
        scale = outer / inner
        if not root.get("preserveAspectRatio", "").strip().startswith("none"):
            scale = np.full(2, scale.min())
        transform[[0, 1], [0, 1]] = scale
        transform[:2, 2] = (outer - scale * inner) / 2.0 - scale * box[:2]
    return float(width), float(height), transform, inner if len(box) else outer


def _size(text: str | None, default: float) -> float:
    """A width or height; per cents are of a window that we don't have."""
    return default if text and text.strip().endswith("%") else length(text, default=default)


def _settings(root: Element) -> dict[str, Any]:
    """What our own metadata says; nothing where it is absent or was damaged."""
    element = next(root.iter(f"{SEMVEC}}}drawing"), None)
    try:
        settings = json.loads(element.text or "") if element is not None else {}
    except (ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _paths(element: Element, around: _Surroundings, document: _Document) -> Iterator[Path]:
    """All drawn shapes in an element, in painting order."""
    declarations = declared(element, document.rules)
    if declarations.get("display") == "none" or element.tag in _NEVER_DRAWN:
        return
    document.left_out.update(name for name in _EFFECTS if name in declarations)
    layer = LAYER.fullmatch(element.get("id", "")) if element.tag == "g" else None
    inside = _Surroundings(
        around.transform @ matrix_of(element.get("transform")),
        around.paint.inside(declarations),
        cast(Kind, layer[1]) if layer else around.kind,
    )
    if element.tag in SHAPES:
        yield from _path(element, inside, document)
    elif element is document.root or element.tag in _GROUPS:
        for child in element:
            yield from _paths(child, inside, document)
    elif "}" not in element.tag:
        document.left_out[element.tag] += 1


def _path(element: Element, inside: _Surroundings, document: _Document) -> Iterator[Path]:
    """A shape as a path; none where nothing of it is filled."""
    paint = inside.paint
    if not paint.visible:
        return
    if paint.stroke != "none":
        document.left_out["stroke"] += 1
    definition = document.ramps.find(paint.fill)
    fill = drawn_color(definition.rgba, paint) if definition else fill_color(paint)
    if fill is None:
        pattern = paint.fill.startswith("url(")
        document.left_out["pattern or empty gradient" if pattern else "shape without a fill"] += 1
        return
    subpaths = subpaths_of(element.tag, element.attrib, document.canvas)
    if paint.fill_rule == "evenodd" and len(subpaths) > 1:
        subpaths = wind_even_odd(subpaths)
    if subpaths:
        name = element.get(f"{INKSCAPE}}}label", element.get("id", ""))
        placed = [_placed(points, inside.transform) for points in subpaths]
        ramp = _ramp(definition, subpaths, inside.transform, document) if definition else None
        yield Path(placed, fill, inside.kind, name, _region(element), ramp)


def _ramp(
    definition: RampDefinition,
    subpaths: list[np.ndarray],
    transform: np.ndarray,
    document: _Document,
) -> Ramp | None:
    """The ramp of a shape; None where it is of one color. Raises SvgError for absurd ones."""
    document.left_out.update(definition.left_out)
    document.simplified.update(definition.simplified)
    if definition.ramp is None:
        return None
    with np.errstate(all="ignore"):
        matrix = definition.matrix(subpaths, transform)
    ramp = replace(definition.ramp.placed(matrix), color=on_8_bits(definition.ramp.color))
    if not np.isfinite([ramp.start, ramp.end]).all():
        raise SvgError("A gradient has coordinates that are not finite.", "Export the file again.")
    if ramp.kind == "radial" and not is_round(matrix):
        document.simplified["gradient of elliptical shape"] += 1
    return ramp


def _placed(points: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """Points [M, 2] in pixels of the drawing, float32. Raises SvgError for absurd ones."""
    with np.errstate(all="ignore"):
        placed = (points @ transform[:2, :2].T + transform[:2, 2]).astype(np.float32)
    if not np.isfinite(placed).all():
        raise SvgError("An outline has coordinates that are not finite.", "Export the file again.")
    return placed


def _region(element: Element) -> int:
    """The region that our writer noted; -1 for none."""
    try:
        return int(element.get("data-region", "-1"))
    except ValueError:
        return -1
