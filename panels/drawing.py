# SPDX-License-Identifier: GPL-3.0-or-later
"""The sub-panel of a drawing: quality, level of detail, appearance, palette and operators."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ..operators.compare.overlay import is_comparing
from ..operators.level_of_detail import draw_slider, is_result_shown
from ..operators.objects.active import active_drawing
from ..operators.objects.palette import gradients_of, palette_of, shapes_of
from ..operators.objects.pencil_palette import pencil_swatches
from ..operators.objects.render_note import render_note
from ..operators.properties.report import REPORT
from ..operators.properties.swatches import swatch_name
from .appearance import draw_appearance
from .run_status import draw_report
from .wrapped_text import draw_text

_SWATCHES = 64  # at most
_COLUMNS = 8  # twice as many where two rows don't show all


class DrawingTools:
    """The sub-panel of the active object's drawing, or of the newest one."""

    bl_label = "Drawing"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing, and nothing runs."""
        return not context.window_manager.semvec.running and active_drawing(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the state of the drawing, and what can be done with it."""
        layout = self.layout  # type: ignore[attr-defined]
        collection: Any = active_drawing(context)
        row = layout.row(align=True)
        row.label(text=collection.name, icon="OUTLINER_COLLECTION")
        row.operator("semvec.toggle_guidance", text="", icon="HIDE_OFF")
        row.operator("semvec.delete_drawing", text="", icon="TRASH")
        if not is_result_shown(collection):
            _draw_level(layout, collection)
        elif REPORT in collection:
            draw_report(layout, json.loads(collection[REPORT]))
        draw_slider(layout, collection)
        _draw_buttons(layout, collection)  # above what opens, so that they stay in place
        draw_appearance(layout, collection)
        _draw_palette(layout, collection)
        _draw_gradients(layout, collection)
        _draw_rarer_buttons(layout)
        note = render_note(context.scene, collection)
        if note:
            draw_text(layout, note, "INFO")


def _draw_level(layout: Any, collection: bpy.types.Collection) -> None:
    """Draw the figures of another level of detail: the result's are not those of what is seen."""
    shown = [obj for obj in shapes_of(collection) if obj.visible_get()]
    layout.label(text=f"Level of detail: {len(shown)} shapes", icon="INFO")


def _draw_palette(layout: Any, collection: bpy.types.Collection) -> None:
    """Draw a swatch for each color, the most used first, and the operators for colors."""
    swatches = _swatches(collection)
    if not swatches:
        return
    header, body = layout.panel("SEMVEC_palette", default_closed=True)
    header.label(text=f"Palette ({len(swatches)})")
    if body is None:
        return
    columns = _COLUMNS if len(swatches) <= 2 * _COLUMNS else 2 * _COLUMNS
    grid = body.grid_flow(row_major=True, columns=columns, even_columns=True, align=True)
    for holder, name in swatches[:_SWATCHES]:
        grid.prop(holder, name, text="")
    if len(swatches) > _SWATCHES:
        body.label(text=f"{len(swatches) - _SWATCHES} more colors")
    row = body.row(align=True)
    row.operator("semvec.select_same_color", text="Select Same", icon="RESTRICT_SELECT_OFF")
    row.operator("semvec.merge_colors", icon="COLOR")


def _swatches(collection: Any) -> list[tuple[Any, str]]:
    """Return the properties with the colors of materials, and with those of strokes."""
    materials = [(group[0], "semvec_color") for group in palette_of(collection)]
    colors = len(pencil_swatches(collection))
    return materials + [(collection.semvec_swatches, swatch_name(i)) for i in range(colors)]


def _draw_gradients(layout: Any, collection: bpy.types.Collection) -> None:
    """Draw the two colors of each gradient of Grease Pencil, which its strokes follow."""
    gradients = gradients_of(collection)
    if not gradients:
        return
    header, body = layout.panel("SEMVEC_gradients", default_closed=True)
    header.label(text=f"Gradients ({len(gradients)})")
    if body is None:
        return
    grid = body.grid_flow(row_major=True, columns=_COLUMNS // 2, even_columns=True)
    for material in gradients[:_SWATCHES]:
        row = grid.row(align=True)
        row.prop(material.grease_pencil, "fill_color", text="")
        row.prop(material.grease_pencil, "mix_color", text="")
    if len(gradients) > _SWATCHES:
        body.label(text=f"{len(gradients) - _SWATCHES} more gradients")


def _draw_buttons(layout: Any, collection: bpy.types.Collection) -> None:
    buttons = layout.column(align=True)
    row = buttons.row(align=True)
    row.operator("semvec.compare", text="Compare", icon="IMAGE_REFERENCE", depress=is_comparing())
    row = buttons.row(align=True)
    row.operator("semvec.frame_drawing", text="Frame", icon="ZOOM_SELECTED")
    row.operator("semvec.export_svg", text="Export", icon="EXPORT").drawing = collection.name
    row = buttons.row(align=True)
    row.operator("semvec.run_again", icon="FILE_REFRESH")
    row.operator("semvec.restore_settings", text="Restore", icon="LOOP_BACK")
    row = buttons.row(align=True)
    row.operator("semvec.select_shapes", text="Select", icon="RESTRICT_SELECT_OFF")
    row.operator("semvec.duplicate_drawing", text="Duplicate", icon="DUPLICATE")


def _draw_rarer_buttons(layout: Any) -> None:
    header, body = layout.panel("SEMVEC_convert", default_closed=True)
    header.label(text="Convert and Render")
    if body is None:
        return
    buttons = body.column(align=True)
    buttons.operator("semvec.simplify_drawing", text="Simplify", icon="MOD_SIMPLIFY")
    row = buttons.row(align=True)
    row.operator("semvec.join_drawing", text="Join")
    row.operator_menu_enum("semvec.expand_drawing", "type", text="Expand")
    buttons.operator("semvec.set_up_camera", icon="OUTLINER_OB_CAMERA")
