# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to a drawing: exact budgets, the same bytes, odd images, stops and caches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from metrics.image import psnr
from metrics.shapes import crosses_itself
from same_drawing import same
from scipy.ndimage import gaussian_filter
from soft_photograph import photograph, picture_of

from semvec.core.drawing import Drawing
from semvec.core.errors import (
    Cancelled,
    EngineMissingError,
    MaskError,
    ModelMissingError,
    RendererError,
    SaliencyError,
)
from semvec.core.image import Image, load_image
from semvec.core.pipeline.vectorize import ProgressEvent, vectorize
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg

QUICK = Settings(kind="photo", budget=24, iterations=40, mask_count=40, threads=1)


def changed(**values: object) -> Settings:
    return Settings.from_dict({**QUICK.to_dict(), **values})


def test_the_drawing_shows_the_image() -> None:
    image = photograph()
    result = vectorize(image, changed(budget=48, iterations=200, exact=True))
    picture = picture_of(result.drawing, (1, 0, 1))
    assert psnr(picture, image.rgb) > 24
    assert result.report["psnr"] == pytest.approx(psnr(picture, image.rgb), abs=0.1)
    assert result.report["paths"] == 48 == len(result.drawing.paths)
    assert not any(crosses_itself(path) for path in result.drawing.paths)


def test_a_photograph_is_drawn_well(shared) -> None:
    image = load_image(shared / "images" / "ski_coffee.png")
    drawing = vectorize(image, Settings(budget=64, resolution=256, iterations=200)).drawing
    assert psnr(picture_of(drawing.scaled(image.width, image.height), (0, 0, 0)), image.rgb) > 21
    assert not any(crosses_itself(path) for path in drawing.paths)


@pytest.mark.parametrize("refinement", ["clean", "published"])
@pytest.mark.parametrize("ratio", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("budget", [1, 2, 30])
def test_the_budget_is_exact(budget: int, ratio: float, refinement: str) -> None:
    settings = changed(budget=budget, structural_ratio=ratio, refinement=refinement)
    drawing = vectorize(photograph(), settings).drawing
    assert len(drawing.paths) == budget
    structural = sum(path.kind == "structural" for path in drawing.paths)
    assert 1 <= structural <= settings.structural
    assert drawing.paths[0].name == "background"
    names = [path.name for path in drawing.paths]
    assert len(set(names)) == budget


def _float32(values: np.ndarray | None) -> np.ndarray | None:
    return None if values is None else values.astype(np.float32)


@given(
    st.integers(1, 24),
    st.integers(1, 24),
    st.integers(0, 3),
    st.sampled_from(["flat", "noise", "photograph"]),
    st.sampled_from(["flat", "gradient"]),
    st.sampled_from(["automatic", "always", "opaque"]),
    st.booleans(),
    st.sampled_from([None, 0.02, 0.3, 1.0]),
)
@example(6, 6, 0, "flat", "flat", "always", False, 0.02)
@hypothesis_settings(max_examples=40, deadline=None)
def test_any_small_image_is_drawn_within_the_budget(
    height: int,
    width: int,
    seed: int,
    kind: str,
    fills: str,
    transparency: str,
    exact: bool,
    alpha: float | None,
) -> None:
    make: dict[str, Callable[[], np.ndarray]] = {
        "flat": lambda: np.full((height, width, 3), 0.3),
        "noise": lambda: np.random.default_rng(seed).uniform(0, 1, (height, width, 3)),
        "photograph": lambda: photograph(height, width, seed).rgb,
    }
    random = np.random.default_rng(seed)
    opacity = None
    if alpha is not None:  # at 8 bits, and not 0
        opacity = np.ceil(255 * alpha * random.uniform(0.01, 1, (height, width))) / 255
    image = Image(make[kind]().astype(np.float32), _float32(opacity))
    settings = changed(budget=9, iterations=8, fills=fills, transparency=transparency, exact=exact)
    drawing = vectorize(image, settings).drawing
    assert len(drawing.paths) == 9 if exact else 1 <= len(drawing.paths) <= 9
    assert (drawing.width, drawing.height) == (width, height)
    assert all(np.isfinite(points).all() for path in drawing.paths for points in path.subpaths)
    assert same(from_svg(to_svg(drawing)), drawing)


@pytest.mark.parametrize("fills", ["flat", "gradient"])
def test_the_same_again_gives_the_same_bytes_whatever_the_threads(fills: str) -> None:
    first = vectorize(photograph(), changed(threads=1, fills=fills)).drawing
    again = vectorize(photograph(), changed(threads=3, fills=fills)).drawing
    again.settings["threads"] = 1
    assert to_svg(first) == to_svg(again)


def test_the_svg_is_the_drawing() -> None:
    drawing = vectorize(photograph(), QUICK).drawing
    back = from_svg(to_svg(drawing))
    for path, other in zip(drawing.paths, back.paths, strict=True):
        assert (path.name, path.kind, path.region) == (other.name, other.kind, other.region)
        np.testing.assert_array_equal(path.subpaths[0], other.subpaths[0])


def test_gradient_fills_draw_shades_better_within_the_same_budget() -> None:
    image = photograph()
    settings = changed(budget=12, iterations=120)
    flat = vectorize(image, settings).drawing
    drawing = vectorize(image, replace(settings, fills="gradient")).drawing
    assert len(drawing.paths) == 12
    assert all(path.ramp is None for path in flat.paths)
    assert any(path.ramp is not None for path in drawing.paths)
    flat_psnr, ramped_psnr = (
        psnr(picture_of(each, (1, 0, 1)), image.rgb) for each in (flat, drawing)
    )
    assert ramped_psnr > flat_psnr + 0.5
    assert same(from_svg(to_svg(drawing)), drawing)


def test_large_images_come_out_in_their_own_pixels() -> None:
    image = photograph(120, 160)
    drawing = vectorize(image, changed(resolution=40)).drawing
    assert (drawing.width, drawing.height) == (160, 120)
    assert psnr(picture_of(drawing, (1, 0, 1)), image.rgb) > 15


def test_what_is_transparent_stays_so() -> None:
    image = photograph()
    alpha = np.zeros((60, 80), np.float32)
    alpha[10:50, 15:60] = 1.0
    drawing = vectorize(Image(image.rgb, alpha), changed(iterations=120)).drawing
    covered = 1 - (picture_of(drawing, (1, 1, 1)) - picture_of(drawing, (0, 0, 0)))[..., 0]
    assert covered[alpha == 0].mean() < 0.02
    assert covered[alpha == 1].mean() > 0.95
    assert len(drawing.paths) <= 24


def test_painted_saliency_draws_what_it_marks_better() -> None:
    random = np.random.default_rng(2)
    noise = gaussian_filter(random.uniform(0, 1, (60, 80, 3)), (2, 2, 0))
    image = Image(np.clip(0.5 + 4 * (noise - 0.5), 0, 1).astype(np.float32))
    marked = np.zeros((60, 80), np.float32)
    marked[:30, :40] = 1
    settings = changed(iterations=150)
    plain = picture_of(vectorize(image, settings).drawing, (0, 0, 0))
    guided = picture_of(vectorize(image, settings, saliency=marked).drawing, (0, 0, 0))
    inside = marked > 0
    assert psnr(guided, image.rgb, inside) > psnr(plain, image.rgb, inside) + 1


def test_masks_given_are_the_partition() -> None:
    labels = np.zeros((60, 80), np.int32)
    labels[:, 40:] = 1
    labels[20:40, 30:50] = 2
    result = vectorize(photograph(), changed(budget=3, structural_ratio=1.0), masks=labels)
    assert len(np.unique(result.labels)) == 3
    for label in range(3):
        assert len(np.unique(result.labels[labels == label])) == 1
    with pytest.raises(MaskError):
        vectorize(photograph(), QUICK, masks=labels[:-1])


def test_errors_are_typed() -> None:
    # Which of the two depends on what is installed where the tests run.
    with pytest.raises((EngineMissingError, ModelMissingError)):
        vectorize(photograph(), changed(prompt="a cat", clip_model="/nowhere.pt"))
    with pytest.raises(SaliencyError):
        vectorize(photograph(), QUICK, saliency=np.zeros(5))
    with pytest.raises(RendererError, match="flat fills"):
        vectorize(photograph(), changed(renderer="diffvg", fills="gradient"))


def test_progress_names_every_stage_and_rises() -> None:
    heard: list[ProgressEvent] = []
    previews: list[Drawing] = []
    vectorize(photograph(), QUICK, on_progress=heard.append, on_preview=previews.append)
    stages = list(dict.fromkeys(progress.stage for progress in heard))
    assert stages == [
        *("segmentation", "saliency", "clustering", "tracing", "refinement", "finishing", "done"),
    ]
    fractions = [progress.fraction for progress in heard]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    assert previews and previews[0].width == 80


def test_stopping_early_cancels_and_later_keeps_what_there_is() -> None:
    with pytest.raises(Cancelled):
        vectorize(photograph(), QUICK, should_stop=lambda: True)
    previews: list[Drawing] = []
    result = vectorize(
        photograph(), QUICK, on_preview=previews.append, should_stop=lambda: bool(previews)
    )
    assert result.report["stopped"]
    assert 1 <= len(result.drawing.paths) < 24


def test_masks_are_cached_by_content() -> None:
    cache: dict[str, np.ndarray] = {}
    first = vectorize(photograph(), QUICK, cache=cache)
    assert len(cache) == 1
    key, labels = next(iter(cache.items()))
    cache[key] = labels.copy()
    second = vectorize(photograph(), changed(seed=1), cache=cache)
    assert list(cache) == [key]
    np.testing.assert_array_equal(first.labels, second.labels)
    vectorize(photograph(seed=1), QUICK, cache=cache)
    assert len(cache) == 2


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        (
            {"kind": "photo", "colors": 4, "fills": "gradient", "merge_colors": 5.0},
            "fills, merge colors",
        ),
        ({"kind": "photo", "group_by": "color"}, "group by"),
        ({"kind": "line", "colors": 4}, "colors"),
        ({"kind": "flat", "fills": "gradient"}, "fills"),
    ],
)
def test_settings_without_effect_on_a_kind_are_noted(changes: dict[str, object], note: str) -> None:
    (found,) = vectorize(photograph(), replace(QUICK, **changes)).report["notes"]
    assert found.startswith("Ignored") and found.endswith(f": {note}")


@pytest.mark.parametrize("kind", ["photo", "flat"])
def test_default_settings_have_nothing_to_note(kind: str) -> None:
    assert vectorize(photograph(), replace(QUICK, kind=kind)).report["notes"] == []
