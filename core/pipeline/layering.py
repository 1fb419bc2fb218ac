# SPDX-License-Identifier: GPL-3.0-or-later
"""Layering of a finished drawing: shapes on top of each other, or cut out of those beneath."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..drawing import Drawing, Path
from ..svg import quantized
from ..svg.boolean import combine
from ..svg.effort import TooComplex
from ..svg.jobs import Job, Operand
from ..svg.tiling import tiles


def cut_out(drawing: Drawing, by_color: bool = False) -> tuple[Drawing, list[str]]:
    """Return a drawing of what is seen of each path, without overlaps and gaps, and notes.

    Opaque paths are cut by those above; paths that are wholly covered are left out. Transparent
    paths are cut as well, but cut nothing, as what is beneath them is seen.
    by_color: whether opaque paths of one color become one compound path.
    """
    outlines = [[points.astype(np.float64) for points in path.subpaths] for path in drawing.paths]
    is_opaque = [bool(path.fill[3] >= 1.0) for path in drawing.paths]
    opaque = [number for number, full in enumerate(is_opaque) if full]
    owners = _first_of_color([drawing.paths[number] for number in opaque]) if by_color else None
    try:
        parts = tiles([outlines[number] for number in opaque], owners)
    except TooComplex:
        return drawing, ["Shapes lie on each other: the drawing is too complex to be cut out"]
    visible = dict(zip(opaque, parts, strict=True))
    transparent = [number for number, full in enumerate(is_opaque) if not full]
    jobs = []
    for number in transparent:
        above = [Operand(outlines[other]) for other in opaque if other > number]
        jobs.append(Job([Operand(outlines[number]), *above], "subtract"))
    for number, outline in zip(transparent, combine(jobs), strict=True):
        visible[number] = outlines[number] if outline is None else outline
    paths = [
        _with_outline(path, visible[number])
        for number, path in enumerate(drawing.paths)
        if visible[number]
    ]
    return quantized(replace(drawing, paths=paths)), _notes(len(transparent))


def _first_of_color(paths: list[Path]) -> list[int]:
    """Return the number of the first path in the color of each; gradients are by themselves."""
    first: dict[object, int] = {}
    keys = [path.fill.tobytes() if path.ramp is None else id(path) for path in paths]
    return [first.setdefault(key, number) for number, key in enumerate(keys)]


def _with_outline(path: Path, outline: list[np.ndarray]) -> Path:
    # A stroke that is cut is no stroke any more.
    subpaths = [points.astype(np.float32) for points in outline]
    return replace(path, subpaths=subpaths, stroke=None)


def _notes(transparent: int) -> list[str]:
    """Return a sentence where transparent shapes lie on others."""
    if transparent == 0:
        return []
    shapes = (
        "1 transparent shape lies" if transparent == 1 else f"{transparent} transparent shapes lie"
    )
    return [f"{shapes} on others, which show through"]
