# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings that several tests put into Blender, and how they compare and look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import PIL.Image

from semvec import demo
from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing, Ramp
from semvec.core.drawing import Path as DrawnPath
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.placement import Placement

RED, BLUE = ((1.0, 0.0, 0.0, 1.0), (0.2, 0.4, 0.6, 1.0))


def path(subpaths: list[np.ndarray], fill: tuple[float, ...], kind: Any, name: str) -> DrawnPath:
    return DrawnPath(subpaths, np.array(fill, np.float32), kind, name, 3)


def sample() -> Drawing:
    """A background, a ring, and a disc on top: 400 x 200 pixels."""
    ring = [circle((100, 100), 80), circle((100, 100), 40)[::-1]]
    ring[1] = np.roll(ring[1], 1, axis=0)  # reversed, an anchor comes first again
    return Drawing(
        400.0,
        200.0,
        [
            path([rectangle(0, 0, 400, 200)], RED, "structural", "background"),
            path(ring, BLUE, "structural", "structural.001"),
            path([circle((110, 100), 30)], RED, "detail", "detail.000"),
        ],
        {"budget": 3, "structural_ratio": 0.4},
    )


def object_of(name: str) -> Any:
    """The object that shows the path of this name, whatever it is called itself."""
    return next(obj for obj in bpy.data.objects if obj.get("semvec_name") == name)


def ramp(kind: Any, start: Any, end: Any, color: Any) -> Ramp:
    return Ramp(kind, *(np.array(numbers, np.float32) for numbers in (start, end, color)))


def ramps(opacity: float = 1.0) -> Drawing:
    """Linear and radial ramps, one without a length, on a linear one: 128 x 96 pixels."""
    background = path([rectangle(0, 0, 128, 96)], (1.0, 0.9, 0.1, 1.0), "structural", "background")
    linear = path([circle((96, 40), 24)], (0.0, 0.3, 0.02, opacity), "structural", "linear")
    radial = path([circle((40, 48), 28)], (0.02, 0.03, 0.5, opacity), "detail", "radial")
    flat = path([circle((100, 78), 12)], (0.2, 0.8, 0.2, opacity), "detail", "flat")
    point = path([circle((64, 80), 10)], (0.2, 0.8, 0.2, opacity), "detail", "point")
    background.ramp = ramp("linear", (20, 80), (100, 10), (0.0, 0.02, 1.0))
    linear.ramp = ramp("linear", (110, 30), (84, 44), (1.0, 0.6, 0.9))
    radial.ramp = ramp("radial", (32, 40), (50, 46), (1.0, 0.5, 0.0))
    point.ramp = ramp("linear", (64, 80), (64, 80), (1.0, 0.0, 1.0))
    return Drawing(128.0, 96.0, [background, linear, radial, flat, point])


def without_point(drawing: Drawing) -> Drawing:
    """The drawing with the last color for a ramp without a length, as Grease Pencil shows it."""
    for each in drawing.paths:
        if each.ramp is not None and not (each.ramp.end - each.ramp.start).any():
            each.fill, each.ramp = np.append(each.ramp.color, each.fill[3]), None
    return drawing


def assert_same(a: Drawing, b: Drawing) -> None:
    assert (a.width, a.height, a.settings) == (b.width, b.height, b.settings)
    assert [(p.name, p.kind, p.region) for p in a.paths] == [
        (p.name, p.kind, p.region) for p in b.paths
    ]
    for p, q in zip(a.paths, b.paths, strict=True):
        np.testing.assert_allclose(p.fill, q.fill, atol=1e-3)
        assert_same_ramps(p.ramp, q.ramp)
        assert len(p.subpaths) == len(q.subpaths)
        for points, others in zip(p.subpaths, q.subpaths, strict=True):
            np.testing.assert_allclose(points, others, atol=1e-3)


def assert_same_ramps(a: Ramp | None, b: Ramp | None) -> None:
    assert (a and a.kind) == (b and b.kind)
    if a is not None and b is not None:
        np.testing.assert_allclose([a.start, a.end], [b.start, b.end], atol=1e-2)
        np.testing.assert_allclose(a.color, b.color, atol=1e-3)


def random_drawing(count: int, opacity: float) -> Drawing:
    """Discs and rings on a background: 256 x 192 pixels."""
    rng = np.random.default_rng(1)
    paths = [DrawnPath([rectangle(0, 0, 256, 192)], np.array([0.9, 0.8, 0.3, 1], np.float32))]
    for _ in range(count - 1):
        middle, radius = rng.uniform(0, 256, 2), rng.uniform(10, 50)
        hole = np.roll(circle(middle, radius / 2)[::-1], 1, axis=0)
        fill = np.array([*rng.random(3), opacity], np.float32)
        paths.append(DrawnPath([circle(middle, radius), hole], fill, "detail"))
    return Drawing(256, 192, paths)


def in_blender(
    scene: Any, drawing: Drawing, width: int, height: int, file: Path, form: Any = "CURVES"
) -> np.ndarray:
    """The drawing as Cycles renders it: RGBA [H, W, 4]."""
    add_drawing(scene, drawing, "photo", Placement(form=form))
    demo.look_at_drawing(width, height)
    return rendered(file)


def rendered(file: Path) -> np.ndarray:
    """Return the render by Cycles of the scene that `in_blender` has set up: RGBA [H, W, 4]."""
    demo.render(file)
    return np.asarray(PIL.Image.open(file).convert("RGBA")) / 255.0
