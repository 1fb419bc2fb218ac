# SPDX-License-Identifier: GPL-3.0-or-later
"""Appearance and place of a finished drawing, in its sub-panel."""

from __future__ import annotations

from typing import Any

import bpy

from ..operators.objects.collection import placement_of
from ..operators.objects.restyle import has_gradients
from ..operators.objects.root import root_of


def draw_appearance(layout: Any, collection: bpy.types.Collection) -> None:
    """Draw what can be changed of a drawing without a new run; closed at first."""
    header, body = layout.panel("SEMVEC_appearance", default_closed=True)
    header.label(text="Appearance")
    if body is None:
        return
    body.use_property_split, body.use_property_decorate = True, False
    body.enabled = collection.is_editable
    curves = placement_of(collection).form != "GREASE_PENCIL"
    body.prop(collection, "semvec_form")
    row = body.row()
    row.enabled = placement_of(collection).form != "JOINED"  # those have outlines
    row.prop(collection, "semvec_strokes")
    if has_gradients(collection):
        body.prop(collection, "semvec_fills")
    body.prop(collection, "semvec_shading")
    row = body.row()
    row.enabled = curves  # fills of Grease Pencil are flat
    row.prop(collection, "semvec_thickness")
    column = body.column()
    column.enabled = root_of(collection) is not None
    column.prop(collection, "semvec_size")
    column.prop(collection, "semvec_orientation")
    column.operator_menu_enum("semvec.place_drawing", "target", icon="OBJECT_ORIGIN")
