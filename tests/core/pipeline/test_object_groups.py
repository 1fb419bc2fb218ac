# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings of photographs whose paths are grouped by object."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from foreign_svg import rendered_by_resvg

from semvec.core.bezier import bounds
from semvec.core.image import Image
from semvec.core.pipeline import object_groups
from semvec.core.pipeline.vectorize import Result, vectorize
from semvec.core.segmentation import initial_partition
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg

SETTINGS = Settings(
    kind="photo", budget=24, iterations=60, mask_count=40, threads=1, group_by="object"
)
CENTER = (48, 30)  # column and row of the ball
RADIUS = 16


def ball() -> Image:
    """A shaded ball before a sky and a meadow, with some texture."""
    rows, columns = np.mgrid[:64, :96]
    rgb = np.where(rows[..., None] < 30, (0.55, 0.75, 0.95), (0.25, 0.5, 0.2))
    inside = np.hypot(columns - CENTER[0], rows - CENTER[1]) < RADIUS
    shade = 0.5 + 0.5 * (columns - CENTER[0] + RADIUS) / (2 * RADIUS)
    rgb = np.where(inside[..., None], shade[..., None] * np.array([0.9, 0.1, 0.1]), rgb)
    noise = np.random.default_rng(0).normal(0, 0.02, rgb.shape)
    return Image((rgb + noise).clip(0, 1).astype(np.float32))


@pytest.fixture(scope="module")
def result() -> Result:
    return vectorize(ball(), SETTINGS)


def without(result: Result, group: str) -> np.ndarray:
    """The picture without the paths of a group: [H, W, 4], by resvg."""
    paths = [path for path in result.drawing.paths if path.group != group]
    return rendered_by_resvg(to_svg(replace(result.drawing, paths=paths)))


def test_every_path_belongs_to_an_object_and_carries_its_name(result: Result) -> None:
    groups = {path.group for path in result.drawing.paths}
    assert {"Sky", "Background"} <= groups and len(groups) >= 3 and "" not in groups
    names = [path.name for path in result.drawing.paths]
    assert len(set(names)) == len(names)
    assert "background" in names and "sky.000" in names
    assert len(names) <= SETTINGS.budget


def test_moving_an_object_leaves_no_hole_but_what_lies_behind(result: Result) -> None:
    (lowest,) = {path.group for path in result.drawing.paths if path.name == "background"}
    groups = {path.group for path in result.drawing.paths} - {lowest}
    for group in groups:
        assert without(result, group)[..., 3].min() == 1.0
    (thing,) = groups - {"Sky", "Background"}
    behind = without(result, thing)[..., :3]
    column, row = CENTER
    np.testing.assert_allclose(behind[row - 8, column], (0.55, 0.75, 0.95), atol=0.1)
    np.testing.assert_allclose(behind[row + 8, column], (0.25, 0.5, 0.2), atol=0.1)


def test_grouped_drawings_are_as_faithful_and_the_same_each_time(result: Result) -> None:
    plain = vectorize(ball(), replace(SETTINGS, group_by="auto"))
    assert not any(path.group for path in plain.drawing.paths)
    assert result.report["psnr"] > plain.report["psnr"] - 0.5
    assert result.report["notes"] == []
    text = to_svg(result.drawing)
    assert to_svg(vectorize(ball(), SETTINGS).drawing) == text
    assert to_svg(from_svg(text)) == text


def test_regions_are_those_of_the_partition(result: Result) -> None:
    regions = {path.region for path in result.drawing.paths}
    assert max(regions) == result.labels.max() and min(regions) == -1
    assert len(result.parents) == result.labels.max() + 1


def test_what_a_prompt_names_is_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, columns = np.mgrid[:64, :96]
    inside = (np.hypot(columns - CENTER[0], rows - CENTER[1]) < RADIUS).astype(np.float32)
    asked = []

    def find(image, requests, **options):
        asked.extend(request.values[0] for request in requests)
        return inside if requests and requests[0].values[0] == "a red ball" else 0 * inside + 0.1

    monkeypatch.setattr(object_groups, "find_saliency", find)
    monkeypatch.setattr("semvec.core.pipeline.vectorize.find_saliency", find)
    drawn = vectorize(ball(), replace(SETTINGS, prompt="a red ball, a cat"))
    assert asked[1:] == ["a red ball", "a cat"]
    groups = {path.group for path in drawn.drawing.paths}
    assert "a red ball" in groups and "a cat" not in groups


def test_transparent_pictures_and_cut_out_drawings_are_grouped_too() -> None:
    image = ball()
    alpha = np.ones((64, 96), np.float32)
    alpha[:, :20] = 0
    for picture, layering in ((Image(image.rgb, alpha), "stacked"), (image, "cut-out")):
        drawing = vectorize(picture, replace(SETTINGS, layering=layering)).drawing
        assert all(path.group for path in drawing.paths)


@pytest.mark.parametrize("source", ["given", "sam"])
def test_what_a_prompt_names_is_the_whole_of_a_mask(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, columns = np.mgrid[:64, :96]
    thing = np.hypot(columns - CENTER[0], rows - CENTER[1]) < RADIUS
    masks = np.stack([rows < 30, rows >= 30, thing])
    seen = np.where(thing & (columns < CENTER[0] + 8), 1.0, 0.1).astype(np.float32)  # not all of it

    def find(image, requests, **options):
        return seen if requests else np.ones_like(seen)

    monkeypatch.setattr(object_groups, "find_saliency", find)
    monkeypatch.setattr("semvec.core.pipeline.vectorize.find_saliency", find)
    settings = replace(
        SETTINGS, prompt="a red ball", segmenter="sam" if source == "sam" else "builtin"
    )
    if source == "sam":
        monkeypatch.setattr(initial_partition, "locate", lambda name: Path(name))
        monkeypatch.setattr(initial_partition, "choose_device", lambda name: "cpu")
        monkeypatch.setattr(initial_partition, "limit_threads", lambda threads: None)
        monkeypatch.setattr(initial_partition, "automatic_masks", lambda *a, **options: masks)
    drawing = vectorize(ball(), settings, masks=masks if source == "given" else None).drawing
    (traced,) = (p for p in drawing.paths if p.kind == "structural" and p.group == "a red ball")
    least, most = bounds(traced.subpaths)
    np.testing.assert_allclose(least, np.array(CENTER) - RADIUS, atol=3)
    np.testing.assert_allclose(most, np.array(CENTER) + RADIUS, atol=3)
    text = to_svg(drawing)
    assert 'data-object="a red ball"' in text and 'id="a-red-ball.000"' in text
