# SPDX-License-Identifier: GPL-3.0-or-later
"""Level of Detail: a result as coarser or finer structural shapes, without a new run.

The level's shapes are in a collection of their own. The curves of the result are hidden until
the slider is back at their own number of regions.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import IntProperty

from ..core.errors import SemvecError
from ..core.worker.job import Finished
from ..core.worker.level_request import request_level
from ..core.worker.process import shared_worker
from .objects.active import NeedsDrawing, active_drawing
from .objects.collection import CANVAS, LEVEL, add_layer, remove_layer, show_paths
from .properties.runtime import RUNTIME

# Custom properties of the drawing's collection
_LEVELS = "semvec_levels"  # bytes: masks, colors and tree
_OWN = "semvec_own_regions"  # number of regions of the result, and of the finest level
_SHOWN = "semvec_shown_regions"

_REST = 0.04  # seconds that the slider rests before its level is made


def remember_levels(collection: bpy.types.Collection, finished: Finished) -> None:
    """Store with the drawing what its other levels need: about 20 KB."""
    if finished.levels:
        collection[_LEVELS] = finished.levels
        collection[_OWN] = (finished.report["structural"], finished.tree["regions"])


def has_levels(collection: bpy.types.Collection) -> bool:
    """Return whether the drawing has levels of detail, and can show them."""
    return _LEVELS in collection and collection.is_editable


def shown_regions(collection: bpy.types.Collection) -> int:
    """Return the number of regions at the level that is shown."""
    return collection.get(_SHOWN, collection.get(_OWN, (1, 1))[0])


def show_level(collection: bpy.types.Collection, regions: int) -> None:
    """Show the structural shapes of so many regions; at the result's own number, the result.

    Raises SemvecError.
    """
    own, most = collection[_OWN]
    regions = max(1, min(regions, most))
    layer = next((layer for layer in collection.children if LEVEL in layer), None)
    if regions != own:
        width, height, _ = collection[CANVAS]
        drawing = request_level(shared_worker(), collection[_LEVELS], regions, width, height)
        if layer is None:
            layer = add_layer(collection, "Level of Detail", "structural")
            layer[LEVEL] = True
        show_paths(collection, drawing, {"structural": layer})
    elif layer is not None:
        remove_layer(layer)
    for other in collection.children:
        if LEVEL not in other:
            other.hide_viewport = other.hide_render = regions != own
    collection[_SHOWN] = regions


class SEMVEC_OT_level_of_detail(NeedsDrawing, bpy.types.Operator):
    """Show a drawing as more or fewer structural shapes, without vectorizing again"""

    bl_idname = "semvec.level_of_detail"
    bl_label = "Level of Detail"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = {
        "regions": IntProperty(
            name="Regions",
            description="Number of structural shapes to show",
            default=16,
            min=1,
            soft_max=200,
        )
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a drawing with levels."""
        collection = active_drawing(context)
        if collection is not None and not has_levels(collection):
            linked = "is linked from another file"
            missing = "has no levels of detail. Vectorize its image"
            cls.poll_message_set(
                f"'{collection.name}' {missing if collection.is_editable else linked}"
            )
            return False
        return super().poll(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Show the level."""
        try:
            show_level(active_drawing(context), self.regions)
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


def is_result_shown(collection: bpy.types.Collection) -> bool:
    """Return whether the result itself is shown, and no other level of detail."""
    return _SHOWN not in collection or collection[_SHOWN] == collection[_OWN][0]


def draw_slider(layout: Any, collection: bpy.types.Collection) -> None:
    """Draw the slider of a drawing that has levels, and the way back to its result."""
    if not has_levels(collection):
        return
    row = layout.row(align=True)
    row.prop(collection, "semvec_regions", slider=True)
    if not is_result_shown(collection):
        back = row.operator("semvec.level_of_detail", text="", icon="LOOP_BACK")
        back.regions = collection[_OWN][0]


classes = (SEMVEC_OT_level_of_detail,)


def wanted_regions(collection: bpy.types.Collection) -> int:
    """Return the value of the slider, which may be ahead of what is shown."""
    return RUNTIME.wanted_levels.get(collection.session_uid, shown_regions(collection))


def want_regions(collection: bpy.types.Collection, regions: int) -> None:
    """Show a level once the slider rests: making one takes longer than a movement."""
    if has_levels(collection):
        RUNTIME.wanted_levels[collection.session_uid] = regions
        _forget_timer()
        if bpy.app.background:  # where timers never tick
            show_wanted()
        else:
            bpy.app.timers.register(show_wanted, first_interval=_REST)


def show_wanted() -> None:
    """Show the level of each slider; an error opens a pop-up, since sliders can't report."""
    collections = [
        collection
        for collection in bpy.data.collections
        if collection.session_uid in RUNTIME.wanted_levels
    ]
    for collection in collections:
        try:
            show_level(collection, RUNTIME.wanted_levels[collection.session_uid])
        except SemvecError as error:
            _show_error(str(error))
    RUNTIME.wanted_levels.clear()


def _show_error(message: str) -> None:
    bpy.context.window_manager.popup_menu(
        lambda menu, context: menu.layout.label(text=message), title="Semvec", icon="ERROR"
    )


def _forget_timer() -> None:
    if bpy.app.timers.is_registered(show_wanted):
        bpy.app.timers.unregister(show_wanted)


def register() -> None:
    """Add the slider to collections."""
    bpy.types.Collection.semvec_regions = IntProperty(
        name="Regions",
        description="Show the drawing as so many structural shapes, without vectorizing again",
        min=1,
        soft_max=200,
        get=wanted_regions,
        set=want_regions,
    )


def unregister() -> None:
    """Remove it."""
    _forget_timer()
    RUNTIME.wanted_levels.clear()
    del bpy.types.Collection.semvec_regions
