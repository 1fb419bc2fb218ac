# SPDX-License-Identifier: GPL-3.0-or-later
"""DiffVG as a second renderer with the same interface, where `pydiffvg` can be imported.

Li, Lukáč, Gharbi and Ragan-Kelley, "Differentiable Vector Graphics Rasterization for
Editing and Learning", 2020. Its images are means of samples at random positions, its
gradients estimates from as many points on the outlines. Several threads add to the same
floats, so the last digits differ from run to run.

Only flat fills are supported; a scene with ramps is refused. DiffVG ends the process on input
that it cannot draw. Therefore shapes that are not finite, have no length or lie off the canvas are
left out, and overlaps are counted first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ..drawing import Scene
from ..errors import RendererError
from . import native
from .native import Background, Containment, FitStep

# With more shapes than this over one point, DiffVG ends the process.
LARGEST_OVERLAP = 256

# Coordinates and colors are clamped to this limit, as in the native renderer.
_FARTHEST = 1e6

# Side of the blocks of sharpness in pixels, as in the native renderer.
_BLOCK = 8

# Sub-paths of at most this many pixels have a length that float32 may round to 0.
_SMALLEST = 0.01

# For each path that is drawn, the indices of its sub-paths in the scene.
_Drawn = dict[int, list[int]]


class DiffVG:
    """A renderer with the functions of `native`; each call uses the next seed.

    samples: along each side of a pixel. Raises RendererError where pydiffvg is missing.
    """

    def __init__(self, samples: int = 2, seed: int = 0) -> None:
        self._torch, self._pydiffvg = _import_pydiffvg()
        self._samples = samples
        self._seed = seed

    def render(
        self, scene: Scene, width: int, height: int, background: Background = (1.0, 1.0, 1.0)
    ) -> np.ndarray:
        """Draw as `native.render`. Raises RendererError for too many overlaps, NaN and ramps."""
        _check_flat(scene)
        ours = native.render(scene, width, height, background)  # refuses what is not valid
        _check_finite(ours)
        scene = _tamed(scene)
        drawn = _drawable(scene, width, height)
        if not drawn:
            return ours
        ground = np.broadcast_to(background, ours.shape)
        return self._draw(*self._leaves(scene), scene, drawn, ground).detach().numpy()

    def fit_step(
        self,
        scene: Scene,
        target: np.ndarray,
        *,
        background: Background = (1.0, 1.0, 1.0),
        weight: np.ndarray | None = None,
        sharpness: float = 0.0,
        containment: Containment | None = None,
        threads: int = 1,
        gradient_only: bool = False,
    ) -> FitStep:
        """Step as `native.fit_step`. Raises RendererError for too many overlaps, NaN and ramps.

        DiffVG has neither containment nor removal costs; these come from the native renderer. It
        uses all processors and ignores `threads`; with `gradient_only` it returns as much.
        """
        _check_flat(scene)
        step = native.fit_step(scene, target, background=background, weight=weight, threads=threads)
        _check_finite(step.squared_error)
        scene = _tamed(scene)
        drawn = _drawable(scene, target.shape[1], target.shape[0])
        if drawn:
            step = self._differentiated(step, scene, drawn, target, background, weight, sharpness)
        if containment is not None:
            step.point_gradient[:] += _containment_gradient(scene, target, containment, threads)
        return step

    def compare(
        self, target: np.ndarray, weight: np.ndarray | None, regions: np.ndarray | None
    ) -> Callable[..., FitStep]:
        """Return steps that compare with one target, as a `native.Comparison` is."""
        return partial(self.fit_step, target=target, weight=weight)

    def _differentiated(
        self,
        step: FitStep,
        scene: Scene,
        drawn: _Drawn,
        target: np.ndarray,
        background: Background,
        weight: np.ndarray | None,
        sharpness: float,
    ) -> FitStep:
        """Return the step with the image, error and gradients of DiffVG."""
        points, colors = self._leaves(scene)
        ground = np.broadcast_to(background, target.shape)
        image = self._draw(points, colors, scene, drawn, ground)
        weights = self._tensor(np.ones(target.shape[:2]) if weight is None else weight)[..., None]
        difference = image - self._tensor(target)
        error = (weights * difference**2).mean()
        loss = error
        if sharpness:
            local = difference - block_means(difference, weights)
            loss = error + sharpness * (weights * local**2).mean()
        loss.backward()
        return step._replace(
            image=image.detach().numpy(),
            squared_error=error.item(),
            point_gradient=points.grad.numpy(),
            color_gradient=colors.grad.numpy(),
        )

    def _leaves(self, scene: Scene) -> tuple[Any, Any]:
        """Convert points and colors to tensors that require gradients."""
        points = self._tensor(np.nan_to_num(scene.points))
        return points.requires_grad_(), self._tensor(scene.colors).requires_grad_()

    def _draw(
        self, points: Any, colors: Any, scene: Scene, drawn: _Drawn, ground: np.ndarray
    ) -> Any:
        """Draw over `ground`: a differentiable tensor [H, W, 3]."""
        torch, pydiffvg = self._torch, self._pydiffvg
        outlines = points.split(np.diff(scene.subpath_starts).tolist())
        shapes: list[Any] = []
        groups = []
        for path, subpaths in drawn.items():
            ids = torch.arange(len(shapes), len(shapes) + len(subpaths), dtype=torch.int32)
            shapes += [self._closed_shape(outlines[i]) for i in subpaths]
            groups.append(pydiffvg.ShapeGroup(ids, colors[path], use_even_odd_rule=False))
        pydiffvg.set_use_gpu(False)
        height, width = ground.shape[:2]
        arguments = pydiffvg.RenderFunction.serialize_scene(width, height, shapes, groups)
        opaque = np.concatenate([ground, np.ones((height, width, 1))], axis=2)
        self._seed += 1
        image = pydiffvg.RenderFunction.apply(
            *(width, height, self._samples, self._samples, self._seed),
            *(self._tensor(opaque), *arguments),
        )
        return image[..., :3].contiguous()

    def _closed_shape(self, points: Any) -> Any:
        """Convert a sub-path [3·S, 2] to a shape of cubics with two handles each."""
        torch = self._torch
        handles = torch.full((len(points) // 3,), 2, dtype=torch.int32)
        return self._pydiffvg.Path(handles, points, True, stroke_width=torch.tensor(0.0))

    def _tensor(self, values: Any) -> Any:
        return self._torch.tensor(np.ascontiguousarray(values, np.float32))


def largest_overlap(boxes: Sequence[np.ndarray], width: int, height: int) -> int:
    """Count the boxes (least and greatest corner, [2, 2]) over the pixel with the most of them.

    A margin of a few pixels is included, because the backward pass of DiffVG samples both sides
    of outlines up to a pixel outside of the canvas.
    """
    margin = 2 + max(width, height) // 1000
    columns, rows = width + 2 * margin, height + 2 * margin
    change = np.zeros((rows + 1, columns + 1), np.int32)  # of the count, from pixel to pixel
    for box in boxes:
        least, greatest = np.floor(box) + margin
        left, top = np.clip(least, 0, (columns, rows)).astype(int)
        right, bottom = np.clip(greatest + 1, 0, (columns, rows)).astype(int)
        change[top, left] += 1
        change[top, right] -= 1
        change[bottom, left] -= 1
        change[bottom, right] += 1
    return int(change.cumsum(axis=0).cumsum(axis=1).max())


def _tamed(scene: Scene) -> Scene:
    """Clamp a scene as the native renderer does; points that are not finite become NaN."""
    points = scene.points.clip(-_FARTHEST, _FARTHEST)
    points[np.abs(points) < 1e-6] = 0.0  # denormal lengths have no finite inverse
    points[~np.isfinite(scene.points)] = np.nan
    colors = scene.colors.clip(-_FARTHEST, _FARTHEST)
    colors[:, 3] = colors[:, 3].clip(0.0, 1.0)
    return scene._replace(points=points, colors=colors)


def _drawable(scene: Scene, width: int, height: int) -> _Drawn:
    """Select the sub-paths that DiffVG can draw. Raises RendererError for too many overlaps."""
    drawn, boxes = {}, []
    for path in range(len(scene.colors)):
        first, last = scene.path_starts[path], scene.path_starts[path + 1]
        ranges = [slice(*scene.subpath_starts[i : i + 2]) for i in range(first, last)]
        outlines = [scene.points[of] for of in ranges]
        if any(np.isnan(points).any() for points in outlines):
            continue
        subpaths = [first + i for i, points in enumerate(outlines) if _has_length(points)]
        if not subpaths:
            continue
        points = np.concatenate(outlines).astype(np.float64)
        box = np.stack([points.min(axis=0), points.max(axis=0)])
        if (box[1] >= 0).all() and (box[0] <= (width, height)).all():
            drawn[path] = subpaths
            boxes.append(box)
    # The number of overlapping bounding boxes is an upper bound.
    if len(boxes) > LARGEST_OVERLAP:
        overlap = largest_overlap(boxes, width, height)
        if overlap > LARGEST_OVERLAP:
            raise RendererError(
                f"Up to {overlap} shapes may overlap in one place; "
                f"DiffVG can't draw more than {LARGEST_OVERLAP}.",
                "Lower the budget, or choose the native renderer.",
            )
    return drawn


def _has_length(points: np.ndarray) -> bool:
    return len(points) > 0 and float(np.ptp(points, axis=0).max()) > _SMALLEST


def flat_only() -> RendererError:
    """Return the error for ramps, which DiffVG does not support."""
    return RendererError(
        "DiffVG refines flat fills only.", "Choose flat fills, or the native renderer."
    )


def _check_flat(scene: Scene) -> None:
    if scene.ramps is not None:
        raise flat_only()


def _check_finite(values: np.ndarray | float) -> None:
    if not np.isfinite(values).all():
        raise RendererError(
            "DiffVG can't draw or compare what is not finite.", "Choose the native renderer."
        )


def block_means(values: Any, weights: Any) -> Any:
    """Compute the weighted mean over the block of each pixel [H, W, 3]; end blocks are smaller."""
    height, width = values.shape[:2]

    def sums(planes: Any) -> Any:
        count = planes.shape[2]
        padded = planes.new_zeros(
            (-(-height // _BLOCK) * _BLOCK, -(-width // _BLOCK) * _BLOCK, count)
        )
        padded[:height, :width] = planes
        blocks = padded.reshape(len(padded) // _BLOCK, _BLOCK, -1, _BLOCK, count).sum(dim=(1, 3))
        return blocks.repeat_interleave(_BLOCK, 0).repeat_interleave(_BLOCK, 1)[:height, :width]

    return sums(values * weights) / sums(weights).clamp(min=1e-30)


def _containment_gradient(
    scene: Scene, target: np.ndarray, containment: Containment, threads: int
) -> np.ndarray:
    """Compute the gradient of containment alone for the points, with an error weight of 0."""
    nothing = np.zeros(target.shape[:2], np.float32)
    return native.fit_step(
        scene, target, weight=nothing, containment=containment, threads=threads
    ).point_gradient


def _import_pydiffvg() -> tuple[Any, Any]:
    try:
        import pydiffvg
        import torch
    except ImportError as error:
        raise RendererError(
            "The renderer DiffVG (pydiffvg) is not installed for this Python.",
            "Build it from its sources, or choose the native renderer.",
        ) from error
    return torch, pydiffvg
