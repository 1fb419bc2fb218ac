# SPDX-License-Identifier: GPL-3.0-or-later
"""A simpler version of a drawing: fewer shapes, then fewer nodes of those that are left."""

from __future__ import annotations

from dataclasses import replace

from ..drawing import Drawing
from .least_useful import keep_most_useful
from .nodes import merge_nodes, merge_nodes_to

_LARGEST = 0.05  # tolerance for a number of nodes, as a share of the long side


def simplify(
    drawing: Drawing,
    tolerance: float = 0.0,
    nodes: int | None = None,
    shapes: int | None = None,
) -> Drawing:
    """Return a drawing with fewer nodes and shapes, on the same canvas.

    tolerance: largest distance from the outlines before, pixels. nodes: most nodes altogether;
    the smallest tolerance that gives so many is used. shapes: most paths.
    """
    paths = drawing.paths
    if shapes is not None:
        size = (drawing.width, drawing.height)
        paths = [paths[number] for number in keep_most_useful(paths, size, shapes)]
    paths = merge_nodes(paths, tolerance)
    if nodes is not None:
        paths = merge_nodes_to(paths, nodes, _LARGEST * max(drawing.width, drawing.height))
    return replace(drawing, paths=paths)
