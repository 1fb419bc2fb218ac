# SPDX-License-Identifier: GPL-3.0-or-later
"""The viewport turned to a new drawing, and showing its true colours, or those of another form."""

from __future__ import annotations

import bpy

from .curves import Placement
from .frame_result import frame_drawing
from .viewport_change import ViewportChange
from .viewport_shading import show_colors_instead, show_colors_of, show_true_colors


class ArrangedView:
    """Arranges what there is to see when it is made; can be put back.

    A view through a camera is left alone, and so is shading that is not solid. replaced_form: of
    the drawing that this one replaces. The view is then as it should be, but for the place where
    solid shading looks for colours.
    """

    def __init__(
        self,
        context: bpy.types.Context,
        top: bpy.types.Collection,
        placement: Placement,
        replaced_form: str = "",
    ) -> None:
        self._view: ViewportChange | None = None
        if replaced_form:
            self._shadings = show_colors_instead(replaced_form, placement.form)
        else:
            self._shadings = show_true_colors(placement.form, flat=placement.shading == "FLAT")
            self._view = frame_drawing(context, top, leave_camera=False)

    def show_form(self, form: str) -> None:
        """Show the colours of the drawing in another form."""
        show_colors_of(self._shadings, form)

    def put_back(self) -> None:
        """Show all as before, unless somebody has changed more since."""
        for change in (*self._shadings, *([self._view] if self._view else [])):
            change.take_back()
