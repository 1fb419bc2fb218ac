# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files that are dropped on the 3D viewport or on the panel, or chosen, to vectorize."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, StringProperty

from .active_image import why_unusable

# Those that Blender reads and the core can use.
_EXTENSIONS = (
    ".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".tga", ".exr", ".hdr", ".jp2",
)  # fmt: skip
_EDITORS = {"VIEW_3D": {"WINDOW", "UI"}, "IMAGE_EDITOR": {"UI"}}  # regions that take drops


class SEMVEC_OT_vectorize_file(bpy.types.Operator):
    """Open an image file and turn it into curves, with the settings of the panel"""

    bl_idname = "semvec.vectorize_file"
    bl_label = "Vectorize Image"
    bl_options = {"REGISTER"}

    __annotations__ = {
        "filepath": StringProperty(
            name="File",
            description="Image to vectorize",
            subtype="FILE_PATH",
            options={"SKIP_SAVE"},
        ),
        "directory": StringProperty(subtype="DIR_PATH", options={"HIDDEN", "SKIP_SAVE"}),
        "files": CollectionProperty(
            type=bpy.types.OperatorFileListElement, options={"HIDDEN", "SKIP_SAVE"}
        ),
        "filter_image": BoolProperty(default=True, options={"HIDDEN"}),
        "filter_folder": BoolProperty(default=True, options={"HIDDEN"}),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether a run can start."""
        if not bpy.ops.semvec.vectorize.poll():
            cls.poll_message_set("An image is being vectorized. Wait until it is done")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Choose a file, unless one was dropped."""
        if self._paths():
            return self.execute(context)
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open all files, and vectorize the first of them."""
        images = [image for image in map(self._open, self._paths()) if image is not None]
        if not images:
            self.report({"WARNING"}, "No image was opened. Choose another file")
            return {"CANCELLED"}
        context.scene.semvec.image = images[0]
        if len(images) > 1:
            others = ", ".join(f"'{image.name}'" for image in images[1:])
            self.report(
                {"INFO"},
                f"'{images[0].name}' is vectorized. Choose the next one in the panel: {others}",
            )
        # F9 goes back to the last step before it runs again: the images must be in that.
        bpy.ops.ed.undo_push(message="Open Image")
        started: set[str] = bpy.ops.semvec.vectorize("INVOKE_DEFAULT", image=images[0].name)
        return {"CANCELLED"} if started == {"CANCELLED"} else {"FINISHED"}

    def _paths(self) -> list[str]:
        names = [item.name for item in self.files if item.name]
        single = [self.filepath] if self.filepath else []
        return [str(Path(self.directory, name)) for name in names] or single

    def _open(self, path: str) -> Any:
        """Return the image of a file; None, with a report, where it can't be used."""
        try:
            image = bpy.data.images.load(bpy.path.abspath(path), check_existing=True)
        except RuntimeError:
            self.report({"WARNING"}, f"'{Path(path).name}' can't be opened. Choose another file")
            return None
        reason = why_unusable(image)
        if reason:
            self.report({"WARNING"}, reason)
            if not image.users:
                bpy.data.images.remove(image)
            return None
        return image


class SEMVEC_FH_image(bpy.types.FileHandler):
    """Handler of image files dropped on the 3D viewport or on the panel"""

    bl_idname = "SEMVEC_FH_image"
    bl_label = "Vectorize Image"
    bl_import_operator = "semvec.vectorize_file"
    bl_file_extensions = ";".join(_EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Return whether an image can be dropped here."""
        area, region = context.area, context.region
        return area is not None and region.type in _EDITORS.get(area.type, ())


classes = (SEMVEC_OT_vectorize_file, SEMVEC_FH_image)
