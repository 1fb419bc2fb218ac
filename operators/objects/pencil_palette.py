# SPDX-License-Identifier: GPL-3.0-or-later
"""The flat colors of a Grease Pencil drawing, which its strokes hold.

Fills have a color each, lines one for each point. Swatches are numbered, the most used color
first. While colors are chosen by swatches, each stroke stays with its swatch, also where two
have one color for a moment; once colors change in another way, strokes are sorted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import bpy
import numpy as np

from ...core.srgb import encode
from .form import REGION
from .grease_pencil_lines import lines_of, values_of
from .grease_pencil_ramps import shows_gradient

_FILL, _LINE = "fill_color", "vertex_color"  # attributes of strokes and of points
_STEPS = 255.0  # colors that agree in each step of sRGB count as one
_REMEMBERED = 8  # drawings


class PencilSwatch(NamedTuple):
    """A flat color, linear RGB, and how many strokes have it."""

    color: tuple[float, ...]
    uses: int


class _Sorted(NamedTuple):
    """Colors of strokes [K, 3], the number of each one's swatch [K], and all swatches."""

    colors: np.ndarray
    numbers: np.ndarray
    swatches: list[PencilSwatch]


_sorted: dict[int, _Sorted] = {}  # by the session-wide numbers of collections


class _FlatStrokes:
    """Those strokes of a drawing of Grease Pencil that have a flat color of their own.

    colors: linear RGB [K, 3]; `strokes` are their numbers [K].
    """

    def __init__(self, obj: Any, drawing: Any) -> None:
        self.drawing = drawing
        self._offsets = np.empty(len(drawing.curve_offsets), np.int32)
        drawing.curve_offsets.foreach_get("value", self._offsets)
        count = max(len(self._offsets) - 1, 0)
        self._is_line = lines_of(obj, drawing, count)
        slots = values_of(drawing, "material_index", count, np.int32)
        ramps = [i for i, each in enumerate(obj.data.materials) if shows_gradient(each)]
        fills = self._colors(_FILL, count)
        lines = self._colors(_LINE, int(self._offsets[-1]) if count else 0)[self._offsets[:-1]]
        colors = np.where(self._is_line[:, None], lines, fills)
        # Without opacity, the color is that of the material.
        self.strokes = np.flatnonzero((colors[:, 3] > 0.0) & ~np.isin(slots, ramps))
        self.colors = colors[self.strokes, :3]

    def paint(self, strokes: np.ndarray, rgb: Sequence[float]) -> None:
        """Give strokes, by their numbers, another color."""
        chosen = np.zeros(len(self._is_line), bool)
        chosen[strokes] = True
        points = np.repeat(chosen & self._is_line, np.diff(self._offsets))
        for name, mask in ((_FILL, chosen & ~self._is_line), (_LINE, points)):
            if mask.any():
                colors = self._colors(name, len(mask))
                colors[mask, :3] = rgb
                self.drawing.attributes[name].data.foreach_set("color", colors.ravel())

    def _colors(self, name: str, count: int) -> np.ndarray:
        """Return an attribute: float32 [count, 4], zeros where there is none."""
        colors = np.zeros((count, 4), np.float32)
        if name in self.drawing.attributes:
            flat = colors.ravel()
            self.drawing.attributes[name].data.foreach_get("color", flat)
        return colors


def pencil_swatches(collection: bpy.types.Collection) -> list[PencilSwatch]:
    """Return the flat colors that the drawing's strokes show now, the most used color first."""
    return _sort(collection, _shown(collection)).swatches


def recolor_strokes(collection: bpy.types.Collection, number: int, rgb: Sequence[float]) -> None:
    """Give all strokes of a swatch another color, and those of its color in other frames."""
    parts = _shown(collection)
    known = _sort(collection, parts)
    if number >= len(known.swatches):
        return
    former = _codes(np.array([known.swatches[number].color]))
    for part in _hidden_frames(collection):
        part.paint(part.strokes[_codes(part.colors) == former], rgb)
    for part, numbers in zip(parts, _split(known.numbers, parts), strict=True):
        part.paint(part.strokes[numbers == number], rgb)
    for obj in _objects(collection):
        obj.data.update_tag()
    _remember(collection, _colors(_shown(collection)), known.numbers)


def forget_swatches(collection: bpy.types.Collection) -> None:
    """Have strokes sorted anew, so that those of one color share a swatch."""
    _sorted.pop(collection.session_uid, None)


def select_strokes_of_color(collection: bpy.types.Collection) -> int:
    """Select exactly the shown strokes of the colors that selected ones have; returns how many."""
    parts = _shown(collection)
    known = _sort(collection, parts)
    split = list(_split(known.numbers, parts))
    chosen = {
        number
        for part, numbers in zip(parts, split, strict=True)
        for stroke, number in zip(part.strokes.tolist(), numbers.tolist(), strict=True)
        if part.drawing.strokes[stroke].select
    }
    for part, numbers in zip(parts, split, strict=True):
        same = set(part.strokes[np.isin(numbers, list(chosen))].tolist())
        for number, stroke in enumerate(part.drawing.strokes):
            stroke.select = number in same
    for obj in _objects(collection):
        obj.data.update_tag()
    return int(np.isin(known.numbers, list(chosen)).sum())


def _sort(collection: bpy.types.Collection, parts: list[_FlatStrokes]) -> _Sorted:
    """Return the swatches of strokes; the remembered ones where no color has changed since."""
    colors = _colors(parts)
    known = _sorted.get(collection.session_uid)
    if known is not None and np.array_equal(known.colors, colors):
        return known
    _, first, numbers, uses = np.unique(
        _codes(colors), return_index=True, return_inverse=True, return_counts=True
    )
    order = np.lexsort([first, -uses])
    return _remember(collection, colors, np.argsort(order)[numbers.ravel()])


def _remember(collection: bpy.types.Collection, colors: np.ndarray, numbers: np.ndarray) -> _Sorted:
    """Remember the swatches of strokes, each with the color of its first stroke."""
    _, first, uses = np.unique(numbers, return_index=True, return_counts=True)
    shades = [tuple(color) for color in colors[first].tolist()]
    swatches = [PencilSwatch(*each) for each in zip(shades, uses.tolist(), strict=True)]
    while len(_sorted) >= _REMEMBERED:
        del _sorted[next(iter(_sorted))]
    _sorted[collection.session_uid] = known = _Sorted(colors, numbers, swatches)
    return known


def _objects(collection: bpy.types.Collection) -> list[Any]:
    objects = collection.all_objects
    return [obj for obj in objects if obj.type == "GREASEPENCIL" and REGION in obj]


def _shown(collection: bpy.types.Collection) -> list[_FlatStrokes]:
    """Return the strokes of the current frames of all layers."""
    return [
        _FlatStrokes(obj, frame.drawing)
        for obj in _objects(collection)
        for layer in obj.data.layers
        if (frame := _current_frame(layer)) is not None
    ]


def _hidden_frames(collection: bpy.types.Collection) -> Iterator[_FlatStrokes]:
    """Yield the strokes of all other frames."""
    for obj in _objects(collection):
        for layer in obj.data.layers:
            current = _current_frame(layer)
            for frame in layer.frames:
                if frame != current:
                    yield _FlatStrokes(obj, frame.drawing)


def _current_frame(layer: Any) -> Any:
    return layer.current_frame() or next(iter(layer.frames), None)


def _split(numbers: np.ndarray, parts: list[_FlatStrokes]) -> Iterator[np.ndarray]:
    ends = np.cumsum([len(part.strokes) for part in parts])
    yield from np.split(numbers, ends[:-1]) if parts else ()


def _colors(parts: list[_FlatStrokes]) -> np.ndarray:
    return np.concatenate([np.zeros((0, 3), np.float32), *(part.colors for part in parts)])


def _codes(colors: np.ndarray) -> np.ndarray:
    """Return one integer for each color [K, 3], by which colors are compared."""
    steps = np.rint(encode(np.clip(colors, 0.0, 1.0).astype(np.float64)) * _STEPS).astype(np.int64)
    return (steps[:, 0] << 16) | (steps[:, 1] << 8) | steps[:, 2]
