# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradients of Grease Pencil: a material for each pair of colors, and the place on each stroke.

A stroke has a frame of its own: the origin in its first point, the x axis towards the second, the
y axis by its normal. Three attributes map it to texture coordinates, and the material's transform
follows, which adds 1/2 to both if it does nothing else. A linear gradient goes from the one color
at u = 0 to the other at u = 1, a radial one from the middle (1/2, 1/2) to the circle of radius 1/2
(Blender's `Drawing::texture_matrices` and `gpencil_frag.glsl`).

Blender mixes the two colors in linear light, SVG in sRGB. So that the pictures differ less, the
two places are moved along the axis: a line is fitted to the share of the second color that linear
light needs. The places follow from the colors, so that reading an object takes this back.
"""

from __future__ import annotations

import cmath
import itertools
import math
from typing import Any, NamedTuple

import bpy
import numpy as np

from ...core.drawing import Path
from ...core.grouping.color_names import color_name
from .form import REGION, DrawingStyle
from .gradients import END, END_COLOR, HIDDEN_KIND, KIND, START, START_COLOR, ramp_values
from .splines import fill_of

_TYPES = {1: "LINEAR", 2: "RADIAL"}  # by the kinds of `ramp_values`
_SAMPLES = np.linspace(0.0, 1.0, 33)[:, None]
_DARK = 0.3  # darker colors weigh no more than this one: smallest error over random colors
_EXACT = 1 << 20  # shades, more than a float32 color has at 1
_FARTHEST = 0.3  # of the gradient's length, by which a place is moved


class _Frame(NamedTuple):
    """A stroke's frame in complex numbers: its origin, its x axis, and 1, or -1 if mirrored."""

    origin: complex
    axis: complex
    side: int


class RampMaterials:
    """The materials of an object's gradients, which are added to it.

    Gradients of the same colors and kind share one.
    """

    def __init__(self, data: Any, style: DrawingStyle, shades: int = _EXACT) -> None:
        """Begin with the gradients that the object has already.

        shades: number of those of a channel; colors that are the same in them count as the same.
        """
        self._materials, self._style, self._shades = data.materials, style, shades
        self._slots: dict[Any, int] = {}
        for slot, material in enumerate(self._materials):
            if shows_gradient(material) and REGION in material:
                self._slots.setdefault(self._key(_colors_of(material)), slot)

    def show(self, drawing: Any, paths: list[Path | None]) -> None:
        """Give strokes the gradients of their paths; None for strokes without a fill."""
        frames = _frames(drawing)
        places: list[complex] = []
        matrices: list[complex] = []
        sides: list[int] = []
        for stroke, path, frame in zip(drawing.strokes, paths, frames, strict=True):
            values = self._values(path) if frame else {}
            matrix, place, side = 1.0 + 0.0j, 0.0j, 1
            if values and frame:
                stroke.material_index = self._slot(values)
                matrix, place = _texture_map(values)
                place += matrix * frame.origin
                matrix, side = matrix * frame.axis, frame.side
            matrices.append(matrix)
            places.append(place)
            sides.append(side)
        lengths = 1.0 / np.abs(matrices)
        _set(drawing, "uv_rotation", "FLOAT", np.angle(matrices))
        _set(drawing, "uv_translation", "FLOAT2", np.transpose([np.real(places), np.imag(places)]))
        _set(drawing, "uv_scale", "FLOAT2", np.transpose([lengths, lengths * sides]))

    def _values(self, path: Path | None) -> dict[str, Any]:
        """Return a path's ramp as `ramp_values` does; nothing for one without a length."""
        if path is None or path.ramp is None or not np.any(path.ramp.end - path.ramp.start):
            return {}
        return ramp_values(path, path.ramp, self._style.space)

    def _slot(self, values: dict[str, Any]) -> int:
        key = self._key(values)
        if key not in self._slots:
            self._slots[key] = len(self._materials)
            self._materials.append(_new_material(values))
        return self._slots[key]

    def _key(self, values: dict[str, Any]) -> Any:
        """Return what gradients of one material have in common."""
        colors = [fill_of((*values[name], 1.0))[:3] for name in (START_COLOR, END_COLOR)]
        return (values[KIND], *np.rint(np.concatenate(colors) * self._shades).tolist())


class ShownRamps:
    """The gradients that the strokes of a drawing show, as `ramp_values` returns them."""

    def __init__(self, obj: Any, drawing: Any) -> None:
        self._slots = list(obj.data.materials)
        self._frames = _frames(drawing) if any(map(shows_gradient, self._slots)) else []
        count = len(self._frames)
        self._rotations = _get(drawing, "uv_rotation", count, 1, 0.0)[:, 0]
        self._places = _get(drawing, "uv_translation", count, 2, 0.0)
        self._scales = _get(drawing, "uv_scale", count, 2, 1.0)

    def values(self, number: int, stroke: Any) -> dict[str, Any]:
        """Return the gradient of the stroke with this number; nothing where it has none."""
        slot = stroke.material_index
        material = self._slots[slot] if 0 <= slot < len(self._slots) else None
        frame = self._frames[number] if number < len(self._frames) else None
        if frame is None or not shows_gradient(material):
            return {}
        colors = _colors_of(material)
        kind = colors[KIND]
        ends = self._ends(number, frame, material.grease_pencil, kind)  # type: ignore[union-attr]
        if ends is None:
            return {}
        start, end = _taken_back(*ends, _stretch(colors[START_COLOR], colors[END_COLOR], kind))
        places = {START: (start.real, start.imag, 0.0), END: (end.real, end.imag, 0.0)}
        return colors | places

    def _ends(
        self, number: int, frame: _Frame, style: Any, kind: int
    ) -> tuple[complex, complex] | None:
        """Return the points in the layer at which the two colors are; None where there are none."""
        sine, cosine = math.sin(self._rotations[number]), math.cos(self._rotations[number])
        with np.errstate(divide="ignore"):
            scale = np.nan_to_num(1.0 / self._scales[number], posinf=0.0, neginf=0.0)
        stroke_map = np.array([[cosine, -sine], [sine, cosine]]) * scale
        axis = frame.axis
        to_frame = np.array([[axis.real, axis.imag], [-axis.imag, axis.real]])
        to_frame[1] *= frame.side
        sine, cosine = math.sin(-style.texture_angle), math.cos(style.texture_angle)
        own = np.array([[cosine, -sine], [sine, cosine]]) / np.array(style.texture_scale)[:, None]
        matrix = own @ stroke_map @ to_frame
        offset = own @ (self._places[number] + style.texture_offset)
        if not np.isfinite(matrix).all() or not np.linalg.det(matrix):
            return None
        start = 0.0 if kind == 2 else -0.5
        points = np.linalg.solve(matrix, (np.array([[start, 0.0], [0.5, 0.0]]) - offset).T).T
        first, last = (frame.origin + complex(*point) for point in points)
        return first, last


def shows_gradient(material: Any) -> bool:
    """Return whether a material fills strokes with a gradient."""
    style = material.grease_pencil if material is not None else None
    return style is not None and style.fill_style == "GRADIENT"


def has_gradient(material: Any) -> bool:
    """Return whether a material has a gradient, shown or hidden by `show_gradient`."""
    return shows_gradient(material) or (material is not None and HIDDEN_KIND in material)


def show_gradient(material: Any, show: bool) -> None:
    """Show the gradient of a material, or hide it behind the flat colors of strokes."""
    if show and HIDDEN_KIND in material:
        del material[HIDDEN_KIND]
        material.grease_pencil.fill_style = "GRADIENT"
    elif not show and shows_gradient(material):
        material[HIDDEN_KIND] = 1
        material.grease_pencil.fill_style = "SOLID"


def _colors_of(material: Any) -> dict[str, Any]:
    """Return kind and colors of a material's gradient, named as by `ramp_values`."""
    style = material.grease_pencil
    first, last = tuple(style.fill_color[:3]), tuple(style.mix_color[:3])
    if style.flip:
        first, last = last, first
    return {KIND: 2 if style.gradient_type == "RADIAL" else 1, START_COLOR: first, END_COLOR: last}


def _new_material(values: dict[str, Any]) -> bpy.types.Material:
    colors = [(*values[name], 1.0) for name in (START_COLOR, END_COLOR)]
    first, last = (color_name(fill_of(color)[:3].tolist()) for color in colors)
    material = bpy.data.materials.new(f"{first} to {last}")
    material[REGION] = -1
    bpy.data.materials.create_gpencil_data(material)
    style: Any = material.grease_pencil
    style.fill_style, style.gradient_type = "GRADIENT", _TYPES[values[KIND]]
    style.fill_color, style.mix_color = colors
    style.mix_factor, style.texture_offset = 0.0, (0.0, 0.0)
    if bpy.app.version < (5, 1, 0):
        style.show_stroke, style.show_fill = False, True
    return material


def _texture_map(values: dict[str, Any]) -> tuple[complex, complex]:
    """Return factor and summand, by which points of the layer become texture coordinates."""
    start, end = (complex(*values[name][:2]) for name in (START, END))
    kind = values[KIND]
    first, last = _stretch(values[START_COLOR], values[END_COLOR], kind)
    axis = end - start
    start, axis = start + first * axis, (last - first) * axis
    factor = (0.5 if kind == 2 else 1.0) / axis
    return factor, -start * factor - (0.0 if kind == 2 else 0.5)


def _taken_back(
    start: complex, end: complex, stretch: tuple[float, float]
) -> tuple[complex, complex]:
    """Return the ends that SVG's gradient has where Blender's has these."""
    first, last = stretch
    axis = (end - start) / (last - first)
    start = start - first * axis
    return start, start + axis


def _stretch(first: Any, last: Any, kind: int) -> tuple[float, float]:
    """Return the places along a gradient, from 0 to 1, between which linear light fits it best.

    first, last: linear RGB. A line is fitted to the share that each channel needs, each error
    weighted by the step in sRGB that it makes.
    """
    ends = [fill_of((*color, 1.0))[:3].astype(np.float64) for color in (first, last)]
    changes = np.array(last) - first
    seen = np.abs(ends[1] - ends[0]) > 1.0 / 255.0
    if not seen.any():
        return 0.0, 1.0
    colors = (ends[0] + _SAMPLES * (ends[1] - ends[0]))[:, seen]
    shares = (_to_linear(colors) - np.array(first)[seen]) / changes[seen]
    weights = (changes[seen] / np.maximum(colors, _DARK) ** 1.4) ** 2
    if kind == 2:  # the middle stays
        slope, at_start = (weights * _SAMPLES * shares).sum() / (weights * _SAMPLES**2).sum(), 0.0
    else:
        middle = (weights * _SAMPLES).sum() / weights.sum()
        way = _SAMPLES - middle
        slope = (weights * way * shares).sum() / (weights * way**2).sum()
        at_start = (weights * shares).sum() / weights.sum() - slope * middle
    start = np.clip(-at_start / slope, -_FARTHEST, _FARTHEST)
    end = np.clip((1.0 - at_start) / slope, 1.0 - _FARTHEST, 1.0 + _FARTHEST)
    return float(start), float(end)


def _to_linear(srgb: np.ndarray) -> np.ndarray:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _frames(drawing: Any) -> list[_Frame | None]:
    """Return the frame of each stroke; None where its points lie on a line."""
    positions = np.empty(3 * len(drawing.attributes["position"].data), np.float32)
    drawing.attributes["position"].data.foreach_get("vector", positions)
    points = positions.reshape(-1, 3)[:, :2].astype(np.float64) @ (1.0, 1.0j)
    offsets = np.empty(len(drawing.strokes) + 1, np.int32)
    drawing.curve_offsets.foreach_get("value", offsets)
    return [_frame(points[start:end]) for start, end in itertools.pairwise(offsets)]


def _frame(points: np.ndarray) -> _Frame | None:
    if len(points) <= 2 or points[0] == points[1]:
        return _Frame(0.0j, 1.0 + 0.0j, 1)
    area = float((np.roll(points, 1).conj() * points).imag.sum())
    if not area:
        return None
    axis = cmath.rect(1.0, cmath.phase(points[1] - points[0]))
    return _Frame(complex(points[0]), axis, 1 if area > 0.0 else -1)


def _set(drawing: Any, name: str, kind: str, values: np.ndarray) -> None:
    attribute = drawing.attributes.get(name) or drawing.attributes.new(name, kind, "CURVE")
    numbers = np.ascontiguousarray(values, np.float32).ravel()
    attribute.data.foreach_set("value" if kind == "FLOAT" else "vector", numbers)


def _get(drawing: Any, name: str, count: int, size: int, default: float) -> np.ndarray:
    """Return an attribute of strokes: float64 [count, size]."""
    attribute = drawing.attributes.get(name)
    if attribute is None or len(attribute.data) != count:
        return np.full((count, size), default)
    values = np.empty(count * size, np.float32)
    attribute.data.foreach_get("value" if size == 1 else "vector", values)
    return values.reshape(count, size).astype(np.float64)
