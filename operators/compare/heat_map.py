# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors of the remaining error, and their legend."""

from __future__ import annotations

import numpy as np

# Error that is shown in the last color, as a share of the distance from black to white.
LARGEST = 0.25

# sRGB and opacity from no error to a large one: clear, purple, orange, yellow.
_STOPS = np.array(
    [
        [0.10, 0.05, 0.35, 0.0],
        [0.35, 0.08, 0.55, 0.75],
        [0.95, 0.40, 0.15, 0.92],
        [1.0, 0.95, 0.50, 1.0],
    ]
)


def heat_colors(error: np.ndarray) -> np.ndarray:
    """Map errors [H, W] to sRGB and opacity: float32 [H, W, 4]."""
    shares = np.linspace(0.0, LARGEST, len(_STOPS))
    channels = [np.interp(error, shares, channel) for channel in _STOPS.T]
    return np.stack(channels, axis=-1).astype(np.float32)


def legend_colors(width: int = 128) -> np.ndarray:
    """Return a bar of all colors over dark gray: float32 [1, W, 4]."""
    colors = heat_colors(np.linspace(0.0, LARGEST, width)[None])
    opacity = colors[..., 3:]
    solid = 0.15 + opacity * (colors[..., :3] - 0.15)
    return np.concatenate([solid, np.ones_like(opacity)], axis=-1)
