# SPDX-License-Identifier: GPL-3.0-or-later
"""Changed, new and removed shapes of a drawing whose other objects stay untouched."""

from __future__ import annotations

from collections.abc import Sequence

import bpy

from ...core.drawing import Drawing, Path
from ...core.errors import OutputError
from ...core.worker.refine_job import Refined
from .collection import add_layer, layers_of, placement_of, style_of
from .curve_objects import SeparateCurves
from .depth_order import STACKING_STEP, stacking_depths
from .form import remove_path_objects
from .group_layers import parts_of
from .root import matrix_below_root

_CURVES = SeparateCurves()


def show_refined(
    collection: bpy.types.Collection,
    before: Drawing,
    objects: Sequence[bpy.types.Object | None],
    refined: Refined,
) -> None:
    """Make the curves of a drawing those of a touch-up.

    objects: that of each path of `before`; None for one that is gone. Unchanged objects are not
    touched; changed ones keep name, depth and place in the Outliner; new ones lie on top. Raises
    OutputError where an object that should change is gone.
    """
    pairs = list(zip(refined.origins, refined.changed, refined.drawing.paths, strict=True))
    changed = [(objects[i], before.paths[i], path) for i, new, path in pairs if i >= 0 and new]
    if any(obj is None for obj, _, _ in changed):
        raise OutputError("Shapes of the drawing have been removed meanwhile.", "Start again.")
    style = style_of(collection, refined.drawing.paths)
    top = max(
        (matrix_below_root(obj, collection).translation.z for obj in objects if obj), default=0.0
    )
    _CURVES.replace(
        [(obj, matrix_below_root(obj, collection), old, new) for obj, old, new in changed if obj],
        style,
    )
    kept = set(refined.origins)
    remove_path_objects([obj for i, obj in enumerate(objects) if obj and i not in kept])
    _add(collection, [path for origin, _, path in pairs if origin < 0], top)


def _add(collection: bpy.types.Collection, paths: list[Path], top: float) -> None:
    """Add curves for paths, in painting order, above a depth, in collections of their groups."""
    if not paths:
        return
    size = placement_of(collection).size
    depths = top + size * (STACKING_STEP + stacking_depths(paths))
    layer = layers_of(collection).get("detail") or add_layer(collection, "Detail", "detail")
    parts = parts_of(_CURVES, layer, list(zip(depths.tolist(), paths, strict=True)))
    _CURVES.add([part for part in parts if part[1]], style_of(collection, paths))
