# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompts in Blender, with the tiny CLIP, through the worker process."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest

from semvec.core.errors import ModelMissingError, SaliencyError
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.pipeline.saliency_map import saliency_map
from semvec.core.settings import Settings
from semvec.core.worker.process import shared_worker
from semvec.core.worker.saliency_request import SaliencyRequest
from semvec.operators.inputs import saliency_overlay
from semvec.operators.inputs.found_saliency import forget_search, found_saliency, is_searching
from semvec.operators.inputs.painted_saliency import painted_map
from semvec.operators.inputs.pixels import read_image
from semvec.operators.inputs.saliency_overlay import overlay_of
from semvec.operators.objects.collection import find_drawings, read_drawing
from semvec.operators.properties.runtime import RUNTIME
from semvec.operators.saliency_mask import add_mask
from semvec.operators.vectorize import SEMVEC_OT_vectorize

pytest.importorskip("torch", reason="the AI engine's packages are not installed here")

DATA = Path(__file__).resolve().parents[2] / "data"
sys.path.insert(0, str(DATA))
from detail_counts import details_on  # noqa: E402
from shapes import Picture, draw_picture, textured  # noqa: E402

TINY = str(DATA / "tiny_clip.pt")
NAMES = ("red circle", "blue star", "green square")
SMALL = {
    "budget": 24, "structural_ratio": 0.25, "iterations": 40, "mask_count": 40, "threads": 1,
    "saliency_floor": 0.01,
}  # fmt: skip
PROMPT = {"prompt": "the blue star", "clip_model": TINY, "device": "cpu"}


@pytest.fixture
def shapes(scene: Any, new_image: Any) -> Iterator[Picture]:
    """Three shapes, as the image 'shapes' chosen in the panel; no search is left over."""
    picture = draw_picture(np.random.default_rng(12), 96, 128, names=NAMES)
    opaque = np.ones((96, 128, 1), np.float32)
    pixels = np.concatenate([textured(picture, 12), opaque], axis=2)
    scene.semvec.image = new_image("shapes", pixels)
    yield picture
    forget_search()


def fill_in(scene: Any, guidance: set[str], **values: Any) -> None:
    """Set the panel."""
    for name, value in {"guidance": guidance, **SMALL, **PROMPT, **values}.items():
        setattr(scene.semvec, name, value)


def drawing_of(scene: Any) -> Any:
    (collection,) = find_drawings(scene, "shapes")
    return read_drawing(collection)


def paint(mask: Any, rows: slice) -> None:
    """Make rows of a mask white, counted from the top."""
    width, height = mask.size
    pixels = np.zeros((height, width, 4), np.float32)
    pixels[..., 3] = 1.0
    pixels[rows, :, :3] = 1.0
    mask.pixels.foreach_set(pixels[::-1].ravel())


@pytest.mark.parametrize("named", range(3))
def test_a_prompt_puts_details_where_it_says(scene: Any, shapes: Picture, named: int) -> None:
    prompt = {**PROMPT, "prompt": f"the {NAMES[named]}"}
    assert bpy.ops.semvec.vectorize(image="shapes", exact=True, **SMALL, **prompt) == {"FINISHED"}
    drawing = drawing_of(scene)
    counts = details_on(drawing, shapes.masks)
    assert len(drawing.paths) == 24 and counts[named] > 2 * np.delete(counts, named).max()
    settings = Settings(exact=True, **SMALL, **prompt)
    expected = pipeline.vectorize(read_image(scene.semvec.image), settings)
    np.testing.assert_allclose(details_on(expected.drawing, shapes.masks), counts, atol=2)


@pytest.mark.parametrize(
    ("guidance", "prompt", "painted"),
    [
        (set(), "", False),
        ({"PAINTED"}, "", True),
        ({"PROMPT"}, "the blue star", False),
        ({"PAINTED", "PROMPT"}, "the blue star", True),
    ],
)
def test_the_panel_says_what_guides(
    scene: Any, shapes: Picture, guidance: set[str], prompt: str, painted: bool
) -> None:
    fill_in(scene, guidance)
    operator = SimpleNamespace(properties=SimpleNamespace(is_property_set=lambda name: False))
    SEMVEC_OT_vectorize._take_from_panel(operator, bpy.context)
    assert (operator.prompt, operator.painted, operator.image) == (prompt, painted, "shapes")
    assert operator.clip_model == TINY


def test_painting_and_prompt_together(scene: Any, shapes: Picture) -> None:
    options = {"image": "shapes", "painted": True, **SMALL, **PROMPT}
    with pytest.raises(RuntimeError, match="Nothing is painted"):
        bpy.ops.semvec.vectorize(**options)
    paint(add_mask(scene.semvec.image), slice(76, 96))
    scene.semvec.saliency_background = 0.5
    for prompt, background in (("", 0.5), ("the blue star", 0.0)):
        painted = painted_map(scene.semvec.image, scene, Settings(prompt=prompt))
        assert np.all(painted[76:] == 1.0) and np.all(painted[:76] == background)
    assert bpy.ops.semvec.vectorize(**options) == {"FINISHED"}
    assert "PAINTED" not in scene.semvec.guidance
    bpy.ops.semvec.restore_settings()
    assert scene.semvec.guidance == {"PAINTED", "PROMPT"}


# The preview


def test_the_preview_shows_what_the_prompt_finds(scene: Any, shapes: Picture) -> None:
    fill_in(scene, {"PROMPT"})
    image = scene.semvec.image
    with pytest.raises(SaliencyError, match="Looking for: the blue star"):
        overlay_of(image, scene)
    assert is_searching()
    found = found_saliency(image, scene, seconds=60.0)
    assert not is_searching()
    expected = saliency_map(read_image(image), Settings(**SMALL, **PROMPT))
    np.testing.assert_allclose(found, expected, atol=1e-3)
    overlay = overlay_of(image, scene)
    assert overlay.shape == (96, 128, 4)
    brightness = overlay[..., :3].sum(axis=2)
    means = [brightness[mask].mean() for mask in shapes.masks]
    assert np.argmax(means) == 1
    scene.semvec.prompt = "a red circle"
    with pytest.raises(SaliencyError, match="Looking for: a red circle"):
        overlay_of(image, scene)
    assert not np.allclose(found_saliency(image, scene, seconds=60.0), found, atol=0.1)


def test_painting_wins_in_the_preview_as_in_the_run(scene: Any, shapes: Picture) -> None:
    fill_in(scene, {"PAINTED", "PROMPT"})
    image = scene.semvec.image
    paint(add_mask(image), slice(0, 20))
    found = found_saliency(image, scene, seconds=60.0)
    both = overlay_of(image, scene)
    scene.semvec.guidance = {"PROMPT"}
    prompted = overlay_of(image, scene)
    np.testing.assert_array_equal(both[20:], prompted[20:])
    assert np.ptp(both[:20], axis=(0, 1)).max() < 1e-6, "all white"
    assert found.shape == (96, 128)


def test_a_preview_that_fails_says_why_once(scene: Any, shapes: Picture) -> None:
    fill_in(scene, {"PROMPT"}, clip_model="/nowhere.pt")
    for _ in range(2):
        with pytest.raises(ModelMissingError, match="no model"):
            found_saliency(scene.semvec.image, scene, seconds=60.0)
    scene.semvec.prompt = ""
    with pytest.raises(SaliencyError, match="prompt is empty"):
        overlay_of(scene.semvec.image, scene)


def test_a_run_comes_before_the_preview(scene: Any, shapes: Picture) -> None:
    """The run has the worker for itself; the preview asks again afterwards."""
    fill_in(scene, {"PROMPT"})
    image = scene.semvec.image
    with pytest.raises(SaliencyError, match="Looking for"):
        found_saliency(image, scene)
    first = RUNTIME.search.request
    assert isinstance(first, SaliencyRequest) and not first.lost
    assert bpy.ops.semvec.vectorize(image="shapes", **SMALL) == {"FINISHED"}
    assert first.lost and is_searching()
    assert found_saliency(image, scene, seconds=60.0).shape == (96, 128)


def test_the_preview_waits_while_the_worker_is_busy(scene: Any, shapes: Picture) -> None:
    fill_in(scene, {"PROMPT"})
    worker = shared_worker()
    worker.busy = True
    try:
        with pytest.raises(SaliencyError, match="Looking for"):
            found_saliency(scene.semvec.image, scene)
        assert RUNTIME.search.request is None
    finally:
        worker.busy = False


def test_the_image_editor_shows_the_map_when_it_is_there(scene: Any, shapes: Picture) -> None:
    """Without a window no timer ticks, so the test calls its function."""
    fill_in(scene, {"PROMPT"})
    area = max(bpy.context.screen.areas, key=lambda area: area.width * area.height)
    before, area.ui_type = area.ui_type, "IMAGE_EDITOR"
    area.spaces.active.image = scene.semvec.image
    try:
        assert bpy.ops.semvec.preview_saliency() == {"FINISHED"}
        overlays, messages = RUNTIME.overlays._overlays, []
        while not any(overlay._pixels is not None for overlay in overlays.values()):
            assert saliency_overlay._check_for_changes() > 0.0
            overlays = RUNTIME.overlays._overlays
            messages += [overlay._message for overlay in overlays.values()]
            time.sleep(0.05)
        assert set(messages[:-1]) <= {"Looking for: the blue star"} and messages[-1] == ""
        assert set(overlays) == {"shapes"}
        kept = overlays["shapes"]
        saliency_overlay._check_for_changes()
        assert RUNTIME.overlays._overlays["shapes"] is kept, "made anew for nothing"
    finally:
        saliency_overlay.stop_preview()
        area.ui_type = before
    assert RUNTIME.search is None
