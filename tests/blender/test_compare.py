# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of a drawing with its source, as far as it can be tested without a window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest
from mathutils import Matrix

import semvec
from semvec.core.drawing import Drawing
from semvec.core.image import Image
from semvec.operators.blender.screen_drawing import free_top
from semvec.operators.compare.error_search import ErrorSearch
from semvec.operators.compare.heat_map import LARGEST, heat_colors
from semvec.operators.compare.overlay import is_comparing, stop_comparison
from semvec.operators.compare.picture_plane import corners_of
from semvec.operators.objects.collection import add_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of
from semvec.operators.properties.runtime import RUNTIME


@pytest.fixture
def drawing(scene: Any, picture: Any) -> Any:
    """The collection of a drawing of the picture, without any shapes."""
    return add_drawing(scene, Drawing(96, 64, []), picture.name, Placement(size=3.0))


@pytest.fixture(autouse=True)
def off_afterwards() -> Iterator[None]:
    yield
    stop_comparison()


def our_handlers() -> list[Any]:
    """Handlers of the comparison that come and go with it."""
    names = ("depsgraph_update_post", "undo_post", "redo_post")
    handlers = [each for name in names for each in getattr(bpy.app.handlers, name)]
    return [each for each in handlers if "compare" in each.__module__]


def test_the_comparison_is_switched_on_and_off_and_leaves_nothing(drawing: Any) -> None:
    before = len(bpy.data.objects), len(bpy.data.images)
    assert bpy.ops.semvec.compare() == {"FINISHED"} and is_comparing() and our_handlers()
    assert (len(bpy.data.objects), len(bpy.data.images)) == before, "only an overlay"
    assert bpy.ops.semvec.compare() == {"FINISHED"} and not is_comparing()
    assert our_handlers() == []


def test_the_other_picture_takes_the_place_of_the_first(drawing: Any) -> None:
    settings = bpy.context.window_manager.semvec_compare
    bpy.ops.semvec.compare(shown="SOURCE")
    bpy.ops.semvec.compare(shown="ERROR")
    assert is_comparing() and settings.shown == "ERROR"
    bpy.ops.semvec.compare()
    assert not is_comparing() and settings.shown == "ERROR"
    settings.shown = "SOURCE"


def test_without_a_drawing_there_is_nothing_to_compare(scene: Any) -> None:
    assert not bpy.ops.semvec.compare.poll() and not bpy.ops.semvec.drag_wipe.poll()


def test_another_file_and_unregistering_end_it(drawing: Any) -> None:
    bpy.ops.semvec.compare()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert not is_comparing() and our_handlers() == []
    semvec.unregister()
    semvec.register()
    assert RUNTIME.comparison is None


def test_the_picture_lies_exactly_on_the_drawing(drawing: Any) -> None:
    """Wherever that was moved, turned or scaled to."""
    root: Any = root_of(drawing)
    root.matrix_world = Matrix.LocRotScale((1, 2, 3), Matrix.Rotation(0.7, 3, "Y"), (2, 1, 1))
    bpy.context.view_layer.update()
    found = np.array(corners_of(drawing))
    for corner, (x, y) in zip(found, ((-1.5, -1), (1.5, -1), (-1.5, 1), (1.5, 1)), strict=True):
        assert np.allclose(corner, root.matrix_world @ root.location.__class__((x, y, 0)))
    left = np.array(corners_of(drawing, 0.0, 0.25))
    assert np.allclose(left[1], found[0] + 0.25 * (found[1] - found[0]), atol=1e-6)


def test_the_error_is_that_of_the_drawing_as_it_is_now(drawing: Any) -> None:
    """Nothing is drawn on a white picture: no error. Nothing on a black one: all is wrong."""
    for shade in (1.0, 0.0):
        search = ErrorSearch()
        end = time.monotonic() + 60.0
        while search.found is None and time.monotonic() < end:
            search.step(drawing, Image(np.full((64, 96, 3), shade, np.float32)))
            time.sleep(0.01)
        assert search.found is not None and np.allclose(search.found, 1.0 - shade)


def test_the_label_is_below_the_headers_and_blenders_own_texts() -> None:
    """Of a viewport 600 high at 100: headers lie over its top, or, hidden, nowhere."""
    overlay = SimpleNamespace(show_overlays=True, show_text=True, show_stats=False)
    window = SimpleNamespace(type="WINDOW", y=100, height=600)
    header = SimpleNamespace(type="HEADER", y=674, height=26)
    tools = SimpleNamespace(type="TOOL_HEADER", y=648, height=26)
    asset_shelf = SimpleNamespace(type="ASSET_SHELF", y=100, height=80)
    spaces = SimpleNamespace(active=SimpleNamespace(overlay=overlay))
    area = SimpleNamespace(regions=[window, header, tools, asset_shelf], spaces=spaces)
    assert free_top(area, window, 1.0) == 548 - 4 * 20
    assert free_top(area, window, 2.0) == 548 - 8 * 20
    overlay.show_overlays = False
    assert free_top(area, window, 1.0) == 548 - 20
    tools.y, tools.height = 700, 1
    assert free_top(area, window, 1.0) == 574 - 20, "without the tool settings"
    header.y = 100
    assert free_top(area, window, 1.0) == 600 - 20, "with the header at the bottom"


def test_a_larger_error_is_brighter_and_none_is_clear() -> None:
    colors = heat_colors(np.linspace(0.0, LARGEST, 9)[None])[0]
    assert colors[0, 3] == 0.0 and colors[-1, 3] == 1.0
    assert (np.diff(colors[:, :3].sum(axis=1)) > 0).all()
    assert np.array_equal(heat_colors(np.ones((1, 1)))[0, 0], colors[-1])
