# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG's gradients, read as ramps.

A ramp has two colors, one opacity, and a straight axis or a circle. What has more is
brought as near as can be, and what is lost is said.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from ..drawing import Ramp, RampKind
from ..errors import SvgError
from .outlines import bounds, length
from .paint import Declarations, declared, share, stop_color
from .transforms import matrix_of

_KINDS: dict[str, RampKind] = {"linearGradient": "linear", "radialGradient": "radial"}
_REFERENCE = re.compile(r"""url\(\s*(['"]?)#(.*?)\1\s*\)""")
_LINK = "http://www.w3.org/1999/xlink}href"

# How many gradients may inherit, each from the next, and how many colors one may have.
_MOST_LINKS, _MOST_STOPS = 16, 1000

# A color that is farther off than this can be seen to be; a circle by so much an ellipse.
_VISIBLE = 1.0 / 255.0
_NEARLY_ROUND = 1.01


@dataclass(frozen=True)
class RampDefinition:
    """A gradient, but for what depends on the shape that it fills.

    rgba: float64 [4], color at the start and opacity. ramp: in the gradient's own
    coordinates, float64; None where it is of one color. of_box: whether those are shares of
    the shape's box. transform: [3, 3]. left_out, simplified: what a ramp can't hold of it.
    """

    rgba: np.ndarray
    ramp: Ramp | None
    of_box: bool
    transform: np.ndarray
    left_out: tuple[str, ...]
    simplified: tuple[str, ...]

    def matrix(self, subpaths: list[np.ndarray], transform: np.ndarray) -> np.ndarray:
        """The map [3, 3] of the ramp for a shape with these outlines and this transform."""
        if not self.of_box:
            return transform @ self.transform
        (left, top), (right, bottom) = bounds(subpaths)
        box = np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1]])
        return transform @ box @ self.transform


class RampDefinitions:
    """All gradients of a document; each is read when a shape asks for it."""

    def __init__(self, root: Element, rules: Mapping[str, Declarations], canvas: np.ndarray):
        """canvas: [2], width and height that per cents refer to."""
        self._root = root
        self._rules = rules
        self._canvas = canvas
        self._read: dict[str, RampDefinition | None] = {}
        self._stops = functools.cache(self._read_stops)

    def find(self, fill: str) -> RampDefinition | None:
        """The gradient that a fill refers to; None for any other. Raises SvgError."""
        match = _REFERENCE.match(fill)
        if match is None or match[2] not in self._elements:
            return None
        if match[2] not in self._read:
            self._read[match[2]] = self._definition(match[2])
        return self._read[match[2]]

    @functools.cached_property
    def _elements(self) -> dict[str, tuple[Element, str]]:
        """Gradients by id, with the color that is `currentColor` in them."""
        found: dict[str, tuple[Element, str]] = {}

        def look(element: Element, color: str) -> None:
            color = declared(element, self._rules).get("color", color)
            if element.tag in _KINDS and "id" in element.attrib:
                found.setdefault(element.attrib["id"], (element, color))
            for child in element:
                look(child, color)

        look(self._root, "#000")
        return found

    def _definition(self, identifier: str) -> RampDefinition | None:
        """The gradient, with what it inherits; None where it has no colors."""
        chain = list(self._chain(identifier))
        kind = _KINDS[self._elements[identifier][0].tag]
        owner = next((i for i in chain if self._elements[i][0].find("stop") is not None), None)
        if owner is None:
            return None
        attributes: dict[str, str] = {}
        for link in reversed(chain):
            attributes |= self._elements[link][0].attrib
        of_box = attributes.get("gradientUnits") != "userSpaceOnUse"
        whole = np.ones(2) if of_box else self._canvas
        axis = (_linear_axis if kind == "linear" else _radial_axis)(attributes, whole)
        offsets, colors = self._stops(owner)
        is_flat = len(offsets) == 1
        if np.array_equal(axis[0], axis[1]):  # the last color is all there is to see
            offsets, colors = np.array([0.0, 1.0]), colors[[0, -1]]
        axis, offsets = _trimmed(kind, axis, offsets)
        start, end, opacity = _two_colors(offsets, colors)
        return RampDefinition(
            np.append(start, opacity),
            None if is_flat else Ramp(kind, axis[0], axis[1], end),
            of_box,
            matrix_of(attributes.get("gradientTransform")),
            tuple(_left_out(kind, attributes, whole)),
            tuple(_simplified(offsets, colors, start, end)),
        )

    def _chain(self, identifier: str) -> Iterator[str]:
        """The gradient, the one it refers to, and so on; never in a circle."""
        seen: list[str] = []
        while identifier in self._elements and identifier not in seen and len(seen) < _MOST_LINKS:
            seen.append(identifier)
            yield identifier
            element, _ = self._elements[identifier]
            reference = element.get("href", element.get(_LINK, "")).strip()
            identifier = reference[1:] if reference.startswith("#") else ""

    def _read_stops(self, identifier: str) -> tuple[np.ndarray, np.ndarray]:
        """Offsets [K], rising, and RGBA [K, 4] of a gradient's own stops. Raises SvgError."""
        element, current = self._elements[identifier]
        stops = element.findall("stop")
        if len(stops) > _MOST_STOPS:
            raise SvgError(f"A gradient has more than {_MOST_STOPS} colors.", "Simplify it.")
        offsets = np.array([share(stop.get("offset"), 0.0) for stop in stops])
        colors = [stop_color(declared(stop, self._rules), current) for stop in stops]
        return np.maximum.accumulate(offsets), np.array(colors)


def _linear_axis(attributes: Mapping[str, str], whole: np.ndarray) -> np.ndarray:
    """Start and end, [2, 2]. whole: [2], what per cents refer to."""
    width, height = whole
    return np.array(
        [
            [length(attributes.get("x1"), width), length(attributes.get("y1"), height)],
            [length(attributes.get("x2", "100%"), width), length(attributes.get("y2"), height)],
        ]
    )


def _radial_axis(attributes: Mapping[str, str], whole: np.ndarray) -> np.ndarray:
    """Center, and the point of the circle to its right: [2, 2]."""
    diagonal = np.hypot(*whole) / np.sqrt(2.0)
    x, y = (length(attributes.get(name, "50%"), whole[i]) for i, name in enumerate(("cx", "cy")))
    radius = length(attributes.get("r", "50%"), diagonal)
    return np.array([[x, y], [x + max(radius, 0.0), y]])


def _trimmed(
    kind: RampKind, axis: np.ndarray, offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The part of the axis [2, 2] between the first and the last stop, and offsets along it.

    Nothing changes before and after. The center of a circle can't move.
    """
    first, last = offsets[0] if kind == "linear" else 0.0, offsets[-1]
    if last <= first:
        return axis, offsets
    ends = np.array([first, last])[:, None]
    return (1.0 - ends) * axis[0] + ends * axis[1], (offsets - first) / (last - first)


def _two_colors(offsets: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """The colors at both ends that come nearest to RGBA [K, 4] at offsets [K], and the opacity.

    Least squares along [0, 1] of what runs straight from stop to stop; what is more opaque
    counts more. The opacity is the mean.
    """
    places, weights = _quadrature(offsets)
    *rgb, alpha = (np.interp(places, offsets, channel) for channel in colors.T)
    opacity = float(weights @ alpha)
    if len(offsets) == 1 or _is_plain(offsets):
        return colors[0, :3], colors[-1, :3], opacity
    basis = np.stack([1.0 - places, places])  # [2, P]
    weighted = basis * weights * (alpha + 1e-6)
    both = np.linalg.solve(weighted @ basis.T, weighted @ np.stack(rgb, axis=1))
    start, end = both.clip(0.0, 1.0)
    return start, end, opacity


def _is_plain(offsets: np.ndarray) -> bool:
    return len(offsets) == 2 and bool(offsets[0] == 0.0 and offsets[1] == 1.0)


def _quadrature(offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Places [P] in [0, 1] and their weights, exact for cubics between all offsets."""
    borders = np.concatenate([[0.0], offsets, [1.0]])
    middles, halves = (borders[1:] + borders[:-1]) / 2.0, (borders[1:] - borders[:-1]) / 2.0
    spread = 1.0 / np.sqrt(3.0)  # Gauss's two points
    places = np.concatenate([middles - spread * halves, middles + spread * halves])
    return places, np.tile(halves, 2)


def _left_out(kind: RampKind, attributes: dict[str, str], whole: np.ndarray) -> Iterator[str]:
    if attributes.get("spreadMethod", "pad") != "pad":
        yield "repetition of a gradient"
    if kind == "radial":
        focus = {f"c{x}": attributes[f"f{x}"] for x in "xy" if f"f{x}" in attributes}
        moved = attributes | focus
        away = not np.array_equal(_radial_axis(moved, whole)[0], _radial_axis(attributes, whole)[0])
        if away or length(attributes.get("fr"), whole[0]) > 0.0:
            yield "focal point of a gradient"


def _simplified(
    offsets: np.ndarray, colors: np.ndarray, start: np.ndarray, end: np.ndarray
) -> Iterator[str]:
    drawn = start + offsets[:, None] * (end - start)
    if np.abs(drawn - colors[:, :3]).max() > _VISIBLE:
        yield "gradient of uneven colors"
    if np.ptp(colors[:, 3]) > _VISIBLE:
        yield "gradient of changing opacity"


def is_round(matrix: np.ndarray) -> bool:
    """Whether a circle stays one under a map [3, 3]."""
    largest, smallest = np.linalg.svd(matrix[:2, :2], compute_uv=False)
    return bool(largest <= _NEARLY_ROUND * smallest)
