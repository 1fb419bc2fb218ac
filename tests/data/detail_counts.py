# SPDX-License-Identifier: GPL-3.0-or-later
"""Counts of detail shapes by part of the picture."""

from __future__ import annotations

from typing import Any

import numpy as np

NEAR = 3.0  # pixels


def details_on(drawing: Any, masks: np.ndarray) -> np.ndarray:
    """Of each mask bool [N, H, W]: how many detail paths have their middle on it or near it."""
    counts = np.zeros(len(masks), int)
    for path in drawing.paths:
        if path.kind == "detail":
            x, y = np.concatenate(path.subpaths).mean(axis=0)
            for i, mask in enumerate(masks):
                rows, columns = np.nonzero(mask)
                counts[i] += np.hypot(columns + 0.5 - x, rows + 0.5 - y).min() <= NEAR
    return counts
