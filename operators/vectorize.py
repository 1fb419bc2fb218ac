# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Image to Curves: the operator, and the function that it calls."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import bpy
import numpy as np
from bpy.props import BoolProperty, StringProperty

from ..core.errors import ImageError, SemvecError, SettingsError
from ..core.settings import Settings
from ..core.worker.job import Finished, Job
from ..core.worker.process import shared_worker
from .blender.framing import select_only, show_in_local_views
from .blender.linked_data import scene_is_editable
from .inputs.active_image import active_choice, active_part, why_unusable
from .inputs.guidance import PAINTED, switches
from .inputs.guidance_objects import hide_guidance, show_guidance
from .inputs.image_part import WHOLE, Part, part_properties, remember_part
from .inputs.painted_saliency import painted_map
from .inputs.pixels import find_image, read_labels, read_saliency, send_image
from .level_of_detail import remember_levels
from .mask_cache import cache_folder
from .objects.clipping import clipped
from .objects.collection import add_drawing, find_drawings, placement_of
from .objects.placement import Placement
from .objects.reference import rectangle_of
from .objects.root import root_of
from .objects.view import ArrangedView
from .properties.images import image_names
from .properties.preferences import default_threads, log_file, worker_python
from .properties.report import REPORT
from .properties.settings import (
    not_remembered,
    placement_from,
    placement_properties,
    run_properties,
    settings_from,
    settings_properties,
)
from .run.arranged_views import remember_view
from .run.drawing_session import DrawingSession
from .run.event_filter import leave_modes
from .run.modal_run import ModalRun
from .run.session import can_run, current_session, show_failure
from .run_again import remember_inputs

Saliency = bpy.types.Image | np.ndarray | None


def vectorize_image(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    settings: Settings,
    *,
    saliency: Saliency = None,
    masks: bpy.types.Image | None = None,
    svg: str = "",
    placement: Placement | None = None,
    part: Part = WHOLE,
) -> bpy.types.Collection:
    """Vectorize `image` in the worker process and put the curves into `scene`.

    saliency: an image that is white where it matters, or a map [H, W] in [0, 1] such as
    `painted_saliency` gives. masks: an image of the same shape, each mask in a flat color
    of its own. svg: a file to write the drawing to as well. part: tile or frame of the image.
    Waits until all is done.
    Returns the drawing's collection. Raises SemvecError.
    """
    job = start_job(image, settings, saliency=saliency, masks=masks, part=part)
    return place_result(scene, image, job.wait(), svg, placement, part)


def start_job(
    image: bpy.types.Image,
    settings: Settings,
    *,
    saliency: Saliency = None,
    masks: bpy.types.Image | None = None,
    previews: bool = False,
    part: Part = WHOLE,
) -> Job:
    """Hand the images' pixels to the worker process. Raises SemvecError.

    previews: whether a window shows the run; it then keeps a processor for itself.
    """
    worker = shared_worker(worker_python(), log_file())
    picture = send_image(image, worker, part)
    size = picture.width, picture.height
    if isinstance(saliency, bpy.types.Image):
        saliency = read_saliency(saliency, *size)
    return Job(
        worker,
        picture,
        settings,
        saliency=saliency,
        masks=None if masks is None else read_labels(masks, *size),
        previews=previews,
        threads=settings.threads or default_threads(in_window=previews),
        cache=cache_folder(),
    )


def place_result(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    finished: Finished,
    svg: str = "",
    placement: Placement | None = None,
    part: Part = WHOLE,
) -> bpy.types.Collection:
    """Write the SVG file, if one is asked for, and put curves and report into the scene."""
    if svg:
        from ..core.svg import save_svg  # its parsers would slow down enabling the extension

        save_svg(finished.drawing, bpy.path.abspath(svg))
    drawing = finished.drawing
    if finished.report["stopped"]:  # with shapes that have not settled yet
        shapes = [clipped(path, drawing.width, drawing.height) for path in drawing.paths]
        drawing = replace(drawing, paths=shapes)
    collection = add_drawing(scene, drawing, image.name, placement)
    collection[REPORT] = json.dumps(finished.report)
    remember_part(collection, part)
    remember_levels(collection, finished)
    return collection


class SEMVEC_OT_vectorize(ModalRun, bpy.types.Operator):
    """Turn an image into a fixed number of editable curves"""

    bl_idname = "semvec.vectorize"
    bl_label = "Vectorize Image to Curves"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = not_remembered(
        {
            **image_names(),
            **part_properties(),
            "painted": BoolProperty(
                name="Painted", description="Use what is painted for the image in this scene"
            ),
            "svg": StringProperty(
                name="SVG", description="File to write the drawing to as well", subtype="FILE_PATH"
            ),
            **settings_properties(),
            **placement_properties(),
            **run_properties(),
        }
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether a run can start in this scene."""
        return can_run(cls) and scene_is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Vectorize and wait until it is done: for scripts, for F9, and without a window."""
        try:
            image = find_image(self.image)
            inputs = self._inputs(context, image)
            job = start_job(image, settings_from(self), part=self._part, **inputs)
            replaced = find_drawings(context.scene, image.name)
            former = placement_of(replaced[-1]) if replaced else None
            collection = self._place(context.scene, image, job.wait())
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        hide_guidance(context.view_layer, image)
        note = ""
        if self.arrange_view and not bpy.app.background:
            view = ArrangedView(context, collection, former)
            remember_view(collection, view)
            note = view.note
        return self._succeed(context, collection, note)

    def draw(self, context: bpy.types.Context) -> None:
        """Draw what F9 offers to change."""
        layout = self.layout
        layout.use_property_split = True
        for name in ("budget", "fills", "form", "size"):
            layout.prop(self, name)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Vectorize with the settings of the panel; the window stays usable."""
        self._take_from_panel(context)
        if bpy.app.background:
            return self.execute(context)
        try:
            if not self.image:
                raise ImageError(f"{why_unusable(None)}.")
            image = find_image(self.image)
            reason = why_unusable(image, self._part)
            if reason:
                raise ImageError(f"{reason}.")
            self._check_place(context.scene, image)
            leave_modes(context)
            inputs = self._inputs(context, image)
            settings = settings_from(self)
            job = start_job(image, settings, previews=True, part=self._part, **inputs)
        except SemvecError as error:
            show_failure(context.window_manager.semvec, error)
            self.report({"WARNING"}, str(error))  # an error's pop-up would hide the panel
            return {"CANCELLED"}
        session = DrawingSession(
            context.scene,
            image,
            job,
            self._place,
            placement_from(self),
            keep=self.keep_on_cancel,
            arrange=self.arrange_view,
        )
        self._hidden = hide_guidance(context.view_layer, image)
        context.scene.semvec.image = image
        context.window_manager.modal_handler_add(self)
        return self._start(context, session)

    def _succeed(
        self, context: bpy.types.Context, collection: bpy.types.Collection, note: str
    ) -> set[str]:
        select_only(context.view_layer, root_of(collection))
        summary = _summary(collection)
        self.report({"INFO"}, f"{summary}. {note}" if note else summary)
        return {"FINISHED"}

    def _abandon(self, context: bpy.types.Context) -> None:
        """Show the guidance that was hidden for the result."""
        image = bpy.data.images.get(self.image)
        if image is not None:
            show_guidance(context.view_layer, image, self._hidden)

    def _check_place(self, scene: bpy.types.Scene, image: bpy.types.Image) -> None:
        """Raise SettingsError where there is no active object to draw on, nor an earlier drawing.

        A drawing that is replaced says where the new one stands.
        """
        has_place = self.reference or find_drawings(scene, image.name)
        if self.location == "ACTIVE" and not has_place:
            raise SettingsError(
                "There is nothing to draw on.",
                "Select an image empty or a flat mesh, or set Output > Location to Automatic.",
            )

    @property
    def _part(self) -> Part:
        return Part(self.tile, self.frame)

    def _inputs(self, context: bpy.types.Context, image: bpy.types.Image) -> dict[str, Any]:
        """Return saliency and masks for `start_job`. Raises SemvecError."""
        saliency: Saliency = None
        if self.saliency_image:
            saliency = find_image(self.saliency_image)
        elif self.painted:
            saliency = painted_map(image, context.scene, settings_from(self))
        masks = find_image(self.masks_image) if self.masks_image else None
        return {"saliency": saliency, "masks": masks}

    def _place(
        self, scene: bpy.types.Scene, image: bpy.types.Image, finished: Finished
    ) -> bpy.types.Collection:
        placement = placement_from(self)
        collection = place_result(scene, image, finished, self.svg, placement, self._part)
        remember_inputs(collection, self)
        show_in_local_views(collection.all_objects)
        return collection

    def _take_from_panel(self, context: bpy.types.Context) -> None:
        """Take every property that the caller has not set from the panel."""
        panel = context.scene.semvec
        shown = {
            name: getattr(panel, name)
            for name in (*settings_properties(), *placement_properties(), *run_properties())
        }
        choice = active_choice(context)
        shown["image"] = _name(choice.image if choice else None)
        if choice and choice.reference and self.image in ("", choice.image.name):
            shown["reference"] = choice.reference.name
        if choice:
            part = active_part(context, choice)
            shown.update(part._asdict())
        if panel.location == "ACTIVE":
            obj = getattr(context, "object", None)
            shown["reference"] = obj.name if obj and rectangle_of(obj) else ""
        shown["masks_image"] = _name(panel.masks_image)
        shown["painted"] = PAINTED in panel.guidance
        shown.update(switches(panel))
        for name, value in shown.items():
            if not self.properties.is_property_set(name):
                setattr(self, name, value)


class SEMVEC_OT_cancel(bpy.types.Operator):
    """Stop vectorizing; Keep on Cancel decides whether the current curves stay"""

    bl_idname = "semvec.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is something to stop."""
        if current_session() is None:
            cls.poll_message_set("No image is being vectorized")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask the run to stop; asked twice, it ends at once."""
        session = current_session()
        if session is not None:
            session.stop()
        return {"FINISHED"}


def _name(image: bpy.types.Image | None) -> str:
    return "" if image is None else image.name


def _summary(collection: bpy.types.Collection) -> str:
    report = json.loads(collection[REPORT])
    result = f"{collection.name}: {report['budget_used']}"
    return " · ".join([result, *report.get("notes", ())])


classes = (SEMVEC_OT_vectorize, SEMVEC_OT_cancel)
