# SPDX-License-Identifier: GPL-3.0-or-later
"""The palette of a drawing: its flat colors, and the shapes that have them.

Curves have the colors of their materials, strokes of Grease Pencil their own (`pencil_palette`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import bpy
import numpy as np

from .form import REGION
from .grease_pencil_ramps import shows_gradient
from .materials import color_of, set_color, shows_ramp
from .pencil_palette import forget_swatches, pencil_swatches, recolor_strokes
from .root import SOURCE
from .splines import fill_of, linear_color

_STEPS = 255.0  # colors that agree in each step of sRGB count as one
_ROUNDS = 12  # of k-means


def shapes_of(collection: bpy.types.Collection) -> list[bpy.types.Object]:
    """Return all objects of a drawing that show shapes."""
    return [obj for obj in collection.all_objects if REGION in obj]


def palette_of(collection: bpy.types.Collection) -> list[list[bpy.types.Material]]:
    """Return the drawing's flat materials by color, the most used color first."""
    groups: dict[tuple[int, ...], list[bpy.types.Material]] = {}
    for material in _flat_materials([collection]):
        groups.setdefault(color_key(color_of(material)), []).append(material)
    return sorted(groups.values(), key=lambda group: -_uses(group))


def gradients_of(collection: bpy.types.Collection) -> list[bpy.types.Material]:
    """Return the materials of a Grease Pencil drawing that show gradients, in their order."""
    shown = (each for obj in shapes_of(collection) for each in obj.data.materials)
    return [each for each in dict.fromkeys(shown) if shows_gradient(each)]


def color_key(color: Sequence[float]) -> tuple[int, ...]:
    """Return the steps of a linear color in sRGB, by which colors are compared."""
    return tuple(round(float(channel) * _STEPS) for channel in fill_of((*color[:3], 1.0))[:3])


def shapes_of_color(
    collection: bpy.types.Collection, material: bpy.types.Material
) -> list[bpy.types.Object]:
    """Return the objects of a drawing that show the flat color of a material."""
    key = color_key(color_of(material))
    same = {each for each in _flat_materials([collection]) if color_key(color_of(each)) == key} | {
        material
    }
    return [obj for obj in shapes_of(collection) if same & set(obj.data.materials)]


def recolor(material: bpy.types.Material, rgb: Sequence[float]) -> None:
    """Change a flat color in all drawings that use this material; opacities stay."""
    key = color_key(color_of(material))
    drawings = [
        each
        for each in bpy.data.collections
        if SOURCE in each and material in set(_flat_materials([each]))
    ]
    for each in {material, *_flat_materials(drawings)}:
        color = color_of(each)
        if color_key(color) == key:
            set_color(each, (*rgb[:3], color[3]))


def merge_colors(collection: bpy.types.Collection, count: int) -> int:
    """Reduce the flat colors of a drawing to at most `count`; returns how many there are."""
    groups = palette_of(collection)
    strokes = pencil_swatches(collection)
    if not groups and not strokes:
        return 0
    flat = [(color_of(group[0]), _uses(group)) for group in groups] + strokes
    colors = np.array([fill_of((*color[:3], 1.0))[:3] for color, _ in flat], np.float64)
    weights = np.array([uses for _, uses in flat], np.float64)
    nearest, centers = _k_means(colors, weights, count)
    for i, number in enumerate(nearest):
        if (nearest == number).sum() > 1:
            linear = linear_color(np.append(centers[number], 1.0))[:3]
            if i < len(groups):
                for each in groups[i]:
                    set_color(each, (*linear, color_of(each)[3]))
            else:
                recolor_strokes(collection, i - len(groups), linear)
    forget_swatches(collection)
    return len(set(nearest.tolist()))


def _uses(group: list[bpy.types.Material]) -> int:
    return sum(each.users for each in group)


def _k_means(colors: np.ndarray, weights: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Cluster colors [N, 3] with weights [N]: labels [N] and centers [K, 3].

    Starts from the most used color and those farthest from all before.
    """
    chosen = [int(weights.argmax())]
    distances = ((colors - colors[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < min(count, len(colors)) and distances.max() > 0.0:
        chosen.append(int(distances.argmax()))
        distances = np.minimum(distances, ((colors - colors[chosen[-1]]) ** 2).sum(axis=1))
    centers = colors[chosen].copy()
    for _ in range(_ROUNDS):
        nearest = ((colors[:, None] - centers[None]) ** 2).sum(axis=2).argmin(axis=1)
        for number in range(len(centers)):
            own = nearest == number
            if own.any():
                centers[number] = np.average(colors[own], axis=0, weights=weights[own])
    return nearest, centers


def _flat_materials(drawings: Sequence[bpy.types.Collection]) -> Iterator[bpy.types.Material]:
    """Yield each material of the drawings' shapes that shows a flat color."""
    seen = set()
    for drawing in drawings:
        for obj in shapes_of(drawing):
            for material in obj.data.materials if obj.type == "CURVE" else ():
                if material is not None and REGION in material and material not in seen:
                    seen.add(material)
                    if not shows_ramp(material):
                        yield material
