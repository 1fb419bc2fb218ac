# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradient of a path as named values: an object's custom properties, or a node's inputs.

Colors are linear, as all of Blender's are. Points are in the object's own coordinates, so that
a gradient moves with its object. The core calls a gradient fill a ramp.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Path, Ramp, RampKind
from .splines import PictureSpace, fill_of, linear_color

KIND = "Gradient"
START, END = "Gradient Start", "Gradient End"
HIDDEN_KIND = "semvec_hidden_gradient"  # the kind of a gradient while the fill is flat
START_COLOR, END_COLOR = "Gradient Start Color", "Gradient End Color"

_CODES: dict[RampKind, int] = {"linear": 1, "radial": 2}

DESCRIPTIONS = {
    KIND: "0 for a flat color, 1 for a linear gradient, 2 for a radial one",
    START: "Point of the start color in the object's coordinates; the center of a radial gradient",
    END: "Point at which the end color is reached, in the object's coordinates",
    START_COLOR: "Color at the start",
    END_COLOR: "Color at the end, and beyond",
}

_COLOR = {"subtype": "COLOR", "min": 0.0, "max": 1.0, "soft_min": 0.0, "soft_max": 1.0}
_LIMITS: dict[str, dict[str, Any]] = {
    KIND: {"min": 0, "max": 2},
    START: {"subtype": "XYZ"},
    END: {"subtype": "XYZ"},
    START_COLOR: _COLOR,
    END_COLOR: _COLOR,
}

# Getter for values by name; None where there is no such value.
Values = Callable[[str], Any]


def ramp_values(
    path: Path, ramp: Ramp, space: PictureSpace, origin: Sequence[float] = (0.0, 0.0)
) -> dict[str, Any]:
    """Return the values of a path's ramp, for an object at `origin` below the root."""
    points: np.ndarray = space.points(np.stack([ramp.start, ramp.end])) - np.array(
        [*origin, 0.0], np.float32
    )
    start, end = (point.tolist() for point in points)
    return {
        KIND: _CODES[ramp.kind],
        START: start,
        END: end,
        START_COLOR: linear_color(path.fill)[:3],
        END_COLOR: linear_color(np.append(ramp.color, 1.0))[:3],
    }


def filled(values: Values, color: Sequence[float], to_pixels: Matrix) -> dict[str, Any]:
    """Return the fill and the ramp of a `Path` with these values; flat for invalid ones.

    color: linear RGB of a flat fill, and the opacity of either.
    """
    kinds = [kind for kind, code in _CODES.items() if values(KIND) == code]
    numbers = [_numbers(values(name)) for name in (START, END, START_COLOR, END_COLOR) if kinds]
    if not kinds or any(each is None for each in numbers):
        return {"fill": fill_of(color)}
    start, end, *colors = numbers
    first, last = (fill_of((*rgb.clip(0.0, 1.0), color[3])) for rgb in colors)
    ramp = Ramp(kinds[0], start[:2], end[:2], last[:3]).placed(np.array(to_pixels)[:2, [0, 1, 3]])
    visible = np.isfinite([ramp.start, ramp.end]).all()
    return {"fill": first, "ramp": ramp if visible else None}


def mean_fill(path: Path) -> np.ndarray:
    """Return one color for all of a path, where its ramp can't be shown: float32 [4].

    It is the mean over the ellipse in the path's box.
    """
    if path.ramp is None or not path.nodes:
        return path.fill
    anchors = np.concatenate([points[::3] for points in path.subpaths])
    low, high = anchors.min(axis=0), anchors.max(axis=0)
    share = _shares(path.ramp, (low + high + _DISC * (high - low)) / 2.0).mean()
    return np.append(path.fill[:3] + share * (path.ramp.color - path.fill[:3]), path.fill[3])


def _disc() -> np.ndarray:
    """Return points spread evenly over the disc of radius 1: [52, 2]."""
    rows = (np.arange(8) - 3.5) / 4.0
    grid = np.stack(np.meshgrid(rows, rows), axis=2).reshape(-1, 2)
    return grid[np.hypot(*grid.T) <= 1.0]


_DISC = _disc()


def _shares(ramp: Ramp, points: np.ndarray) -> np.ndarray:
    """Return the position along the ramp of each point [N, 2]: [N], in [0, 1]."""
    axis, way = ramp.end - ramp.start, points - ramp.start
    square = float(axis @ axis)
    if not square:
        return np.ones(len(points))
    along = way @ axis / square if ramp.kind == "linear" else np.hypot(*way.T) / np.sqrt(square)
    return along.clip(0.0, 1.0)


def set_properties(obj: bpy.types.Object, values: dict[str, Any]) -> None:
    """Make those values custom properties of an object; without any it loses them."""
    obj.pop(HIDDEN_KIND, None)
    for name, description in DESCRIPTIONS.items():
        if name not in values:
            obj.pop(name, None)
            continue
        new = name not in obj
        obj[name] = values[name]  # faster than to check for a change
        if new:
            obj.id_properties_ui(name).update(description=description, **_LIMITS[name])


def _numbers(value: Any) -> Any:
    """Return the first three numbers of a vector or color: float64 [3]; None for anything else."""
    try:
        numbers = np.array(value, np.float64).ravel()[:3]
    except (TypeError, ValueError):
        return None
    return numbers if len(numbers) == 3 and np.isfinite(numbers).all() else None
