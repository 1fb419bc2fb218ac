# SPDX-License-Identifier: GPL-3.0-or-later
"""Places of markers on a line: its vertices, and the directions there (SVG 2, chapter 11.6)."""

from __future__ import annotations

import cmath
import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .lengths import Frame, length
from .paths import Chain
from .viewports import fitted, view_box

MARKED = ("path", "line", "polyline", "polygon")
MOST_MARKERS = 5000  # vertices of one element


class Place(NamedTuple):
    """A vertex. property: which of the three markers stands there. angle: radians."""

    property: str
    at: complex
    angle: float


def places(chains: list[Chain]) -> list[Place]:
    """Return all vertices of a line in order, with the directions in which markers turn."""
    found = [
        Place("marker_mid", complex(at), angle)
        for chain in chains
        for at, angle in zip(chain.points[::3], _angles(chain))
    ]
    if not found:
        return []
    last = found[-1]._replace(property="marker_end")
    return [found[0]._replace(property="marker_start"), *found[1:-1], last]


def _angles(chain: Chain) -> list[float]:
    """Return the mean of the directions before and after each anchor."""
    steps = [_directions(chain.points[3 * k : 3 * k + 4]) for k in range(len(chain.points) // 3)]
    incoming = [step[1] for step in steps]
    outgoing = [step[0] for step in steps]
    ends = (incoming[-1], outgoing[0]) if chain.closed else (None, None)
    pairs = list(zip([ends[0], *incoming], [*outgoing, ends[1]]))
    return [_mean(before, after) for before, after in pairs]


def _directions(cubic: np.ndarray) -> tuple[complex | None, complex | None]:
    """Return unit tangents at both ends; None for a cubic without a length."""
    ahead = [cubic[k] - cubic[0] for k in (1, 2, 3)]
    behind = [cubic[3] - cubic[k] for k in (2, 1, 0)]
    return _first(ahead), _first(behind)


def _first(steps: list[complex]) -> complex | None:
    return next((complex(step / abs(step)) for step in steps if abs(step) > 1e-9), None)


def _mean(before: complex | None, after: complex | None) -> float:
    """Return the angle of the line that halves the turn between two directions."""
    if before is None or after is None:
        known = before if after is None else after
        return 0.0 if known is None else cmath.phase(known)
    return cmath.phase(before) + cmath.phase(after / before) / 2.0


def marker_matrix(
    marker: Mapping[str, str], place: Place, stroke_width: float, frame: Frame
) -> tuple[np.ndarray, np.ndarray, Frame, tuple[float, float]] | None:
    """Return how a marker is placed; None where it has no size.

    The matrices [3, 3] from the marker's viewport to the user space of the line, and from the
    marker's own units to its viewport; the viewport in those units, and its width and height.
    """
    em = frame.em
    sizes = [length(marker.get(f"marker{side}", "3"), getattr(frame, side.lower()), em)
             for side in ("Width", "Height")]  # fmt: skip
    width, height = (size or 0.0 for size in sizes)
    if not (width > 0.0 and height > 0.0):
        return None
    matrix, inner, _ = fitted(
        view_box(marker.get("viewBox")), marker.get("preserveAspectRatio", ""), width, height
    )
    reference = np.array([_reference(marker, "refX", inner.width, em),
                          _reference(marker, "refY", inner.height, em), 1.0])  # fmt: skip
    scale = 1.0 if marker.get("markerUnits") == "userSpaceOnUse" else stroke_width
    placed = _turned(place.at, _angle(marker.get("orient", "0"), place), scale)
    placed[:2, 2] -= placed[:2, :2] @ (matrix @ reference)[:2]
    return placed, matrix, inner._replace(em=em), (width, height)


def _reference(marker: Mapping[str, str], name: str, whole: float, em: float) -> float:
    """Return a coordinate of the point of a marker that lies on the vertex."""
    text = marker.get(name, "0").strip()
    share = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}.get(text)
    return share * whole if share is not None else length(text, whole, em) or 0.0


def _angle(orient: str, place: Place) -> float:
    """Return how far a marker is turned at a place, radians."""
    orient = orient.strip()
    if orient == "auto":
        return place.angle
    if orient == "auto-start-reverse":
        return place.angle + (math.pi if place.property == "marker_start" else 0.0)
    for unit, factor in (("grad", math.pi / 200), ("rad", 1.0), ("turn", 2 * math.pi), ("deg", 0)):
        if orient.endswith(unit):
            number = length(orient.removesuffix(unit), 1.0)
            return (number or 0.0) * (factor or math.pi / 180)
    return math.radians(length(orient, 1.0) or 0.0)


def _turned(at: complex, angle: float, scale: float) -> np.ndarray:
    """Return scaling, rotation and translation as one matrix [3, 3]."""
    c, s = scale * math.cos(angle), scale * math.sin(angle)
    return np.array([[c, -s, at.real], [s, c, at.imag], [0.0, 0.0, 1.0]])
