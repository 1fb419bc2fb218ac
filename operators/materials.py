# SPDX-License-Identifier: GPL-3.0-or-later
"""The flat material: every object shows its own colour, exactly, whatever the light.

All paths share one material, which makes importing many of them fast; the colour is
Object > Viewport Display > Color.
"""

from __future__ import annotations

import bpy


def flat_material(transparent: bool) -> bpy.types.Material:
    """The material that emits an object's colour; made once a file.

    transparent: whether the colour's alpha counts. It costs render time, so that drawings
    without transparent fills do without.
    """
    name = "Semvec Flat Transparent" if transparent else "Semvec Flat"
    return bpy.data.materials.get(name) or _make(name, transparent)


def _make(name: str, transparent: bool) -> bpy.types.Material:
    material = bpy.data.materials.new(name)
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True  # later versions always do
    tree = material.node_tree
    tree.nodes.clear()
    info = tree.nodes.new("ShaderNodeObjectInfo")
    emission = tree.nodes.new("ShaderNodeEmission")
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(info.outputs["Color"], emission.inputs["Color"])
    surface = emission.outputs["Emission"]
    if transparent:
        material.surface_render_method = "BLENDED"
        clear = tree.nodes.new("ShaderNodeBsdfTransparent")
        mix = tree.nodes.new("ShaderNodeMixShader")
        tree.links.new(info.outputs["Alpha"], mix.inputs[0])
        tree.links.new(clear.outputs["BSDF"], mix.inputs[1])
        tree.links.new(surface, mix.inputs[2])
        surface = mix.outputs["Shader"]
    tree.links.new(surface, output.inputs["Surface"])
    for column, node in enumerate(tree.nodes):
        node.location.x = 200.0 * column
    return material
