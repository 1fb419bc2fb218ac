# SPDX-License-Identifier: GPL-3.0-or-later
"""The fused step of rendering, comparing and differentiating, on a device."""

from __future__ import annotations

import numpy as np

from ...drawing import Scene
from ..native import Containment, FitStep
from .device import Device
from .loop import Loop
from .scene_buffers import Objective


def fit_step(
    device: Device,
    scene: Scene,
    target: np.ndarray,
    *,
    background: np.ndarray | tuple[float, float, float] = (1.0, 1.0, 1.0),
    weight: np.ndarray | None = None,
    sharpness: float = 0.0,
    containment: Containment | None = None,
) -> FitStep:
    """Draw a scene, compare it with `target`, and differentiate the error; as `native.fit_step`.

    The background is one color. Raises GpuError.
    """
    objective = Objective(target, background, weight, sharpness, containment)
    return Loop(device, scene, objective).fit_step()
