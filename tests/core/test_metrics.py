# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of merit against scikit-image and shapely."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from semvec.core import metrics
from semvec.core.drawing import Drawing, Path, circle, polygon, rectangle
from semvec.core.rendering.footprints import footprints

WHITE = np.ones(4, np.float32)


def path(*subpaths: np.ndarray, kind: str = "structural") -> Path:
    return Path([np.asarray(points, np.float32) for points in subpaths], WHITE, kind)


@st.composite
def blobs(draw, noise: float = 0.7) -> Path:
    """A circle with its points thrown about: some cross themselves, some don't."""
    seed, segments = draw(st.integers(0, 10**6)), draw(st.integers(2, 6))
    random = np.random.default_rng(seed)
    radius = random.uniform(1, 20)
    points = circle(random.uniform(0, 30, 2), radius, segments)
    return path(points + random.normal(0, radius * noise * random.random(), points.shape))


def naive_outline(points: np.ndarray, samples: int) -> np.ndarray:
    """de Casteljau, a point at a time."""
    result = []
    for i in range(0, len(points), 3):
        cubic = [points[(i + k) % len(points)].astype(np.float64) for k in range(4)]
        for step in range(samples):
            level, t = cubic, step / samples
            while len(level) > 1:
                level = [(1 - t) * a + t * b for a, b in itertools.pairwise(level)]
            result.append(level[0])
    return np.array(result)


@given(blobs(), st.integers(1, 50))
@settings(max_examples=20, deadline=None)
def test_outline_is_de_casteljau(blob, samples):
    points = blob.subpaths[0]
    np.testing.assert_allclose(
        metrics.outline(points, samples), naive_outline(points, samples), atol=1e-5
    )


def test_psnr_and_mse():
    random = np.random.default_rng(0)
    a, b = random.random((2, 13, 17, 3))
    assert metrics.psnr(a, b) == pytest.approx(peak_signal_noise_ratio(a, b, data_range=1.0))
    assert metrics.mse(a, a) == 0.0
    assert metrics.psnr(a, a) == math.inf
    mask = random.random((13, 17)) > 0.5
    expected = np.mean([(a[y, x] - b[y, x]) ** 2 for y, x in np.argwhere(mask)])
    assert metrics.mse(a, b, mask) == pytest.approx(expected)
    assert metrics.psnr(a, b, mask) == pytest.approx(-10 * math.log10(expected))


@pytest.mark.parametrize("seed", range(3))
def test_ssim_is_that_of_scikit_image(seed):
    random = np.random.default_rng(seed)
    a = random.random((40, 31, 3))
    b = np.clip(a + random.normal(0, 0.2 * seed, a.shape), 0, 1)
    expected = structural_similarity(
        a, b, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1.0,
        channel_axis=2,
    )  # fmt: skip
    assert metrics.ssim(a, b) == pytest.approx(expected, abs=1e-9)


@given(blobs())
@settings(max_examples=300, deadline=None)
def test_self_crossing_is_that_of_shapely(blob):
    ring = shapely.LinearRing(naive_outline(blob.subpaths[0], 40))
    assert metrics.crosses_itself(blob) == (not ring.is_simple)


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        ([[0, 0], [9, 0], [9, 9], [0, 9]], False),
        ([[0, 0], [9, 9], [9, 0], [0, 9]], True),  # a bow tie
        ([[0, 0], [9, 0], [9, 9], [0, 0], [5, 9]], True),  # touches a corner of its own
        ([[0, 0], [8, 0], [8, 8], [4, 0], [0, 8]], True),  # touches an edge of its own
        ([[0, 0], [9, 0], [4, 0], [4, 9]], True),  # runs back on itself
        ([[0, 0], [4, 0], [9, 0], [9, 9]], False),  # a straight corner
        ([[0, 0], [9, 0], [9, 0], [9, 9]], False),  # a corner twice
        ([[0, 0], [9, 0]], True),  # there and back
    ],
)
def test_self_crossing_in_special_places(corners, crosses):
    corners = np.array(corners, np.float64)
    assert metrics.crosses_itself(path(polygon(corners))) is crosses
    assert metrics.crosses_itself(path(polygon(corners[::-1]))) is crosses
    if len(corners) > 2 and (np.diff(corners, axis=0) != 0).any(axis=1).all():
        assert shapely.LinearRing(corners).is_simple is not crosses


def test_crossing_sub_paths():
    hole = rectangle(3, 3, 6, 6)[::-1]
    assert not metrics.crosses_itself(path(rectangle(0, 0, 9, 9), hole))
    assert not metrics.crosses_itself(path(rectangle(0, 0, 2, 2), rectangle(5, 5, 6, 6)))
    assert metrics.crosses_itself(path(rectangle(0, 0, 4.5, 4.5), hole))
    assert not metrics.crosses_itself(path())
    assert not metrics.crosses_itself(path(np.zeros((3, 2))))


def test_many_chords_are_tested_in_blocks(monkeypatch):
    points = circle((50, 50), 40, 30)
    crossed = points.copy()
    crossed[3:6] = points[45:48]
    for block in (1, 1000, 2**20):
        monkeypatch.setattr(metrics, "_BLOCK", block)
        assert not metrics.crosses_itself(path(points), 4)
        assert metrics.crosses_itself(path(crossed), 4)


@given(blobs(noise=0.2))
@settings(max_examples=100, deadline=None)
def test_area_and_thickness_are_those_of_shapely(blob):
    shape = shapely.Polygon(naive_outline(blob.subpaths[0], 40))
    assume(shape.is_valid)
    assert metrics.area(blob) == pytest.approx(shape.area, rel=1e-4)
    for thickness in (0.5, 1.0, 2.0, 8.0):
        surely = not shape.buffer(-thickness * 0.51, quad_segs=32).is_empty
        perhaps = not shape.buffer(-thickness * 0.49, quad_segs=32).is_empty
        assert metrics.thicker_than(blob, thickness) in (surely, perhaps)


@pytest.mark.parametrize(
    ("subpaths", "sliver"),
    [
        ([rectangle(0, 0, 1.9, 1.9)], True),  # too small
        ([rectangle(0, 0, 2.1, 2.1)], False),
        ([rectangle(0, 0, 100, 0.9)], True),  # too thin
        ([rectangle(0, 0, 100, 1.0)], True),
        ([rectangle(0, 0, 100, 1.1)], False),
        ([circle((5, 5), 5), circle((5, 5), 4.2)[::-1]], True),  # a thin ring
        ([circle((5, 5), 5), circle((5, 5), 3.8)[::-1]], False),
        ([rectangle(0, 0, 100, 0.5), rectangle(90, 0, 92, 4)], False),  # thick in one place
        ([], True),
        ([np.zeros((3, 2))], True),
    ],
)
def test_slivers(subpaths, sliver):
    assert metrics.is_sliver(path(*subpaths)) is sliver


def test_a_long_diagonal_sliver():
    thin = np.array([[0, 0], [500, 500], [500, 501.3], [0, 1.3]], np.float64)  # 1.3/√2 = 0.92
    thicker = [[0, 0], [0, 0], [0, 0.2], [0, 0.2]]
    assert metrics.is_sliver(path(polygon(thin)))
    assert not metrics.is_sliver(path(polygon(thin + thicker)))


@given(blobs(noise=0.2), st.floats(1, 60), st.floats(1, 60))
@settings(max_examples=60, deadline=None)
def test_outside_share_is_that_of_shapely(blob, width, height):
    shape = shapely.Polygon(naive_outline(blob.subpaths[0], 40))
    assume(shape.is_valid)
    inside = shape.intersection(shapely.box(0, 0, width, height)).area
    expected = 1.0 - inside / shape.area
    assert metrics.outside_share([blob], width, height) == pytest.approx(expected, abs=1e-4)


def test_shape_report():
    paths = [
        path(rectangle(0, 0, 10, 10), circle((5, 5), 2)[::-1]),
        path(circle((0, 5), 3), kind="detail"),
        path(circle((5, 5), 1), kind="detail"),
        path(polygon(np.array([[1, 1], [8, 8], [8, 1], [1, 8.0]])), kind="detail"),
    ]
    report = metrics.shape_report(Drawing(10, 10, paths))
    assert report["paths"] == 4
    assert (report["structural"], report["detail"]) == (1, 3)
    assert report["nodes"] == 20
    assert report["nodes_per_structural_path"] == 8
    assert report["nodes_per_detail_path"] == 4
    assert report["crossing_paths"] == 1
    assert report["slivers"] == 2  # the small circle, and the bow tie, whose areas cancel
    assert 0.1 < report["outside_share"] < 0.15
    assert report["smooth_anchors"] == 8 / 20  # those of two circles; the hole starts at a handle
    assert report["spikes"] == 0
    empty = metrics.shape_report(Drawing(10, 10))
    assert empty["paths"] == empty["outside_share"] == empty["nodes_per_detail_path"] == 0


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=24))
def test_turn_angles_are_those_of_complex_numbers(points):
    points = np.array(points[: len(points) // 3 * 3])
    ring = points[:, 0] + 1j * points[:, 1]
    ways = [(ring[i] - ring[i - 1], ring[i + 1] - ring[i]) for i in range(0, len(ring), 3)]
    assume(all(abs(a) > 1e-3 and abs(b) > 1e-3 for a, b in ways))
    expected = [abs(np.degrees(np.angle(b / a))) for a, b in ways]
    np.testing.assert_allclose(metrics.turn_angles(points), expected, atol=1e-6)


def naive_vec(covered, labels, inside, touching, smallest) -> float:
    """The definition, a mask and a vector at a time."""
    shares = []
    for mask in sorted(set(labels[labels >= 0].tolist())):
        if len(np.argwhere(labels == mask)) < smallest:
            continue
        contained = touched = 0
        for vector in covered:
            common = sum(1 for y, x in np.argwhere(vector) if labels[y, x] == mask)
            if common == 0 or common < touching * vector.sum():
                continue
            touched += 1
            contained += common > inside * vector.sum()
        if touched:
            shares.append(contained / touched)
    return sum(shares) / len(shares) if shares else math.nan


@given(
    st.integers(0, 10**6),
    st.sampled_from([0.0, 0.1, 0.5]),
    st.sampled_from([0.3, 0.85]),
    st.sampled_from([1, 9, 64]),
)
@settings(max_examples=60)
def test_vector_compactness_is_its_definition(seed, touching, inside, smallest):
    random = np.random.default_rng(seed)
    covered = np.zeros((random.integers(0, 6), 7, 9), bool)
    for vector in covered:
        y, x = random.integers(0, 7), random.integers(0, 9)
        vector[y : y + random.integers(0, 6), x : x + random.integers(0, 6)] = True
    labels = np.sort(random.integers(-1, 4, (7, 9)), axis=1)
    np.testing.assert_allclose(
        metrics.vector_compactness(covered, labels, inside, touching, smallest),
        naive_vec(covered, labels, inside, touching, smallest),
    )


def test_footprints():
    square, above = path(rectangle(1, 1, 5, 5)), path(rectangle(3, 0, 9, 9.4))
    glass = dataclasses.replace(above, fill=np.array([1, 1, 1, 0.4], np.float32))
    full = footprints(Drawing(10, 10, [square, above]))
    assert full.sum(axis=(1, 2)).tolist() == [16, 54]
    visible = footprints(Drawing(10, 10, [square, above]), visible=True)
    assert visible.sum(axis=(1, 2)).tolist() == [8, 54]
    assert not (visible[0] & visible[1]).any()
    seen_through = footprints(Drawing(10, 10, [square, glass]), visible=True)
    np.testing.assert_array_equal(seen_through, full)


def test_peak_memory_grows_with_what_is_held():
    before = metrics.peak_memory()
    held = np.ones(int(before * 1e6 / 4))  # twice what there was
    assert held[-1] == 1
    if before:
        assert metrics.peak_memory() > 1.5 * before
