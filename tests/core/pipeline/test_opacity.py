# SPDX-License-Identifier: GPL-3.0-or-later
"""Transparency: color and opacity come back as they were, and no path is drawn in vain."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.drawing import Drawing, pack
from semvec.core.errors import ImageError
from semvec.core.image import Image
from semvec.core.pipeline.opacity import choose_opacity, has_transparent_areas, region_opacities
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering.native import render
from semvec.core.settings import Settings

SIDE = 96
RED = np.array([0xDC, 0x28, 0x28], np.float32) / 255


def disc_coverage(radius: float = 30.0, oversampling: int = 8) -> np.ndarray:
    """Anti-aliased coverage of a disc in the middle: float32 [SIDE, SIDE]."""
    rows, columns = (np.mgrid[: SIDE * oversampling, : SIDE * oversampling] + 0.5) / oversampling
    inside = np.hypot(rows - SIDE / 2, columns - SIDE / 2) < radius
    blocks = inside.reshape(SIDE, oversampling, SIDE, oversampling)
    return blocks.mean(axis=(1, 3)).astype(np.float32)


def disc(opacity: float) -> Image:
    rgb = np.broadcast_to(RED, (SIDE, SIDE, 3)).copy()
    return Image(rgb, opacity * disc_coverage())


def drawn(image: Image, **settings: object) -> Drawing:
    return vectorize(image, Settings.from_dict({"threads": 1, **settings})).drawing


def over(drawing: Drawing, background: float) -> np.ndarray:
    return render(pack(drawing.paths), SIDE, SIDE, (background,) * 3)


def opacity_of(drawing: Drawing) -> np.ndarray:
    """Opacity of each pixel by rendering over black and over white: float32 [SIDE, SIDE]."""
    return 1 - (over(drawing, 1.0) - over(drawing, 0.0)).mean(axis=2)


def psnr_over(drawing: Drawing, image: Image, background: float) -> float:
    wanted = background + image.alpha[..., None] * (image.rgb - background)
    return float(-10 * np.log10(np.mean((over(drawing, background) - wanted) ** 2)))


@pytest.mark.parametrize("alpha", [40, 90, 128, 170, 200, 230])
def test_a_half_transparent_disc_is_one_path_of_its_color_and_opacity(alpha: int) -> None:
    image = disc(alpha / 255)
    (path,) = drawn(image).paths
    np.testing.assert_allclose(path.fill[:3], RED, atol=3 / 255)
    assert path.fill[3] == pytest.approx(alpha / 255, abs=0.02)


@pytest.mark.parametrize("setting", ["automatic", "opaque"])
def test_a_cut_out_is_one_opaque_path_without_a_rim(setting: str) -> None:
    image = disc(1.0)
    drawing = drawn(image, transparency=setting)
    (path,) = drawing.paths
    np.testing.assert_allclose(path.fill, [*RED, 1], atol=3 / 255)
    assert np.mean(opacity_of(drawing)[image.alpha == 0] > 0.02) <= 0.0002
    assert abs(psnr_over(drawing, image, 0.0) - psnr_over(drawing, image, 1.0)) < 4


@pytest.mark.parametrize("alpha", [128, 200])
def test_opaque_only_draws_half_transparent_areas_in_their_own_color(alpha: int) -> None:
    (path,) = drawn(disc(alpha / 255), transparency="opaque").paths
    np.testing.assert_allclose(path.fill, [*RED, 1], atol=3 / 255)


def test_a_shadow_is_drawn_by_transparent_shapes_in_its_own_color() -> None:
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    alpha = 0.6 * np.exp(-((rows - 48) ** 2 + (columns - 48) ** 2) / (2 * 18**2))
    shadow = np.broadcast_to(np.array([0.2, 0.0, 0.3], np.float32), (SIDE, SIDE, 3)).copy()
    image = Image(shadow, alpha.astype(np.float32))
    drawing = drawn(image)
    assert all(path.fill[3] < 1 for path in drawing.paths)
    for path in drawing.paths:
        np.testing.assert_allclose(path.fill[:3], [0.2, 0.0, 0.3], atol=0.15)
    assert min(psnr_over(drawing, image, background) for background in (0.0, 1.0)) > 36


def test_a_shadow_beside_an_opaque_shape_leaves_no_gap_and_no_rim() -> None:
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    shadow = 0.5 * np.exp(-((rows - 52) ** 2 + (columns - 52) ** 2) / (2 * 16**2))
    shape = disc_coverage(22.0)
    alpha = shape + (1 - shape) * shadow
    rgb = RED * (shape / np.maximum(alpha, 1e-6))[..., None]
    image = Image(rgb.astype(np.float32), alpha.astype(np.float32))
    drawing = drawn(image)
    assert min(psnr_over(drawing, image, background) for background in (0.0, 1.0)) > 35


def test_the_choice_is_reported() -> None:
    for opacity, name in ((1.0, "opaque"), (0.5, "transparent")):
        report = vectorize(disc(opacity), Settings(threads=1, iterations=20)).report
        assert report["transparency"] == name


def test_edges_are_no_transparent_areas() -> None:
    assert not has_transparent_areas(disc_coverage())
    assert has_transparent_areas(0.5 * disc_coverage())
    assert not has_transparent_areas(np.zeros((5, 5), np.float32))
    assert has_transparent_areas(np.full((1, 1), 0.5, np.float32))


def test_what_is_faint_everywhere_is_still_drawn() -> None:
    alpha = np.full((4, 4), 0.01, np.float32)
    image = Image(np.zeros((4, 4, 3), np.float32), alpha)
    for setting in ("automatic", "always", "opaque"):
        assert choose_opacity(image, setting).inside.all()


def test_a_clear_image_is_one_clear_error() -> None:
    image = Image(np.zeros((4, 4, 3), np.float32), np.zeros((4, 4), np.float32))
    with pytest.raises(ImageError, match="transparent"):
        vectorize(image, Settings())


def test_one_visible_pixel_is_drawn() -> None:
    alpha = np.zeros((SIDE, SIDE), np.float32)
    alpha[40, 50] = 1.0
    image = Image(np.full((SIDE, SIDE, 3), 0.8, np.float32), alpha)
    (path,) = drawn(image).paths
    assert np.abs(np.concatenate(path.subpaths) - [50.5, 40.5]).max() < 4
    np.testing.assert_allclose(path.fill, [0.8, 0.8, 0.8, 1.0], atol=3 / 255)


def test_the_opacity_of_a_region_is_its_median_and_full_where_almost_full() -> None:
    labels = np.array([[0, 0, 0, 1, 1, -1], [0, 2, 2, 2, 1, -1]], np.int32)
    opacity = np.array([[0.2, 0.4, 0.4, 0.97, 0.98, 0], [0.5, 1, 1, 0.5, 0.3, 0]], np.float32)
    expected = [
        np.median(opacity[labels == 0]),
        1.0,
        np.median(opacity[labels == 2]),
    ]
    np.testing.assert_allclose(region_opacities(labels, opacity), expected, atol=1e-6)


def test_one_color_is_one_path_unless_all_are_asked_for() -> None:
    image = Image(np.full((SIDE, SIDE, 3), 0.4, np.float32))
    result = vectorize(image, Settings(threads=1))
    assert len(result.drawing.paths) == 1
    assert result.report["budget_used"] == "1 of 128 paths were enough"
    exact = vectorize(image, Settings(threads=1, budget=12, iterations=40, exact=True))
    assert exact.report["budget_used"] == "12 paths" and len(exact.drawing.paths) == 12


def test_no_path_makes_the_picture_worse() -> None:
    random = np.random.default_rng(0)
    rgb = np.full((SIDE, SIDE, 3), 0.5, np.float32)
    for left, top, width in random.integers(4, 60, (6, 3)).tolist():
        rgb[top : top + 24, left : left + width // 2 + 6] = random.uniform(0, 1, 3)
    drawing = drawn(Image(rgb), budget=40, iterations=150)
    error = np.mean((over(drawing, 0.0) - rgb) ** 2)
    for i in range(1, len(drawing.paths)):
        without = Drawing(SIDE, SIDE, [*drawing.paths[:i], *drawing.paths[i + 1 :]])
        assert np.mean((over(without, 0.0) - rgb) ** 2) > error
