# SPDX-License-Identifier: GPL-3.0-or-later
"""Footprints of paths on whole pixels."""

from __future__ import annotations

import dataclasses

import numpy as np
from metrics.footprints import footprints

from semvec.core.bezier import rectangle
from semvec.core.drawing import Drawing, Path


def path(points: np.ndarray) -> Path:
    return Path([points], np.ones(4, np.float32), "structural")


def test_footprints():
    square, above = path(rectangle(1, 1, 5, 5)), path(rectangle(3, 0, 9, 9.4))
    glass = dataclasses.replace(above, fill=np.array([1, 1, 1, 0.4], np.float32))
    full = footprints(Drawing(10, 10, [square, above]))
    assert full.sum(axis=(1, 2)).tolist() == [16, 54]
    visible = footprints(Drawing(10, 10, [square, above]), visible=True)
    assert visible.sum(axis=(1, 2)).tolist() == [8, 54]
    assert not (visible[0] & visible[1]).any()
    seen_through = footprints(Drawing(10, 10, [square, glass]), visible=True)
    np.testing.assert_array_equal(seen_through, full)
