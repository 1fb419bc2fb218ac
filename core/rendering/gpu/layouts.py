# SPDX-License-Identifier: GPL-3.0-or-later
"""The structures of kernels/types.wgsl as numpy sees them, and the sizes of all buffers."""

from __future__ import annotations

import numpy as np

TILE = 16

# Bits of Params.flags.
MOVES_OPACITY, WRITES_IMAGE, FINDS_REMOVAL_COST, KEEPS_STILL, GOAL_IS_GRADIENT = 1, 2, 4, 8, 16

PARAMS = np.dtype(
    [(name, "u4") for name in ("width", "height", "tiles_x", "tiles_y")]
    + [(name, "u4") for name in ("path_count", "segment_count", "pair_capacity", "flags")]
    + [("background", "f4", 3), ("sharpness", "f4"), ("error_scale", "f4")]
    + [(name, "f4") for name in ("gradient_scale", "color_rate", "axis_rate", "overrun")]
    + [(name, "f4") for name in ("fairness", "smoothness", "spike_penalty")]
    + [("minimum_area", "f4"), ("minimum_thickness", "f4"), ("unused", "f4", 2)]
)
STATE = np.dtype(
    [(name, "u4") for name in ("step", "overflow", "pairs_wanted", "unused_0")]
    + [(name, "f4") for name in ("first_count", "second_count", "speed", "unused_1")]
)
FILL = np.dtype(
    [
        *(("color", "f4", 4), ("axis", "f4", 4), ("end_color", "f4", 3), ("kind", "u4")),
        *(("first_segment", "u4"), ("last_segment", "u4")),
        *(("region", "i4"), ("containment", "f4")),
    ]
)

# Bytes of the buffers that only the device fills: per cubic, path (and one more), point and pair.
PER_SEGMENT = {"segments": 72, "segment_gradients": 48, "work": 168}
PER_PATH = {"boxes": 48, "fill_gradients": 48, "fill_moments": 96}
PER_POINT = {"gradients": 8, "before": 8, "point_moments": 16}
PER_PAIR = {"winding": 1024, "transmittance": 1024}
PAIR_SUM = 16

# Bytes of the buffers that the host fills: links; fill; point, its rate and simple point; pixel.
_UPLOADED = {"segment": 16, "path": 64, "point": 20, "pixel": 32}


def memory_needed(width: int, height: int, paths: int, points: int, pairs: int, sums: int) -> int:
    """Bytes of all buffers on the device; sums: vectors of sums a pair, 1 or 3."""
    segments = points // 3
    per_pair = sum(PER_PAIR.values()) + PAIR_SUM * sums
    return (
        segments * (sum(PER_SEGMENT.values()) + _UPLOADED["segment"])
        + (paths + 1) * (sum(PER_PATH.values()) + _UPLOADED["path"])
        + points * (sum(PER_POINT.values()) + _UPLOADED["point"])
        + pairs * per_pair
        + width * height * _UPLOADED["pixel"]
        + -(-width // TILE) * -(-height // TILE) * PAIR_SUM
        + -(-height // TILE) * -(-paths // 32) * 4
    )
