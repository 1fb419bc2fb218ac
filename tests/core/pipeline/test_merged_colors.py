# SPDX-License-Identifier: GPL-3.0-or-later
"""Similar colors of drawings of all kinds as one color."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from semvec.core.bezier import rectangle
from semvec.core.drawing import Drawing, Path, Ramp, pack
from semvec.core.flat.photo_palette import oklab
from semvec.core.flat.similar import merged_similar
from semvec.core.image import Image
from semvec.core.pipeline.merged_fills import with_merged_fills
from semvec.core.pipeline.vectorize import Result, vectorize
from semvec.core.rendering.native import render
from semvec.core.settings import Settings


def naively_merged(colors: np.ndarray, weights: np.ndarray, distance: float) -> list[set[int]]:
    """The clusters of colors, by comparing all pairs each time."""
    clusters = [({i}, colors[i], weights[i]) for i in range(len(colors))]
    while len(clusters) > 1:
        pairs = [(a, b) for a in range(len(clusters)) for b in range(a + 1, len(clusters))]
        apart = [
            np.linalg.norm(oklab(clusters[a][1]) - oklab(clusters[b][1])) * 100 for a, b in pairs
        ]
        if min(apart) >= distance:
            break
        a, b = pairs[int(np.argmin(apart))]
        (some, one, weight), (others, other, more) = clusters[a], clusters.pop(b)
        mean = (weight * one + more * other) / (weight + more)
        clusters[a] = (some | others, mean, weight + more)
    return [members for members, _, _ in clusters]


@given(st.integers(0, 24), st.floats(0, 60), st.integers(0, 999))
@hypothesis_settings(max_examples=60, deadline=None)
def test_the_nearest_colors_are_merged_first(count, distance, seed):
    random = np.random.default_rng(seed)
    colors, weights = random.random((count, 3)), random.integers(1, 99, count)
    mapping, merged = merged_similar(colors, weights, distance)
    found = [set(np.flatnonzero(mapping == kept).tolist()) for kept in np.unique(mapping)]
    wanted = naively_merged(colors, weights.astype(float), distance)
    assert sorted(map(sorted, found)) == sorted(map(sorted, wanted))
    for members in found:
        mean = np.average(colors[list(members)], axis=0, weights=weights[list(members)])
        np.testing.assert_allclose(merged[mapping[min(members)]], mean, atol=1e-9)


def fills_of(drawing: Drawing) -> np.ndarray:
    return np.unique([path.fill[:3] for path in drawing.paths], axis=0)


def photograph() -> Image:
    rows, columns = np.mgrid[:60, :80] / 80.0
    rgb = np.stack([0.2 + 0.6 * columns, 0.3 + 0.5 * rows, 0.7 - 0.4 * columns], axis=2)
    rgb[(rows - 0.3) ** 2 + (columns - 0.4) ** 2 < 0.03] += (0.25, -0.2, -0.2)
    return Image(rgb.clip(0, 1).astype(np.float32))


def drawn(image: Image, **values: object) -> Result:
    options = {"kind": "photo", "budget": 24, "iterations": 40, "mask_count": 40, "threads": 1}
    return vectorize(image, Settings.from_dict({**options, **values}))


def nearest_pair(colors: np.ndarray) -> float:
    places = oklab(colors) * 100
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    return float(apart[~np.eye(len(colors), dtype=bool)].min(initial=np.inf))


def test_fills_of_photographs_become_one_at_the_least_cost():
    image = photograph()
    plain, merged = drawn(image), drawn(image, merge_colors=8.0)
    assert nearest_pair(fills_of(plain.drawing)) < 7
    assert nearest_pair(fills_of(merged.drawing)) > 7.5
    assert 2 <= len(fills_of(merged.drawing)) < len(fills_of(plain.drawing))
    best = np.square(render(pack(merged.drawing.paths), 80, 60) - image.rgb).mean()
    groups = {tuple(path.fill.tolist()) for path in merged.drawing.paths}
    for group in groups:  # no other color of a cluster is better
        for change in (-0.03, 0.03):
            changed = [
                Path(path.subpaths, path.fill + np.float32([change] * 3 + [0]))
                if tuple(path.fill.tolist()) == group
                else path
                for path in merged.drawing.paths
            ]
            assert np.square(render(pack(changed), 80, 60) - image.rgb).mean() > best - 2e-5
    assert len(fills_of(drawn(image, merge_colors=100.0).drawing)) == 1


def test_the_visible_area_decides_on_the_color():
    red, dark = np.float32([0.8, 0.1, 0.1, 1]), np.float32([0.7, 0.1, 0.1, 0.5])
    hidden = Path([rectangle(0, 0, 90, 90)], red)
    shown = Path([rectangle(0, 0, 100, 99)], dark)
    merged = with_merged_fills(Drawing(100, 100, [hidden, shown]), 20.0)
    np.testing.assert_allclose(fills_of(merged), [[0.7, 0.1, 0.1]], atol=1e-3)
    assert [float(path.fill[3]) for path in merged.paths] == [1.0, 0.5]
    assert with_merged_fills(Drawing(9, 9), 20.0).paths == []


def test_gradients_between_similar_colors_become_flat():
    start, end = np.zeros(2, np.float32), np.float32([50, 0])
    weak = Ramp("linear", start, end, np.float32([0.8, 0.15, 0.1]))
    strong = Ramp("linear", start, end, np.float32([0.1, 0.2, 0.9]))
    fill = np.float32([0.8, 0.1, 0.1, 1])
    paths = [Path([rectangle(0, 0, 50, 50)], fill, ramp=ramp) for ramp in (weak, strong)]
    first, second = with_merged_fills(Drawing(50, 50, paths), 10.0).paths
    assert first.ramp is None and second.ramp is not None
    np.testing.assert_allclose(second.ramp.color, strong.color)


@pytest.mark.parametrize("kind", ["flat", "pixel"])
def test_similar_colors_of_flat_art_are_one_area(kind):
    pixels = np.full((48, 48, 3), 255, np.uint8)
    pixels[8:40, 8:24], pixels[8:40, 24:40] = (200, 40, 40), (190, 45, 40)
    image = Image((pixels / 255.0).astype(np.float32))
    plain, merged = drawn(image, kind=kind), drawn(image, kind=kind, merge_colors=6.0)
    assert len(plain.drawing.paths) == 3 and len(merged.drawing.paths) == 2
    found = np.rint(merged.drawing.paths[1].fill[:3] * 255)
    np.testing.assert_allclose(found, [195, 42, 40], atol=1)


def test_colors_that_are_given_are_not_merged():
    result = drawn(photograph(), colors=5, merge_colors=50.0)
    assert len(fills_of(result.drawing)) == 5
    assert "Ignored, because the colors are given: merge colors" in result.report["notes"]
