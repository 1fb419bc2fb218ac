# SPDX-License-Identifier: GPL-3.0-or-later
"""The image that operators apply to, and its mask."""

from __future__ import annotations

import bpy

from ..blender.object_image import image_of_object

# Custom property of an image: the mask that was painted for it.
MASK = "semvec_mask"


def active_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """Return the image in the panel, else that of the Image Editor or of the active object.

    For a mask, it is the image that the mask was painted for.
    """
    image = (
        context.scene.semvec.image
        or getattr(context.space_data, "image", None)
        or image_of_object(getattr(context, "object", None))
    )
    return image and (image_of_mask(image) or image)


def mask_of(image: bpy.types.Image) -> bpy.types.Image | None:
    """Return the mask painted for `image`, if any."""
    return image.get(MASK)


def image_of_mask(mask: bpy.types.Image) -> bpy.types.Image | None:
    """Return the image that `mask` was painted for; None if it is no mask."""
    return next((image for image in bpy.data.images if image.get(MASK) == mask), None)


def why_unusable(image: bpy.types.Image | None) -> str:
    """Return the reason why an image can't be vectorized; empty if it can."""
    if image is None:
        return "Choose or open an image first"
    if 0 not in image.size:
        return ""
    if image.source == "SEQUENCE":
        return f"'{image.name}' is a sequence of images. Open one of them"
    return f"'{image.name}' has no pixels. Find its file again"


class NeedsImage:
    """Mixin of operators that need an image with pixels."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Check that there is such an image; say why not."""
        reason = why_unusable(active_image(context))
        if reason:
            cls.poll_message_set(reason)  # type: ignore[attr-defined]
        return not reason
