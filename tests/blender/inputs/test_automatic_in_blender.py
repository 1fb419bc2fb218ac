# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic guidance in Blender: in the preview, in a run, and restored from a drawing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import bpy
import numpy as np
import pytest
from skimage.data import astronaut

from semvec.core.errors import SaliencyError
from semvec.core.models import network
from semvec.core.saliency.automatic import why_unavailable
from semvec.operators.inputs.found_saliency import forget_search, found_saliency
from semvec.operators.inputs.saliency_overlay import overlay_of
from semvec.operators.objects.collection import SETTINGS, find_drawings
from semvec.operators.saliency_mask import add_mask

needs_networks = pytest.mark.skipif(bool(why_unavailable()), reason=why_unavailable())

SMALL = {"budget": 6, "iterations": 5, "threads": 1}
EYE, SKY = (101, 203), (20, 400)  # row, column


@pytest.fixture
def portrait(scene: Any, new_image: Any) -> Iterator[Any]:
    """A portrait, chosen in the panel; no search is left over."""
    rgb = astronaut().astype(np.float32) / 255.0
    image = new_image("portrait", np.concatenate([rgb, np.ones((512, 512, 1), np.float32)], axis=2))
    scene.semvec.image = image
    yield image
    forget_search()


@needs_networks
def test_the_preview_shows_the_face(scene: Any, portrait: Any) -> None:
    scene.semvec.guidance = {"AUTOMATIC"}
    with pytest.raises(SaliencyError, match="Looking for what matters"):
        overlay_of(portrait, scene)
    found = found_saliency(portrait, scene, seconds=60.0)
    assert found[EYE] == 1.0 and found[SKY] == pytest.approx(0.2)
    overlay = overlay_of(portrait, scene)
    assert overlay[EYE][:3].sum() > overlay[SKY][:3].sum() + 0.5


@needs_networks
def test_painting_wins_over_the_face_and_leaves_the_rest(scene: Any, portrait: Any) -> None:
    scene.semvec.guidance = {"AUTOMATIC", "PAINTED"}
    mask = add_mask(portrait)
    pixels = np.zeros((512, 512, 4), np.float32)
    pixels[:, :, 3] = 1.0
    pixels[-60:, :, :3] = 0.5  # the upper rows: Blender's first row is at the bottom
    mask.pixels.foreach_set(pixels.ravel())
    found_saliency(portrait, scene, seconds=60.0)
    both = overlay_of(portrait, scene)
    assert np.ptp(both[:60, :, :3], axis=(0, 1)).max() < 1e-3
    scene.semvec.guidance = {"AUTOMATIC"}
    np.testing.assert_array_equal(both[60:], overlay_of(portrait, scene)[60:])


@needs_networks
def test_a_run_keeps_its_guidance_for_the_next(scene: Any, portrait: Any) -> None:
    bpy.ops.semvec.vectorize(image="portrait", automatic=True, contrast=True, **SMALL)
    (drawing,) = find_drawings(scene, "portrait")
    assert json.loads(drawing[SETTINGS])["automatic"] is True
    scene.semvec.guidance = set()
    bpy.ops.semvec.restore_settings()
    assert scene.semvec.guidance == {"AUTOMATIC", "CONTRAST"}


def test_without_networks_the_preview_says_why(
    scene: Any, portrait: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "FOLDER", tmp_path)
    scene.semvec.guidance = {"AUTOMATIC"}
    with pytest.raises(SaliencyError, match="not part of this build"):
        overlay_of(portrait, scene)
