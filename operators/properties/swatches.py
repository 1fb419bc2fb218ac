# SPDX-License-Identifier: GPL-3.0-or-later
"""`Collection.semvec_swatches`: the colors of a Grease Pencil drawing, which its strokes follow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
from bpy.props import FloatVectorProperty, PointerProperty

from ..objects.pencil_palette import pencil_swatches, recolor_strokes

_MOST = 128  # swatches, more than a panel shows


def swatch_name(number: int) -> str:
    """Return the name of the property of a swatch, by its number in the palette."""
    return f"color_{number}"


def _color(number: int, holder: Any) -> tuple[float, ...]:
    swatches = pencil_swatches(holder.id_data)
    return swatches[number].color if number < len(swatches) else (0.0, 0.0, 0.0)


def _recolor(number: int, holder: Any, rgb: Sequence[float]) -> None:
    recolor_strokes(holder.id_data, number, rgb)


def _swatch(number: int) -> Any:
    return FloatVectorProperty(
        name="Color",
        description="Color of all strokes of the drawing that have it",
        subtype="COLOR",
        size=3,
        min=0.0,
        max=1.0,
        get=lambda self: _color(number, self),
        set=lambda self, rgb: _recolor(number, self, rgb),
    )


class SemvecSwatches(bpy.types.PropertyGroup):
    """Colors of a Grease Pencil drawing, the most used one first; nothing is stored here."""

    __annotations__ = {swatch_name(number): _swatch(number) for number in range(_MOST)}


classes = (SemvecSwatches,)


def register() -> None:
    """Add the property to collections."""
    bpy.types.Collection.semvec_swatches = PointerProperty(
        type=SemvecSwatches, name="Swatches", description="Colors of a Grease Pencil drawing"
    )


def unregister() -> None:
    """Remove it."""
    del bpy.types.Collection.semvec_swatches
