# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Image: the operator, and the function that it calls."""

from __future__ import annotations

import json
from typing import Any

import bpy
from bpy.props import StringProperty

from ..core.errors import SemvecError
from ..core.settings import Settings
from .curves import Placement, add_drawing
from .image_io import find_image, read_image, read_labels, read_saliency
from .job import Finished, Job
from .settings_properties import (
    placement_from,
    placement_properties,
    settings_from,
    settings_properties,
)
from .worker_process import shared_worker

REPORT = "semvec_report"  # custom property of the drawing's collection: JSON


def vectorize_image(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    settings: Settings,
    *,
    saliency: bpy.types.Image | None = None,
    masks: bpy.types.Image | None = None,
    svg: str = "",
    placement: Placement | None = None,
) -> bpy.types.Collection:
    """Vectorize `image` in the worker process and put the curves into `scene`.

    saliency: an image that is white where it matters. masks: an image of the same shape,
    each mask in a flat colour of its own. svg: a file to write the drawing to as well.
    Returns the drawing's collection. Raises SemvecError.
    """
    job = start_job(image, settings, saliency=saliency, masks=masks)
    return place_result(scene, image, job.wait(), svg, placement)


def start_job(
    image: bpy.types.Image,
    settings: Settings,
    *,
    saliency: bpy.types.Image | None = None,
    masks: bpy.types.Image | None = None,
    previews: bool = False,
) -> Job:
    """Hand the images' pixels to the worker process. Raises SemvecError."""
    picture = read_image(image)
    size = picture.width, picture.height
    return Job(
        shared_worker(),
        picture,
        settings,
        saliency=None if saliency is None else read_saliency(saliency, *size),
        masks=None if masks is None else read_labels(masks, *size),
        previews=previews,
    )


def place_result(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    finished: Finished,
    svg: str = "",
    placement: Placement | None = None,
) -> bpy.types.Collection:
    """Write the SVG file, if one is asked for, and put curves and report into the scene."""
    if svg:
        from ..core.svg import save_svg  # its parsers would slow down enabling the extension

        save_svg(finished.drawing, bpy.path.abspath(svg))
    top = add_drawing(scene, finished.drawing, image.name, placement)
    top[REPORT] = json.dumps(finished.report)
    return top


def _image_name(name: str, description: str) -> Any:
    return StringProperty(name=name, description=description, search=_image_names)


def _image_names(operator: Any, context: bpy.types.Context, text: str) -> list[str]:
    names = (image.name for image in bpy.data.images)
    return [name for name in names if text.lower() in name.lower()]


class SEMVEC_OT_vectorize(bpy.types.Operator):
    """Turn an image into a fixed number of editable curves"""

    bl_idname = "semvec.vectorize"
    bl_label = "Vectorize Image"
    bl_options = {"REGISTER", "UNDO"}

    __annotations__ = {
        "image": _image_name("Image", "The image to vectorize"),
        "saliency_image": _image_name("Saliency", "An image that is white where it matters"),
        "masks_image": _image_name("Masks", "An image with each mask in a flat colour of its own"),
        "svg": StringProperty(
            name="SVG", description="File to write the drawing to as well", subtype="FILE_PATH"
        ),
        **settings_properties(),
        **placement_properties(),
    }

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Vectorize, waiting until it is done."""
        try:
            top = vectorize_image(
                context.scene,
                find_image(self.image),
                settings_from(self),
                saliency=find_image(self.saliency_image) if self.saliency_image else None,
                masks=find_image(self.masks_image) if self.masks_image else None,
                svg=self.svg,
                placement=placement_from(self),
            )
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{top.name}: {len(top.all_objects) - 1} paths")
        return {"FINISHED"}


CLASSES = (SEMVEC_OT_vectorize,)
