# SPDX-License-Identifier: GPL-3.0-or-later
"""Frames of a sequence as drawings of one Grease Pencil object: a keyframe on each layer.

A frame whose painting order alternates more often between kinds of paths has more layers. Every
layer has a keyframe at every frame, so that nothing of the frame before stays visible. Gradients
are materials that frames share, so that drawings can be moved in time and copied.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import bpy
from mathutils import Matrix

from ...core.drawing import Drawing, Kind, Path
from ..objects.form import REGION, DrawingStyle
from ..objects.grease_pencil import LAYERS, fills_material, new_data, set_strokes
from ..objects.grease_pencil_ramps import RampMaterials
from ..objects.parenting import place_below
from .placed_frame import PlacedFrame

# Shades of a channel in which the colors of gradients are told apart, so that frames share their
# materials: colors change by a little from frame to frame.
_SHADES = 128

_ORDER: tuple[Kind, ...] = ("structural", "detail")


class GreasePencilFrames:
    """The Grease Pencil object of a sequence."""

    form = "GREASE_PENCIL"

    def show(
        self, collection: bpy.types.Collection, frame: PlacedFrame, style: DrawingStyle
    ) -> None:
        """Show a drawing from its frame on, to before `frame.end`."""
        data = _object(collection, style).data
        if not data.materials:
            data.materials.append(fills_material())
        ramps = RampMaterials(data, style, _SHADES)
        runs = list(_runs(frame.drawing))
        for layer in data.layers:
            for old in [each.frame_number for each in layer.frames]:
                if frame.covers(old):
                    layer.frames.remove(old)
        while len(data.layers) < max(len(runs), len(_ORDER)):
            layer = data.layers.new(LAYERS[_ORDER[len(data.layers) % 2]])
            layer.use_lights = style.shading == "LIT"
            for number in frame.others:
                layer.frames.new(number)
        for number, layer in enumerate(data.layers):
            drawing = layer.frames.new(frame.number).drawing
            paths = runs[number] if number < len(runs) else []
            if paths:
                set_strokes(drawing, paths, style, ramps)


def _object(collection: bpy.types.Collection, style: DrawingStyle) -> Any:
    """Return the object of a sequence, which is made where it is missing."""
    found = next((obj for obj in collection.objects if REGION in obj), None)
    if found is not None:
        return found
    name = collection.name
    obj = bpy.data.objects.new(name, new_data(name))
    obj[REGION] = -1
    place_below(obj, style.root, Matrix())
    collection.objects.link(obj)
    return obj


def _runs(drawing: Drawing) -> Iterator[Sequence[Path]]:
    """Yield the paths of each layer; layers are structural and detail in turn.

    Strokes are their outlines, which have moved with the picture.
    """
    wanted = 0
    shown = [replace(path, stroke=None) for path in drawing.paths if path.subpaths]
    for kind, run in groupby(shown, key=lambda path: path.kind):
        if _ORDER[wanted] != kind:
            yield []
            wanted = 1 - wanted
        yield list(run)
        wanted = 1 - wanted
