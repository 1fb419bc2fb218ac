# SPDX-License-Identifier: GPL-3.0-or-later
"""Add Detail Here, Refine and Remove Least Useful: changes to a finished drawing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
from bpy.props import EnumProperty, FloatVectorProperty

from ...core.drawing import Drawing
from ...core.errors import ImageError, SaliencyError, SemvecError
from ...core.image import have_same_shape
from ...core.pipeline.changes import TouchUp
from ...core.settings import Settings
from ...core.worker.job import Finished
from ...core.worker.process import shared_worker
from ...core.worker.refine_job import Refined, RefineJob
from ..blender.areas import find_area
from ..blender.datablocks import find_by_uid
from ..blender.framing import show_in_local_views
from ..blender.linked_data import scene_is_editable
from ..inputs.active_image import active_image, why_unusable
from ..inputs.image_part import WHOLE, Part, part_of, size_of_part
from ..inputs.painted_saliency import painted_saliency
from ..inputs.pixels import send_image
from ..inputs.view_box import BoxDrag, box_on_drawing, region_of
from ..objects.active import active_drawing
from ..objects.collection import CANVAS, SETTINGS, placement_of, read_shapes, shows_other_level
from ..objects.root import SOURCE, root_of
from ..objects.touched_shapes import show_refined
from ..properties.preferences import default_threads, log_file, worker_python
from ..properties.report import REPORT
from ..properties.settings import not_remembered
from ..properties.touch_up import locking_properties, shape_count
from ..run.drawing_session import DrawingSession
from ..run.event_filter import leave_modes
from ..run.modal_run import ModalRun
from ..run.session import can_run, show_failure

_NO_BOX = (0.0,) * 8

_WHERE = [
    ("BOX", "Box", "In a box that you drag in the 3D viewport"),
    ("PAINTED", "Painted", "Where the saliency canvas or mask of the image is painted"),
    ("PICTURE", "Whole Picture", "Everywhere"),
]


def touch_up_image(
    context: bpy.types.Context, collection: bpy.types.Collection
) -> bpy.types.Image | None:
    """Return the image that a drawing is compared with: its own, else the active one."""
    return bpy.data.images.get(collection[SOURCE]) or active_image(context)


def _part(collection: bpy.types.Collection, image: bpy.types.Image) -> Part:
    """Return the part of the image that a drawing is compared with."""
    return part_of(collection) if image.name == collection[SOURCE] else WHOLE


def why_no_touch_up(context: bpy.types.Context) -> str:
    """Return why the active drawing can't be touched up; empty where it can."""
    collection = active_drawing(context)
    if collection is None:
        return "There is no drawing in this scene. Vectorize an image first"
    if not collection.is_editable:
        return f"'{collection.name}' is linked from another file"
    if placement_of(collection).form != "CURVES":
        return f"'{collection.name}' has joined shapes. Set Appearance > Form to Curves"
    if shows_other_level(collection):
        return f"'{collection.name}' shows another level of detail. Go back to its own first"
    if root_of(collection) is None:
        return f"The empty of '{collection.name}' was deleted. Export and import the drawing"
    image = touch_up_image(context, collection)
    if image is None:
        return f"Choose the image of '{collection.name}' in the panel first"
    part = _part(collection, image)
    if reason := why_unusable(image, part):
        return reason
    size = size_of_part(image, part)
    width, height, _ = collection[CANVAS]
    scale = max(size) / max(width, height)
    shape = round(height * scale), round(width * scale)
    if 0 not in size and not have_same_shape(shape, (size[1], size[0])):
        return f"'{image.name}' has another shape than '{collection.name}'"
    return ""


class _TouchUp(ModalRun):
    """An operator that touches up the active drawing.

    from_panel: the panel's property for each of the operator's.
    """

    bl_options = {"REGISTER", "UNDO"}
    from_panel = {"adjust": "touch_up_adjust", "selected": "touch_up_selected"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether a drawing can be touched up now."""
        if not (can_run(cls) and scene_is_editable(cls, context.scene)):
            return False
        reason = why_no_touch_up(context)
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Touch up and wait until it is done: for scripts, for F9, and without a window."""
        collection: Any = active_drawing(context)
        try:
            job, place = self._job(context, collection, previews=False)
            place(context.scene, touch_up_image(context, collection), job.wait())
        except SemvecError as error:
            self.report({"ERROR"}, str(error))  # type: ignore[attr-defined]
            return {"CANCELLED"}
        return self._succeed(context, collection, "")

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Touch up with what the panel says; the window stays usable."""
        self._take_from_panel(context.scene.semvec)
        if bpy.app.background:
            return self.execute(context)
        return self._begin(context, add_handler=True)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what F9 offers to change."""
        layout = self.layout  # type: ignore[attr-defined]
        layout.use_property_split = True
        for name in ("count", "adjust", "selected"):
            if name in type(self).__annotations__:
                layout.prop(self, name)

    def _begin(self, context: bpy.types.Context, add_handler: bool = False) -> set[str]:
        """Start the run in the background."""
        collection: Any = active_drawing(context)
        try:
            leave_modes(context)
            image = touch_up_image(context, collection)
            job, place = self._job(context, collection, previews=True)
        except SemvecError as error:
            show_failure(context.window_manager.semvec, error)
            self.report({"WARNING"}, str(error))  # type: ignore[attr-defined]
            return {"CANCELLED"}
        keep = context.scene.semvec.keep_on_cancel
        placement = placement_of(collection)
        session = DrawingSession(
            context.scene, image, job, place, placement, keep, drawing=collection
        )
        if add_handler:
            context.window_manager.modal_handler_add(self)
        return self._start(context, session)

    def _job(
        self, context: bpy.types.Context, collection: bpy.types.Collection, previews: bool
    ) -> tuple[RefineJob, Callable[..., bpy.types.Collection]]:
        """Return the job, and the function that puts its result into the scene."""
        image = touch_up_image(context, collection)
        if image is None:
            raise ImageError("The image of the drawing is gone.", "Open it again.")
        shapes = read_shapes(collection)
        width, height, _ = collection[CANVAS]
        settings = json.loads(collection[SETTINGS])
        drawing = Drawing(width, height, [path for _, path in shapes], settings)
        changes = TouchUp(
            **self._changes(),
            lock=tuple(i for i, (obj, _) in enumerate(shapes) if self._is_locked(obj)),
            resolution=int(settings.get("resolution", Settings().resolution)),
            threads=default_threads(in_window=previews),
        )
        region = self._region(context, collection, image)
        worker = shared_worker(worker_python(), log_file())
        picture = send_image(image, worker, _part(collection, image))
        job = RefineJob(worker, drawing, picture, changes, region=region, previews=previews)
        return job, _placing(collection, drawing, [obj for obj, _ in shapes])

    def _is_locked(self, obj: bpy.types.Object) -> bool:
        properties: Any = self
        return obj.hide_select or (properties.selected and not obj.select_get())

    def _changes(self) -> dict[str, Any]:
        """Return the arguments of `TouchUp` for this operator."""
        raise NotImplementedError

    def _region(
        self, context: bpy.types.Context, collection: bpy.types.Collection, image: bpy.types.Image
    ) -> np.ndarray | None:
        """Return the region to change, [H, W]; None for everywhere. Raises SaliencyError."""
        return None

    def _take_from_panel(self, panel: Any) -> None:
        """Take every property that the caller has not set from the panel."""
        for name, shown in self.from_panel.items():
            if not self.properties.is_property_set(name):  # type: ignore[attr-defined]
                setattr(self, name, getattr(panel, shown))

    def _succeed(
        self, context: bpy.types.Context, collection: bpy.types.Collection, note: str
    ) -> set[str]:
        report = json.loads(collection[REPORT])
        counts = ", ".join(f"{report[name]} {name}" for name in ("added", "removed", "changed"))
        text = " · ".join([f"{collection.name}: {counts}", *report["notes"]])
        self.report({"INFO"}, text)  # type: ignore[attr-defined]
        return {"FINISHED"}


_TOOLTIPS = {
    "PAINTED": "Add shapes in the painted area, where the drawing differs most from the image",
    "PICTURE": "Add shapes anywhere in the drawing, where it differs most from the image",
}


class SEMVEC_OT_add_detail(_TouchUp, bpy.types.Operator):
    """Drag a box over the drawing: shapes are added in it where it differs most from the image"""

    bl_idname = "semvec.add_detail"
    bl_label = "Add Detail Here"
    from_panel = {**_TouchUp.from_panel, "count": "touch_up_add"}

    __annotations__ = not_remembered(
        {
            "count": shape_count("Shapes", "Number of shapes to add", 32),
            **locking_properties(),
            "where": EnumProperty(
                name="Where",
                description="Part of the drawing that gets them",
                items=_WHERE,
                default="BOX",
            ),
            "box": FloatVectorProperty(
                name="Box",
                description="Corners of the box, x and y in pixels of the drawing",
                size=8,
                default=_NO_BOX,
            ),
        }
    )

    _drag: BoxDrag | None = None

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        """Return the tooltip of a button, by the part of the drawing that it is for."""
        return _TOOLTIPS.get(properties.where) or cls.__doc__ or ""

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Wait for a box, unless the region is known."""
        if self.where != "BOX" or tuple(self.box) != _NO_BOX or bpy.app.background:
            return super().invoke(context, event)
        if find_area(context, "VIEW_3D") is None:
            self.report({"WARNING"}, "There is no 3D viewport in this window")
            return {"CANCELLED"}
        self._take_from_panel(context.scene.semvec)
        leave_modes(context)
        self._drag = BoxDrag(context)
        context.workspace.status_text_set("Drag a box over what needs more detail    Esc: Cancel")
        context.window_manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Take the box first, then watch the run."""
        if self._drag is None:
            return super().modal(context, event)
        if self._drag.closed:
            return {"CANCELLED", "PASS_THROUGH"}
        if event.type in ("ESC", "RIGHTMOUSE") and event.value == "PRESS":
            self._end_drag(context)
            return {"CANCELLED"}
        is_ours = self._drag.handle(context, event)
        if not self._drag.done:
            return {"RUNNING_MODAL"} if is_ours else {"PASS_THROUGH"}
        drag = self._end_drag(context)
        if not self.poll(context):
            reason = why_no_touch_up(context) or "Another run has been started meanwhile"
            self.report({"WARNING"}, reason)
            return {"CANCELLED"}
        collection: Any = active_drawing(context)
        try:
            size = drag.region.width, drag.region.height
            corners = box_on_drawing(collection, drag.perspective, size, drag.corners)
        except SemvecError as error:
            self.report({"WARNING"}, str(error))
            return {"CANCELLED"}
        self.box = corners.ravel().tolist()
        return self._begin(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """End the drag or the run when Blender ends the operator."""
        if self._drag is not None:
            self._end_drag(context)
        else:
            super().cancel(context)

    def _end_drag(self, context: bpy.types.Context) -> Any:
        drag: Any = self._drag
        self._drag = None
        drag.close(context)
        if context.workspace is not None:
            context.workspace.status_text_set(None)
        return drag

    def _changes(self) -> dict[str, Any]:
        return {"add": self.count, "hold": not self.adjust}

    def _region(
        self, context: bpy.types.Context, collection: bpy.types.Collection, image: bpy.types.Image
    ) -> np.ndarray | None:
        if self.where == "PICTURE":
            return None
        if self.where == "BOX":
            if tuple(self.box) == _NO_BOX:
                raise SaliencyError("There is no box.", "Drag one, or set Where.")
            return region_of(collection, np.reshape(self.box, (4, 2)))
        painted = painted_saliency(image, context.scene, background=0.0)
        if painted is None:
            raise SaliencyError(
                f"Nothing is painted for '{image.name}'.",
                "Draw on a saliency canvas, paint a mask, or drag a box.",
            )
        return painted


class SEMVEC_OT_refine_drawing(_TouchUp, bpy.types.Operator):
    """Move the drawing's curves closer to the image, starting from where they are now"""

    bl_idname = "semvec.refine_drawing"
    bl_label = "Refine"

    __annotations__ = not_remembered({"selected": locking_properties()["selected"]})
    from_panel = {"selected": "touch_up_selected"}

    def _changes(self) -> dict[str, Any]:
        return {}


class SEMVEC_OT_remove_least_useful(_TouchUp, bpy.types.Operator):
    """Remove the shapes that the drawing misses least"""

    bl_idname = "semvec.remove_least_useful"
    bl_label = "Remove Least Useful"
    from_panel = {**_TouchUp.from_panel, "count": "touch_up_remove"}

    __annotations__ = not_remembered(
        {"count": shape_count("Shapes", "Number of shapes to remove", 10), **locking_properties()}
    )

    def _changes(self) -> dict[str, Any]:
        return {"remove": self.count, "hold": not self.adjust}


def _placing(
    collection: bpy.types.Collection, drawing: Drawing, objects: list[bpy.types.Object]
) -> Callable[..., bpy.types.Collection]:
    """Return the function that puts a result into the drawing, which undo may have replaced."""
    number, numbers = collection.session_uid, [obj.session_uid for obj in objects]

    def place(
        scene: bpy.types.Scene, image: bpy.types.Image, finished: Finished
    ) -> bpy.types.Collection:
        current = find_by_uid(bpy.data.collections, number)
        if current is None or not isinstance(finished, Refined):
            raise ImageError("The drawing has been removed meanwhile.", "Undo that.")
        found = {obj.session_uid: obj for obj in current.all_objects}
        show_refined(current, drawing, [found.get(each) for each in numbers], finished)
        report = json.loads(current.get(REPORT, "{}"))
        current[REPORT] = json.dumps({**report, **finished.report})
        show_in_local_views(current.all_objects)
        return current

    return place


classes = (SEMVEC_OT_add_detail, SEMVEC_OT_refine_drawing, SEMVEC_OT_remove_least_useful)
