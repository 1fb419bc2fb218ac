# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of drawings: flat ones show exact colours, lit ones react to light.

Paths that are objects of their own share one material, which makes importing many of them
fast; the colour is Object > Viewport Display > Color.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

_COLOR = "Color"  # name of the node that holds the colour of a plain material


def drawing_material(shading: str, transparent: bool) -> bpy.types.Material:
    """The material in which every object shows its own colour; made once a file.

    shading: FLAT emits the object's colour, exactly, whatever the light; LIT is a
    Principled surface of it. transparent: whether the colour's alpha counts. It costs
    render time, so that drawings without transparent fills do without.
    """
    name = f"Semvec {shading.title()}{' Transparent' if transparent else ''}"
    return bpy.data.materials.get(name) or _make(name, "ShaderNodeObjectInfo", shading, transparent)


def plain_material(shading: str, transparent: bool) -> bpy.types.Material:
    """A material with a colour of its own, for `set_color`."""
    return _make("Semvec Plain", "ShaderNodeRGB", shading, transparent)


def set_color(material: bpy.types.Material, color: Sequence[float]) -> None:
    """Set the colour of a plain material: linear RGB and opacity."""
    material.diffuse_color = color  # what a solid viewport shows
    nodes = material.node_tree.nodes
    nodes[_COLOR].outputs[0].default_value = color
    if "Opacity" in nodes:
        nodes["Opacity"].outputs[0].default_value = color[3]


def color_of(material: bpy.types.Material) -> Sequence[float]:
    """The colour of a plain material: linear RGB and opacity."""
    nodes = material.node_tree.nodes if material.node_tree else {}
    if _COLOR not in nodes:
        return material.diffuse_color
    opacity = nodes["Opacity"].outputs[0].default_value if "Opacity" in nodes else 1.0
    return (*nodes[_COLOR].outputs[0].default_value[:3], opacity)


def _make(name: str, source: str, shading: str, transparent: bool) -> bpy.types.Material:
    """A new material that takes its colour from a node of the type `source`."""
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True  # later versions always do
    tree = material.node_tree
    tree.nodes.clear()
    color = tree.nodes.new(source)
    color.name = _COLOR
    surface = (_lit if shading == "LIT" else _flat)(tree, color.outputs["Color"])
    if transparent:
        material.surface_render_method = "BLENDED"
        surface = _let_through(tree, surface, color)
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(surface, output.inputs["Surface"])
    for column, node in enumerate(tree.nodes):
        node.location.x = 300.0 * column
    return material


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
    """The surface as opaque as the colour's alpha; a plain colour's is a node of its own."""
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
