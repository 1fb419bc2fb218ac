# SPDX-License-Identifier: GPL-3.0-or-later
"""Line art, end to end: an image in Blender becomes curves along its lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from semvec.core.settings import Settings
from semvec.operators.objects.collection import read_drawing
from semvec.operators.properties.report import REPORT
from semvec.operators.vectorize import vectorize_image

WIDTH = 4.0
LINES = np.array([[[20, 30], [230, 50]], [[30, 90], [220, 200]], [[40, 220], [120, 120]]], float)


def distance_to(line: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The distance of points [..., 2] to a line from one end to the other, [2, 2]."""
    along = line[1] - line[0]
    share = np.clip((points - line[0]) @ along / (along @ along), 0.0, 1.0)
    return np.hypot(*np.moveaxis(points - line[0] - share[..., None] * along, -1, 0))


def drawn_lines(side: int = 256) -> np.ndarray:
    """Black lines with round caps on white, [H, W, 4]."""
    places = np.stack(np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5), axis=-1)
    distance = np.min([distance_to(line, places) for line in LINES], axis=0)
    paper = np.clip(distance - WIDTH / 2 + 0.5, 0.0, 1.0)
    return np.dstack([paper, paper, paper, np.ones_like(paper)])


def test_a_line_drawing_becomes_open_curves_along_its_lines(
    scene: Any, new_image: Callable[..., Any]
) -> None:
    image = new_image("lines", drawn_lines())
    collection = vectorize_image(scene, image, Settings(budget=16, threads=1))
    assert json.loads(collection[REPORT])["kind"] == "line"
    splines = [item.data.splines[0] for item in collection.all_objects if item.modifiers]
    assert len(splines) == len(LINES)
    assert not any(spline.use_cyclic_u for spline in splines)
    radii = [point.radius for spline in splines for point in spline.bezier_points]
    lengths = [np.linalg.norm(s.bezier_points[-1].co - s.bezier_points[0].co) for s in splines]
    scale = sum(lengths) / np.hypot(*(LINES[:, 1] - LINES[:, 0]).T).sum()
    assert np.array(radii) / scale == pytest.approx(WIDTH / 2, abs=0.1)
    strokes = [path.stroke for path in read_drawing(collection).paths if path.stroke is not None]
    for line in LINES:
        off = [distance_to(line, stroke.points).max() for stroke in strokes]
        nearest = strokes[int(np.argmin(off))]
        assert min(off) < 0.3
        ends = np.sort(nearest.points[[0, -1], 0])
        assert ends == pytest.approx(np.sort(line[:, 0]), abs=0.5)
        assert nearest.widths == pytest.approx(WIDTH, abs=0.2)
