# SPDX-License-Identifier: GPL-3.0-or-later
"""A result at other levels of detail, and what made it, after the run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.clustering.merging import relabel
from semvec.core.drawing import pack
from semvec.core.errors import MaskError
from semvec.core.image import Image
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.pipeline.levels_of_detail import LevelsOfDetail
from semvec.core.refinement.ramps import with_ramps
from semvec.core.rendering.native import render
from semvec.core.settings import Settings
from semvec.core.svg import to_svg
from semvec.core.tracing.structural import structural_paths
from semvec.operators import level_of_detail
from semvec.operators.level_of_detail import is_result_shown, show_level, shown_regions
from semvec.operators.objects.collection import find_drawings, read_drawing

SMALL = {"kind": "photo", "budget": 10, "iterations": 20, "mask_count": 12, "threads": 1}


def vectorized(scene: Any, **placement: Any) -> Any:
    bpy.ops.semvec.vectorize(image="photo", **SMALL, **placement)
    (collection,) = find_drawings(scene, "photo")
    return collection


def pixels() -> np.ndarray:
    rng = np.random.default_rng(0)
    blocks = rng.random((6, 8, 3), np.float32)
    return np.kron(blocks, np.ones((10, 10, 1), np.float32))


def test_a_level_shows_the_mean_colors_of_its_regions() -> None:
    """Against means over the image itself, region by region."""
    image = pixels()
    levels = pipeline.vectorize(Image(image), Settings(**SMALL)).levels
    levels = LevelsOfDetail.from_bytes(levels.to_bytes())
    for regions in (1, 3, levels.tree.regions):
        drawing = levels.drawing(regions, 80, 60)
        labels = relabel(levels.labels, levels.tree.level(regions))
        means = [image[labels == region].mean(axis=0) for region in range(regions)]
        fills = [path.fill[:3] for path in drawing.paths]
        np.testing.assert_allclose(sorted(map(tuple, fills)), sorted(map(tuple, means)), atol=1e-5)
        shown = render(pack(drawing.paths), 80, 60)
        assert np.abs(shown - np.array(means)[labels]).mean() < 0.03


def test_a_level_has_the_ramps_of_its_regions() -> None:
    """Against ramps laid over the image itself, which the levels no longer know.

    The levels know a plane of each mask: radial ramps over a few masks are nearly as good.
    """
    rng = np.random.default_rng(1)
    across, down = np.meshgrid(np.linspace(0, 0.4, 80), np.linspace(0, 0.2, 60))
    image = 0.4 * pixels() + (across + down)[..., None] + rng.normal(0, 0.02, (60, 80, 3))
    image = image.clip(0, 1).astype(np.float32)
    levels = pipeline.vectorize(Image(image), Settings(**SMALL, fills="gradient")).levels
    levels = LevelsOfDetail.from_bytes(levels.to_bytes())
    for regions in (1, 3, levels.tree.regions):
        labels = relabel(levels.labels, levels.tree.level(regions))
        direct = with_ramps(structural_paths(labels, image), image, np.ones((60, 80), np.float32))
        known = levels.drawing(regions, 80, 60).paths
        assert all(path.ramp is not None for path in known)
        shown, wanted = render(pack(known), 80, 60), render(pack(direct), 80, 60)
        assert np.abs(shown - image).mean() < 1.02 * np.abs(wanted - image).mean()


@given(st.binary(max_size=200))
def test_damaged_levels_are_a_typed_error(data: bytes) -> None:
    with pytest.raises(MaskError):
        LevelsOfDetail.from_bytes(data)


@pytest.mark.parametrize(
    ("form", "layers"),
    [
        ("CURVES", ["Structural", "Detail"]),
        ("JOINED", ["Regions"]),
        ("GREASE_PENCIL", ["Grease Pencil"]),
    ],
)
def test_the_slider_goes_coarser_and_finer_and_back(
    scene: Any, picture: Any, form: Any, layers: list[str]
) -> None:
    collection = vectorized(scene, form=form)
    result, own = to_svg(read_drawing(collection)), shown_regions(collection)
    assert own == Settings(**SMALL).structural
    for regions in (2, own + 3, 1):
        collection.semvec_regions = regions
        drawing = read_drawing(collection)
        assert len(drawing.paths) == regions == collection.semvec_regions
        assert all(
            layer.hide_render for layer in collection.children if layer.name != "Level of Detail"
        )
    collection.semvec_regions = own
    assert to_svg(read_drawing(collection)) == result
    assert [layer.name for layer in collection.children] == layers
    collection.semvec_regions = 4000
    assert collection.semvec_regions == len(read_drawing(collection).paths) <= 12


def test_edits_by_hand_survive_the_slider(scene: Any, picture: Any) -> None:
    collection = vectorized(scene)
    collection.children["Detail"].objects[0].location.x = 0.3
    before = to_svg(read_drawing(collection))
    show_level(collection, 2)
    show_level(collection, shown_regions(collection) + 2)
    show_level(collection, Settings(**SMALL).structural)
    assert to_svg(read_drawing(collection)) == before


def test_levels_are_saved_with_the_file(scene: Any, picture: Any, tmp_path: Path) -> None:
    vectorized(scene)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    (collection,) = find_drawings(bpy.context.scene, "photo")
    assert bpy.ops.semvec.level_of_detail(regions=3) == {"FINISHED"}
    assert len(read_drawing(collection).paths) == 3


def test_what_has_no_levels_says_so(scene: Any, picture: Any) -> None:
    assert not bpy.ops.semvec.level_of_detail.poll()
    collection = vectorized(scene)
    assert bpy.ops.semvec.level_of_detail.poll()
    collection["semvec_levels"] = b"rubbish"
    with pytest.raises(RuntimeError, match="damaged"):
        bpy.ops.semvec.level_of_detail(regions=2)
    del collection["semvec_levels"]
    assert not bpy.ops.semvec.level_of_detail.poll()


def test_the_panel_offers_what_can_be_done_with_a_drawing(scene: Any, picture: Any) -> None:
    panel = bpy.types.SEMVEC_PT_view_3d_drawingtools
    assert not panel.poll(bpy.context)
    collection = vectorized(scene)
    assert panel.poll(bpy.context)
    drawn = Recorder()
    panel.draw(drawn, bpy.context)
    assert drawn.shown[0] == collection.name
    assert any(text.startswith("10 shapes") for text in drawn.shown)
    assert "dB" not in " ".join(drawn.shown), "that is in the tooltip of the quality"
    assert set(BUTTONS) <= set(drawn.shown)
    assert drawn.shown.count("semvec_color") == 10, "a swatch for each color"


def test_the_figures_shown_are_those_of_what_is_seen(scene: Any, picture: Any) -> None:
    collection = vectorized(scene)
    own = collection.semvec_regions
    collection.semvec_regions = 2
    drawn = Recorder()
    bpy.types.SEMVEC_PT_view_3d_drawingtools.draw(drawn, bpy.context)
    assert "Level of detail: 2 shapes" in drawn.shown
    assert not any(text.startswith("10 shapes") for text in drawn.shown)
    assert "semvec.level_of_detail" in drawn.shown, "the way back"
    collection.semvec_regions = own
    assert is_result_shown(collection)


BUTTONS = (
    "semvec.frame_drawing", "semvec.export_svg", "semvec.run_again", "semvec.restore_settings",
    "semvec.delete_drawing", "semvec.duplicate_drawing", "semvec.select_shapes",
    "semvec.set_up_camera", "semvec.toggle_guidance", "semvec.quality", "semvec.merge_colors",
    "semvec.select_same_color",
)  # fmt: skip


class Recorder:
    """Stands for a panel, its layout, and what that gives: notes what is drawn."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    @property
    def layout(self) -> Recorder:
        return self

    def row(self, **_: Any) -> Recorder:
        return self

    column = grid_flow = row

    def panel(self, name: str, **_: Any) -> tuple[Recorder, Recorder]:
        return self, self

    def label(self, text: str, **_: Any) -> None:
        self.shown.append(text)

    def operator_menu_enum(self, operator: str, name: str, **_: Any) -> None:
        self.shown.append(operator)

    def prop(self, _owner: Any, name: str, **_: Any) -> None:
        self.shown.append(name)

    def operator(self, name: str, **_: Any) -> Any:
        self.shown.append(name)
        return type("Properties", (), {})()


def test_the_slider_runs_ahead_of_what_is_shown(
    scene: Any, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectorized(scene)
    (collection,) = find_drawings(scene, "photo")
    shown: list[int] = []
    monkeypatch.setattr(
        level_of_detail, "show_level", lambda collection, regions: shown.append(regions)
    )
    show_wanted = level_of_detail.show_wanted
    monkeypatch.setattr(level_of_detail, "show_wanted", lambda: None)  # as if it moved on
    for regions in (2, 3, 4):
        collection.semvec_regions = regions
        assert collection.semvec_regions == regions and not shown
    show_wanted()
    assert shown == [4], "only where it rests"


def test_undo_takes_a_level_back(scene: Any, picture: Any) -> None:
    vectorized(scene)
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.semvec.level_of_detail(regions=2)
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    (collection,) = find_drawings(bpy.context.scene, "photo")
    assert len(read_drawing(collection).paths) == 10
    bpy.ops.ed.redo()
    (collection,) = find_drawings(bpy.context.scene, "photo")
    assert len(read_drawing(collection).paths) == collection.semvec_regions == 2
