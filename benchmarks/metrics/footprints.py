# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels that the paths of a drawing cover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from semvec.core.drawing import Drawing, pack
from semvec.core.rendering.native import render


def footprints(drawing: Drawing, visible: bool = False) -> np.ndarray:
    """Find the pixels that each path covers by at least half: bool [N, H, W].

    visible: only those of which at least half is visible through the paths above.
    """
    width, height = round(drawing.width), round(drawing.height)
    covered = np.empty((len(drawing.paths), height, width), bool)
    unhidden = np.ones((height, width), np.float32)
    for i in reversed(range(len(drawing.paths))):
        path = drawing.paths[i]
        white = replace(path, fill=np.ones(4, np.float32), ramp=None)
        coverage = render(pack([white]), width, height, (0.0, 0.0, 0.0))[..., 0]
        covered[i] = coverage >= 0.5
        if visible:
            covered[i] &= unhidden >= 0.5
            unhidden *= 1.0 - coverage * path.fill[3]
    return covered
