# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry Nodes modifier that stacks the splines of one curve, each in its own color.

Blender itself fills all splines of a curve in one plane. A node group, made here and shared by
all objects of a file, does it path by path instead. Of what a curve keeps for a spline, nodes
see neither its material nor anything of ours, so that its points say what they must know:

    radius   the number of the path's material, from 1 on; all splines of a path share it
    z        the depth of the path

Blender 4.3 can't get at the materials of a curve either. There each object has a node group of
its own, which names them; another material in a slot changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy

from ..blender.node_builder import Nodes
from .form import REGION

_NAME = "Semvec Stack"
_SET_MATERIAL = "GeometryNodeSetMaterial"
_PATH = "semvec_path"  # attribute of the mesh: the number of each point's path


def add_stack_modifier(item: bpy.types.Object, thickness: float) -> None:
    """Add the modifier to a curve object; thickness: of its paths."""
    modifier: Any = item.modifiers.new(_NAME, "NODES")
    modifier.node_group = tree_for(_NAME, item.data.materials, _make_tree)
    set_stack_thickness(item, thickness)


def set_stack_thickness(item: bpy.types.Object, thickness: float) -> None:
    """Set the thickness of a curve object's paths, where it still has the modifier."""
    set_inputs(item, _NAME, Thickness=thickness)


def set_inputs(item: bpy.types.Object, name: str, **values: Any) -> None:
    """Set inputs of the modifier of this name, by the names of its sockets; nothing without it."""
    for key, value in values.items():
        modifier, socket = _socket(item, name, key.replace("_", " "))
        if modifier is None:
            return
        if hasattr(modifier, "properties"):  # since Blender 5.2
            getattr(modifier.properties.inputs, socket).value = value
        else:
            modifier[socket] = value
    item.update_tag()  # which neither does by itself


def get_input(item: bpy.types.Object, name: str, key: str) -> Any:
    """Return the value of an input of the modifier of this name; None without it."""
    modifier, socket = _socket(item, name, key)
    if modifier is None:
        return None
    if hasattr(modifier, "properties"):  # since Blender 5.2
        return getattr(modifier.properties.inputs, socket).value
    return modifier[socket]


def _socket(item: bpy.types.Object, name: str, key: str) -> tuple[Any, str]:
    """Return a modifier and the identifier of one of its sockets; None and nothing without it."""
    modifier: Any = item.modifiers.get(name)
    tree: Any = modifier.node_group if modifier is not None and modifier.type == "NODES" else None
    if tree is None or key not in tree.interface.items_tree:
        return None, ""
    return modifier, tree.interface.items_tree[key].identifier


def tree_for(name: str, materials: Sequence[bpy.types.Material], make: Callable[..., Any]) -> Any:
    """Return the node group of this name for a curve with these materials.

    make: makes it, from a name and `paths`, the number of materials that it names: none where
    the curve's own are used.
    """
    groups: Any = bpy.data.node_groups
    if bpy.app.version >= (4, 4, 0):
        return groups.get(name) or make(name, paths=0)
    name = f"{name} {len(materials)}"
    like = groups.get(name)
    tree = like.copy() if like else make(name, paths=len(materials))
    painting = (node for node in tree.nodes if node.bl_idname == _SET_MATERIAL)
    for node, material in zip(painting, materials, strict=True):
        node.inputs["Material"].default_value = material
    return tree


def _make_tree(name: str, paths: int = 0) -> Any:
    """Make a node group. paths: number of materials that it names; 0 where the curve has them."""
    tree: Any = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree[REGION] = -1
    tree.is_modifier = True
    tree.interface.new_socket("Curve", in_out="INPUT", socket_type="NodeSocketGeometry")
    socket = tree.interface.new_socket("Thickness", in_out="INPUT", socket_type="NodeSocketFloat")
    socket.subtype, socket.min_value = "DISTANCE", 0.0
    tree.interface.new_socket("Mesh", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes = Nodes(tree)
    curve, thickness, *_ = nodes.add("NodeGroupInput")
    mesh = _filled(nodes, curve)
    path = nodes.add("GeometryNodeInputNamedAttribute", data_type="INT", Name=_PATH)[0]
    mesh = _lifted(nodes, mesh, _depth(nodes, curve, path))
    mesh = thick(nodes, mesh, thickness)
    mesh = colored(nodes, mesh, path, curve, paths)
    nodes.add("NodeGroupOutput", Mesh=mesh)
    return tree


def _number(nodes: Nodes) -> Any:
    """Return the number of each spline's path."""
    radius = nodes.add("GeometryNodeInputRadius")[0]
    return nodes.add("FunctionNodeFloatToInt", rounding_mode="ROUND", Float=radius)[0]


def _filled(nodes: Nodes, curve: Any) -> Any:
    """Fill each path by itself, at z = 0; its points keep its number."""
    number = _number(nodes)
    paths, path = nodes.add(
        "GeometryNodeSplitToInstances", domain="CURVE", Geometry=curve, Group_ID=number
    )
    named = {"data_type": "INT", "domain": "INSTANCE", "Name": _PATH, "Value": path}
    paths = nodes.add("GeometryNodeStoreNamedAttribute", Geometry=paths, **named)[0]
    filled = nodes.add("GeometryNodeFillCurve", Curve=paths)[0]
    if "Fill Rule" in filled.node.inputs:  # since Blender 5.2
        filled.node.inputs["Fill Rule"].default_value = "Non-Zero"
    return nodes.add("GeometryNodeRealizeInstances", Geometry=filled)[0]


def _depth(nodes: Nodes, curve: Any, path: Any) -> Any:
    """Return the depth of a path: that of a spline of it.

    Which one is found with points in a row, one for each spline, at the number of its path.
    """
    index = nodes.add("GeometryNodeInputIndex")[0]
    on_curve = {"domain": "CURVE", "Geometry": curve}
    number = nodes.add(
        "GeometryNodeSampleIndex", data_type="INT", Value=_number(nodes), Index=index, **on_curve
    )[0]
    count = nodes.add("GeometryNodeAttributeDomainSize", component="CURVE", Geometry=curve)
    place, wanted = (nodes.add("ShaderNodeCombineXYZ", X=x)[0] for x in (number, path))
    table = nodes.add("GeometryNodePoints", Count=count["Spline Count"], Position=place)[0]
    found = nodes.add("GeometryNodeSampleNearest", Geometry=table, Sample_Position=wanted)[0]
    position = nodes.add("GeometryNodeInputPosition")[0]
    z = nodes.add("ShaderNodeSeparateXYZ", Vector=position)["Z"]
    return nodes.add("GeometryNodeSampleIndex", Value=z, Index=found, **on_curve)[0]


def _lifted(nodes: Nodes, mesh: Any, depth: Any) -> Any:
    offset = nodes.add("ShaderNodeCombineXYZ", Z=depth)[0]
    return nodes.add("GeometryNodeSetPosition", Geometry=mesh, Offset=offset)[0]


def thick(nodes: Nodes, mesh: Any, thickness: Any) -> Any:
    """Give faces backs and sides, half the thickness on either side; flat where it is 0."""
    up = (0.0, 0.0, 1.0)
    front = nodes.add(
        "GeometryNodeExtrudeMesh", Mesh=mesh, Offset=up, Offset_Scale=thickness, Individual=False
    )[0]
    back = nodes.add("GeometryNodeFlipFaces", Mesh=mesh)[0]
    solid = nodes.add("GeometryNodeJoinGeometry", Geometry=[front, back])[0]
    half = nodes.add("ShaderNodeMath", operation="MULTIPLY", Value=[thickness, -0.5])[0]
    either = {"False": mesh, "True": _lifted(nodes, solid, half)}
    return nodes.add("GeometryNodeSwitch", input_type="GEOMETRY", Switch=thickness, **either)[0]


def colored(nodes: Nodes, mesh: Any, path: Any, curve: Any, paths: int) -> Any:
    """Give faces the materials of the curve, or those that the node group names.

    path: number of the path of each face, from 1 on. paths: as in `tree_for`.
    """
    if paths:
        return _painted(nodes, mesh, path, paths)
    return _with_materials(nodes, mesh, path, curve)


def _with_materials(nodes: Nodes, mesh: Any, path: Any, curve: Any) -> Any:
    """Give faces the materials of the curve.

    Filling loses those. They come back with the bare lines of the curve, which then go; what is
    joined last has the first materials.
    """
    lines = nodes.add("GeometryNodeCurveToMesh", Curve=curve)[0]
    both = nodes.add("GeometryNodeJoinGeometry", Geometry=[mesh, lines])[0]
    faces = nodes.add("GeometryNodeInputMeshVertexNeighbors")["Face Count"]
    bare = nodes.add("FunctionNodeBooleanMath", operation="NOT", Boolean=faces)[0]
    mesh = nodes.add("GeometryNodeDeleteGeometry", Geometry=both, Selection=bare)[0]
    slot = nodes.add("ShaderNodeMath", operation="SUBTRACT", Value=[path, 1.0])[0]
    return nodes.add("GeometryNodeSetMaterialIndex", Geometry=mesh, Material_Index=slot)[0]


def _painted(nodes: Nodes, mesh: Any, path: Any, paths: int) -> Any:
    """Give faces materials by the numbers of their paths; the materials are set later."""
    for number in range(1, paths + 1):
        compare = {"data_type": "INT", "operation": "EQUAL", "A": path, "B": number}
        own = nodes.add("FunctionNodeCompare", **compare)[0]
        mesh = nodes.add(_SET_MATERIAL, Geometry=mesh, Selection=own)[0]
    return mesh
