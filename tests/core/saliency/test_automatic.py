# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic saliency: faces and people, found by the networks that ship with semvec."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from semvec.core.drawing import Drawing, pack
from semvec.core.image import Image, resize
from semvec.core.models import network
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering.native import render
from semvec.core.saliency import automatic
from semvec.core.saliency.automatic import automatic_saliency, why_unavailable
from semvec.core.saliency.faces import EYES, MOUTH, NOSE, find_faces
from semvec.core.settings import Settings

needs_networks = pytest.mark.skipif(bool(why_unavailable()), reason=why_unavailable())

# Where the astronaut's features are, read off the picture: x, y.
FEATURES = {EYES[0]: (203, 101), EYES[1]: (247, 104), NOSE: (226, 127), MOUTH: (224, 144)}


@cache
def picture(name: str) -> Image:
    return Image((getattr(data, name)() / 255.0).astype(np.float32))


def saliency_of(image: Image) -> Any:
    return automatic_saliency(image, True, lambda fraction, message: None)


@needs_networks
def test_a_face_is_found_with_its_features() -> None:
    (face,) = find_faces(picture("astronaut"))
    assert face.score > 0.8
    for index, place in FEATURES.items():
        assert np.linalg.norm(face.points[index] - place) < 8.0
    assert np.all(np.abs(face.center - (226, 120)) < 12.0)
    assert np.all((face.size > 80) & (face.size < 140))


@needs_networks
def test_the_place_of_a_face_does_not_depend_on_size_and_shape() -> None:
    whole = picture("astronaut")
    (face,) = find_faces(whole)
    (small,) = find_faces(resize(whole, 256))
    (cut,) = find_faces(Image(np.ascontiguousarray(whole.rgb[20:320, 60:])))
    np.testing.assert_allclose(small.points * 2.0, face.points, atol=10.0)
    np.testing.assert_allclose(np.add(cut.points, (60.0, 20.0)), face.points, atol=10.0)


@needs_networks
@pytest.mark.parametrize("name", ["coffee", "chelsea", "rocket"])
def test_where_no_face_is_nothing_is_found(name: str) -> None:
    assert saliency_of(picture(name)) is None


@needs_networks
def test_eyes_matter_more_than_the_face_and_that_more_than_the_person() -> None:
    saliency = saliency_of(picture("astronaut"))
    assert saliency.shape == (512, 512) and saliency.dtype == np.float32
    levels = [saliency[y, x] for x, y in ((203, 101), (226, 75), (140, 300), (370, 60))]
    assert levels == sorted(levels, reverse=True) and levels[0] == 1.0 and levels[-1] == 0.0
    assert levels[1] == pytest.approx(0.7) and 0.1 < levels[2] <= 0.25


@needs_networks
def test_people_without_a_found_face_do_not_count() -> None:
    """Beside the astronaut, her helmet and hand alone, which the mask takes for a person."""
    image = picture("astronaut").rgb
    twice = Image(np.hstack([image, np.ones((512, 64, 3), np.float32), image[:, 100:]]))
    twice.rgb[:250, 576:] = 1.0
    saliency = saliency_of(twice)
    assert saliency[:, :512].max() == 1.0 and saliency[:, 600:].max() == 0.0


@needs_networks
def test_a_face_is_seen_on_transparent_pixels() -> None:
    rgb = picture("astronaut").rgb
    alpha = np.ones(rgb.shape[:2], np.float32)
    alpha[:, 320:] = 0.0
    (face,) = find_faces(Image(rgb, alpha))
    assert np.linalg.norm(face.points[NOSE] - FEATURES[NOSE]) < 8.0


@needs_networks
@pytest.mark.parametrize("shape", [(1, 1), (3, 700), (700, 2), (40, 30)])
def test_odd_pictures_have_no_face(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).random((*shape, 3), np.float32)
    assert saliency_of(Image(pixels)) is None


def test_missing_networks_are_no_error_but_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "FOLDER", tmp_path)
    assert "not part of this build" in why_unavailable()
    assert saliency_of(picture("astronaut")) is None


def error_of(drawing: Drawing, image: Image) -> np.ndarray:
    """The squared error of each pixel."""
    pixels = render(pack(drawing.paths), image.width, image.height, (0.0, 0.0, 0.0))
    return np.square(pixels - image.rgb).mean(axis=2)


@needs_networks
def test_a_portrait_gains_in_the_face_and_loses_little_elsewhere() -> None:
    image = resize(picture("astronaut"), 256)
    eyes = automatic._features(find_faces(image)[0], image.rgb[..., 0]) >= 1.0
    settings = {"budget": 64, "iterations": 150}
    plain, guided = (
        error_of(vectorize(image, Settings(**settings, automatic=on)).drawing, image)
        for on in (False, True)
    )
    gain = -10.0 * np.log10(guided[eyes].mean() / plain[eyes].mean())
    loss = 10.0 * np.log10(guided.mean() / plain.mean())
    assert gain > 1.0 and loss < 1.0


@needs_networks
def test_a_picture_without_faces_is_drawn_as_before() -> None:
    image = resize(picture("coffee"), 128)
    settings = {"budget": 16, "iterations": 20}
    plain, guided = (
        vectorize(image, Settings(**settings, automatic=on)).drawing for on in (False, True)
    )
    np.testing.assert_array_equal(error_of(plain, image), error_of(guided, image))
