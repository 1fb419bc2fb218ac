# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of drawings: flat ones show exact colors, lit ones react to light.

Paths that are objects of their own share one material, which makes importing many of them
fast; the color is Object > Viewport Display > Color. Those with a ramp share another one; the
ramp is in Object > Custom Properties.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

from .gradient_nodes import ramp_group, read_from_object

# Names of nodes
_COLOR = "Color"  # holds the color of a plain material
_RAMP = "Ramp"


def drawing_material(shading: str, transparent: bool, ramp: bool = False) -> bpy.types.Material:
    """The material in which every object shows its own color; made once a file.

    shading: FLAT emits the object's color, exactly, whatever the light; LIT is a
    Principled surface of it. transparent: whether the color's alpha counts. It costs
    render time, so that drawings without transparent fills do without. ramp: whether the
    object may have a ramp.
    """
    name = f"Semvec {shading.title()}{' Ramp' * ramp}{' Transparent' * transparent}"
    material = bpy.data.materials.get(name)
    if material is None:
        material = _make(name, "ShaderNodeObjectInfo", shading, transparent, ramp)
        if ramp:
            read_from_object(material.node_tree, ramp_node(material))
    return material


def plain_material(shading: str, transparent: bool, ramp: bool = False) -> bpy.types.Material:
    """A material with a color of its own, for `set_color`, or a ramp, for `set_ramp`."""
    return _make("Semvec Plain", "ShaderNodeRGB", shading, transparent, ramp)


def ramp_node(material: bpy.types.Material) -> Any:
    """The node that makes a ramp; None in a material without ramps."""
    return material.node_tree.nodes.get(_RAMP) if material.node_tree else None


def set_ramp(material: bpy.types.Material, values: dict[str, Any]) -> None:
    """Set the ramp of a plain material, to values as `ramp_values` gives."""
    inputs = ramp_node(material).inputs
    for name, value in values.items():
        inputs[name].default_value = (*value, 1.0) if inputs[name].type == "RGBA" else value


def set_color(material: bpy.types.Material, color: Sequence[float]) -> None:
    """Set the color of a plain material: linear RGB and opacity."""
    material.diffuse_color = color  # what a solid viewport shows
    nodes = material.node_tree.nodes
    nodes[_COLOR].outputs[0].default_value = color
    if "Opacity" in nodes:
        nodes["Opacity"].outputs[0].default_value = color[3]


def color_of(material: bpy.types.Material) -> Sequence[float]:
    """The color of a plain material: linear RGB and opacity."""
    nodes = material.node_tree.nodes if material.node_tree else {}
    if _COLOR not in nodes:
        return material.diffuse_color
    opacity = nodes["Opacity"].outputs[0].default_value if "Opacity" in nodes else 1.0
    return (*nodes[_COLOR].outputs[0].default_value[:3], opacity)


def _make(
    name: str, source: str, shading: str, transparent: bool, ramp: bool
) -> bpy.types.Material:
    """A new material that takes its color, where no ramp is, from a node of the type `source`."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True  # later versions always do
    tree = material.node_tree
    tree.nodes.clear()
    color = tree.nodes.new(source)
    color.name = _COLOR
    shown = color.outputs["Color"]
    if ramp:
        shown = _add_ramp_node(tree, shown)
    surface = (_lit if shading == "LIT" else _flat)(tree, shown)
    if transparent:
        material.surface_render_method = "BLENDED"
        surface = _let_through(tree, surface, color)
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(surface, output.inputs["Surface"])
    for column, node in enumerate(tree.nodes):
        node.location.x = 300.0 * column
    return material


def _add_ramp_node(tree: bpy.types.NodeTree, color: Any) -> Any:
    node: Any = tree.nodes.new("ShaderNodeGroup")
    node.name, node.node_tree = _RAMP, ramp_group()
    tree.links.new(color, node.inputs["Color"])
    return node.outputs["Color"]


def _flat(tree: bpy.types.NodeTree, color: Any) -> Any:
    emission = tree.nodes.new("ShaderNodeEmission")
    tree.links.new(color, emission.inputs["Color"])
    return emission.outputs["Emission"]


def _lit(tree: bpy.types.NodeTree, color: Any) -> Any:
    principled = tree.nodes.new("ShaderNodeBsdfPrincipled")
    tree.links.new(color, principled.inputs["Base Color"])
    principled.inputs["Roughness"].default_value = 0.8
    principled.inputs["Specular IOR Level"].default_value = 0.2
    return principled.outputs["BSDF"]


def _let_through(tree: bpy.types.NodeTree, surface: Any, color: Any) -> Any:
    """The surface as opaque as the color's alpha; a plain color's is a node of its own."""
    opacity = color.outputs.get("Alpha")
    if opacity is None:
        value = tree.nodes.new("ShaderNodeValue")
        value.name = "Opacity"
        opacity = value.outputs[0]
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(opacity, mix.inputs[0])
    tree.links.new(clear.outputs["BSDF"], mix.inputs[1])
    tree.links.new(surface, mix.inputs[2])
    return mix.outputs["Shader"]
