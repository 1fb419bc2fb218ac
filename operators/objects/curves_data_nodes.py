# SPDX-License-Identifier: GPL-3.0-or-later
"""The node group "Semvec Fill Curves", which fills a drawing's *Curves* data path by path.

*Curves* data has no fill of its own, and the node *Fill Curve* drops all attributes. Each path is
therefore an instance while it is filled; the attributes of its first curve are stored on that, and
then those of the mesh. The group is an asset, to be used on other curves with these attributes.
"""

from __future__ import annotations

from typing import Any

import bpy

from ..blender.node_builder import Nodes

NAME = "Semvec Fill Curves"
PATH = "path"  # attribute of a curve: the number of its path, which curves of one share
DEPTH = "depth"  # attribute of a curve: the height at which its path is filled
COLOR = "fill_color"  # as in Grease Pencil; "color" is that of volumes in Cycles
# Attributes of curves that the mesh has as well, with their types.
KEPT = {COLOR: "FLOAT_COLOR", "region": "INT", "layer": "INT"}


def fill_tree(material: bpy.types.Material) -> Any:
    """Return the node group, made once a file; material: that of the mesh at first."""
    return bpy.data.node_groups.get(NAME) or _make_tree(material)


def _make_tree(material: bpy.types.Material) -> Any:
    tree: Any = bpy.data.node_groups.new(NAME, "GeometryNodeTree")
    tree.is_modifier = True
    interface = tree.interface
    interface.new_socket("Curves", in_out="INPUT", socket_type="NodeSocketGeometry")
    socket = interface.new_socket("Material", in_out="INPUT", socket_type="NodeSocketMaterial")
    socket.default_value = material
    interface.new_socket("Mesh", in_out="OUTPUT", socket_type="NodeSocketGeometry")
    nodes = Nodes(tree)
    curves, chosen, *_ = nodes.add("NodeGroupInput")
    instances, path = nodes.add(
        "GeometryNodeSplitToInstances",
        domain="CURVE",
        Geometry=curves,
        Group_ID=_named(nodes, PATH),
    )
    instances = nodes.add("GeometryNodeFillCurve", Curve=instances)[0]
    first = _first_curve(nodes, curves, path)
    for name, kind in KEPT.items():
        instances = nodes.add(
            "GeometryNodeStoreNamedAttribute",
            data_type=kind,
            domain="INSTANCE",
            Geometry=instances,
            Name=name,
            Value=_sampled(nodes, curves, name, kind, first),
        )[0]
    depth = _sampled(nodes, curves, DEPTH, "FLOAT", first)
    up = nodes.add("ShaderNodeCombineXYZ", Z=depth)[0]
    instances = nodes.add("GeometryNodeTranslateInstances", Instances=instances, Translation=up)[0]
    mesh = nodes.add("GeometryNodeRealizeInstances", Geometry=instances)[0]
    mesh = nodes.add("GeometryNodeSetMaterial", Geometry=mesh, Material=chosen)[0]
    nodes.add("NodeGroupOutput", Mesh=mesh)
    tree.asset_mark()
    tree.asset_data.description = "Fill curves path by path, with their colors as an attribute"
    return tree


def _named(nodes: Nodes, name: str, kind: str = "INT") -> Any:
    return nodes.add("GeometryNodeInputNamedAttribute", data_type=kind, Name=name)[0]


def _first_curve(nodes: Nodes, curves: Any, path: Any) -> Any:
    """Return the index of a curve of each path, also where curves have been removed by hand.

    It is the nearest of points that stand at the numbers of the paths of all curves.
    """
    count = nodes.add("GeometryNodeAttributeDomainSize", component="CURVE", Geometry=curves)
    index = nodes.add("GeometryNodeInputIndex")[0]
    there = nodes.add("ShaderNodeCombineXYZ", X=_sampled(nodes, curves, PATH, "INT", index))[0]
    points = nodes.add("GeometryNodePoints", Count=count["Spline Count"], Position=there)[0]
    here = nodes.add("ShaderNodeCombineXYZ", X=path)[0]
    return nodes.add("GeometryNodeSampleNearest", Geometry=points, Sample_Position=here)[0]


def _sampled(nodes: Nodes, curves: Any, name: str, kind: str, index: Any) -> Any:
    """Return an attribute of the curves with these indices."""
    options = {"data_type": kind, "domain": "CURVE"}
    value = _named(nodes, name, kind)
    return nodes.add(
        "GeometryNodeSampleIndex", **options, Geometry=curves, Value=value, Index=index
    )[0]
