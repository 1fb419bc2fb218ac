# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as *Curves* data, the newer kind of curves that Geometry Nodes work on: an experiment.

One object has a curve for each sub-path, with attributes: the path and its depth, the color (that
of a gradient's mean), the region, and the layer (0 structural, 1 detail). A node group fills them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np

from ...core.drawing import Path
from .curves_data_nodes import COLOR, DEPTH, PATH, fill_tree
from .gradients import mean_fill
from .splines import PictureSpace, linear_color
from .stroke_curves import outlines_of

_MATERIAL = "Semvec Color Attribute"


def has_bezier_curves_data() -> bool:
    """Return whether scripts can make Bézier curves of this kind: from Blender 4.4 on."""
    return "set_types" in bpy.types.Curves.bl_rna.functions


def new_curves_data(
    name: str, paths: Sequence[Path], depths: Sequence[float], space: PictureSpace
) -> bpy.types.Object:
    """Make an object with *Curves* data of these paths and their fill."""
    data: Any = bpy.data.hair_curves.new(name)
    outlines = [(i, points) for i, path in enumerate(paths) for points in outlines_of(path)]
    material = _material()
    if outlines:
        _set_curves(data, [space.points(points) for _, points in outlines])
        owners = np.array([owner for owner, _ in outlines])
        colors = np.array([linear_color(mean_fill(path)) for path in paths], np.float32)
        _set_integers(data, PATH, owners)
        _set_integers(data, "region", np.array([path.region for path in paths])[owners])
        _set_integers(data, "layer", np.array([path.kind == "detail" for path in paths])[owners])
        _set(data, DEPTH, "FLOAT", "CURVE", "value", np.array(depths, np.float32)[owners])
        _set(data, COLOR, "FLOAT_COLOR", "CURVE", "color", colors[owners])
    data.materials.append(material)
    obj = bpy.data.objects.new(name, data)
    modifier: Any = obj.modifiers.new("Fill", "NODES")
    modifier.node_group = fill_tree(material)
    return obj


def _set_curves(data: Any, outlines: list[np.ndarray]) -> None:
    """Add a closed curve for each outline of cubics, [3·S, 3]."""
    data.add_curves([len(points) // 3 for points in outlines])
    data.set_types(type="BEZIER")
    corners = np.concatenate(outlines).reshape(-1, 3, 3)  # [points, anchor and handles, xyz]
    ends = np.cumsum([len(points) // 3 for points in outlines])[:-1]
    left = np.concatenate([np.roll(each, 1, axis=0) for each in np.split(corners[:, 2], ends)])
    data.position_data.foreach_set("vector", np.ascontiguousarray(corners[:, 0]).ravel())
    _set(data, "handle_left", "FLOAT_VECTOR", "POINT", "vector", left)
    _set(data, "handle_right", "FLOAT_VECTOR", "POINT", "vector", corners[:, 1])
    _set(data, "cyclic", "BOOLEAN", "CURVE", "value", np.ones(len(outlines), bool))


def _set_integers(data: Any, name: str, values: np.ndarray) -> None:
    _set(data, name, "INT", "CURVE", "value", values.astype(np.int32))


def _set(data: Any, name: str, kind: str, domain: str, key: str, values: np.ndarray) -> None:
    attribute = data.attributes.get(name) or data.attributes.new(name, kind, domain)
    attribute.data.foreach_set(key, np.ascontiguousarray(values).ravel())


def _material() -> bpy.types.Material:
    """Return the material that shows the attribute of the color as it is, with its opacity."""
    material = bpy.data.materials.get(_MATERIAL)
    if material is not None:
        return material
    material = bpy.data.materials.new(_MATERIAL)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True  # later versions always do
    tree = material.node_tree
    tree.nodes.clear()
    attribute, emission, clear, mix, output = (
        tree.nodes.new(f"ShaderNode{kind}")
        for kind in ("Attribute", "Emission", "BsdfTransparent", "MixShader", "OutputMaterial")
    )
    attribute.attribute_name = COLOR
    tree.links.new(attribute.outputs["Color"], emission.inputs[0])
    tree.links.new(attribute.outputs["Alpha"], mix.inputs[0])
    tree.links.new(clear.outputs[0], mix.inputs[1])
    tree.links.new(emission.outputs[0], mix.inputs[2])
    tree.links.new(mix.outputs[0], output.inputs["Surface"])
    return material
