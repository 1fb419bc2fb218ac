# SPDX-License-Identifier: GPL-3.0-or-later
"""The built-in over-segmenter: each step against a naive form, the whole by what it promises."""

from __future__ import annotations

import ctypes

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_regions import assert_partition, edge_aware_ward, lowest_passes, same_partition
from skimage.color import rgb2lab
from skimage.morphology import local_minima

from semvec.core.image import load_image
from semvec.core.segmentation import builtin
from semvec.core.segmentation.builtin import over_segment
from semvec.core.segmentation.color import lab_planes
from semvec.core.segmentation.regions import connected_components, merge_regions


def everywhere(height, width):
    return np.ones((height, width), bool)


def noise_image(seed, height, width):
    return np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)


def region_count(labels):
    return int(labels.max()) + 1


def borders(labels):
    result = np.zeros(labels.shape, bool)
    result[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    result[:-1] |= labels[:-1] != labels[1:]
    return result


def recall(labels, truth, tolerance):
    """Share of the true border pixels that have a border within a disc of this radius."""
    found, true = np.argwhere(borders(labels)), np.argwhere(borders(truth))
    distances = ((true[:, None] - found[None]) ** 2).sum(2).min(1)
    return np.mean(distances <= tolerance**2)


def achievable_accuracy(labels, truth):
    table = np.zeros((region_count(labels), int(truth.max()) + 1))
    np.add.at(table, (labels.ravel(), truth.ravel()), 1)
    return table.max(1).sum() / labels.size


def disks(height, width, seed):
    """A picture of overlapping disks in random colors, and the labels of what is seen."""
    random = np.random.default_rng(seed)
    labels = np.zeros((height, width), int)
    rows, columns = np.indices(labels.shape)
    for index in range(1, 9):
        row, column = random.uniform(0, height), random.uniform(0, width)
        radius = random.uniform(0.1, 0.3) * width
        labels[(rows - row) ** 2 + (columns - column) ** 2 < radius**2] = index
    colors = random.permutation(np.linspace(0.05, 0.95, 27)).reshape(9, 3)
    return colors[labels], labels


# ---- the steps ----


def test_lab_agrees_with_scikit_image():
    image = noise_image(0, 40, 50)
    planes = lab_planes(image, everywhere(40, 50))
    assert np.abs(np.moveaxis(planes, 0, 2) - rgb2lab(image) / 100).max() < 2e-4


def test_lab_of_gray_has_no_hue_and_ends_at_white():
    gray = np.repeat(np.linspace(0, 1, 256, dtype=np.float32), 3).reshape(1, 256, 3)
    lightness, a, b = lab_planes(gray, everywhere(1, 256))
    assert np.abs([a, b]).max() < 1e-5
    assert np.all(np.diff(lightness[0]) > 0)
    assert lightness[0, [0, -1]] == pytest.approx([0, 1], abs=1e-5)


def smooth(lab, threads=1):
    result = np.empty_like(lab)
    builtin._smooth(lab, *lab.shape[1:], threads, result)
    return result


def naive_smooth(lab):
    """Bilateral passes over 3 x 3 neighbors at distances 1, 2 and 3, pixel by pixel."""
    _, height, width = lab.shape
    for distance in (1, 2, 3):
        result = lab.astype(float)
        for row, column in np.ndindex(height, width):
            total, weights = lab[:, row, column].astype(float), 1.0
            for down, right in ((d, r) for d in (-1, 0, 1) for r in (-1, 0, 1) if (d, r) != (0, 0)):
                y, x = row + down * distance, column + right * distance
                if 0 <= y < height and 0 <= x < width:
                    far = ((lab[:, y, x] - lab[:, row, column]) ** 2).sum() / 0.147**2
                    weight = 0.5 ** (abs(down) + abs(right)) * max(0, 1 - far) ** 2
                    total, weights = total + weight * lab[:, y, x], weights + weight
            result[:, row, column] = total / weights
        lab = result
    return lab


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 9), (7, 150)])
def test_smoothing_is_the_bilateral_filter(height, width):
    lab = (0.2 * np.random.default_rng(1).random((3, height, width))).astype(np.float32)
    assert np.abs(smooth(lab) - naive_smooth(lab)).max() < 1e-6


def test_gradient_is_half_the_difference_of_the_neighbors_that_count():
    random = np.random.default_rng(2)
    lab = random.random((3, 9, 11)).astype(np.float32)
    inside = random.random((9, 11)) > 0.2
    gradient = np.empty((9, 11), np.float32)
    builtin._gradient(lab, inside.astype(np.uint8), 9, 11, 1, gradient)

    def value(row, column, y, x):
        counts = 0 <= y < 9 and 0 <= x < 11 and inside[y, x]
        return lab[:, y, x] if counts else lab[:, row, column]

    for r, c in np.argwhere(inside):
        across = value(r, c, r, c + 1) - value(r, c, r, c - 1)
        down = value(r, c, r + 1, c) - value(r, c, r - 1, c)
        assert gradient[r, c] == pytest.approx(np.sqrt((across**2 + down**2).sum()) / 2, abs=1e-6)
    assert np.all(gradient[~inside] == 0)


def watershed(gradient, minimum_basins=1):
    labels, count = np.empty(gradient.shape, np.int32), ctypes.c_int32()
    lab = np.random.default_rng(0).random((3, *gradient.shape)).astype(np.float32)
    inside = np.ones(gradient.shape, np.uint8)
    builtin._watershed(gradient, lab, inside, *gradient.shape, minimum_basins, labels, count)
    return labels, count.value


@pytest.mark.parametrize("seed", range(5))
def test_each_pixel_drains_over_the_lowest_pass(seed):
    level = np.random.default_rng(seed).integers(0, 12, (14, 17))
    labels, count = watershed((level / 4000).astype(np.float32))
    minima = connected_components(np.where(local_minima(level, connectivity=1), level, -1))
    assert count == region_count(minima)
    lowest = lowest_passes(level, [tuple(place) for place in np.argwhere(minima >= 0)])
    for basin in range(count):
        own = labels == basin
        assert len(np.unique(minima[own & (minima >= 0)])) == 1
        seeds = [tuple(place) for place in np.argwhere(own & (minima >= 0))]
        assert np.array_equal(lowest_passes(np.where(own, level, 10**6), seeds)[own], lowest[own])


@pytest.mark.parametrize("wanted", [1, 2, 7, 50, 200, 1000])
def test_smooth_pictures_get_enough_basins(wanted):
    _, count = watershed(np.full((30, 40), 0.01, np.float32), wanted)
    assert count >= wanted


@pytest.mark.parametrize("seed", range(3))
def test_merging_is_greedy_by_the_documented_cost(seed):
    random = np.random.default_rng(seed)
    labels = connected_components(random.integers(0, 3, (9, 10)))
    labels[2:4, 5:7] = -1
    labels = connected_components(labels)
    lab = random.random((3, 9, 10)).astype(np.float32)
    gradient = random.random((9, 10)).astype(np.float32)
    for target in (20, 9, 3):
        merged = merge_regions(labels, lab, gradient, target, 1)
        expected = edge_aware_ward(labels, np.moveaxis(lab, 0, 2).astype(float), gradient, target)
        assert same_partition(merged, expected)


@pytest.mark.parametrize("column", [12, 20, 27])
def test_boundaries_say_where_regions_of_like_colors_end(column):
    noise = np.random.default_rng(column).normal(0.5, 0.02, (30, 40, 3))
    boundaries = np.zeros((30, 40), np.float32)
    boundaries[:, column - 1 : column + 1] = 1.0
    labels = over_segment(noise, 2, boundaries=boundaries)
    assert labels.max() == 1
    assert (labels[:, :column] == labels[0, 0]).mean() > 0.85
    assert (labels[:, column:] == labels[0, -1]).mean() > 0.85
    plain = over_segment(noise, 2)
    assert np.array_equal(over_segment(noise, 2, boundaries=0 * boundaries), plain)
    assert not np.array_equal(plain, labels)


# ---- the whole ----


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    masks=st.integers(1, 60),
    hidden=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    steps=st.sampled_from([1, 2, 255]),
)
def test_any_picture_gives_a_partition(seed, height, width, masks, hidden, steps):
    random = np.random.default_rng(seed)
    image = (random.integers(0, steps + 1, (height, width, 3)) / steps).astype(np.float32)
    inside = random.random((height, width)) >= hidden
    labels = over_segment(image, masks, inside)
    assert_partition(labels, inside)
    islands = region_count(connected_components(np.where(inside, 0, -1)))
    assert region_count(labels) <= max(masks, islands)
    assert np.array_equal(labels, over_segment(image, masks, inside, threads=3))


@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 40), (40, 1), (16, 16), (100, 130)])
@pytest.mark.parametrize("masks", [1, 2, 50, 200])
def test_exactly_as_many_masks_as_asked_for(height, width, masks):
    labels = over_segment(noise_image(3, height, width), masks)
    assert region_count(labels) == min(masks, height * width)


def test_a_smooth_ramp_is_cut_into_as_many_masks_as_asked_for():
    ramp = np.broadcast_to(np.linspace(0, 1, 200)[None, :, None], (150, 200, 3))
    assert region_count(over_segment(ramp, 77)) == 77


@pytest.mark.parametrize("masks", [2, 50, 500])
def test_flat_areas_are_never_cut(masks):
    image = np.full((100, 120, 3), 0.37, np.float32)
    assert region_count(over_segment(image, masks)) == 1
    image[20:60, 30:70] = (0.8, 0.1, 0.2)
    truth = connected_components((image[..., 0] > 0.5).astype(np.int32))
    assert np.array_equal(over_segment(image, masks), truth)


def test_islands_are_kept_apart_and_transparent_pixels_have_no_say():
    image = noise_image(4, 60, 60)
    inside = np.zeros((60, 60), bool)
    inside[5:20, 5:20] = inside[5:20, 21:50] = inside[40:55, 10:30] = inside[58, 58] = True
    labels = over_segment(image, 3, inside)
    assert_partition(labels, inside)
    assert region_count(labels) == 4  # an island each, though 3 were asked for
    other = np.where(inside[..., None], image, 1 - image)
    assert np.array_equal(over_segment(image, 30, inside), over_segment(other, 30, inside))


def test_odd_pixel_values_do_no_harm():
    image = noise_image(5, 40, 40)
    image[3, 4], image[10, 10:20], image[20], image[30, 5] = np.nan, np.inf, -np.inf, 1e30
    labels = over_segment(image, 20)
    assert_partition(labels, everywhere(40, 40))
    assert region_count(labels) == 20


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(ValueError, match="don't fit"):
        over_segment(noise_image(6, 20, 20), 5, everywhere(10, 10))


@pytest.mark.parametrize("seed", range(4))
def test_borders_of_flat_shapes_are_found_to_the_pixel(seed):
    image, truth = disks(90, 120, seed)
    labels = over_segment(image, 60)
    assert recall(labels, truth, tolerance=0) > 0.98  # but for slivers where disks meet
    assert achievable_accuracy(labels, truth) > 0.998


@pytest.mark.parametrize("seed", range(4))
def test_borders_are_found_through_noise(seed):
    image, truth = disks(90, 120, seed)
    noisy = image + np.random.default_rng(seed).normal(0, 0.05, image.shape)
    labels = over_segment(noisy, 60)
    assert recall(labels, truth, tolerance=2) > 0.97
    assert achievable_accuracy(labels, truth) > 0.99


def test_lines_one_pixel_wide_get_a_mask_of_their_own():
    image = np.full((60, 80, 3), 0.9, np.float32)
    image[30, 10:70] = image[10:50, 40] = 0.1
    labels = over_segment(image, 10)
    assert achievable_accuracy(labels, (image[..., 0] < 0.5).astype(int)) == 1.0


def test_a_photograph_gives_the_same_masks_for_any_number_of_threads(shared):
    image = load_image(shared / "images" / "ski_coffee.png").rgb
    labels = over_segment(image, 200, threads=1)
    assert region_count(labels) == 200
    assert_partition(labels, everywhere(*labels.shape))
    for threads in (2, 5):
        assert np.array_equal(labels, over_segment(image, 200, threads=threads))


def test_masks_follow_what_people_see(shared):
    """The figures of structure.md for 200 regions, met on the mean of four photographs."""
    scores = []
    for name in ("12003", "35010", "65019", "138078"):
        image = load_image(shared / "bsds" / f"{name}.png").rgb
        truth = np.load(shared / "bsds" / f"{name}.npz")["labels"].astype(int)
        labels = over_segment(image, 200)
        found = np.pad(borders(labels), 2)
        shifts = [(y, x) for y in range(5) for x in range(5)]
        near = np.any([found[y:, x:][: truth.shape[0], : truth.shape[1]] for y, x in shifts], 0)
        scores.append((near[borders(truth)].mean(), achievable_accuracy(labels, truth)))
    mean_recall, mean_accuracy = np.mean(scores, 0)
    assert mean_recall > 0.89
    assert mean_accuracy > 0.94
