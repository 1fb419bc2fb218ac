# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns: where the tiles of one lie that fill a shape (SVG 2, chapter 14.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import numpy as np

from .document import Document
from .layers import Shape, transformed
from .lengths import Frame, length
from .properties import reference
from .transforms import about_origin, matrix_of
from .viewports import fitted, view_box

MOST_TILED = 3000  # shapes of all tiles that fill one shape
_MOST_LINKS = 16
_ROUNDING = 1e-6  # of a tile


@dataclass(frozen=True)
class Pattern:
    """A pattern.

    owner: the element that has its shapes. attributes: with those inherited. declared: by CSS.
    """

    owner: Element
    attributes: dict[str, str]
    declared: Mapping[str, str]


@dataclass(frozen=True)
class Tiling:
    """Tiles in pixels.

    matrix: [3, 3], from the units of the tile's shapes to pixels. frame: the viewport in those
    units. corners: [4, 2], of the first tile. steps: [2, 2], from a tile to the next in either
    direction. numbers: [N, 2], whole, which tiles there are.
    """

    matrix: np.ndarray
    frame: Frame
    corners: np.ndarray
    steps: np.ndarray
    numbers: np.ndarray


def pattern_of(paint: str, document: Document) -> Pattern | None:
    """Return the pattern that a fill or stroke refers to; None for any other."""
    found = reference(paint)
    element = document.elements.get(found[0]) if found else None
    if element is None or element.tag != "pattern":
        return None
    chain = [element]
    while len(chain) < _MOST_LINKS:
        following = document.referred(chain[-1])
        if following is None or following.tag != "pattern" or following in chain:
            break
        chain.append(following)
    owner = next((link for link in chain if len(link)), None)
    if owner is None:
        return None
    attributes: dict[str, str] = {}
    for link in reversed(chain):
        attributes |= link.attrib
    return Pattern(owner, attributes, document.cascade.declared(element))


def tiling(
    pattern: Pattern, box: np.ndarray, frame: Frame, transform: np.ndarray, outline: np.ndarray
) -> Tiling | None:
    """Return the tiles that cover an outline; None where a tile has no size.

    box: of the shape in user units, [2, 2]. transform: [3, 3], from user units to pixels.
    outline: points in pixels, [M, 2].
    """
    attributes, (low, size) = pattern.attributes, (box[0], box[1] - box[0])
    of_box = attributes.get("patternUnits") != "userSpaceOnUse"
    whole = Frame(1.0, 1.0, frame.em) if of_box else frame
    sides = [length(attributes.get(name, "0"), side, frame.em) or 0.0
             for name, side in (("x", whole.width), ("y", whole.height),
                                ("width", whole.width), ("height", whole.height))]  # fmt: skip
    place, extent = np.array(sides[:2]), np.array(sides[2:])
    if of_box:
        place, extent = low + place * size, extent * size
    own, _ = matrix_of(attributes.get("patternTransform", ""))
    if "transform-origin" in pattern.declared:
        whole_box = box if of_box else np.array([[0.0, 0.0], frame[:2]])
        own = about_origin(own, pattern.declared, frame, whole_box)
    matrix = transform @ own
    if not (extent > 0.0).all() or abs(np.linalg.det(matrix[:2, :2])) < 1e-12:
        return None
    inside = transformed(outline, np.linalg.inv(matrix))
    with np.errstate(all="ignore"):
        low_tile, high_tile = ((edge - place) / extent
                               for edge in (inside.min(axis=0), inside.max(axis=0)))  # fmt: skip
        # A shape that ends where a tile does shows nothing of the next one.
        first = np.floor(low_tile + _ROUNDING)
        last = np.maximum(np.ceil(high_tile - _ROUNDING) - 1.0, first)
        is_small = np.prod(last - first + 1.0) <= MOST_TILED  # False for what is not finite
    if not is_small:
        return None
    along = (np.arange(a, b + 1) for a, b in zip(first, last))
    numbers = np.stack(np.meshgrid(*along), axis=-1)
    content, inner = _content(attributes, place, extent, size, frame)
    corners = place + extent * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    steps = (matrix[:2, :2] * extent).T
    return Tiling(matrix @ content, inner, transformed(corners, matrix), steps,
                  numbers.reshape(-1, 2))  # fmt: skip


def _content(
    attributes: dict[str, str],
    place: np.ndarray,
    extent: np.ndarray,
    size: np.ndarray,
    frame: Frame,
) -> tuple[np.ndarray, Frame]:
    """Return the map [3, 3] from the units of a tile's shapes to the pattern's, and the viewport.

    The tile's corner is the origin of its shapes, as in browsers.
    """
    moved = np.identity(3)
    moved[:2, 2] = place
    box = view_box(attributes.get("viewBox"))
    if box is not None:
        alignment = attributes.get("preserveAspectRatio", "")
        matrix, inner, _ = fitted(box, alignment, float(extent[0]), float(extent[1]))
        return moved @ matrix, inner._replace(em=frame.em)
    if attributes.get("patternContentUnits") == "objectBoundingBox":
        return moved @ np.diag([*size, 1.0]), Frame(1.0, 1.0, frame.em)
    return moved, frame


def tiled(shapes: Sequence[Shape], tiles: Tiling) -> list[Shape]:
    """Return the shapes of the first tile in all tiles."""
    return [_moved(shape, number @ tiles.steps) for number in tiles.numbers for shape in shapes]


def _moved(shape: Shape, step: np.ndarray) -> Shape:
    ramp, stroke = shape.ramp, shape.stroke
    if ramp is not None:
        ramp = replace(ramp, start=ramp.start + step, end=ramp.end + step)
    if stroke is not None:
        stroke = replace(stroke, points=(stroke.points + step).astype(np.float32))
    return replace(shape, subpaths=[points + step for points in shape.subpaths], ramp=ramp,
                   stroke=stroke, exact=False, stack=0)  # fmt: skip
