# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of Vectorize Sequence, for the operator and the panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
from bpy.props import EnumProperty, IntProperty

_FORMS = (
    (
        "GREASE_PENCIL",
        "Grease Pencil",
        "One object with a drawing for each frame, which keeps gradients",
    ),
    (
        "CURVES",
        "Animated Curves",
        "A curve object for each shape, animated by shape keys; gradients become their mean colors",
    ),
)
_RANGES = (
    ("ALL", "Whole Sequence", "All frames of the image sequence or movie"),
    ("SCENE", "Scene Range", "From the scene's first to its last frame, or the preview range"),
    ("CUSTOM", "Custom", "From one frame of the scene to another"),
)


@dataclass(frozen=True)
class FrameRange:
    """Frames to draw.

    start: frame of the scene at which the sequence starts. numbers: frames of the scene; not used
    where all are wanted. step: of all frames.
    """

    start: int
    is_whole: bool
    numbers: range
    step: int


def sequence_properties() -> dict[str, Any]:
    """Return the properties, as the annotations of a class."""
    return {
        "sequence_form": EnumProperty(
            name="As", description="Type of objects that the sequence becomes", items=_FORMS
        ),
        "sequence_range": EnumProperty(
            name="Frames", description="Frames to vectorize", items=_RANGES
        ),
        "sequence_first": IntProperty(
            name="First", description="First frame of the scene", default=1
        ),
        "sequence_last": IntProperty(
            name="Last", description="Last frame of the scene", default=24
        ),
        "sequence_step": IntProperty(
            name="Step", description="Vectorize only every so many frames", default=1, min=1
        ),
        "sequence_start": IntProperty(
            name="Start Frame",
            description="Frame of the scene at which the sequence starts",
            default=1,
        ),
    }


def range_of(properties: Any, scene: bpy.types.Scene) -> FrameRange:
    """Return the frames that a class with these properties asks for."""
    first, last = properties.sequence_first, properties.sequence_last
    if properties.sequence_range == "SCENE":
        preview = scene.use_preview_range
        first = scene.frame_preview_start if preview else scene.frame_start
        last = scene.frame_preview_end if preview else scene.frame_end
    step = properties.sequence_step
    is_whole = properties.sequence_range == "ALL"
    return FrameRange(properties.sequence_start, is_whole, range(first, last + 1, step), step)
