# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done with a drawing that is there, also long after the run that made it."""

from __future__ import annotations

import json
from typing import Any

import bpy

from ..operators.level_of_detail import draw_slider
from ..operators.objects.active import active_drawing
from ..operators.vectorize import REPORT
from .run_status import draw_report


class DrawingTools:
    """The sub-panel of the active object's drawing, or of the last one."""

    bl_label = "Drawing"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Whether there is one, and nothing runs."""
        return not context.window_manager.semvec.running and active_drawing(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """How it came out, level of detail, and what can be done next."""
        layout = self.layout  # type: ignore[attr-defined]
        collection: Any = active_drawing(context)
        layout.label(text=collection.name, icon="OUTLINER_COLLECTION")
        if REPORT in collection:
            draw_report(layout, json.loads(collection[REPORT]))
        draw_slider(layout, collection)
        buttons = layout.column(align=True)
        row = buttons.row(align=True)
        row.operator("semvec.frame_result", icon="ZOOM_SELECTED")
        row.operator("semvec.export_svg", text="Export", icon="EXPORT").drawing = collection.name
        row = buttons.row(align=True)
        row.operator("semvec.run_again", icon="FILE_REFRESH")
        row.operator("semvec.restore_settings", text="Restore", icon="LOOP_BACK")
