# SPDX-License-Identifier: GPL-3.0-or-later
"""The structural paths of a partition, as a drawing has them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..bezier import rectangle
from ..drawing import Path
from .layering import trace

# Nodes of one structural path at most: beyond, more of them only follow noise.
MOST_NODES = 24


def structural_paths(
    labels: np.ndarray,
    image: np.ndarray,
    threads: int = 1,
    opacities: np.ndarray | None = None,
    most_nodes: int = MOST_NODES,
) -> list[Path]:
    """Return one path a region, in painting order. With no pixel outside, the lowest is the canvas.

    labels: int [H, W], a partition, -1 outside of the drawing. image: float [H, W, 3].
    threads: 0 uses all processors. opacities: float [N] of the regions, None for 1; among
    transparent shapes the lowest keeps its own outline. most_nodes: of a path, at least 4.
    """
    paths = trace(labels, image, 1.0, most_nodes, threads, opacities)
    is_opaque = all(path.fill[3] == 1 for path in paths[1:])
    if paths and labels.min() >= 0 and is_opaque:
        height, width = labels.shape
        canvas = rectangle(0, 0, width, height)
        paths[0] = replace(paths[0], subpaths=[canvas], name="background", region=-1)
    return paths
