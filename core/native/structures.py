# SPDX-License-Identifier: GPL-3.0-or-later
"""The C structures that exported functions take, filled from numpy arrays.

Each class mirrors the structure of the C header that it names, field by field; the headers
document shapes and units.
"""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from ..drawing import Scene as PackedScene
from ..errors import NativeError


class Floats(ctypes.c_void_p):
    """A pointer to float32."""

    dtype = np.float32


class Doubles(ctypes.c_void_p):
    """A pointer to float64."""

    dtype = np.float64


class Integers(ctypes.c_void_p):
    """A pointer to int32."""

    dtype = np.int32


class Bytes(ctypes.c_void_p):
    """A pointer to uint8."""

    dtype = np.uint8


class Handle(ctypes.c_void_p):
    """A pointer to something that only C knows."""

    dtype = None


class Structure(ctypes.Structure):
    """A structure made from keyword arguments: arrays, nested structures and numbers.

    Arrays are kept alive as long as the structure; they must have the pointer's dtype and be
    C-contiguous. Fields that are left out or None are NULL or 0. Raises TypeError for an
    unknown field and for an array that C would misread.
    """

    def __init__(self, **values: Any) -> None:
        super().__init__()
        types: dict[str, Any] = dict(self._fields_)  # type: ignore[arg-type]
        if not set(values) <= set(types):
            raise TypeError(f"{type(self).__name__} has no field {set(values) - set(types)}.")
        self._kept_alive = values
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                setattr(self, name, _address(value, types[name], name))
            elif value is not None:
                setattr(self, name, value)


def _address(values: np.ndarray, pointer: Any, name: str) -> Any:
    dtype = getattr(pointer, "dtype", None)
    if values.dtype != dtype or not values.flags.c_contiguous:
        raise TypeError(f"{name} must be a C-contiguous array of {dtype}, not {values.dtype}.")
    return pointer(values.ctypes.data)


class Paths(Structure):
    """core/native/paths.h: closed cubic paths."""

    _fields_ = (
        ("points", Floats),
        ("subpath_starts", Integers),
        ("path_starts", Integers),
        ("point_count", ctypes.c_int),
        ("subpath_count", ctypes.c_int),
        ("path_count", ctypes.c_int),
    )


class Ramps(Structure):
    """core/native/raster/scene.h: fills with two colors."""

    _fields_ = (("kinds", Integers), ("axes", Floats), ("colors", Floats))


class Scene(Structure):
    """core/native/raster/scene.h: paths with their fills on a canvas."""

    _fields_ = (
        ("paths", Paths),
        ("ramps", Ramps),
        ("colors", Floats),
        ("background", Floats),
        ("background_is_image", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
    )


class Target(Structure):
    """core/native/raster/target_tiles.h: what drawings are compared with."""

    _fields_ = (
        ("image", Floats),
        ("weight", Floats),
        ("regions", Integers),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
    )


class Objective(Structure):
    """core/native/raster/loss.h: the loss of an image."""

    _fields_ = (
        ("comparison", Handle),
        ("image_gradient", Floats),
        ("path_regions", Integers),
        ("containment", Floats),
        ("sharpness", ctypes.c_float),
        ("skips_covered", ctypes.c_int),
    )


class Gradients(Structure):
    """core/native/raster/rasterizer.h: places for the results of a backward pass."""

    _fields_ = (
        ("image", Floats),
        ("squared_error", Doubles),
        ("points", Floats),
        ("colors", Floats),
        ("removal_cost", Floats),
        ("ramp_axes", Floats),
        ("ramp_colors", Floats),
    )


class Edge(Structure):
    """semvec_edge of core/native/outline/edge_fitting.h."""

    _fields_ = (
        ("points", Doubles),
        ("arriving", Doubles),
        ("leaving", Doubles),
        ("weights", Doubles),
        ("prices", Doubles),
        ("corners", Bytes),
        ("count", ctypes.c_int),
    )


class Ring(Structure):
    """core/native/outline/fitting.h: evenly spaced samples of a closed outline."""

    _fields_ = (
        ("points", Doubles),
        ("arriving", Doubles),
        ("leaving", Doubles),
        ("weights", Doubles),
        ("corners", Bytes),
        ("count", ctypes.c_int),
    )


class Partition(Structure):
    """core/native/segment/partition.h: an image divided into regions."""

    _fields_ = (
        ("labels", Integers),
        ("lab", Floats),
        ("gradient", Floats),
        ("height", ctypes.c_int),
        ("width", ctypes.c_int),
        ("label_count", ctypes.c_int),
    )


class FramePair(Structure):
    """core/native/flow/displacement.h: two frames of gray, and half the side of their blocks."""

    _fields_ = (
        ("first", Floats),
        ("second", Floats),
        ("height", ctypes.c_int),
        ("width", ctypes.c_int),
        ("reach", ctypes.c_int),
    )


def checked(values: Any, dtype: type, shape: tuple[int, ...], name: str) -> np.ndarray:
    """Return the array as the native code needs it. Raises NativeError for another shape."""
    if np.shape(values) != shape:
        raise NativeError(f"{name} has shape {np.shape(values)}, not {shape}.")
    return np.ascontiguousarray(values, dtype)


def paths_of(scene: PackedScene, points: np.ndarray | None = None) -> Paths:
    """Describe the paths of a scene to C, with its own points or with others of that shape.

    Raises NativeError where the arrays do not fit together.
    """
    points = scene.points if points is None else points
    path_count, subpath_count = len(scene.colors), len(scene.subpath_starts) - 1
    if len(scene.path_starts) != path_count + 1 or subpath_count < 0:
        raise NativeError("The scene's starts do not fit its paths.")
    return Paths(
        points=checked(points, np.float32, (len(scene.points), 2), "points"),
        subpath_starts=np.ascontiguousarray(scene.subpath_starts, np.int32),
        path_starts=np.ascontiguousarray(scene.path_starts, np.int32),
        point_count=len(scene.points),
        subpath_count=subpath_count,
        path_count=path_count,
    )
