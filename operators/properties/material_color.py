# SPDX-License-Identifier: GPL-3.0-or-later
"""`Material.semvec_color`: the swatch of a flat color, which all shapes of that color follow.

Edits in the material's own panel reach the viewport color through a handler.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent
from bpy.props import FloatVectorProperty

from ..objects.form import REGION
from ..objects.grease_pencil import follow_colors
from ..objects.grease_pencil_ramps import shows_gradient
from ..objects.materials import color_of, shows_ramp
from ..objects.palette import recolor
from .runtime import RUNTIME


def register() -> None:
    """Add the property and the handler."""
    bpy.types.Material.semvec_color = FloatVectorProperty(
        name="Color",
        description="Color of all shapes of the drawing that have it",
        subtype="COLOR",
        size=3,
        min=0.0,
        max=1.0,
        get=lambda self: tuple(color_of(self)[:3]),
        set=recolor,
    )
    bpy.app.handlers.depsgraph_update_post.append(_follow_edits)


def unregister() -> None:
    """Remove them."""
    bpy.app.handlers.depsgraph_update_post.remove(_follow_edits)
    del bpy.types.Material.semvec_color


@persistent
def _follow_edits(scene: bpy.types.Scene, depsgraph: Any) -> None:
    """Give materials that were edited by hand their new color in solid viewports."""
    if RUNTIME.session is not None or not depsgraph.id_type_updated("MATERIAL"):
        return
    for update in depsgraph.updates:
        block = update.id.original
        if not isinstance(block, bpy.types.Material) or REGION not in block:
            continue
        if shows_gradient(block):
            follow_colors(block)
        elif _is_flat(block):
            color = tuple(color_of(block))
            if tuple(block.diffuse_color) != color:
                block.diffuse_color = color


def _is_flat(material: bpy.types.Material) -> bool:
    """Return whether the material has a flat color; a gradient keeps its mean in viewports."""
    return material.grease_pencil is None and not shows_ramp(material)
