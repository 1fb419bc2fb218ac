# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials of drawings: flat ones show exact colors, lit ones react to light.

A flat fill's color is the first color input of the node "Color". A gradient is a node group,
whose inputs hold it, or read it from the custom properties of the object that is shown: setting
inputs takes long in files with thousands of materials.

The color is the material's viewport color as well, which solid viewports show by default, so
that no other object has to change its look for a drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import bpy

from ...core.drawing import Path
from ...core.grouping.color_names import color_name
from .form import REGION, DrawingStyle
from .gradient_nodes import ramp_group, read_from_object
from .gradients import HIDDEN_KIND, KIND, Values, mean_fill, ramp_values
from .grease_pencil_ramps import has_gradient, show_gradient
from .splines import linear_color

# Names of nodes
_COLOR = "Color"  # has the color of a flat fill as an input
_RAMP = "Ramp"  # has the gradient
_FLAT_COLOR = "Flat Color"  # feeds the flat color of a gradient that objects hold
_OPACITY = "Opacity"

_SHADERS = {"FLAT": "ShaderNodeEmission", "LIT": "ShaderNodeBsdfPrincipled"}


class PathMaterials:
    """Makes the materials of paths, by copying templates; end with `close`.

    share: whether flat paths of one color share a material. by_object: whether gradients are
    custom properties of the objects.
    """

    def __init__(self, style: DrawingStyle, share: bool = False, by_object: bool = False) -> None:
        self._style, self._share, self._by_object = style, share, by_object
        self._templates: dict[bool, bpy.types.Material] = {}
        self._by_name: dict[tuple[bool, str], bpy.types.Material] = {}
        self._by_color: dict[bytes, bpy.types.Material] = {}

    def material_of(self, path: Path, origin: Sequence[float] = (0.0, 0.0)) -> bpy.types.Material:
        """Return the material of a path; origin: of its object, in the drawing's coordinates."""
        key = path.fill.tobytes() if self._share and path.ramp is None else b""
        if key in self._by_color:
            return self._by_color[key]
        material = self._new(path.ramp is not None, color_name(path.fill[:3].tolist()))
        material[REGION] = path.region
        self._paint(material, path, origin, _set_new_color)
        if key:
            self._by_color[key] = material
        return material

    def _new(self, ramped: bool, name: str) -> bpy.types.Material:
        """Copy the template, or the first shared material of that name.

        To rename one, Blender looks at the names of all; copies are numbered at once.
        """
        first = self._by_name.get((ramped, name))
        if first is not None:
            return first.copy()
        if ramped not in self._templates:
            self._templates[ramped] = _template(self._style, ramped, self._by_object)
        material = self._templates[ramped].copy()
        material.name = name
        if self._share:  # others may be changed before the next one is made
            self._by_name[ramped, name] = material
        return material

    def paint(
        self, material: bpy.types.Material, path: Path, origin: Sequence[float] = (0.0, 0.0)
    ) -> None:
        """Give a material the fill of a path; without a ramp node it gets the mean color."""
        self._paint(material, path, origin, set_color)

    def _paint(
        self,
        material: bpy.types.Material,
        path: Path,
        origin: Sequence[float],
        set_flat: Callable[[bpy.types.Material, Sequence[float]], None],
    ) -> None:
        set_flat(material, linear_color(mean_fill(path)))
        if path.ramp is not None and not self._by_object:
            set_ramp(material, ramp_values(path, path.ramp, self._style.space, origin))

    def fits(self, material: bpy.types.Material, path: Path) -> bool:
        """Return whether `paint` can show the path with this material."""
        nodes: Any = material.node_tree.nodes if material.node_tree else {}
        transparent = _OPACITY in nodes or not self._style.transparent
        return transparent and (_RAMP in nodes) == (path.ramp is not None)

    def close(self) -> None:
        """Remove the templates."""
        bpy.data.batch_remove(self._templates.values())
        self._templates, self._by_name = {}, {}


def has_ramp(material: bpy.types.Material) -> bool:
    """Return whether the material has a gradient, shown or hidden."""
    return _ramp_node(material) is not None or has_gradient(material)


def shows_ramp(material: bpy.types.Material) -> bool:
    """Return whether the material shows a gradient that was not hidden by `show_ramp`."""
    return has_ramp(material) and HIDDEN_KIND not in material


def show_ramp(obj: bpy.types.Object, material: bpy.types.Material, show: bool) -> None:
    """Show the gradient of an object's material, or hide it behind the flat color.

    Hidden, its kind is 0, and the true one is remembered beside it.
    """
    node = _ramp_node(material)
    if node is None:
        show_gradient(material, show)
        return
    by_object = node.inputs[KIND].is_linked
    holder: Any = obj if by_object else material
    shown = obj.get(KIND) if by_object else round(node.inputs[KIND].default_value)
    if show:
        shown = holder.get(HIDDEN_KIND, shown)
        for each in (holder, material):
            each.pop(HIDDEN_KIND, None)
    elif shown:
        holder[HIDDEN_KIND] = material[HIDDEN_KIND] = shown
        shown = 0
    if by_object and shown is not None:
        obj[KIND] = shown
        obj.update_tag()
    elif not by_object:
        node.inputs[KIND].default_value = shown


def set_ramp(material: bpy.types.Material, values: dict[str, Any]) -> None:
    """Set the gradient of a material, to values as `ramp_values` returns them."""
    node = _ramp_node(material)
    for name, value in values.items() if node else ():
        socket = node.inputs[name]
        socket.default_value = (*value, 1.0) if socket.type == "RGBA" else value


def ramp_of(material: bpy.types.Material | None) -> Values:
    """Return a getter for the inputs of the material's gradient node, if it has one, by name."""
    node = _ramp_node(material) if material is not None else None
    inputs = node.inputs if node else {}
    return lambda name: inputs[name].default_value if name in inputs else None


def set_color(material: bpy.types.Material, color: Sequence[float]) -> None:
    """Set the flat color of a material: linear RGB and opacity."""
    material.diffuse_color = color  # shown by solid viewports
    socket = _color_input(material)
    if socket is not None:
        socket.default_value = color
        nodes = material.node_tree.nodes
        if _OPACITY in nodes:
            nodes[_OPACITY].outputs[0].default_value = color[3]


def _set_new_color(material: bpy.types.Material, color: Sequence[float]) -> None:
    """Set the flat color of a material that has not been drawn yet.

    All sockets of its node at once: for a single one, Blender looks at all materials of the
    file, which takes ten times as long where there are thousands.
    """
    socket = _color_input(material)
    if socket is None or socket.node.bl_idname not in (_SHADERS["FLAT"], "ShaderNodeRGB"):
        set_color(material, color)
        return
    material.diffuse_color = color
    sockets = socket.node.outputs if socket.is_output else socket.node.inputs
    others = [each.default_value for each in sockets[1:]]
    sockets.foreach_set("default_value", [*color, *others])
    nodes = material.node_tree.nodes
    if _OPACITY in nodes:
        nodes[_OPACITY].outputs.foreach_set("default_value", [color[3]])


def shows_object_color(material: bpy.types.Material) -> bool:
    """Return whether the color is that of the object, as in drawings of version 0.1."""
    node = material.node_tree.nodes.get(_COLOR) if material.node_tree else None
    return node is not None and node.bl_idname == "ShaderNodeObjectInfo"


def color_paths(material: Any) -> list[tuple[Any, str, int, int]]:
    """Return what holds a flat color, to be animated: data-block, path, index, channel of RGBA."""
    found = [(material, "diffuse_color", i, i) for i in range(4)]
    if _color_input(material) is not None:
        tree = material.node_tree
        found += [(tree, f'nodes["{_COLOR}"].inputs[0].default_value', i, i) for i in range(4)]
        if _OPACITY in tree.nodes:
            found.append((tree, f'nodes["{_OPACITY}"].outputs[0].default_value', 0, 3))
    return found


def color_of(material: bpy.types.Material) -> Sequence[float]:
    """Return the flat color of a material: linear RGB and opacity."""
    socket = _color_input(material)
    if socket is None:
        return material.diffuse_color
    nodes = material.node_tree.nodes
    opacity = nodes[_OPACITY].outputs[0].default_value if _OPACITY in nodes else 1.0
    return (*socket.default_value[:3], opacity)


def set_materials_shading(materials: Sequence[bpy.types.Material | None], shading: str) -> None:
    """Let those materials that are ours react to light (LIT) or not (FLAT); fills stay."""
    for material in materials:
        if material is not None and REGION in material:
            _set_shading(material, shading)


def _set_shading(material: bpy.types.Material, shading: str) -> None:
    tree: Any = material.node_tree
    old = tree.nodes.get(_COLOR) if tree else None
    kind = _SHADERS[shading]
    if old is None or old.bl_idname == kind or old.bl_idname not in _SHADERS.values():
        return
    new = _lit(tree) if shading == "LIT" else _flat(tree)
    new.location = old.location
    new.inputs[0].default_value = old.inputs[0].default_value
    for link in old.inputs[0].links:
        tree.links.new(link.from_socket, new.inputs[0])
    for link in list(old.outputs[0].links):
        tree.links.new(new.outputs[0], link.to_socket)
    tree.nodes.remove(old)
    new.name = _COLOR


def _color_input(material: bpy.types.Material) -> Any:
    """Return the socket with the flat color; None in a material that is not ours."""
    nodes: Any = material.node_tree.nodes if material.node_tree else {}
    if _FLAT_COLOR in nodes:
        return nodes[_FLAT_COLOR].outputs[0]
    node = nodes.get(_RAMP) or nodes.get(_COLOR)
    return next((socket for socket in node.inputs if socket.type == "RGBA"), None) if node else None


def _ramp_node(material: bpy.types.Material) -> Any:
    return material.node_tree.nodes.get(_RAMP) if material.node_tree else None


def _template(style: DrawingStyle, ramp: bool, by_object: bool) -> bpy.types.Material:
    """Make a material with a color input of its own, or with a gradient."""
    material = bpy.data.materials.new("Semvec")
    if bpy.app.version < (5, 0, 0):
        material.use_nodes = True  # later versions always do
    tree = material.node_tree
    tree.nodes.clear()
    shader = _lit(tree) if style.shading == "LIT" else _flat(tree)
    if ramp:
        node = _add_ramp_node(tree)
        tree.links.new(node.outputs[0], shader.inputs[0])
        if by_object:
            read_from_object(tree, node)
            flat = tree.nodes.new("ShaderNodeRGB")
            flat.name = _FLAT_COLOR
            tree.links.new(flat.outputs[0], node.inputs[0])
    surface = shader.outputs[0]
    if style.transparent:
        material.surface_render_method = "BLENDED"
        surface = _let_through(tree, surface)
    output = tree.nodes.new("ShaderNodeOutputMaterial")
    tree.links.new(surface, output.inputs["Surface"])
    for column, node in enumerate(tree.nodes):
        node.location.x = 300.0 * column
    return material


def _add_ramp_node(tree: bpy.types.NodeTree) -> Any:
    node: Any = tree.nodes.new("ShaderNodeGroup")
    node.name, node.node_tree = _RAMP, ramp_group()
    return node


def _flat(tree: bpy.types.NodeTree) -> Any:
    shader = tree.nodes.new(_SHADERS["FLAT"])
    shader.name = _COLOR
    return shader


def _lit(tree: bpy.types.NodeTree) -> Any:
    shader = tree.nodes.new(_SHADERS["LIT"])
    shader.name = _COLOR
    shader.inputs["Roughness"].default_value = 0.8
    shader.inputs["Specular IOR Level"].default_value = 0.2
    return shader


def _let_through(tree: bpy.types.NodeTree, surface: Any) -> Any:
    """Mix the surface with a transparent one, by the value of the node "Opacity"."""
    value = tree.nodes.new("ShaderNodeValue")
    value.name = _OPACITY
    clear = tree.nodes.new("ShaderNodeBsdfTransparent")
    mix = tree.nodes.new("ShaderNodeMixShader")
    tree.links.new(value.outputs[0], mix.inputs[0])
    tree.links.new(clear.outputs["BSDF"], mix.inputs[1])
    tree.links.new(surface, mix.inputs[2])
    return mix.outputs["Shader"]
