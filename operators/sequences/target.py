# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection of a sequence, and how drawings of frames get into it.

    <name>                collection; custom properties keep the image, its canvas and frames
      <name>              the root: an empty, parent of all
      <name>              the Grease Pencil object, or collections Structural and Detail of curves

It is no drawing for the operators that edit drawings: those would undo the animation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy

from ...core.drawing import Drawing
from ...core.errors import ImageError
from ...core.worker.sequence_job import FrameDrawn
from ..blender.datablocks import find_by_uid
from ..blender.framing import show_in_local_views
from ..objects.collection import CANVAS, store_placement, title_of
from ..objects.form import DrawingStyle
from ..objects.placement import Placement
from ..objects.root import fitted, new_root, remember_root, root_of
from ..objects.splines import PictureSpace
from .animated_curves import AnimatedCurves
from .grease_pencil_frames import GreasePencilFrames
from .placed_frame import PlacedFrame

# Custom properties of the collection
SEQUENCE = "semvec_sequence"  # name of the image
FORM = "semvec_sequence_form"
FRAMES = "semvec_frames"  # frames of the scene that have drawings, rising
_RUNS = "semvec_runs"  # number of runs so far

CARRIERS: dict[str, Any] = {"GREASE_PENCIL": GreasePencilFrames(), "CURVES": AnimatedCurves()}


class SequenceTarget:
    """Destination of the drawings of one run.

    name: of the image. numbers: frames of the scene that the run draws; other frames from the
    first to the last one lose their drawings. Earlier frames of the sequence are replaced where
    the placement says so and size and form are the same; else a new collection is made. Holds no
    data-blocks: undo replaces them.
    """

    def __init__(self, name: str, placement: Placement, numbers: Sequence[int]) -> None:
        self._name, self._placement = name, placement
        self._numbers = sorted(numbers)
        self._collection = 0
        self._run = 0
        self._before: int | None = None

    @property
    def has_begun(self) -> bool:
        """True once a frame has been placed."""
        return self._before is not None

    def collection(self) -> bpy.types.Collection | None:
        """Return the collection, where there is one."""
        return find_by_uid(bpy.data.collections, self._collection)

    def add(self, scene: bpy.types.Scene, drawn: FrameDrawn) -> bpy.types.Collection:
        """Put a frame into the scene. Raises ImageError where the earlier ones are gone."""
        drawing = drawn.drawing
        assert drawing is not None
        collection = self.collection()
        if collection is None and self.has_begun:
            raise ImageError("The drawings of the sequence have been removed.", "Undo that.")
        if collection is None:
            collection = self._opened(scene, drawing)
        frame = self._placed(collection, drawn, drawing)
        CARRIERS[self._placement.form].show(collection, frame, _style(collection, drawing, self))
        collection[FRAMES] = sorted({*frame.others, frame.number})
        self._before = frame.number
        show_in_local_views(collection.all_objects)
        return collection

    @property
    def placement(self) -> Placement:
        """Location and make."""
        return self._placement

    def _opened(self, scene: bpy.types.Scene, drawing: Drawing) -> bpy.types.Collection:
        """Return the earlier sequence, or a new collection."""
        shape = drawing.width, drawing.height
        found = None
        if self._placement.existing == "REPLACE":
            found = find_sequence(scene, self._name, self._placement.form, shape)
        collection = found or _new_collection(scene, self._name, self._placement, drawing)
        self._collection = collection.session_uid
        self._run = collection[_RUNS] = collection.get(_RUNS, 0) + 1
        return collection

    def _placed(
        self, collection: bpy.types.Collection, drawn: FrameDrawn, drawing: Drawing
    ) -> PlacedFrame:
        number, known = drawn.number, list(collection.get(FRAMES, ()))
        first, last = self._numbers[0], self._numbers[-1]
        stale = {n for n in known if first <= n <= last} - set(self._numbers)
        end = min((n for n in known if n > number and n not in stale), default=None)
        others = tuple(n for n in known if n < number or (end is not None and n >= end))
        return PlacedFrame(
            number, end, self._before, others, self._run, drawn.shot, drawn.slots, drawing
        )


def find_sequence(
    scene: bpy.types.Scene, name: str, form: str, shape: tuple[float, float]
) -> bpy.types.Collection | None:
    """Return the newest sequence of an image in a form, with a canvas of this shape."""
    found = [
        each
        for each in scene.collection.children_recursive
        if (each.get(SEQUENCE), each.get(FORM)) == (name, form)
        and tuple(each[CANVAS])[:2] == shape
        and root_of(each) is not None
    ]
    return found[-1] if found else None


def _new_collection(
    scene: bpy.types.Scene, name: str, placement: Placement, drawing: Drawing
) -> bpy.types.Collection:
    placement, shape = fitted(scene, placement, drawing), (drawing.width, drawing.height)
    root = new_root(scene, name, placement, shape)
    root.name = title_of(name)
    collection = bpy.data.collections.new(title_of(name))
    collection[SEQUENCE], collection[FORM] = name, placement.form
    collection[CANVAS] = (*shape, placement.size / max(shape))
    store_placement(collection, placement)
    collection.objects.link(root)
    remember_root(collection, root)
    scene.collection.children.link(collection)
    return collection


def _style(
    collection: bpy.types.Collection, drawing: Drawing, target: SequenceTarget
) -> DrawingStyle:
    placement = target.placement
    return DrawingStyle(
        root_of(collection),
        PictureSpace(*collection[CANVAS]),
        placement.shading,
        any(path.fill[3] < 1.0 for path in drawing.paths),
        placement.thickness,
    )
