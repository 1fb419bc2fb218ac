# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as *Curves* data with a node group, against its own look as curve objects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import BLUE, RED, in_blender, path, rendered

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Drawing
from semvec.operators.objects.active import active_drawing
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.curves_data import has_bezier_curves_data

WIDTH, HEIGHT = 96, 72
SKY, GREEN = (0.5, 0.8, 1.0, 1.0), (0.0, 0.4, 0.0, 1.0)


def rings() -> Drawing:
    """A background, a ring with a hole, a disc in the hole, and one on the ring."""
    hole = np.roll(circle((40, 36), 18)[::-1], 1, axis=0)
    ring = path([circle((40, 36), 30), hole], RED, "structural", "r")
    ring.region = 7
    return Drawing(
        WIDTH,
        HEIGHT,
        [
            path([rectangle(0, 0, WIDTH, HEIGHT)], SKY, "structural", "background"),
            ring,
            path([circle((40, 36), 9)], BLUE, "detail", "inside"),
            path([circle((66, 36), 12)], GREEN, "detail", "on top"),
        ],
        {"budget": 4},
    )


def on_mesh(obj: Any, name: str, key: str, width: int) -> np.ndarray:
    """An attribute of the points of an object's mesh: [N, width]."""
    geometry = obj.evaluated_get(bpy.context.evaluated_depsgraph_get()).evaluated_geometry()
    attribute = geometry.mesh.attributes[name]
    assert attribute.domain == "POINT"
    values = np.empty(len(attribute.data) * width, np.float32 if width > 1 else np.int32)
    attribute.data.foreach_get(key, values)
    return values.reshape(-1, width)


def test_curves_data_looks_the_same(scene: Any, tmp_path: Path) -> None:
    before = in_blender(scene, rings(), WIDTH, HEIGHT, tmp_path / "a.png")
    if not has_bezier_curves_data():
        assert bpy.ops.semvec.expand_drawing(type="CURVES_DATA") == {"CANCELLED"}
        assert active_drawing(bpy.context) is not None
        return
    assert bpy.ops.semvec.expand_drawing(type="CURVES_DATA") == {"FINISHED"}
    assert [obj.type for obj in bpy.data.objects].count("CURVES") == 1
    assert not [obj for obj in bpy.data.objects if obj.type == "CURVE"]
    assert active_drawing(bpy.context) is None
    after = rendered(tmp_path / "b.png")
    assert np.abs(after - before).max() <= 2 / 255


def test_colors_regions_and_layers_are_attributes_of_curves_and_mesh(scene: Any) -> None:
    if not has_bezier_curves_data():
        pytest.skip("Curves data needs Blender 4.4")
    add_drawing(scene, rings(), "photo")
    bpy.ops.semvec.expand_drawing(type="CURVES_DATA")
    obj: Any = bpy.context.object
    assert [value.value for value in obj.data.attributes["path"].data] == [0, 1, 1, 2, 3]
    assert [value.value for value in obj.data.attributes["layer"].data] == [0, 0, 0, 1, 1]
    regions = on_mesh(obj, "region", "value", 1)[:, 0]
    assert set(regions.tolist()) == {3, 7}
    colors = on_mesh(obj, "fill_color", "color", 4)
    assert len({tuple(color) for color in colors[regions == 7].round(3)}) == 1


def test_the_node_group_is_an_asset_that_survives_removed_curves(scene: Any) -> None:
    """Colors stay with their paths where curves are gone."""
    if not has_bezier_curves_data():
        pytest.skip("Curves data needs Blender 4.4")
    add_drawing(scene, rings(), "photo")
    bpy.ops.semvec.expand_drawing(type="CURVES_DATA")
    obj: Any = bpy.context.object
    assert obj.modifiers[0].node_group.asset_data is not None
    obj.data.remove_curves(indices=[0, 1, 2])
    colors = on_mesh(obj, "fill_color", "color", 4)
    found = {tuple(color) for color in colors.round(2).tolist()}
    assert len(found) == 2 and all(color[0] < 0.1 for color in found), "blue, green"
