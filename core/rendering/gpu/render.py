# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendering on a device, and its way back for any loss; as in core/rendering/native.py."""

from __future__ import annotations

import numpy as np

from ...drawing import Scene
from ...errors import GpuError
from ..native import Background, SceneGradient
from .device import Device
from .loop import Loop
from .scene_buffers import Objective


def render(
    device: Device, scene: Scene, width: int, height: int, background: Background
) -> np.ndarray:
    """Draw a scene over a color: float32 [height, width, 3], sRGB. Raises GpuError."""
    target = np.zeros((height, width, 3), np.float32)
    return Loop(device, scene, Objective(target, _color(background))).fit_step().image


def render_backward(
    device: Device, scene: Scene, image_gradient: np.ndarray, background: Background
) -> SceneGradient:
    """Propagate d(loss)/d(image), float32 [H, W, 3], back through `render`. Raises GpuError."""
    return Loop(device, scene, Objective(image_gradient, _color(background))).propagate()


def _color(background: Background) -> np.ndarray:
    color = np.asarray(background, np.float32)
    if color.shape != (3,):
        raise GpuError("A GPU draws over a background of one color only.")
    return color
