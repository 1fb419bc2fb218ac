# SPDX-License-Identifier: GPL-3.0-or-later
"""Geometry Nodes modifier that draws a curve as a flat stroke, with the caps and joins of SVG.

The radius of a point is half the stroke's width there. Blender's own bevel would draw a tube,
which pokes through the shapes above it, ends bluntly and is pinched at corners.

The line is cut at its corners. Each piece becomes a ribbon, and discs at its ends are the round
caps and joins. Where joins are mitered, the line stays whole and is widened at corners instead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import bpy

from ...core.drawing import Stroke
from ..blender.node_builder import Nodes
from .form import REGION
from .layer_modifier import colored, get_input, set_inputs, thick, tree_for

NAME = "Semvec Stroke"

_CORNER = math.cos(math.radians(10.0))  # cosine of half the turn from which there is a join
_DISC = 48  # corners of a round cap

# Attributes of the points of the line
_RADIUS, _STRAIGHT, _FREE = "semvec_radius", "semvec_straight", "semvec_free"


def show_as_stroke(item: bpy.types.Object, stroke: Stroke, thickness: float) -> None:
    """Give a curve object the modifier, set for the caps and joins of a stroke."""
    if bpy.app.version < (4, 4, 0):
        show_as_fill(item)  # the node group names the material, which may be another one now
    if NAME not in item.modifiers:
        modifier: Any = item.modifiers.new(NAME, "NODES")
        modifier.node_group = tree_for(NAME, item.data.materials, _make_tree)
    limit = stroke.miter_limit if stroke.join == "miter" else 0.0
    set_inputs(item, NAME, Round_Caps=stroke.cap == "round", Miter_Limit=limit)
    set_stroke_thickness(item, thickness)


def show_as_fill(item: bpy.types.Object) -> None:
    """Remove the modifier, where there is one."""
    modifier = item.modifiers.get(NAME)
    if modifier is not None:
        item.modifiers.remove(modifier)


def shows_stroke(item: bpy.types.Object) -> bool:
    """Return whether a curve object has the modifier."""
    return NAME in item.modifiers


def ends_of(item: bpy.types.Object) -> dict[str, Any]:
    """Return the caps and joins of a curve object that has the modifier, as fields of `Stroke`."""
    is_round, limit = get_input(item, NAME, "Round Caps"), get_input(item, NAME, "Miter Limit")
    cap = "round" if is_round or is_round is None else "butt"
    if not limit:
        return {"cap": cap}
    return {"cap": cap, "join": "miter", "miter_limit": float(limit)}


def set_stroke_thickness(item: bpy.types.Object, thickness: float) -> None:
    """Set the thickness of a stroke, across the drawing's plane."""
    set_inputs(item, NAME, Thickness=thickness)


def _make_tree(name: str, paths: int) -> Any:
    """Make the node group."""
    tree: Any = bpy.data.node_groups.new(name, "GeometryNodeTree")
    tree[REGION] = -1
    tree.is_modifier = True
    for label, kind, in_out in _SOCKETS:
        socket = tree.interface.new_socket(label, in_out=in_out, socket_type=f"NodeSocket{kind}")
        if kind == "Float":
            socket.min_value = 0.0
    tree.interface.items_tree["Thickness"].subtype = "DISTANCE"
    nodes = Nodes(tree)
    curve, thickness, round_caps, limit, *_ = nodes.add("NodeGroupInput")
    wire = _wire(nodes, curve)
    miter = _is_mitered(nodes, limit)
    pieces = _pieces(nodes, wire, miter)
    discs = _discs(nodes, pieces, round_caps, limit)
    ribbon = _ribbon(nodes, pieces, miter)
    mesh = nodes.add("GeometryNodeJoinGeometry", Geometry=[ribbon, discs])[0]
    mesh = thick(nodes, mesh, thickness)
    nodes.add("NodeGroupOutput", Mesh=colored(nodes, mesh, 1, curve, paths))
    return tree


_SOCKETS: Sequence[tuple[str, str, str]] = (
    ("Curve", "Geometry", "INPUT"),
    ("Thickness", "Float", "INPUT"),
    ("Round Caps", "Bool", "INPUT"),
    ("Miter Limit", "Float", "INPUT"),
    ("Mesh", "Geometry", "OUTPUT"),
)


def _wire(nodes: Nodes, curve: Any) -> Any:
    """Return the line as edges, whose points keep radius, straightness and whether they are ends.

    Straightness is the cosine of half the turn at a point.
    """
    radius = nodes.add("GeometryNodeInputRadius")[0]
    kept = _stored(nodes, curve, _RADIUS, radius)
    wire = nodes.add("GeometryNodeCurveToMesh", Curve=kept)[0]
    ends = nodes.add("GeometryNodeInputMeshEdgeVertices")
    step = nodes.add(
        "ShaderNodeVectorMath",
        operation="SUBTRACT",
        Vector=[ends["Position 2"], ends["Position 1"]],
    )[0]
    unit = nodes.add("ShaderNodeVectorMath", operation="NORMALIZE", Vector=step)[0]
    direction = nodes.add(
        "GeometryNodeFieldOnDomain", data_type="FLOAT_VECTOR", domain="EDGE", Value=unit
    )[0]  # seen from a point it is the mean of both sides
    straight = nodes.add("ShaderNodeVectorMath", operation="LENGTH", Vector=direction)["Value"]
    wire = _stored(nodes, wire, _STRAIGHT, straight)
    neighbors = nodes.add("GeometryNodeInputMeshVertexNeighbors")["Vertex Count"]
    return _stored(nodes, wire, _FREE, _compared(nodes, neighbors, "LESS_THAN", 1.5))


def _is_mitered(nodes: Nodes, limit: Any) -> Any:
    """Return which points are corners whose miter is within the limit."""
    straight = _attribute(nodes, _STRAIGHT)
    product = nodes.add("ShaderNodeMath", operation="MULTIPLY", Value=[straight, limit])[0]
    return _compared(nodes, product, "GREATER_THAN", 1.0)


def _pieces(nodes: Nodes, wire: Any, miter: Any) -> Any:
    """Return the line cut at corners that are not mitered, as curves."""
    corner = _compared(nodes, _attribute(nodes, _STRAIGHT), "LESS_THAN", _CORNER)
    sharp = _logic(nodes, "NIMPLY", corner, miter)
    before = nodes.add("GeometryNodeAccumulateField", data_type="INT", domain="POINT", Value=sharp)[
        "Leading"
    ]
    first = nodes.add("GeometryNodeInputMeshEdgeVertices")["Vertex Index 1"]
    number = nodes.add(
        "GeometryNodeFieldAtIndex", data_type="INT", domain="POINT", Value=before, Index=first
    )[0]
    pieces = nodes.add(
        "GeometryNodeSplitToInstances", domain="EDGE", Geometry=wire, Group_ID=number
    )[0]
    edges = nodes.add("GeometryNodeRealizeInstances", Geometry=pieces)[0]
    return nodes.add("GeometryNodeMeshToCurve", Mesh=edges)[0]


def _discs(nodes: Nodes, pieces: Any, round_caps: Any, limit: Any) -> Any:
    """Return discs at the ends of pieces that are round caps or joins."""
    free = _compared(nodes, _attribute(nodes, _FREE), "GREATER_THAN", 0.5)
    capped = _logic(nodes, "AND", free, round_caps)
    rounded = _compared(nodes, limit, "LESS_THAN", 0.5)
    joined = _logic(nodes, "NIMPLY", rounded, free)
    end = nodes.add("GeometryNodeCurveEndpointSelection")[0]
    chosen = _logic(nodes, "AND", end, _logic(nodes, "OR", capped, joined))
    circle = nodes.add("GeometryNodeCurvePrimitiveCircle", Resolution=_DISC)[0]
    disc = nodes.add("GeometryNodeFillCurve", Curve=circle)[0]
    discs = nodes.add(
        "GeometryNodeInstanceOnPoints",
        Points=pieces,
        Selection=chosen,
        Instance=disc,
        Scale=_attribute(nodes, _RADIUS),
    )[0]
    return nodes.add("GeometryNodeRealizeInstances", Geometry=discs)[0]


def _ribbon(nodes: Nodes, pieces: Any, miter: Any) -> Any:
    """Return the ribbons along pieces, wider where corners are mitered."""
    straight, radius = _attribute(nodes, _STRAIGHT), _attribute(nodes, _RADIUS)
    wide = nodes.add("ShaderNodeMath", operation="DIVIDE", Value=[radius, straight])[0]
    scale = nodes.add(
        "GeometryNodeSwitch", input_type="FLOAT", Switch=miter, **{"False": radius, "True": wide}
    )[0]
    across = nodes.add(
        "GeometryNodeCurvePrimitiveLine", Start=(-1.0, 0.0, 0.0), End=(1.0, 0.0, 0.0)
    )[0]
    pieces = nodes.add("GeometryNodeSetCurveRadius", Curve=pieces, Radius=scale)[0]
    ribbon = nodes.add("GeometryNodeCurveToMesh", Curve=pieces, Profile_Curve=across)[0]
    if "Scale" in ribbon.node.inputs:  # since Blender 4.5 in place of the radius
        radius = nodes.add("GeometryNodeInputRadius")[0]
        ribbon.node.id_data.links.new(radius, ribbon.node.inputs["Scale"])
    return ribbon


def _stored(nodes: Nodes, geometry: Any, name: str, value: Any) -> Any:
    """Keep a number with each point under a name."""
    return nodes.add(
        "GeometryNodeStoreNamedAttribute",
        data_type="FLOAT",
        domain="POINT",
        Geometry=geometry,
        Name=name,
        Value=value,
    )[0]


def _attribute(nodes: Nodes, name: str) -> Any:
    return nodes.add("GeometryNodeInputNamedAttribute", data_type="FLOAT", Name=name)[0]


def _compared(nodes: Nodes, value: Any, operation: str, limit: float) -> Any:
    return nodes.add(
        "FunctionNodeCompare", data_type="FLOAT", operation=operation, A=value, B=limit
    )[0]


def _logic(nodes: Nodes, operation: str, one: Any, other: Any) -> Any:
    return nodes.add("FunctionNodeBooleanMath", operation=operation, Boolean=[one, other])[0]
