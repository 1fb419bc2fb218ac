# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of a drawing's forms: curves, curves joined by region, Grease Pencil fills."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

import bpy
from mathutils import Matrix

from ...core.drawing import Kind, Path
from .splines import PictureSpace

# Custom property of every object that shows paths, and of materials and node groups that are
# removed with the last of them: the region of the path, or -1.
REGION = "semvec_region"
JOINED = "semvec_joined"  # custom property of objects that show all paths of a region

Placed = tuple[float, Path]  # a path with its depth, in Blender's units
Layers = Iterable[tuple[bpy.types.Collection, list[Placed]]]


class DrawingStyle(NamedTuple):
    """Location and appearance of a drawing's paths.

    root: their parent, the drawing's empty. strokes: CURVES or OUTLINES, as in `Placement`.
    foreign: from another program's file, so that outlines may cross themselves.
    """

    root: bpy.types.Object | None
    space: PictureSpace
    shading: str
    transparent: bool
    thickness: float
    strokes: str = "CURVES"
    foreign: bool = False

    @property
    def size(self) -> float:
        """The drawing's long side, in Blender's units."""
        return self.space.scale * max(self.space.width, self.space.height)


class DrawingForm(Protocol):
    """Objects that show paths.

    layers: names of the collections that hold them, by the kind of the paths.
    color_type: the color source with which solid viewports show their colors.
    has_group_collections: whether each group of paths has a collection in its layer.
    """

    layers: Mapping[Kind, str]
    color_type: str
    has_group_collections: bool

    def update(self, layers: Layers, style: DrawingStyle) -> None:
        """Make the objects of each layer show its paths."""

    def add(self, layers: Layers, style: DrawingStyle) -> None:
        """Add objects for these paths to each layer, beside those that it has."""

    def set_thickness(self, obj: bpy.types.Object, thickness: float) -> None:
        """Change the thickness of an object's paths, in Blender's units."""

    def set_strokes(self, obj: bpy.types.Object, style: DrawingStyle) -> None:
        """Show the stroke of an object as the style says, where it is one."""

    def set_shading(self, obj: bpy.types.Object, shading: str) -> None:
        """Let an object's paths react to light (LIT) or not (FLAT)."""

    def is_path_object(self, obj: bpy.types.Object) -> bool:
        """Return whether the object shows paths in this form."""

    def read(self, obj: bpy.types.Object, kind: Kind, to_pixels: Matrix) -> Iterator[Placed]:
        """Yield the paths of an object; kind: that of its layer."""


def remove_objects(layer: bpy.types.Collection) -> None:
    """Remove all objects of a layer that show paths, and their data that nothing else uses."""
    remove_path_objects([obj for obj in layer.objects if REGION in obj])


def remove_path_objects(objects: list[bpy.types.Object]) -> None:
    """Remove these objects, and their data that nothing else uses."""
    data = {obj.data for obj in objects if obj.data.users == 1}
    uses = Counter(material for each in data for material in each.materials)
    materials = [each for each, count in uses.items() if _is_ours(each) and each.users == count]
    modifiers = [modifier for obj in objects for modifier in obj.modifiers]
    trees = {modifier.node_group for modifier in modifiers if modifier.type == "NODES"}
    bpy.data.batch_remove([*objects, *data, *materials])  # at once: that takes the least time
    remove_unused(trees)
    remove_unused(set(uses) - set(materials))  # which trees used


def remove_unused(blocks: Iterable[Any]) -> None:
    """Remove those data-blocks of drawings that nothing uses."""
    bpy.data.batch_remove([block for block in blocks if _is_ours(block) and not block.users])


def _is_ours(block: Any) -> bool:
    return block is not None and REGION in block
