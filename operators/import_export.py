# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings as SVG files: the File menu's import and export, and drag and drop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import CollectionProperty, StringProperty
from bpy_extras.io_utils import ExportHelper, ImportHelper, poll_file_object_drop

from ..core.drawing import Drawing
from ..core.errors import SemvecError, SvgError
from .blender.framing import select_only
from .blender.linked_data import scene_is_editable
from .objects.active import NeedsDrawing, active_drawing
from .objects.collection import add_drawing, read_drawing
from .objects.placement import Placement
from .objects.root import SOURCE, root_of
from .objects.view import ArrangedView
from .properties.settings import placement_from, placement_properties, run_properties

_AT_ONCE = 0.2  # seconds that a file may take before Blender goes on meanwhile
_FILTER = StringProperty(default="*.svg;*.svgz", options={"HIDDEN"})


def import_svg(
    scene: bpy.types.Scene, filepath: str, placement: Placement | None = None
) -> bpy.types.Collection:
    """Import the drawing of an SVG file into the scene; returns its collection.

    Our own files come back as they were; of others all fills and strokes are read. Raises SvgError.
    """
    from ..core.svg import load_svg  # its parsers would slow down enabling the extension

    return _add(scene, load_svg(bpy.path.abspath(filepath)), filepath, placement)


def _add(
    scene: bpy.types.Scene, drawing: Drawing, filepath: str, placement: Placement | None
) -> bpy.types.Collection:
    return add_drawing(scene, drawing, Path(filepath).stem, placement or Placement(existing="ADD"))


def export_svg(collection: bpy.types.Collection, filepath: str) -> None:
    """Write a drawing, as it now stands in Blender, to an SVG file. Raises OutputError."""
    from ..core.svg import save_svg

    save_svg(read_drawing(collection), bpy.path.abspath(filepath))


class SEMVEC_OT_import_svg(bpy.types.Operator, ImportHelper):
    """Import the shapes of SVG files as filled curves with their exact colors"""

    bl_idname = "semvec.import_svg"
    bl_label = "Import Semvec SVG"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    filename_ext = ".svg"
    __annotations__ = {
        "filter_glob": _FILTER,
        "directory": StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"}),
        "files": CollectionProperty(
            type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"}
        ),
        **{name: item for name, item in placement_properties().items() if name != "existing"},
        "arrange_view": run_properties()["arrange_view"],
    }
    existing = "ADD"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether the scene can be added to."""
        return scene_is_editable(cls, context.scene)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Choose a file, unless one was dropped."""
        return self.invoke_popup(context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Import the file, or all of those that were chosen or dropped together.

        In a window, files are read in the background; scripts wait for them.
        """
        from ..core.svg.background import BackgroundReading

        names = [item.name for item in self.files if item.name]
        paths = [str(Path(self.directory, name)) for name in names] or [self.filepath]
        self._reading = BackgroundReading([bpy.path.abspath(path) for path in paths])
        self._reading.wait(_AT_ONCE if self.options.is_invoke else None)
        if self._reading.is_over:
            return self._finish(context)
        manager = context.window_manager
        manager.progress_begin(0.0, 1.0)
        context.workspace.status_text_set("Reading SVG    Esc: Cancel")
        self._timer = manager.event_timer_add(0.1, window=context.window)
        manager.modal_handler_add(self)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Wait for the files; Esc cancels."""
        if event.type == "ESC":
            self.cancel(context)
            self.report({"INFO"}, "Import canceled")
            return {"CANCELLED"}
        if event.type == "TIMER":
            context.window_manager.progress_update(self._reading.fraction)
        if not self._reading.is_over:
            return {"PASS_THROUGH"}
        self.cancel(context)
        return self._finish(context)

    def cancel(self, context: bpy.types.Context) -> None:
        """Stop waiting, also where Blender closes the window."""
        self._reading.cancel()
        context.window_manager.event_timer_remove(self._timer)
        context.window_manager.progress_end()
        context.workspace.status_text_set(None)

    def _finish(self, context: bpy.types.Context) -> set[str]:
        """Add the drawings that could be read, and name the files that could not."""
        errors, collection = [], None
        for file in self._reading.files:
            try:
                if file.error is not None or file.drawing is None:
                    raise file.error or SvgError("It could not be read.", "Export it again.")
                collection = _add(context.scene, file.drawing, file.path, placement_from(self))
                self._tell(collection, file.drawing)
            except SemvecError as error:
                errors.append(f"{Path(file.path).name}: {error}")
        if collection is None:
            if errors:
                self.report({"ERROR"}, "\n".join(errors))
            return {"CANCELLED"}
        for error in errors:
            self.report({"WARNING"}, error)
        self._show(context, collection)
        return {"FINISHED"}

    def _show(self, context: bpy.types.Context, collection: bpy.types.Collection) -> None:
        """Select it, as other importers do, and arrange the view."""
        select_only(context.view_layer, root_of(collection))
        if self.arrange_view and not bpy.app.background:
            note = ArrangedView(context, collection).note
            if note:
                self.report({"INFO"}, note)

    def _tell(self, collection: bpy.types.Collection, drawing: Drawing) -> None:
        """Report what was imported, and in one line how it differs from the file."""
        notes = [str(note) for note in drawing.settings.get("notes", [])]
        if notes:
            self.report({"WARNING"}, f"{collection.name} differs from the file. {'; '.join(notes)}")
        self.report({"INFO"}, f"{collection.name}: {len(drawing.paths)} paths")


class SEMVEC_OT_export_svg(NeedsDrawing, bpy.types.Operator, ExportHelper):
    """Write a drawing to an SVG file as it now stands, with all edits made in Blender"""

    bl_idname = "semvec.export_svg"
    bl_label = "Export Semvec SVG"
    bl_options = {"PRESET"}

    filename_ext = ".svg"
    __annotations__ = {
        "filter_glob": _FILTER,
        "drawing": StringProperty(
            name="Drawing",
            description="Collection of the drawing; empty for that of the active object",
            options={"SKIP_SAVE"},
        ),
    }

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Choose a file, named after the drawing at first."""
        collection = self._collection(context)
        if collection is not None and not self.properties.filepath:
            self.properties.filepath = f"{Path(collection.name).stem}.svg"
        return ExportHelper.invoke(self, context, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Write the file."""
        collection = self._collection(context)
        if collection is None:
            self.report({"ERROR"}, f"There is no drawing '{self.drawing}'. Choose another one")
            return {"CANCELLED"}
        try:
            export_svg(collection, self.filepath)
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{collection.name} written to {self.filepath}")
        return {"FINISHED"}

    def _collection(self, context: bpy.types.Context) -> bpy.types.Collection | None:
        if self.drawing:
            return find_collection(self.drawing)
        return active_drawing(context)


class SEMVEC_FH_svg(bpy.types.FileHandler):
    """Handler of SVG files dropped on the 3D viewport or the Outliner"""

    bl_idname = "SEMVEC_FH_svg"
    bl_label = "Semvec SVG"
    bl_import_operator = "semvec.import_svg"
    bl_file_extensions = ".svg;.svgz"

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Return whether objects can be dropped here."""
        return poll_file_object_drop(context)


def find_collection(name: str) -> bpy.types.Collection | None:
    """Find the drawing whose collection has this name."""
    collection = bpy.data.collections.get(name)
    return collection if collection is not None and SOURCE in collection else None


def _draw_import(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.operator(SEMVEC_OT_import_svg.bl_idname, text="Semvec SVG (.svg)")


def _draw_export(menu: Any, context: bpy.types.Context) -> None:
    menu.layout.operator(SEMVEC_OT_export_svg.bl_idname, text="Semvec SVG (.svg)")


classes = (SEMVEC_OT_import_svg, SEMVEC_OT_export_svg, SEMVEC_FH_svg)


def register() -> None:
    """Add both to the File menu."""
    bpy.types.TOPBAR_MT_file_import.append(_draw_import)
    bpy.types.TOPBAR_MT_file_export.append(_draw_export)


def unregister() -> None:
    """Remove both."""
    bpy.types.TOPBAR_MT_file_import.remove(_draw_import)
    bpy.types.TOPBAR_MT_file_export.remove(_draw_export)
