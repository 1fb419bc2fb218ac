# SPDX-License-Identifier: GPL-3.0-or-later
"""The ramp of a path as named values, which an object keeps as custom properties and a material
as the inputs of a node.

Colors are linear, as all of Blender's are, and its swatches show them. Points are in the
object's own coordinates, so that a ramp goes along wherever its object goes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix

from ...core.drawing import Path, Ramp, RampKind
from .splines import PictureSpace, fill_of, linear_color

KIND = "Ramp"
START, END = "Ramp Start", "Ramp End"
START_COLOR, END_COLOR = "Ramp Start Color", "Ramp End Color"

_CODES: dict[RampKind, int] = {"linear": 1, "radial": 2}

DESCRIPTIONS = {
    KIND: "How the color goes: 0 not at all, 1 along a line, 2 from a center outwards",
    START: "Where the start color is, in the object's coordinates; a center for 2",
    END: "Where the end color is reached, in the object's coordinates",
    START_COLOR: "The color at the start",
    END_COLOR: "The color at the end, and beyond",
}

_COLOR = {"subtype": "COLOR", "min": 0.0, "max": 1.0, "soft_min": 0.0, "soft_max": 1.0}
_LIMITS: dict[str, dict[str, Any]] = {
    KIND: {"min": 0, "max": 2},
    START: {"subtype": "XYZ"},
    END: {"subtype": "XYZ"},
    START_COLOR: _COLOR,
    END_COLOR: _COLOR,
}

# What an object or a material has for a name; None where there is nothing.
Values = Callable[[str], Any]


def ramp_values(path: Path, ramp: Ramp, space: PictureSpace) -> dict[str, Any]:
    """The values of a path's ramp."""
    start, end = space.points(np.stack([ramp.start, ramp.end])).tolist()
    return {
        KIND: _CODES[ramp.kind],
        START: start,
        END: end,
        START_COLOR: linear_color(path.fill)[:3],
        END_COLOR: linear_color(np.append(ramp.color, 1.0))[:3],
    }


def filled(values: Values, color: Sequence[float], to_pixels: Matrix) -> dict[str, Any]:
    """The fill and the ramp of a `Path` that has these values; flat where they make no sense.

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
    """One color for all of a path, where its ramp can't be shown: float32 [4].

    It is the mean over the ellipse in the path's box.
    """
    if path.ramp is None or not path.nodes:
        return path.fill
    anchors = np.concatenate([points[::3] for points in path.subpaths])
    low, high = anchors.min(axis=0), anchors.max(axis=0)
    share = _shares(path.ramp, (low + high + _DISC * (high - low)) / 2.0).mean()
    return np.append(path.fill[:3] + share * (path.ramp.color - path.fill[:3]), path.fill[3])


def _disc() -> np.ndarray:
    """Points spread evenly over the disc of radius 1: [52, 2]."""
    rows = (np.arange(8) - 3.5) / 4.0
    grid = np.stack(np.meshgrid(rows, rows), axis=2).reshape(-1, 2)
    return grid[np.hypot(*grid.T) <= 1.0]


_DISC = _disc()


def _shares(ramp: Ramp, points: np.ndarray) -> np.ndarray:
    """How far the ramp has come at each of those points [N, 2]: [N], in [0, 1]."""
    axis, way = ramp.end - ramp.start, points - ramp.start
    square = float(axis @ axis)
    if not square:
        return np.ones(len(points))
    along = way @ axis / square if ramp.kind == "linear" else np.hypot(*way.T) / np.sqrt(square)
    return along.clip(0.0, 1.0)


def set_properties(item: bpy.types.Object, values: dict[str, Any]) -> None:
    """Make those values custom properties of an object; without any it loses them."""
    for name, description in DESCRIPTIONS.items():
        if name not in values:
            item.pop(name, None)
            continue
        new = name not in item
        item[name] = values[name]  # quicker than to look whether it has changed
        if new:
            item.id_properties_ui(name).update(description=description, **_LIMITS[name])


def _numbers(value: Any) -> Any:
    """A vector or color, the first three numbers of it: float64 [3]. None for anything else."""
    try:
        numbers = np.array(value, np.float64).ravel()[:3]
    except (TypeError, ValueError):
        return None
    return numbers if len(numbers) == 3 and np.isfinite(numbers).all() else None
