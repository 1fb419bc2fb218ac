# SPDX-License-Identifier: GPL-3.0-or-later
"""Pixels that a motion of the camera moves."""

from __future__ import annotations

import numpy as np
from clips import SIZE, moving, noisy

from semvec.core.sequence.changes import moved_by_camera
from semvec.core.sequence.flow import optical_flow


def moved(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return moved_by_camera(before, after, optical_flow(before, after))


def test_a_pan_moves_even_the_ground_without_texture() -> None:
    before, after = moving(2, (1.4, 0.5))
    assert moved(before, after).mean() > 0.9


def test_noise_moves_nothing() -> None:
    before, after = noisy(moving(2, (0.0, 0.0)), 0.03)
    assert not moved(before, after).any()


def test_an_object_that_moves_before_a_still_camera_is_no_motion_of_the_camera() -> None:
    before, later = moving(2, (2.0, 0.5))
    after = before.copy()
    rows, columns = slice(16, 48), slice(24, 72)
    after[rows, columns] = later[rows, columns]
    assert after.shape[:2] == SIZE
    assert not moved(before, after).any()
