# SPDX-License-Identifier: GPL-3.0-or-later
"""The sub-panel that compares a drawing with its source in the 3D viewport."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.compare.keys import key_name
from ..operators.compare.overlay import is_comparing
from ..operators.objects.active import active_drawing


class Compare:
    """Source or remaining error over the drawing, with opacity and wipe."""

    bl_label = "Compare"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing, and nothing runs."""
        return not context.window_manager.semvec.running and active_drawing(context) is not None

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the buttons of both pictures, and the sliders of the one that is shown."""
        layout: Any = self.layout  # type: ignore[attr-defined]
        settings = context.window_manager.semvec_compare
        on = is_comparing()
        row = layout.row(align=True)
        for shown, text, icon in (
            ("SOURCE", "Source", "IMAGE_REFERENCE"),
            ("ERROR", "Error", "MOD_DATA_TRANSFER"),
        ):
            depress = on and settings.shown == shown
            row.operator("semvec.compare", text=text, icon=icon, depress=depress).shown = shown
        column = layout.column(align=True)
        column.active = on
        column.prop(settings, "opacity")
        column.prop(settings, "wipe")
        layout.operator("semvec.drag_wipe", icon="ARROW_LEFTRIGHT")
        key = key_name()
        if key:
            layout.label(text=f"{key} shows and hides it", icon="KEYINGSET")
