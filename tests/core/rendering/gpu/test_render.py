# SPDX-License-Identifier: GPL-3.0-or-later
"""Rendering on a device for any loss, against the native renderer, also through torch."""

from __future__ import annotations

import numpy as np
import pytest
from gpu_scenes import apart, random_target
from raster_scenes import random_scene

import semvec
from semvec.core.errors import GpuError
from semvec.core.rendering import native
from semvec.core.rendering.gpu.device import Device
from semvec.core.rendering.gpu.render import render, render_backward

BACKGROUND = (0.9, 0.8, 0.7)


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_any_gradient_of_the_picture_is_propagated(device: Device, seed: int, ramps: bool) -> None:
    scene = random_scene(seed, 96, 30, ramps=ramps)
    gradient = random_target(seed, 80, 61) - 0.5
    expected = native.render_backward(scene, gradient, BACKGROUND)
    found = render_backward(device, scene, gradient, BACKGROUND)
    assert apart(found.points, expected.points) < 1e-9
    assert apart(found.colors, expected.colors) < 1e-12
    size = np.linalg.norm(expected.points)
    assert np.linalg.norm(found.points) == pytest.approx(size, rel=1e-5)
    if found.ramp_axes is not None and expected.ramp_axes is not None:
        assert apart(found.ramp_axes, expected.ramp_axes) < 1e-9
    image = native.render(scene, 80, 61, BACKGROUND)
    assert np.abs(render(device, scene, 80, 61, BACKGROUND) - image).max() < 1e-4


def test_a_background_that_is_a_picture_is_refused(device: Device) -> None:
    with pytest.raises(GpuError):
        render(device, random_scene(0, 20), 20, 20, np.zeros((20, 20, 3), np.float32))


def test_torch_differentiates_through_the_device(device: Device) -> None:
    torch = pytest.importorskip("torch")
    scene = random_scene(0, 64, 12)
    gradients = []
    for compute in ("cpu", device.info.name):
        points = torch.from_numpy(scene.points).double().requires_grad_()
        colors = torch.from_numpy(scene.colors).requires_grad_()
        image = semvec.torch.render(points, colors, scene, 64, 64, compute=compute)
        (image**3).sum().backward()
        gradients.append((points.grad.numpy(), colors.grad.numpy()))
    assert gradients[0][0].dtype == np.float64
    assert apart(gradients[0][0], gradients[1][0]) < 1e-9
    assert apart(gradients[0][1], gradients[1][1]) < 1e-9


def test_the_api_has_no_other_names() -> None:
    with pytest.raises(AttributeError):
        semvec.no_such_name  # noqa: B018
