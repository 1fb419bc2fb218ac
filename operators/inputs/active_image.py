# SPDX-License-Identifier: GPL-3.0-or-later
"""The image that operators work on, and its mask."""

from __future__ import annotations

from typing import Any, NamedTuple

import bpy

from ..blender.object_image import shown_by_object
from .image_part import WHOLE, Part, has_tiles, part_in, part_title, why_no_part

# Custom property of an image: the mask that was painted for it.
MASK = "semvec_mask"

# Formats that Blender reads as floats without values beyond white.
_AT_MOST_WHITE = {"PNG", "JPEG2000", "JPEG", "WEBP", "DPX", "CINEON"}


class Choice(NamedTuple):
    """The image to vectorize. reference: the object that shows it, if it comes from one.

    source: where the image comes from, for the panel. user: the `ImageUser` that shows it.
    """

    image: bpy.types.Image
    reference: bpy.types.Object | None
    source: str
    user: Any = None


def active_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """Return the image that a run would vectorize."""
    choice = active_choice(context)
    return choice.image if choice is not None else None


def active_choice(context: bpy.types.Context) -> Choice | None:
    """Return the image of the Image Editor or of the active object, else that of the panel.

    An image that was chosen in the panel wins for as long as the same object is active and the
    same image shown: the latest choice counts. A mask stands for the image that it was painted
    for.
    """
    chosen, shown = context.scene.semvec.image, getattr(context.space_data, "image", None)
    obj = getattr(context, "object", None)
    candidates = [
        _choice_of_editor(context.space_data, shown),
        _choice_of_object(obj),
    ]
    if chosen is not None:
        position = 0 if context.scene.semvec.chosen_beside == beside(context) else 2
        candidates.insert(position, Choice(chosen, None, ""))
    found = next((choice for choice in candidates if choice is not None), None)
    original = image_of_mask(found.image) if found is not None else None
    return found._replace(image=original) if found is not None and original else found


def active_part(context: bpy.types.Context, choice: Choice | None = None) -> Part:
    """Return the part of the active image that a run would vectorize."""
    choice = choice or active_choice(context)
    return WHOLE if choice is None else part_in(context.scene, choice.image, choice.user)


def beside(context: bpy.types.Context) -> str:
    """Return a key of the active object and of the image that the editor shows."""
    obj, shown = getattr(context, "object", None), getattr(context.space_data, "image", None)
    return f"{obj.name if obj else ''}|{shown.name if shown else ''}"


def _choice_of_object(obj: bpy.types.Object | None) -> Choice | None:
    shown = shown_by_object(obj)
    if obj is None or shown is None or not _is_picture(shown.image):
        return None
    return Choice(shown.image, obj, obj.name, shown.user)


def _choice_of_editor(space: Any, image: bpy.types.Image | None) -> Choice | None:
    if image is None or not _is_picture(image):
        return None
    return Choice(image, None, "Image Editor", getattr(space, "image_user", None))


def _is_picture(image: bpy.types.Image | None) -> bool:
    """Return whether this is neither the Render Result nor what a Viewer node shows."""
    return image is not None and image.source != "VIEWER"


def mask_of(image: bpy.types.Image) -> bpy.types.Image | None:
    """Return the mask painted for `image`, if there is one."""
    return image.get(MASK)


def image_of_mask(mask: bpy.types.Image) -> bpy.types.Image | None:
    """Return the image that `mask` was painted for; None where it is no mask."""
    return next((image for image in bpy.data.images if image.get(MASK) == mask), None)


def why_unusable(image: bpy.types.Image | None, part: Part = WHOLE) -> str:
    """Return why this part of an image can't be vectorized; empty where it can."""
    if image is None:
        return "Choose or open an image first"
    reason = why_no_part(image, part)
    if reason or 0 not in image.size:
        return reason
    if image.source == "SEQUENCE":
        return "" if part.frame else f"'{image.name}' is a sequence of images. Choose a frame"
    return f"'{image.name}' has no pixels. Find its file again"


def note_on(image: bpy.types.Image, part: Part = WHOLE) -> str:
    """Return what a run leaves out of an image; empty where it takes all of it."""
    title = part_title(image, part)
    if title:
        count = len(image.tiles) if has_tiles(image) else image.frame_duration
        of = f" of {count}" if count > 1 else ""
        return f"{title[0].upper()}{title[1:]}{of} is vectorized"
    within = image.source == "FILE" and image.file_format in _AT_MOST_WHITE
    if image.is_float and not within:
        return "Colors brighter than white become white"
    return ""


class NeedsImage:
    """An operator that is disabled, with a reason, until an image with pixels is chosen."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is such an image."""
        reason = why_unusable(active_image(context))
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason
