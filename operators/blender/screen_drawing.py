# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures, bars and text that draw handlers put over an editor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import blf
import bpy
import gpu
import numpy as np
from gpu_extras.batch import batch_for_shader

from ...core import srgb

Color = tuple[float, float, float, float]

# Corners of a picture as a triangle strip: lower left, lower right, upper left, upper right.
CORNERS = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0))


def make_texture(pixels: np.ndarray) -> Any:
    """Upload sRGB colors and opacity [H, W, 4], row 0 on top, as a texture.

    Needs a graphics context: to be called in a draw handler.
    """
    height, width = pixels.shape[:2]
    upwards = np.ascontiguousarray(pixels[::-1], np.float32)
    if bpy.app.version < (5, 0, 0):  # windows took linear light
        upwards = upwards.copy()
        upwards[..., :3] = srgb.decode(upwards[..., :3])
    buffer = gpu.types.Buffer("FLOAT", upwards.size, upwards.ravel())
    return gpu.types.GPUTexture((width, height), format="RGBA16F", data=buffer)


def draw_texture(
    texture: Any,
    places: Sequence[Sequence[float]],
    opacity: float = 1.0,
    parts: Sequence[Sequence[float]] = CORNERS,
) -> None:
    """Draw a texture between four places, in the order of `CORNERS`.

    parts: the texture's coordinates there.
    """
    shader = gpu.shader.from_builtin("IMAGE_COLOR")
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": places, "texCoord": parts})
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("color", (1.0, 1.0, 1.0, opacity))
    shader.uniform_sampler("image", texture)
    batch.draw(shader)
    gpu.state.blend_set("NONE")


def draw_area(places: Sequence[Sequence[float]], color: Color) -> None:
    """Draw an area of one sRGB color between four places, in the order of `CORNERS`."""
    shader = gpu.shader.from_builtin("UNIFORM_COLOR")
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": places})
    gpu.state.blend_set("ALPHA")
    shader.bind()
    shader.uniform_float("color", color)
    batch.draw(shader)
    gpu.state.blend_set("NONE")


def rectangle(left: float, bottom: float, width: float, height: float) -> list[list[float]]:
    """Return the four places of an upright rectangle."""
    return [[left + x * width, bottom + y * height] for x, y in CORNERS]


def free_top(area: Any, region: Any, scale: float) -> float:
    """Return the height in a 3D viewport's region, in pixels, below headers and Blender's texts.

    With region overlap, headers lie over the region. scale: that of the interface.
    """
    top = region.y + region.height
    for other in area.regions:
        over = other.type in {"HEADER", "TOOL_HEADER"} and other.height > 1
        if over and region.y + region.height / 2 < other.y < top:
            top = other.y
    overlay = area.spaces.active.overlay
    lines = 1
    if overlay.show_overlays:
        lines += 3 * overlay.show_text + 8 * overlay.show_stats
    return float(top - region.y - 20.0 * scale * lines)


def text_width(text: str, size: float = 12.0) -> float:
    """Return the width of a line of text in pixels; size: in points of the interface."""
    blf.size(0, size * ui_scale())
    return float(blf.dimensions(0, text)[0])


def draw_text(text: str, x: float, y: float, size: float = 12.0) -> None:
    """Draw a line of text in white with a dark shadow, from a point of its base line on."""
    blf.size(0, size * ui_scale())
    blf.enable(0, blf.SHADOW)
    blf.shadow(0, 3, 0.0, 0.0, 0.0, 0.9)
    blf.shadow_offset(0, 0, 0)
    blf.color(0, 1.0, 1.0, 1.0, 1.0)
    blf.position(0, x, y, 0.0)
    blf.draw(0, text)
    blf.disable(0, blf.SHADOW)


def ui_scale() -> float:
    """Return the scale of the interface, 1 on plain screens."""
    return float(bpy.context.preferences.system.ui_scale)
