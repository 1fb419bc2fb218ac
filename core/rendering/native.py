# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec's own differentiable renderer: exact-area coverage in C (core/native/raster.h).

Coverage of a path is min(|winding|, 1) averaged exactly over each pixel; paths are
composited "over" each other in painting order, in sRGB, as SVG viewers do. A ramp gives each
pixel the color at its center. A path with a coordinate that is not finite, its ramp's axis
included, is not drawn and has no gradient.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..drawing import Ramps, Scene
from ..errors import NativeError
from ..native.library import array, function, thread_count

Background = Sequence[float] | np.ndarray

_FLOATS, _INTEGERS, _DOUBLES = array(np.float32), array(np.int32), array(np.float64)
_OPTIONAL = ctypes.c_void_p
_SCENE = (
    *(_FLOATS, ctypes.c_int, _INTEGERS, ctypes.c_int, _INTEGERS, _FLOATS, ctypes.c_int),
    *(_OPTIONAL, _OPTIONAL, _OPTIONAL),
)
_CANVAS = (ctypes.c_int, ctypes.c_int, _FLOATS, ctypes.c_int)

_render = function("semvec_render", *_SCENE, *_CANVAS, ctypes.c_int, _FLOATS)
_fit_step = function(
    "semvec_fit_step",
    *_SCENE,
    *_CANVAS,
    *(_FLOATS, _OPTIONAL, ctypes.c_float, _OPTIONAL, _OPTIONAL, _OPTIONAL, ctypes.c_int),
    *(_FLOATS, _DOUBLES, _FLOATS, _FLOATS, _FLOATS, _OPTIONAL, _OPTIONAL),
)
_render_backward = function(
    "semvec_render_backward",
    *_SCENE,
    *_CANVAS,
    *(_FLOATS, ctypes.c_int),
    *(_FLOATS, _FLOATS, _OPTIONAL, _OPTIONAL),
)


class FitStep(NamedTuple):
    """What one fused step of rendering, comparing and differentiating gives.

    image: float32 [H, W, 3]. squared_error: Σ weight·|image − target|² / (3·H·W).
    point_gradient: float32 [M, 2]; color_gradient: float32 [N, 4], RGBA.
    removal_cost: float32 [N], rise of squared_error if the path were taken away; NaN where
    sharpness was asked for.
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
    """The gradient of a loss for all of a scene: d(loss)/d(points) and so on.

    points: float32 [M, 2]; colors: float32 [N, 4]; ramp_axes: float32 [N, 4] and ramp_colors:
    float32 [N, 3], or None where the scene has no ramps.
    """

    points: np.ndarray
    colors: np.ndarray
    ramp_axes: np.ndarray | None = None
    ramp_colors: np.ndarray | None = None


class Containment(NamedTuple):
    """Keeps paths inside regions: every pixel of coverage outside costs.

    regions: int32 [H, W].
    path_regions: int32 [N], the label a path should stay in; negative leaves it free.
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
    Raises NativeError for colors that are not finite, those of ramps included, or a scene
    that is not consistent.
    """
    image = np.empty((height, width, 3), np.float32)
    _render(
        *_scene_arguments(scene),
        *(width, height, *_background_arguments(background, height, width)),
        *(thread_count(threads), image),
    )
    return image


def fit_step(
    scene: Scene,
    target: np.ndarray,
    *,
    background: Background = (1.0, 1.0, 1.0),
    weight: np.ndarray | None = None,
    sharpness: float = 0.0,
    containment: Containment | None = None,
    threads: int = 1,
) -> FitStep:
    """Draw a scene, compare it with `target` [H, W, 3], and differentiate the error.

    weight: float32 [H, W], or None for 1 everywhere. sharpness: how often errors count once
    more that differ within a block of 8 x 8 pixels: edges and texture, not shades; the term is
    sharpness·Σ weight·|error − its weighted mean over the block|² / (3·H·W). The result does
    not depend on `threads`, to the bit. Raises NativeError as `render` does.
    """
    height, width = target.shape[:2]
    target = _checked(target, np.float32, (height, width, 3), "target")
    count = len(scene.colors)
    step = FitStep(
        np.empty((height, width, 3), np.float32),
        0.0,
        np.empty_like(scene.points, np.float32),
        np.empty((count, 4), np.float32),
        np.empty(count, np.float32),
        *_ramp_gradients(scene),
    )
    error = np.zeros(1, np.float64)
    weight = _optional(weight, np.float32, (height, width), "weight")
    regions, path_regions, strength = containment or (None, None, None)
    regions = _optional(regions, np.int32, (height, width), "regions")
    path_regions = _optional(path_regions, np.int32, (count,), "path_regions")
    strength = _optional(strength, np.float32, (count,), "strength")
    _fit_step(
        *_scene_arguments(scene),
        *(width, height, *_background_arguments(background, height, width)),
        target,
        *(_address(weight), sharpness),
        *(_address(regions), _address(path_regions), _address(strength)),
        thread_count(threads),
        *(step.image, error, step.point_gradient, step.color_gradient, step.removal_cost),
        *(_address(step.ramp_axis_gradient), _address(step.ramp_color_gradient)),
    )
    return step._replace(squared_error=float(error[0]))


def render_backward(
    scene: Scene,
    image_gradient: np.ndarray,
    background: Background = (1.0, 1.0, 1.0),
    threads: int = 0,
) -> SceneGradient:
    """The way back through `render`, for any loss.

    image_gradient: float32 [H, W, 3], d(loss)/d(image). Raises NativeError as `render` does.
    """
    height, width = image_gradient.shape[:2]
    image_gradient = _checked(image_gradient, np.float32, (height, width, 3), "image_gradient")
    gradient = SceneGradient(
        np.empty_like(scene.points, np.float32),
        np.empty((len(scene.colors), 4), np.float32),
        *_ramp_gradients(scene),
    )
    _render_backward(
        *_scene_arguments(scene),
        *(width, height, *_background_arguments(background, height, width)),
        *(image_gradient, thread_count(threads), gradient.points, gradient.colors),
        *(_address(gradient.ramp_axes), _address(gradient.ramp_colors)),
    )
    return gradient


def _ramp_gradients(scene: Scene) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Room for the gradients of axes and colors, where there are ramps."""
    if scene.ramps is None:
        return None, None
    count = len(scene.colors)
    return np.empty((count, 4), np.float32), np.empty((count, 3), np.float32)


def _scene_arguments(scene: Scene) -> tuple[object, ...]:
    paths, points = len(scene.colors), len(scene.points)
    if len(scene.path_starts) != paths + 1 or len(scene.subpath_starts) < 1:
        raise NativeError("The scene's starts don't fit its paths.")
    return (
        _checked(scene.points, np.float32, (points, 2), "points"),
        points,
        np.ascontiguousarray(scene.subpath_starts, np.int32),
        len(scene.subpath_starts) - 1,
        np.ascontiguousarray(scene.path_starts, np.int32),
        _checked(scene.colors, np.float32, (paths, 4), "colors"),
        paths,
        *map(_address, _ramp_arrays(scene.ramps, paths)),
    )


def _ramp_arrays(ramps: Ramps | None, paths: int) -> tuple[np.ndarray | None, ...]:
    if ramps is None:
        return None, None, None
    return (
        _checked(ramps.kinds, np.int32, (paths,), "ramps.kinds"),
        _checked(ramps.axes, np.float32, (paths, 4), "ramps.axes"),
        _checked(ramps.colors, np.float32, (paths, 3), "ramps.colors"),
    )


def _background_arguments(
    background: Background, height: int, width: int
) -> tuple[np.ndarray, bool]:
    """The background for the native code, and whether it is an image or one color."""
    colors = np.ascontiguousarray(background, np.float32)
    if colors.shape not in ((3,), (height, width, 3)):
        raise NativeError(f"The background has shape {colors.shape}.")
    return colors, colors.ndim == 3


def _checked(values: np.ndarray, dtype: type, shape: tuple[int, ...], name: str) -> np.ndarray:
    """The array as the native code needs it."""
    if np.shape(values) != shape:
        raise NativeError(f"{name} has shape {np.shape(values)}, not {shape}.")
    return np.ascontiguousarray(values, dtype)


def _optional(
    values: np.ndarray | None, dtype: type, shape: tuple[int, ...], name: str
) -> np.ndarray | None:
    """As `_checked`; None stays None."""
    return None if values is None else _checked(values, dtype, shape, name)


def _address(values: np.ndarray | None) -> ctypes.c_void_p | None:
    """A pointer that keeps its array alive, or NULL."""
    return None if values is None else values.ctypes.data_as(ctypes.c_void_p)
