# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of Grease Pencil strokes to strokes in the pixels of an image.

    points -> layer -> canvas object -> world -> reference (an image empty) -> pixels

All transforms and parents apply. Points off the image's plane are projected onto it at a right
angle, independent of the view in which they were drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np

from ...core.saliency.strokes import Stroke
from ..objects.reference import image_extent

# Blender's defaults for missing attributes.
_DEFAULT_RADIUS = np.float32(0.01)
_DEFAULT_OPACITY = np.float32(1.0)


def strokes_of(
    canvas: bpy.types.Object, reference: bpy.types.Object, frame: int, width: int, height: int
) -> list[Stroke]:
    """Return all visible strokes of a Grease Pencil object, in pixels of a map [height, width].

    reference: the image empty; the map covers its image. frame: the scene's frame.
    Hidden layers, groups and materials are skipped. The objects' matrices must be up to
    date. A radius is scaled by the mean of both directions on the image. Curved strokes are
    straight between their points.
    """
    to_pixels = _pixels_from_reference(reference, width, height)
    to_pixels = to_pixels @ _inverse(np.array(reference.matrix_world))
    materials = [slot.material for slot in canvas.material_slots]
    strokes: list[Stroke] = []
    for layer in _visible_layers(canvas.data):
        shown = layer.get_frame_at(frame)
        if shown is not None:
            matrix = to_pixels @ _layer_to_world(canvas, layer)
            strokes += _drawn(shown.drawing, layer, materials, matrix[:2])
    return strokes


def _drawn(
    drawing: Any, layer: Any, materials: list[Any], to_pixels: np.ndarray
) -> Iterator[Stroke]:
    """Yield the visible strokes of one drawing; to_pixels: [2, 4]."""
    point_count, stroke_count = map(drawing.attributes.domain_size, ("POINT", "CURVE"))
    if point_count == 0:
        return
    positions = _values(drawing.attributes["position"].data, "vector", np.float32).reshape(-1, 3)
    points = positions @ to_pixels[:, :3].T + to_pixels[:, 3]  # [N, 2]
    radii = _attribute(drawing, "radius", point_count, _DEFAULT_RADIUS) + layer.radius_offset
    radii = radii.clip(0.0) * _mean_scale(to_pixels)
    opacities = _attribute(drawing, "opacity", point_count, _DEFAULT_OPACITY) * layer.opacity
    closed = _attribute(drawing, "cyclic", stroke_count, np.bool_(False))
    lines, fills = _looks(drawing, materials, stroke_count)
    fillings = _attribute(drawing, "fill_opacity", stroke_count, _DEFAULT_OPACITY) * layer.opacity
    fillings = fillings.clip(0.0, 1.0) * fills
    offsets = _values(drawing.curve_offsets, "value", np.int32)
    for stroke in np.flatnonzero(lines | fills):
        its = slice(offsets[stroke], offsets[stroke + 1])
        yield Stroke(
            points[its],
            radii[its] * lines[stroke],
            opacities[its],
            bool(closed[stroke]),
            float(fillings[stroke]),
        )


def _looks(drawing: Any, materials: list[Any], count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return for each stroke whether its line and its fill are visible: bool [count] each.

    Up to Blender 5.0 its material determines this, later the stroke itself.
    """
    styles = [material.grease_pencil if material else None for material in materials]
    styles.append(None)  # of strokes without material
    slots = _attribute(drawing, "material_index", count, np.int32(0))
    slots = np.where((slots >= 0) & (slots < len(materials)), slots, len(materials))
    if hasattr(drawing.strokes[0], "fill_id"):
        lines = ~_attribute(drawing, "hide_stroke", count, np.bool_(False))
        fills = _attribute(drawing, "fill_id", count, np.int32(0)) != 0
    else:
        lines = np.array([style is None or style.show_stroke for style in styles])[slots]
        fills = np.array([style is not None and style.show_fill for style in styles])[slots]
    seen = np.array([style is None or not style.hide for style in styles])[slots]
    return lines & seen, fills & seen


def _visible_layers(data: Any) -> Iterator[Any]:
    """Yield the layers that are not hidden, nor in a hidden group."""
    for layer in data.layers:
        node = layer
        while node is not None and not node.hide:
            node = node.parent_group
        if node is None:
            yield layer


def _layer_to_world(canvas: bpy.types.Object, layer: Any) -> np.ndarray:
    """Return the matrix [4, 4] of a layer, which may have a parent object of its own."""
    local = np.array(layer.matrix_local)
    if layer.parent is None:
        return np.array(canvas.matrix_world) @ local
    return np.array(layer.parent.matrix_world) @ np.array(layer.matrix_parent_inverse) @ local


def _pixels_from_reference(reference: bpy.types.Object, width: int, height: int) -> np.ndarray:
    """Return the matrix [4, 4] from the empty's own space to pixels; row 0 is on top."""
    left, bottom = reference.empty_image_offset  # of the lower left corner, in image sizes
    across, up = image_extent(reference)
    return np.array(
        [
            [width / across, 0.0, 0.0, -left * width],
            [0.0, -height / up, 0.0, (1.0 + bottom) * height],
            [0.0, 0.0, 1.0, 0.0],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


def _inverse(matrix: np.ndarray) -> np.ndarray:
    """Return the inverse of an affine matrix [4, 4]; axes scaled to 0 stay 0."""
    result = np.eye(4)
    result[:3, :3] = np.linalg.pinv(matrix[:3, :3])
    result[:3, 3] = -result[:3, :3] @ matrix[:3, 3]
    return result


def _mean_scale(to_pixels: np.ndarray) -> float:
    """Return the length of a unit in pixels: the root mean square of both directions."""
    return float(np.linalg.norm(to_pixels[:, :3])) / math.sqrt(2.0)


def _attribute(drawing: Any, name: str, count: int, default: np.generic) -> np.ndarray:
    """Return an attribute of all points or curves, [count]; the default if it is absent."""
    attribute = drawing.attributes.get(name)
    if attribute is None or len(attribute.data) != count:
        return np.full(count, default)
    return _values(attribute.data, "value", default.dtype)


def _values(items: Any, field: str, dtype: Any) -> np.ndarray:
    """Return one field of all items, flat."""
    values = np.empty(len(items) * (3 if field == "vector" else 1), dtype)
    items.foreach_get(field, values)
    return values
