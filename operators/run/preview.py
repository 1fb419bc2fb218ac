# SPDX-License-Identifier: GPL-3.0-or-later
"""Preview of a run: its current curves, where the result will be.

Shapes are transferred in parts, a few milliseconds at a time, so that the window never waits.
An undo step that was made during the run contains the preview. The preview therefore carries a
mark, and so do the drawings that it hides; `clear_previews` removes it by that.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import bpy

from ...core.drawing import Drawing, Kind
from ..blender.datablocks import find_by_uid
from ..blender.framing import show_in_local_views
from ..objects.collection import (
    find_drawings,
    layers_of,
    new_drawing,
    placed_paths,
    placement_of,
    remove_drawing,
    root_for,
    style_of,
)
from ..objects.curve_objects import SeparateCurves
from ..objects.form import Placed
from ..objects.placement import Placement
from ..objects.root import fitted
from ..objects.view import ArrangedView
from .arranged_views import remember_view

TIME_SLICE = 0.008  # seconds of a tick for showing shapes
PART = 16  # paths between two checks of the time

_CURVES = SeparateCurves()  # the form of all previews: it changes in place

# Custom properties: of a preview, and of a drawing that it hides
_PREVIEW = "semvec_preview"
_HIDDEN = "semvec_hidden"


class Part(NamedTuple):
    """Paths that follow each other, from the one numbered `first` of their kind on."""

    kind: Kind
    first: int
    placed: list[Placed]


class Preview:
    """Shows the drawings passed to `show`, one part with each `advance`.

    placement: the result's. arrange: whether the view is turned to a drawing where there
    was none before, and shows its exact colors. replaced: session-wide number of the drawing
    that the result replaces; 0 for those that the placement says. Holds no data-blocks: undo
    replaces them.
    """

    def __init__(self, placement: Placement, arrange: bool, replaced: int = 0) -> None:
        self._placement = replace(placement, form="CURVES")
        self._replaced = replaced
        self._arrange = arrange
        self._collection = 0  # the session-wide number of its collection; 0 without one
        self._shown: Drawing | None = None  # as far as `_parts` are shown
        self._parts: Iterator[Part] = iter(())
        self._next: Drawing | None = None
        self._arranged: ArrangedView | None = None

    def show(self, drawing: Drawing) -> None:
        """Show the newest shapes, once those that are being shown are complete."""
        self._next = drawing

    def advance(self, scene: bpy.types.Scene, image: bpy.types.Image) -> bool:
        """Show the next part; returns whether there was any."""
        deadline = time.perf_counter() + TIME_SLICE
        shown = 0
        while self._show_part(scene, image):
            shown += 1
            bpy.context.view_layer.update()  # Blender's share of the work counts as well
            if time.perf_counter() >= deadline:
                break
        return shown > 0

    def remove(self) -> None:
        """Remove it from the scene. The next drawing makes it again."""
        collection = find_by_uid(bpy.data.collections, self._collection)
        self._collection, self._shown, self._next = 0, None, None
        if collection is not None:
            _remove(collection)
        _show_hidden()

    def replaced(self, scene: bpy.types.Scene, image: bpy.types.Image) -> list[Any]:
        """Return the earlier drawings that the result replaces."""
        if self._replaced:
            drawing = find_by_uid(bpy.data.collections, self._replaced)
            return [] if drawing is None else [drawing]
        if self._placement.existing != "REPLACE":
            return []
        found = find_drawings(scene, image.name)
        return [
            collection
            for collection in found
            if not collection.hide_viewport or _HIDDEN in collection
        ]

    def arrange_for(
        self,
        scene: bpy.types.Scene,
        collection: bpy.types.Collection,
        replaced: Placement | None,
    ) -> None:
        """Arrange the view for a drawing, or for one that replaces another; once, if at all."""
        if self._arrange and scene == bpy.context.scene:
            self._arranged = ArrangedView(bpy.context, collection, replaced)
        self._arrange = False  # the preview may have to be made again

    def leave_view(self, result: bpy.types.Collection | None) -> None:
        """Arrange the view for the result; put it back where there is none."""
        if self._arranged is not None and result is not None:
            self._arranged.show(result)
            remember_view(result, self._arranged)
        elif self._arranged is not None:
            self._arranged.put_back()

    @property
    def note(self) -> str:
        """A sentence on what differs from the expected view; empty where nothing does."""
        return self._arranged.note if self._arranged is not None else ""

    def _show_part(self, scene: bpy.types.Scene, image: bpy.types.Image) -> bool:
        collection = find_by_uid(bpy.data.collections, self._collection)
        if collection is None:
            self._next, self._shown = self._next or self._shown, None
        if self._shown is None:
            if self._next is None:
                return False
            self._shown, self._next = self._next, None
            placement = fitted(scene, self._placement, self._shown)
            self._parts = _parts(placed_paths(self._shown, placement))
        if collection is None:
            collection = self._new_preview(scene, image, self._shown)
        part = next(self._parts, None)
        if part is None:
            self._finish(collection, self._shown)
        elif part.kind in layers_of(collection):
            _CURVES.update_range(
                layers_of(collection)[part.kind],
                part.first,
                part.placed,
                style_of(collection, self._shown.paths),
            )
        return True

    def _new_preview(
        self, scene: bpy.types.Scene, image: bpy.types.Image, drawing: Drawing
    ) -> bpy.types.Collection:
        """Add an empty preview, and hide the earlier drawings that the result replaces."""
        replaced = self.replaced(scene, image)
        placement = fitted(scene, self._placement, drawing)
        root = root_for(scene, drawing, image.name, placement, replaced)
        collection = new_drawing(drawing, image.name, placement, root)
        collection[_PREVIEW] = True
        scene.collection.children.link(collection)
        self._collection = collection.session_uid
        for old in replaced:
            old[_HIDDEN] = old.hide_viewport = True
        self.arrange_for(scene, collection, placement_of(replaced[0]) if replaced else None)
        return collection

    def _finish(self, collection: bpy.types.Collection, drawing: Drawing) -> None:
        """Remove curves that the drawing no longer has; all of it is shown."""
        for kind, layer in layers_of(collection).items():
            _CURVES.truncate(layer, sum(path.kind == kind for path in drawing.paths))
        show_in_local_views(collection.all_objects)
        self._shown = None


def clear_previews(but: Preview | None = None) -> None:
    """Remove previews that an undo step or a file contained, and show what they hid."""
    spared = but._collection if but is not None else 0
    stale = [
        collection
        for collection in bpy.data.collections
        if _PREVIEW in collection and collection.session_uid != spared
    ]
    for collection in stale:
        _remove(collection)
    if but is None:
        _show_hidden()


def _parts(placed: dict[Kind, list[Placed]]) -> Iterator[Part]:
    for kind, paths in placed.items():
        for first in range(0, len(paths), PART):
            yield Part(kind, first, paths[first : first + PART])


def _remove(collection: bpy.types.Collection) -> None:
    scenes = [
        scene for scene in bpy.data.scenes if collection in scene.collection.children_recursive
    ]
    remove_drawing(next(iter(scenes), bpy.context.scene), collection)


def _show_hidden() -> None:
    for collection in bpy.data.collections:
        if _HIDDEN in collection:
            collection.hide_viewport = False
            del collection[_HIDDEN]
