# SPDX-License-Identifier: GPL-3.0-or-later
"""The native renderer as a differentiable function of torch.

    image = render(points, colors, scene, width, height)
    loss(image).backward()      # fills points.grad and colors.grad

Ramps are differentiable as well if their axes and colors are passed as tensors.

torch is imported at the first call, because it is optional.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..drawing import Scene
from ..errors import EngineMissingError
from . import native

if TYPE_CHECKING:
    import torch


def render(
    points: torch.Tensor,
    colors: torch.Tensor,
    scene: Scene,
    width: int,
    height: int,
    background: native.Background = (1.0, 1.0, 1.0),
    threads: int = 0,
    *,
    compute: str = "cpu",
    ramp_axes: torch.Tensor | None = None,
    ramp_colors: torch.Tensor | None = None,
) -> torch.Tensor:
    """Draw a scene: a tensor [height, width, 3], sRGB, differentiable for the tensors given.

    points: [M, 2], pixels; colors: [N, 4], RGBA; ramp_axes: [N, 4], start and end, pixels;
    ramp_colors: [N, 3], RGB. They replace those of `scene`, which defines the starts of sub-paths
    and paths, and the kinds of ramps. background: a color [3] or an image
    [height, width, 3]; it gets no gradient. The work is done in float32 on the CPU,
    with `threads` threads (0: all); results have the dtype and the device of `points`.
    compute: "cpu", or "gpu" or the name of a device, as `semvec devices` lists them; these need
    `wgpu` and a background of one color. Tensors of CUDA are copied.
    Raises NativeError as `native.render` does, EngineMissingError without torch, GpuError for a
    device that is missing or fails, and ValueError for axes or colors of ramps where the scene has
    no ramps.
    """
    if scene.ramps is None and not (ramp_axes is None and ramp_colors is None):
        raise ValueError("The scene has no ramps.")
    tensors = (points, colors, ramp_axes, ramp_colors)
    renderer = _renderer(compute, background, threads)
    return _function().apply(*tensors, scene, (width, height), renderer)


class _Renderer(NamedTuple):
    """Drawing of a scene at a size, and the way back from the gradient of the picture."""

    forward: Callable[[Scene, tuple[int, int]], np.ndarray]
    backward: Callable[[Scene, np.ndarray], native.SceneGradient]


def _renderer(compute: str, background: native.Background, threads: int) -> _Renderer:
    if compute == "cpu":
        return _Renderer(
            lambda scene, size: native.render(scene, *size, background, threads),
            lambda scene, gradient: native.render_backward(scene, gradient, background, threads),
        )
    from .gpu import render as on_device
    from .gpu.device import open_device

    device = open_device("" if compute == "gpu" else compute)
    return _Renderer(
        lambda scene, size: on_device.render(device, scene, *size, background),
        lambda scene, gradient: on_device.render_backward(device, scene, gradient, background),
    )


@functools.cache
def _function() -> Any:
    """Make the torch.autograd.Function, which cannot be declared without torch."""
    try:
        import torch
    except ImportError as error:
        raise EngineMissingError(
            "Rendering through torch needs torch, which is not installed.",
            "Install the AI engine, or: pip install torch",
        ) from error

    class Render(torch.autograd.Function):
        @staticmethod
        def forward(
            context: Any,
            points: torch.Tensor,
            colors: torch.Tensor,
            ramp_axes: torch.Tensor | None,
            ramp_colors: torch.Tensor | None,
            scene: Scene,
            size: tuple[int, int],
            renderer: _Renderer,
        ) -> torch.Tensor:
            tensors = (points, colors, ramp_axes, ramp_colors)
            context.save_for_backward(*tensors)
            context.others = scene, renderer
            image = renderer.forward(_filled(scene, *tensors), size)
            return torch.from_numpy(image).to(points)

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
            tensors = context.saved_tensors
            scene, renderer = context.others
            gradients = renderer.backward(_filled(scene, *tensors), _array(gradient))
            return (
                *(
                    None if tensor is None else torch.from_numpy(by_tensor).to(tensor)
                    for tensor, by_tensor in zip(tensors, gradients, strict=True)
                ),
                *(None, None, None),
            )

    return Render


def _filled(
    scene: Scene,
    points: torch.Tensor,
    colors: torch.Tensor,
    ramp_axes: torch.Tensor | None,
    ramp_colors: torch.Tensor | None,
) -> Scene:
    """Return the scene with the values of the tensors."""
    ramps = scene.ramps
    if ramps is not None and ramp_axes is not None:
        ramps = ramps._replace(axes=_array(ramp_axes))
    if ramps is not None and ramp_colors is not None:
        ramps = ramps._replace(colors=_array(ramp_colors))
    return scene._replace(points=_array(points), colors=_array(colors), ramps=ramps)


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().float().contiguous().numpy()
