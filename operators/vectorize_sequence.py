# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Sequence: the frames of an image sequence or a movie as one animated drawing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import bpy
from bpy.props import BoolProperty

from ..core.errors import ImageError, SemvecError
from ..core.worker.process import shared_worker
from ..core.worker.sequence_job import SequenceJob
from .blender.framing import select_only
from .blender.linked_data import scene_is_editable
from .inputs.active_image import active_choice, active_image
from .inputs.guidance import PAINTED, switches
from .inputs.guidance_objects import hide_guidance, show_guidance
from .inputs.painted_guides import painted_guides
from .inputs.pixels import find_image, read_labels, read_saliency
from .mask_cache import cache_folder
from .objects.placement import Placement
from .objects.root import root_of
from .properties.images import image_names
from .properties.preferences import default_threads, log_file, worker_python
from .properties.settings import (
    not_remembered,
    placement_from,
    placement_properties,
    settings_from,
    settings_properties,
)
from .run.event_filter import is_playback, leave_modes
from .run.modal_run import ModalRun
from .run.session import can_run, show_failure
from .sequences.properties import range_of, sequence_properties
from .sequences.session import SequenceSession, no_frames
from .sequences.source import find_frames, reader_command, why_no_sequence
from .sequences.target import FRAMES, SequenceTarget

_SHOWN_NOTES = 3


class SEMVEC_OT_vectorize_sequence(ModalRun, bpy.types.Operator):
    """Turn the frames of an image sequence or a movie into shapes that move with the picture"""

    bl_idname = "semvec.vectorize_sequence"
    bl_label = "Vectorize Sequence"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = not_remembered(
        {
            **image_names(),
            "painted": BoolProperty(
                name="Painted", description="Use what is painted for the image in this scene"
            ),
            **sequence_properties(),
            **settings_properties(),
            **placement_properties(),
        }
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether a run can start in this scene."""
        return can_run(cls) and scene_is_editable(cls, context.scene)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Vectorize and wait until it is done: for scripts, and without a window."""
        try:
            job, target, notes = self._begun(context, in_window=False)
            self._wait(context.scene, job, target, notes)
            collection = target.collection()
            if collection is None:
                raise no_frames(notes)
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return self._report(context, collection, notes)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Vectorize with the settings of the panel; the window stays usable."""
        self._take_from_panel(context)
        if bpy.app.background:
            return self.execute(context)
        try:
            reason = "" if self.image else why_no_sequence(active_image(context))
            if reason:
                raise ImageError(f"{reason}.")
            leave_modes(context)
            job, target, notes = self._begun(context, in_window=True)
        except SemvecError as error:
            show_failure(context.window_manager.semvec, error)
            self.report({"WARNING"}, str(error))  # an error's pop-up would hide the panel
            return {"CANCELLED"}
        image = find_image(self.image)
        arrange = context.scene.semvec.arrange_view
        session = SequenceSession(context.scene, job, target, arrange)
        session.notes += notes
        self._hidden = hide_guidance(context.view_layer, image)
        context.scene.semvec.image = image
        context.window_manager.modal_handler_add(self)
        return self._start(context, session)

    def _begun(
        self, context: bpy.types.Context, in_window: bool
    ) -> tuple[SequenceJob, SequenceTarget, list[str]]:
        """Start the job; returns it, where its frames go, and notes. Raises SemvecError."""
        image = find_image(self.image)
        frames, notes = find_frames(image, range_of(self, context.scene), context.scene)
        numbers = [each.number for each in frames]
        settings = settings_from(self)
        worker = shared_worker(worker_python(), log_file())
        job = SequenceJob(
            worker,
            frames,
            settings,
            reader_command(),
            threads=settings.threads or default_threads(in_window=in_window),
            cache=cache_folder(),
            **self._inputs(context, image, numbers),
        )
        target = SequenceTarget(image.name, self._placement(), numbers)
        return job, target, notes

    def _placement(self) -> Placement:
        return replace(placement_from(self), form=self.sequence_form)

    def _inputs(
        self, context: bpy.types.Context, image: bpy.types.Image, numbers: list[int]
    ) -> dict[str, Any]:
        """Return what is painted, and the masks of the first frame. Raises SemvecError.

        numbers: frames of the scene that are drawn.
        """
        inputs: dict[str, Any] = {}
        if self.saliency_image:
            chosen = read_saliency(find_image(self.saliency_image), *_size(image))
            inputs["painted"] = [(0, chosen)]
        elif self.painted:
            settings = settings_from(self)
            inputs["painted"] = painted_guides(image, context.scene, numbers, settings)
        if self.masks_image:
            inputs["masks"] = read_labels(find_image(self.masks_image), *_size(image))
        return inputs

    def _wait(
        self,
        scene: bpy.types.Scene,
        job: SequenceJob,
        target: SequenceTarget,
        notes: list[str],
    ) -> None:
        """Place all frames, and collect the notes on them."""
        try:
            while not job.finished:
                job.poll(0.2)
                for drawn in job.take_frames():
                    if drawn.note:
                        notes.append(f"Frame {drawn.number}: {drawn.note}")
                    if drawn.drawing is not None:
                        target.add(scene, drawn)
        finally:
            job.close()

    def _blocks(self, context: bpy.types.Context, event: bpy.types.Event) -> bool:
        """Let the frames so far be played, and the time line be used."""
        return super()._blocks(context, event) and not is_playback(context, event)

    def _succeed(
        self, context: bpy.types.Context, collection: bpy.types.Collection, note: str
    ) -> set[str]:
        session: Any = self._session
        return self._report(context, collection, [*session.notes, *([note] if note else [])])

    def _report(
        self, context: bpy.types.Context, collection: bpy.types.Collection, notes: list[str]
    ) -> set[str]:
        root = root_of(collection)
        if root is not None:
            select_only(context.view_layer, root)
        shown = notes[:_SHOWN_NOTES]
        if len(notes) > _SHOWN_NOTES:
            shown.append(f"and {len(notes) - _SHOWN_NOTES} more notes")
        text = " · ".join([f"{collection.name}: {len(collection[FRAMES])} frames", *shown])
        self.report({"WARNING"} if notes else {"INFO"}, text)
        return {"FINISHED"}

    def _abandon(self, context: bpy.types.Context) -> None:
        """Show the guidance that was hidden for the result."""
        image = bpy.data.images.get(self.image)
        if image is not None:
            show_guidance(context.view_layer, image, self._hidden)

    def _take_from_panel(self, context: bpy.types.Context) -> None:
        """Take every property that the caller has not set from the panel."""
        panel = context.scene.semvec
        names = (*settings_properties(), *placement_properties(), *sequence_properties())
        shown = {name: getattr(panel, name) for name in names}
        choice = active_choice(context)
        shown["image"] = choice.image.name if choice else ""
        if choice and choice.reference and self.image in ("", choice.image.name):
            shown["reference"] = choice.reference.name
        shown["masks_image"] = panel.masks_image.name if panel.masks_image else ""
        shown["painted"] = PAINTED in panel.guidance
        shown.update(switches(panel))
        for name, value in shown.items():
            if not self.properties.is_property_set(name):
                setattr(self, name, value)


def _size(image: bpy.types.Image) -> tuple[int, int]:
    """Return width and height of a sequence's frames. Raises ImageError."""
    width, height = image.size
    if 0 in (width, height):
        raise ImageError(
            f"The size of '{image.name}' is not known yet.", "Show it in the Image Editor once."
        )
    return width, height


classes = (SEMVEC_OT_vectorize_sequence,)
