# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping outlines simple and fair while they move.

`keep_simple` corrects an optimizer's step so that no outline crosses itself
(core/native/outline/simplicity.c). `add_penalties` keeps edges from turning saw-toothed on pixel
noise.
"""

from __future__ import annotations

import ctypes

import numpy as np

from ..bezier import SAMPLES
from ..drawing import Scene
from ..native.library import array, function, thread_count
from ..native.structures import Paths, paths_of

# The least area (px²) and mean thickness (px) of a shape while it is optimized: larger than those
# of a finished shape (repair.py), because outlines are sampled more coarsely here.
MOVING_AREA = 8.0
MOVING_THICKNESS = 1.3

_keep_simple = function(
    "semvec_keep_simple",
    *(ctypes.POINTER(Paths), ctypes.c_float, ctypes.c_float, ctypes.c_int),
    *(array(np.float32), array(np.uint8)),
)

_add_penalties = function(
    "semvec_add_penalties",
    *(ctypes.POINTER(Paths), ctypes.c_float, ctypes.c_float, ctypes.c_float, array(np.float32)),
)

_find_crossings = function(
    "semvec_find_crossings",
    *(ctypes.POINTER(Paths), ctypes.c_int, ctypes.c_int, array(np.uint8)),
)

_find_contacts = function(
    "semvec_find_contacts",
    *(ctypes.POINTER(Paths), ctypes.c_int, ctypes.c_int, array(np.uint8)),
)


def keep_simple(
    scene: Scene, before: np.ndarray, pixel: float = 1.0, threads: int = 1
) -> np.ndarray:
    """Correct `scene.points` in place after a step from `before` (float32 [M, 2], simple).

    pixel: size of a pixel of the finished drawing, in the scene's; shapes may not get
    smaller than the sizes above.

    Returns bool [M]: the points that had to go back to where they were.
    """
    reverted = np.empty(len(scene.points), np.uint8)
    _keep_simple(
        paths_of(scene, before),
        *(MOVING_AREA * pixel**2, MOVING_THICKNESS * pixel, thread_count(threads)),
        *(scene.points, reverted),
    )
    return reverted.astype(bool)


def crossing_cubics(scene: Scene, threads: int = 0, samples: int = SAMPLES) -> np.ndarray:
    """Return which cubics cross any of the same path, at `samples` chords each: bool [M / 3]."""
    crossing = np.zeros(len(scene.points) // 3, np.uint8)
    _find_crossings(paths_of(scene), samples, thread_count(threads), crossing)
    return crossing.astype(bool)


def touching_cubics(scene: Scene, threads: int = 0, samples: int = SAMPLES) -> np.ndarray:
    """Return which cubics touch or cross any of the same path: bool [M / 3].

    As `crossing_cubics`, but in double precision: where two sides nearly meet, rounding errors
    would decide. A touch counts only within a sub-path. An outline that turns straight back touches
    itself.
    """
    touching = np.zeros(len(scene.points) // 3, np.uint8)
    _find_contacts(paths_of(scene), samples, thread_count(threads), touching)
    return touching.astype(bool)


def add_penalties(
    scene: Scene, gradient: np.ndarray, fairness: float, smoothness: float, spike_penalty: float
) -> None:
    """Add the gradients of three losses, times their weights, to those of points: float32 [M, 2].

    fairness: evens outlines everywhere. smoothness: aligns the handles of anchors where the outline
    bends slightly. spike_penalty: shortens spikes, where it turns back.
    core/native/outline/penalties.h has the formulas.
    """
    _add_penalties(paths_of(scene), fairness, smoothness, spike_penalty, gradient)
