# SPDX-License-Identifier: GPL-3.0-or-later
"""The node group "Semvec Gradient", which gives every point of an object the color of its ramp.

Ramps go from one color to the other in sRGB, as in SVG; Blender's nodes reckon in linear light.
"""

from __future__ import annotations

from typing import Any

import bpy

from ..blender.node_builder import Nodes
from .gradients import DESCRIPTIONS, END, END_COLOR, KIND, START, START_COLOR

_NAME = "Semvec Gradient"
_FLAT = "Color"  # input: what is shown where there is no ramp
_TINY = 1e-30  # the square of a length that is none

_SOCKETS = {
    _FLAT: "NodeSocketColor",
    KIND: "NodeSocketFloat",
    START: "NodeSocketVector",
    END: "NodeSocketVector",
    START_COLOR: "NodeSocketColor",
    END_COLOR: "NodeSocketColor",
}


def ramp_group() -> Any:
    """Return the node group, made once a file. Its inputs are named like the custom properties."""
    return bpy.data.node_groups.get(_NAME) or _make_group()


def read_from_object(tree: Any, node: Any) -> None:
    """Make a node of this group read the custom properties of the object that is shown."""
    nodes = Nodes(tree)
    for row, name in enumerate(DESCRIPTIONS, start=1):
        outputs = nodes.add("ShaderNodeAttribute", attribute_type="OBJECT", attribute_name=name)
        outputs[0].node.location = (node.location.x - 300.0, -200.0 * row)
        color, vector, number, _ = outputs
        kinds = {"NodeSocketColor": color, "NodeSocketVector": vector, "NodeSocketFloat": number}
        tree.links.new(kinds[_SOCKETS[name]], node.inputs[name])


def _make_group() -> Any:
    tree: Any = bpy.data.node_groups.new(_NAME, "ShaderNodeTree")
    for name, socket in _SOCKETS.items():
        text = DESCRIPTIONS.get(name, "Color without a gradient")
        tree.interface.new_socket(name, description=text, in_out="INPUT", socket_type=socket)
    tree.interface.new_socket("Color", in_out="OUTPUT", socket_type="NodeSocketColor")
    nodes = Nodes(tree)
    inputs = nodes.add("NodeGroupInput")
    ends = [_per_channel(nodes, inputs[name], _to_srgb) for name in (START_COLOR, END_COLOR)]
    mixed = _mix(nodes, _share(nodes, inputs), *ends)
    color = _per_channel(nodes, mixed, _to_linear)
    has_ramp = _math(nodes, "GREATER_THAN", inputs[KIND], 0.5)
    nodes.add("NodeGroupOutput", Color=_mix(nodes, has_ramp, inputs[_FLAT], color))
    return tree


def _share(nodes: Nodes, inputs: Any) -> Any:
    """Return the position along the gradient, in [0, 1]; 1 where its ends are the same point."""
    here = nodes.add("ShaderNodeTexCoord")["Object"]
    axis, way = (_plane_vector(nodes, point, inputs[START]) for point in (inputs[END], here))
    square = nodes.add("ShaderNodeVectorMath", operation="DOT_PRODUCT", Vector=[axis, axis])[1]
    along = nodes.add("ShaderNodeVectorMath", operation="DOT_PRODUCT", Vector=[way, axis])[1]
    outwards, reach = (
        nodes.add("ShaderNodeVectorMath", operation="LENGTH", Vector=vector)[1]
        for vector in (way, axis)
    )
    linear, radial = (
        _math(nodes, "DIVIDE", *parts) for parts in ((along, square), (outwards, reach))
    )
    is_radial = _math(nodes, "GREATER_THAN", inputs[KIND], 1.5)
    share = nodes.add("ShaderNodeMix", Factor=is_radial, A=linear, B=radial)[0]
    at_once = _math(nodes, "LESS_THAN", square, _TINY)
    return _math(nodes, "MAXIMUM", share, at_once)  # mixing colors clamps it


def _plane_vector(nodes: Nodes, end: Any, start: Any) -> Any:
    """Return the vector between two points in the XY plane: shapes are flat, or prisms."""
    way = nodes.add("ShaderNodeVectorMath", operation="SUBTRACT", Vector=[end, start])[0]
    flat = (1.0, 1.0, 0.0)
    return nodes.add("ShaderNodeVectorMath", operation="MULTIPLY", Vector=[way, flat])[0]


def _per_channel(nodes: Nodes, color: Any, curve: Any) -> Any:
    """Apply a curve, which adds its nodes, to all three channels of a color."""
    channels = nodes.add("ShaderNodeSeparateColor", Color=color)
    red, green, blue = (curve(nodes, channel) for channel in channels)
    return nodes.add("ShaderNodeCombineColor", Red=red, Green=green, Blue=blue)[0]


def _to_srgb(nodes: Nodes, value: Any) -> Any:
    power = _math(nodes, "POWER", value, 1.0 / 2.4)
    curve = _math(nodes, "MULTIPLY_ADD", power, 1.055, -0.055)
    return _above(nodes, value, 0.0031308, _math(nodes, "MULTIPLY", value, 12.92), curve)


def _to_linear(nodes: Nodes, value: Any) -> Any:
    base = _math(nodes, "MULTIPLY_ADD", value, 1.0 / 1.055, 0.055 / 1.055)
    curve = _math(nodes, "POWER", base, 2.4)
    return _above(nodes, value, 0.04045, _math(nodes, "MULTIPLY", value, 1.0 / 12.92), curve)


def _above(nodes: Nodes, value: Any, limit: float, below: Any, above: Any) -> Any:
    """Choose between two numbers by a limit."""
    is_above = _math(nodes, "GREATER_THAN", value, limit)
    return nodes.add("ShaderNodeMix", Factor=is_above, A=below, B=above)[0]


def _mix(nodes: Nodes, share: Any, first: Any, last: Any) -> Any:
    """Mix two colors by a fraction."""
    return nodes.add("ShaderNodeMix", data_type="RGBA", Factor=share, A=first, B=last)[2]


def _math(nodes: Nodes, operation: str, *values: Any) -> Any:
    return nodes.add("ShaderNodeMath", operation=operation, Value=list(values))[0]
