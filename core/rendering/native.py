# SPDX-License-Identifier: GPL-3.0-or-later
"""Differentiable renderer with exact-area coverage, in C (core/native/raster/rasterizer.h).

Coverage of a path is min(|winding|, 1) averaged exactly over each pixel; paths are
composited "over" each other in painting order, in sRGB, as SVG viewers do. A ramp gives each
pixel the color at its center. A path with a coordinate that is not finite, its ramp's axis
included, is not drawn and has no gradient.
"""

from __future__ import annotations

import ctypes
import threading
import weakref
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..drawing import Scene
from ..errors import NativeError
from ..native import structures
from ..native.library import array, function, load, thread_count
from ..native.structures import Gradients, Handle, Objective, checked, paths_of

Background = Sequence[float] | np.ndarray

_SCENE = ctypes.POINTER(structures.Scene)
_render = function("semvec_render", _SCENE, ctypes.c_int, array(np.float32))
_create_comparison = function(
    "semvec_comparison_create",
    *(ctypes.POINTER(structures.Target), ctypes.POINTER(Handle)),
)
_differentiate = function(
    "semvec_differentiate",
    *(_SCENE, ctypes.POINTER(Objective), ctypes.c_int, ctypes.POINTER(Gradients)),
)


class FitStep(NamedTuple):
    """The result of one step of rendering, comparing with a target and differentiating.

    image: float32 [H, W, 3]; [0, 0, 3] with `gradient_only`.
    squared_error: Σ weight·|image − target|² / (3·H·W).
    point_gradient: float32 [M, 2]; color_gradient: float32 [N, 4], RGBA.
    removal_cost: float32 [N], rise of squared_error if the path were removed; NaN with
    sharpness or `gradient_only`.
    ramp_axis_gradient: float32 [N, 4], for start and end; ramp_color_gradient: float32 [N, 3],
    for the colors at the end, while color_gradient is for those at the start. Rows of flat
    paths are 0; both are None where the scene has no ramps.
    """

    image: np.ndarray
    squared_error: float
    point_gradient: np.ndarray
    color_gradient: np.ndarray
    removal_cost: np.ndarray
    ramp_axis_gradient: np.ndarray | None = None
    ramp_color_gradient: np.ndarray | None = None


class SceneGradient(NamedTuple):
    """The gradient of a loss for the whole scene: d(loss)/d(points) and so on.

    points: float32 [M, 2]; colors: float32 [N, 4]; ramp_axes: float32 [N, 4] and ramp_colors:
    float32 [N, 3], or None where the scene has no ramps.
    """

    points: np.ndarray
    colors: np.ndarray
    ramp_axes: np.ndarray | None = None
    ramp_colors: np.ndarray | None = None


class Containment(NamedTuple):
    """Penalty that keeps paths inside regions: coverage outside of them costs.

    regions: int32 [H, W], above −2³¹.
    path_regions: int32 [N], the region in which a path should stay; negative leaves it free.
    strength: float32 [N]; the term is Σ strength·(coverage outside)·2/(3·H·W).
    """

    regions: np.ndarray
    path_regions: np.ndarray
    strength: np.ndarray


def render(
    scene: Scene,
    width: int,
    height: int,
    background: Background = (1.0, 1.0, 1.0),
    threads: int = 0,
) -> np.ndarray:
    """Draw a scene: float32 [height, width, 3], sRGB.

    background: a color [3] or an image [height, width, 3]. threads: 0 uses all processors.
    Raises NativeError for colors that are not finite, those of ramps included, and for a scene
    that is not consistent.
    """
    image = np.empty((height, width, 3), np.float32)
    _render(_native_scene(scene, width, height, background), thread_count(threads), image)
    return image


class Comparison:
    """A target that drawings are compared with; a call is one step, as `fit_step` describes.

    The target is read into tiles once, and working memory is kept from step to step. Calls from
    several threads wait for each other.

    target: float32 [H, W, 3]; weight: float32 [H, W], or None for 1 everywhere; regions: int32
    [H, W], those of the steps' containment. They are copied. Raises NativeError for other shapes.
    """

    def __init__(
        self,
        target: np.ndarray,
        weight: np.ndarray | None = None,
        regions: np.ndarray | None = None,
    ) -> None:
        height, width = size = target.shape[:2]
        described = structures.Target(
            image=checked(target, np.float32, (*size, 3), "target"),
            weight=_optional(weight, np.float32, size, "weight"),
            regions=_optional(regions, np.int32, size, "regions"),
            width=width,
            height=height,
        )
        handle = Handle()
        _create_comparison(described, handle)
        self._handle, self._size, self._regions = handle, (width, height), regions
        self._is_free = threading.Lock()
        weakref.finalize(self, _free_comparison, handle)

    def __call__(
        self,
        scene: Scene,
        *,
        background: Background = (1.0, 1.0, 1.0),
        sharpness: float = 0.0,
        containment: Containment | None = None,
        threads: int = 1,
        gradient_only: bool = False,
    ) -> FitStep:
        """Draw a scene, compare it with the target, and differentiate the error."""
        width, height = self._size
        image = np.empty((0, 0, 3) if gradient_only else (height, width, 3), np.float32)
        removal_cost = np.empty(len(scene.colors), np.float32)
        error = np.zeros(1, np.float64)
        objective = Objective(
            comparison=self._handle,
            sharpness=sharpness,
            skips_covered=gradient_only,
            **self._containment(containment, len(scene.colors)),
        )
        with self._is_free:
            gradient = _differentiated(
                *(scene, self._size, background, objective, threads),
                image=None if gradient_only else image,
                squared_error=error,
                removal_cost=removal_cost,
            )
        points, colors, ramp_axes, ramp_colors = gradient
        return FitStep(image, float(error[0]), points, colors, removal_cost, ramp_axes, ramp_colors)

    def _containment(self, containment: Containment | None, path_count: int) -> dict[str, Any]:
        if containment is None:
            return {}
        regions, path_regions, strength = containment
        if regions is not self._regions:
            raise NativeError("The containment's regions are not those of the comparison.")
        return {
            "path_regions": checked(path_regions, np.int32, (path_count,), "path_regions"),
            "containment": checked(strength, np.float32, (path_count,), "strength"),
        }


def fit_step(
    scene: Scene,
    target: np.ndarray,
    *,
    weight: np.ndarray | None = None,
    containment: Containment | None = None,
    **options: Any,
) -> FitStep:
    """Draw a scene, compare it with `target` [H, W, 3], and differentiate the error.

    For many steps with one target, a `Comparison` is faster. options: as follows.

    background: a color [3] or an image [H, W, 3]; white by default.
    weight: float32 [H, W], or None for 1 everywhere. sharpness: weight of a second error term
    that counts differences within blocks of 8 x 8 pixels, that is edges and texture, but not
    shades: sharpness·Σ weight·|error − its weighted mean over the block|² / (3·H·W).
    gradient_only: leave out the image and removal costs, and take the opacities of opaque paths
    for fixed (gradient 0), so that nothing has to be drawn beneath such paths. Other gradients are
    the same, to the bit. threads: 1 by default; the result does not depend on it, to the bit.
    Raises NativeError as `render` does.
    """
    regions = None if containment is None else containment.regions
    return Comparison(target, weight, regions)(scene, containment=containment, **options)


def _free_comparison(handle: Handle) -> None:
    free = load().semvec_comparison_free
    free.argtypes, free.restype = (ctypes.c_void_p,), None
    free(handle)


def render_backward(
    scene: Scene,
    image_gradient: np.ndarray,
    background: Background = (1.0, 1.0, 1.0),
    threads: int = 0,
) -> SceneGradient:
    """Compute the gradient of any loss for a scene, given that for its image.

    image_gradient: float32 [H, W, 3], d(loss)/d(image). Raises NativeError as `render` does.
    """
    height, width = image_gradient.shape[:2]
    objective = Objective(
        image_gradient=checked(image_gradient, np.float32, (height, width, 3), "image_gradient")
    )
    return _differentiated(scene, (width, height), background, objective, threads)


def _differentiated(
    scene: Scene,
    size: tuple[int, int],
    background: Background,
    objective: Objective,
    threads: int,
    **results: np.ndarray | None,
) -> SceneGradient:
    """Differentiate the objective; other results of the pass are written to `results`."""
    count, has_ramps = len(scene.colors), scene.ramps is not None
    gradient = SceneGradient(
        np.empty_like(scene.points, np.float32),
        np.empty((count, 4), np.float32),
        np.empty((count, 4), np.float32) if has_ramps else None,
        np.empty((count, 3), np.float32) if has_ramps else None,
    )
    _differentiate(
        _native_scene(scene, *size, background),
        objective,
        thread_count(threads),
        Gradients(**gradient._asdict(), **results),
    )
    return gradient


def _native_scene(
    scene: Scene, width: int, height: int, background: Background
) -> structures.Scene:
    colors = np.ascontiguousarray(background, np.float32)
    if colors.shape not in ((3,), (height, width, 3)):
        raise NativeError(f"The background has shape {colors.shape}.")
    count = len(scene.colors)
    return structures.Scene(
        paths=paths_of(scene),
        ramps=_native_ramps(scene),
        colors=checked(scene.colors, np.float32, (count, 4), "colors"),
        background=colors,
        background_is_image=colors.ndim == 3,
        width=width,
        height=height,
    )


def _native_ramps(scene: Scene) -> structures.Ramps | None:
    if scene.ramps is None:
        return None
    count = len(scene.colors)
    return structures.Ramps(
        kinds=checked(scene.ramps.kinds, np.int32, (count,), "ramps.kinds"),
        axes=checked(scene.ramps.axes, np.float32, (count, 4), "ramps.axes"),
        colors=checked(scene.ramps.colors, np.float32, (count, 3), "ramps.colors"),
    )


def _optional(
    values: np.ndarray | None, dtype: type, shape: tuple[int, ...], name: str
) -> np.ndarray | None:
    """Check the array as `checked` does; None stays None."""
    return None if values is None else checked(values, dtype, shape, name)
