# SPDX-License-Identifier: GPL-3.0-or-later
"""Fingerprint of what a run starts from, so that a failure is shown only while it applies."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import bpy


def fingerprint(scene: bpy.types.Scene) -> str:
    """Return a text that differs once settings, strokes or images of a scene have changed.

    It is taken with every redraw of the panel and so reads no pixels: of an image, it has file,
    size and whether it was painted since it was saved.
    """
    parts = (*_settings(scene), *_strokes(scene), *_images())
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _settings(scene: Any) -> Iterator[tuple[str, str]]:
    settings = scene.semvec
    for declared in settings.bl_rna.properties:
        value = getattr(settings, declared.identifier)
        if isinstance(value, set):
            value = sorted(value)
        elif isinstance(value, bpy.types.ID):
            value = value.session_uid
        if isinstance(value, bool | int | float | str | list | None):
            yield declared.identifier, repr(value)


def _strokes(scene: bpy.types.Scene) -> Iterator[tuple[str, bool, tuple[int, ...]]]:
    """Yield each Grease Pencil object with the numbers of points and strokes of its drawings."""
    for obj in scene.objects:
        data: Any = obj.data
        if obj.type == "GREASEPENCIL":
            drawings = [frame.drawing for layer in data.layers for frame in layer.frames]
            counts = (
                drawing.attributes.domain_size(domain)
                for drawing in drawings
                for domain in ("POINT", "CURVE")
            )
            yield obj.name, obj.hide_viewport, tuple(counts)


def _images() -> Iterator[tuple[str, str, bool, tuple[int, ...]]]:
    for image in bpy.data.images:
        size = tuple(image.size) if image.has_data else ()  # which else reads the file
        yield image.name, image.filepath, image.is_dirty, size
