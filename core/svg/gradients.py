# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradients of SVG, read as ramps.

A ramp has two colors, one opacity, and a straight axis or a circle. What has more is
approximated, and what is lost is noted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np

from ..drawing import Ramp, RampKind
from .bands import Gradient
from .colors import on_8_bits
from .document import Document
from .layers import area_factor, stretch
from .lengths import Frame, fraction, length
from .properties import reference
from .transforms import about_origin, matrix_of
from .work import STOP, Work

_COMMON = frozenset(("gradientUnits", "gradientTransform", "spreadMethod"))
_KINDS: dict[str, RampKind] = {"linearGradient": "linear", "radialGradient": "radial"}

# How many gradients may inherit, each from the next, and how many colors one may have.
MOST_LINKS, _MOST_STOPS = 16, 1000

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
    gradient: Gradient

    def matrix(self, box: np.ndarray, transform: np.ndarray) -> np.ndarray:
        """Return the map [3, 3] of the ramp for a shape with this box [2, 2] and transform."""
        if not self.of_box:
            return transform @ self.transform
        (left, top), (right, bottom) = box
        unit = np.array([[right - left, 0, left], [0, bottom - top, top], [0, 0, 1]])
        return transform @ unit @ self.transform


class RampDefinitions:
    """All gradients of a document; each is read when a shape asks for it."""

    def __init__(self, document: Document, work: Work) -> None:
        """Read nothing yet."""
        self._document = document
        self._work = work
        self._read: dict[tuple[str, Frame], RampDefinition | None] = {}

    def find(self, fill: str, frame: Frame) -> RampDefinition | None:
        """Return the gradient that a fill refers to; None for any other.

        frame: what per cents and relative lengths refer to.
        """
        found = reference(fill)
        element = self._document.elements.get(found[0]) if found else None
        if found is None or element is None or element.tag not in _KINDS:
            return None
        if (found[0], frame) not in self._read:
            self._read[found[0], frame] = self._definition(element, frame)
        return self._read[found[0], frame]

    def _definition(self, element: Element, frame: Frame) -> RampDefinition | None:
        """Return the gradient, with what it inherits; None where it has no colors."""
        chain = list(self._chain(element))
        kind = _KINDS[element.tag]
        owner = next((link for link in chain if link.find("stop") is not None), None)
        if owner is None:
            return None
        attributes: dict[str, str] = {}
        for link in reversed(chain):  # those of the other kind have another geometry
            attributes |= {name: value for name, value in link.attrib.items()
                           if link.tag == element.tag or name in _COMMON}  # fmt: skip
        of_box = attributes.get("gradientUnits") != "userSpaceOnUse"
        whole = Frame(1.0, 1.0, frame.em) if of_box else frame
        axis = (_linear_axis if kind == "linear" else _radial_axis)(attributes, whole)
        offsets, colors = self._stops(owner)
        is_flat = len(offsets) == 1
        if np.array_equal(axis[0], axis[1]):  # the last color is all there is to see
            offsets, colors = np.array([0.0, 1.0]), colors[[0, -1]]
            colors[0, 3] = colors[1, 3]
        gradient = _gradient(kind, attributes, axis, whole, offsets, colors)
        axis, offsets = _trimmed(kind, axis, offsets)
        start, end, opacity = _two_colors(offsets, colors)
        matrix = self._transform(element, attributes, whole)
        return RampDefinition(
            np.append(start, opacity),
            None if is_flat else Ramp(kind, axis[0], axis[1], on_8_bits(end)),
            of_box,
            matrix,
            tuple(_left_out(kind, attributes, whole)),
            tuple(_simplified(offsets, colors, start, end)),
            gradient,
        )

    def _transform(
        self, element: Element, attributes: Mapping[str, str], whole: Frame
    ) -> np.ndarray:
        """Return the matrix [3, 3] of a gradient; one without an inverse counts as unreadable."""
        matrix, is_readable = matrix_of(attributes.get("gradientTransform", ""))
        if abs(area_factor(matrix)) < 1e-300:
            matrix, is_readable = np.identity(3), False
        if not is_readable:
            self._document.notes.unreadable["gradientTransform"] += 1
        box = np.array([[0.0, 0.0], whole[:2]])
        return about_origin(matrix, self._document.cascade.declared(element), whole, box)

    def _chain(self, element: Element) -> Iterator[Element]:
        """Yield the gradient, the one it refers to, and so on; never in a circle."""
        seen: list[Element] = []
        following: Element | None = element
        while following is not None and following not in seen and len(seen) < MOST_LINKS:
            if following.tag in _KINDS:
                seen.append(following)
                yield following
            following = self._document.referred(following)

    def _stops(self, element: Element) -> tuple[np.ndarray, np.ndarray]:
        """Return offsets [K], rising, and RGBA [K, 4] of a gradient's own stops."""
        stops = element.findall("stop")
        if len(stops) > _MOST_STOPS:
            self._document.notes.simplified[f"gradient of more than {_MOST_STOPS} colors"] += 1
            stops = stops[:_MOST_STOPS]
        self._work.spend(STOP * len(stops))
        offsets = np.array([fraction(stop.get("offset")) or 0.0 for stop in stops])
        inherited = self._document.cascade.declared(element)
        colors = [self._color(stop, inherited) for stop in stops]
        return np.maximum.accumulate(offsets), np.array(colors)

    def _color(self, stop: Element, inherited: Mapping[str, str]) -> tuple[float, ...]:
        """Return RGBA in [0, 1] of a stop. inherited: what is declared for its gradient."""
        style = self._document.style_of(stop)
        _, values = style.inside(self._document.cascade.declared(stop))
        both = [inherited.get(name) if values.get(name) == "inherit" else values.get(name)
                for name in ("stop-color", "stop-opacity")]  # fmt: skip
        color = style.resolved_color(both[0] or "#000") or (0.0, 0.0, 0.0, 1.0)
        opacity = fraction(both[1])
        return (*color[:3], color[3] * (1.0 if opacity is None else opacity))


def _linear_axis(attributes: Mapping[str, str], whole: Frame) -> np.ndarray:
    """Return start and end, [2, 2]."""
    return np.array(
        [
            [_at(attributes, "x1", "0%", whole.width, whole), _at(attributes, "y1", "0%",
                                                                  whole.height, whole)],
            [_at(attributes, "x2", "100%", whole.width, whole), _at(attributes, "y2", "0%",
                                                                    whole.height, whole)],
        ]
    )  # fmt: skip


def _radial_axis(attributes: Mapping[str, str], whole: Frame) -> np.ndarray:
    """Return the center, and the point of the circle to its right: [2, 2]."""
    x = _at(attributes, "cx", "50%", whole.width, whole)
    y = _at(attributes, "cy", "50%", whole.height, whole)
    radius = _at(attributes, "r", "50%", whole.diagonal, whole)
    return np.array([[x, y], [x + max(radius, 0.0), y]])


def _at(attributes: Mapping[str, str], name: str, default: str, size: float, whole: Frame) -> float:
    """Return a coordinate; an invalid one is the default."""
    value = length(attributes.get(name), size, whole.em)
    return value if value is not None else length(default, size) or 0.0


def _gradient(
    kind: RampKind,
    attributes: Mapping[str, str],
    axis: np.ndarray,
    whole: Frame,
    offsets: np.ndarray,
    colors: np.ndarray,
) -> Gradient:
    """Return all that the file says of a gradient."""
    focus, inner = axis[0], 0.0
    if kind == "radial":
        moved = {f"c{x}": attributes[f"f{x}"] for x in "xy" if f"f{x}" in attributes}
        focus = _radial_axis({**attributes, **moved}, whole)[0]
        inner = max(_at(attributes, "fr", "0", whole.diagonal, whole), 0.0)
        away, radius = focus - axis[0], float(axis[1, 0] - axis[0, 0])
        if np.hypot(*away) > 0.99 * radius:  # a focus outside is brought back, as browsers do
            focus = axis[0] + away * (0.99 * radius / max(float(np.hypot(*away)), 1e-300))
    spread = attributes.get("spreadMethod", "pad")
    return Gradient(kind, axis, focus, inner, offsets, colors, spread)


def _trimmed(
    kind: RampKind, axis: np.ndarray, offsets: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the part of the axis [2, 2] between the first and the last stop, and offsets along it.

    Nothing changes before and after. The center of a circle can't move.
    """
    first, last = offsets[0] if kind == "linear" else 0.0, offsets[-1]
    if last <= first:
        return axis, offsets
    ends = np.array([first, last])[:, None]
    return (1.0 - ends) * axis[0] + ends * axis[1], (offsets - first) / (last - first)


def _two_colors(offsets: np.ndarray, colors: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Fit the colors at both ends to RGBA [K, 4] at offsets [K], and the opacity.

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


def _left_out(kind: RampKind, attributes: dict[str, str], whole: Frame) -> Iterator[str]:
    if attributes.get("spreadMethod", "pad") != "pad":
        yield "repetition of a gradient"
    if kind == "radial":
        focus = {f"c{x}": attributes[f"f{x}"] for x in "xy" if f"f{x}" in attributes}
        moved = attributes | focus
        away = not np.array_equal(_radial_axis(moved, whole)[0], _radial_axis(attributes, whole)[0])
        if away or _at(attributes, "fr", "0", whole.diagonal, whole) > 0.0:
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
    """Tell whether a circle stays one under a map [3, 3]."""
    return stretch(matrix) <= _NEARLY_ROUND
