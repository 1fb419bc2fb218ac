# SPDX-License-Identifier: GPL-3.0-or-later
"""DiffVG as a second renderer, where `pydiffvg` can be imported: same inputs, same outputs.

Li, Lukáč, Gharbi and Ragan-Kelley, "Differentiable Vector Graphics Rasterization for
Editing and Learning", 2020. Its pictures are means of samples at random places, its
gradients estimates from as many points on the outlines; several threads add to the same
floats, so the last digits differ from run to run.

It refines flat fills only: a scene with ramps is refused. Where DiffVG meets something
that it can't draw, it ends the process. Nothing of the kind may reach it: what is not
finite, has no length or lies off the canvas is left out, and overlaps are counted first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..drawing import Scene
from ..errors import RendererError
from . import native
from .native import Background, Containment, FitStep

# With more shapes than this over one point, DiffVG ends the process.
LARGEST_OVERLAP = 256

# Coordinates beyond this are brought back to it, as in the native renderer; colors, too.
_FARTHEST = 1e6

# Side of the blocks that sharpness looks at, in pixels: that of the native renderer.
_BLOCK = 8

# Sub-paths of no more than this many pixels have no length that float32 could tell from 0.
_SMALLEST = 0.01

# The sub-paths (their numbers in the scene) of each path that there is something to draw of.
_Drawn = dict[int, list[int]]


class DiffVG:
    """A renderer with the functions of `native`; every call takes the next seed.

    samples: along each side of a pixel. Raises RendererError where pydiffvg is missing.
    """

    def __init__(self, samples: int = 2, seed: int = 0) -> None:
        self._torch, self._pydiffvg = _import_pydiffvg()
        self._samples = samples
        self._seed = seed

    def render(
        self, scene: Scene, width: int, height: int, background: Background = (1.0, 1.0, 1.0)
    ) -> np.ndarray:
        """As `native.render`. Raises RendererError for too many overlaps, NaN and ramps."""
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
    ) -> FitStep:
        """As `native.fit_step`. Raises RendererError for too many overlaps, NaN and ramps.

        DiffVG knows neither containment nor what removing a path would cost: these are the
        native renderer's. It uses all processors, whatever `threads` says.
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
        """The step with DiffVG's picture, error and gradients in it."""
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
        """Points and colors as tensors that gather gradients."""
        points = self._tensor(np.nan_to_num(scene.points))
        return points.requires_grad_(), self._tensor(scene.colors).requires_grad_()

    def _draw(
        self, points: Any, colors: Any, scene: Scene, drawn: _Drawn, ground: np.ndarray
    ) -> Any:
        """The picture over `ground`, a tensor [H, W, 3] that knows what it came from."""
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
        """A sub-path [3·S, 2]: cubics with two handles each."""
        torch = self._torch
        handles = torch.full((len(points) // 3,), 2, dtype=torch.int32)
        return self._pydiffvg.Path(handles, points, True, stroke_width=torch.tensor(0.0))

    def _tensor(self, values: Any) -> Any:
        return self._torch.tensor(np.ascontiguousarray(values, np.float32))


def largest_overlap(boxes: Sequence[np.ndarray], width: int, height: int) -> int:
    """How many boxes (least and greatest corner, [2, 2]) lie over one pixel, at most.

    A few pixels around the canvas count, too: on the way back DiffVG looks at both sides
    of points on the outlines up to a pixel outside.
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
    """The scene clamped as by the native renderer; NaN where a point is not finite."""
    points = scene.points.clip(-_FARTHEST, _FARTHEST)
    points[np.abs(points) < 1e-6] = 0.0  # denormal lengths have no finite inverse
    points[~np.isfinite(scene.points)] = np.nan
    colors = scene.colors.clip(-_FARTHEST, _FARTHEST)
    colors[:, 3] = colors[:, 3].clip(0.0, 1.0)
    return scene._replace(points=points, colors=colors)


def _drawable(scene: Scene, width: int, height: int) -> _Drawn:
    """What DiffVG can be given of a scene. Raises RendererError where too much overlaps."""
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
    # Their bounding boxes are counted, so the number is never too small.
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
    """What to raise where DiffVG is to draw ramps."""
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
    """For each pixel [H, W, 3] the weighted mean of its block; those at the end may be smaller."""
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
    """What containment alone adds to the points' gradient: the error weighs nothing here."""
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
