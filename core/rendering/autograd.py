# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec's renderer as a function of torch: any loss on the picture moves points and colours.

    image = render(points, colors, scene, width, height)
    loss(image).backward()      # fills points.grad and colors.grad

torch is imported at the first call: nothing else in semvec needs it.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

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
) -> torch.Tensor:
    """A picture [height, width, 3], sRGB, as differentiable as `points` and `colors` are.

    points: [M, 2], pixels; colors: [N, 4], RGBA. They take the place of those of `scene`,
    which says where sub-paths and paths start. background: a colour [3] or an image
    [height, width, 3]; it gets no gradient. The work is done in float32 on the processor,
    whatever the tensors are, on `threads` threads (0: all); results come back as `points` is.
    Raises NativeError as `native.render` does, and EngineMissingError without torch.
    """
    layout = (scene.subpath_starts, scene.path_starts)
    return _function().apply(points, colors, layout, (width, height), background, threads)


@functools.cache
def _function() -> Any:
    """The torch.autograd.Function; made here, because it can't be declared without torch."""
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
            layout: tuple[np.ndarray, np.ndarray],
            size: tuple[int, int],
            background: native.Background,
            threads: int,
        ) -> torch.Tensor:
            context.save_for_backward(points, colors)
            context.others = layout, background, threads
            image = native.render(_scene(points, colors, layout), *size, background, threads)
            return torch.from_numpy(image).to(points)

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(context: Any, gradient: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
            points, colors = context.saved_tensors
            layout, background, threads = context.others
            by_point, by_color = native.render_backward(
                _scene(points, colors, layout), _array(gradient), background, threads
            )
            return (
                torch.from_numpy(by_point).to(points),
                torch.from_numpy(by_color).to(colors),
                *(None, None, None, None),
            )

    return Render


def _scene(
    points: torch.Tensor, colors: torch.Tensor, layout: tuple[np.ndarray, np.ndarray]
) -> Scene:
    return Scene(_array(points), _array(colors), *layout)


def _array(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().cpu().float().contiguous().numpy()
