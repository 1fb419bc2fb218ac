# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks of any kind, from arrays and from files, become the partition a naive painter makes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lengths import trials
from naive_regions import absorb_small, assert_partition, paint_large_to_small, same_partition
from PIL import Image as Pillow
from skimage.measure import label

from semvec.core.errors import MaskError
from semvec.core.segmentation.color import lab_planes
from semvec.core.segmentation.partition import (
    connected_components,
    flatten_masks,
    from_labels,
    load_masks,
)
from semvec.core.segmentation.user_masks import label_image

SIZE = (12, 16)  # height, width of the pictures below

seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 14)


def image_of(shape, seed=0):
    return np.random.default_rng(seed).random((*shape, 3)).astype(np.float32)


def save(path, array, mode=None, **options):
    picture = Pillow.fromarray(np.asarray(array))
    (picture.convert(mode) if mode else picture).save(path, **options)
    return path


# ---- components ----


@settings(max_examples=60, deadline=None)
@given(seed=seeds, height=sides, width=sides, labels=st.integers(1, 5))
def test_components_are_those_of_scikit_image(seed, height, width, labels):
    numbers = np.random.default_rng(seed).integers(-1, labels, (height, width))
    components = connected_components(numbers)
    assert_partition(components, numbers >= 0)
    expected = label(numbers, background=-1, connectivity=1)
    assert same_partition(components, expected)


def test_a_winding_component_of_a_large_picture_is_one():
    comb = np.zeros((1000, 1001), np.int32)
    comb[:-1, 1::4] = comb[1:, 3::4] = -1  # a path that winds up and down
    assert connected_components(comb).max() == 0


# ---- flattening ----


@settings(max_examples=40, deadline=None)
@given(
    seed=seeds,
    height=sides,
    width=sides,
    count=st.integers(0, 6),
    hidden=st.sampled_from([0.0, 0.2]),
    minimum_area=st.sampled_from([0, 1, 4, 10]),
)
def test_masks_are_flattened_as_by_a_naive_painter(
    seed, height, width, count, hidden, minimum_area
):
    random = np.random.default_rng(seed)
    image = image_of((height, width), seed)
    masks = random.random((count, height, width)) < random.random((count, 1, 1))
    inside = random.random((height, width)) >= hidden
    labels = flatten_masks(masks, image, inside, minimum_area)
    assert_partition(labels, inside)

    painted = np.where(inside, paint_large_to_small(masks), -2)
    regions = label(painted, background=-2, connectivity=1) - 1
    colors = np.moveaxis(lab_planes(image, inside), 0, 2).astype(float)
    assert same_partition(labels, absorb_small(regions, colors, minimum_area))


def test_small_masks_lie_on_large_ones_and_gaps_are_regions():
    masks = np.zeros((2, 30, 40), bool)
    masks[0, 10:20, 12:22] = True  # the small one comes first
    masks[1, 5:25, 8:30] = True
    labels = flatten_masks(masks, image_of((30, 40)))
    expected = np.zeros((30, 40), int)
    expected[masks[1]] = 1
    expected[masks[0]] = 2
    assert np.array_equal(labels, expected)


def test_parts_under_the_minimum_area_go_to_the_neighbor_nearest_in_color():
    image = np.zeros((20, 40, 3), np.float32)
    image[:, :20], image[:, 20:], image[5:10, 15:20] = 0.2, 0.8, 0.7
    labels = np.zeros((20, 40), int)
    labels[:, 20:], labels[5:10, 15:20] = 1, 2
    merged = from_labels(labels, image, minimum_area=60)
    assert merged.max() == 1
    assert np.array_equal(merged == merged[0, -1], labels != 0)
    assert from_labels(labels, image, minimum_area=25).max() == 2


def test_neighboring_masks_of_one_color_stay_apart():
    labels = np.repeat([[0, 1]], 20, axis=0).repeat(20, axis=1)
    assert from_labels(labels, np.full((20, 40, 3), 0.5)).max() == 1


def test_small_islands_keep_their_region():
    inside = np.zeros((20, 20), bool)
    inside[2, 3] = inside[10:, :] = True
    labels = from_labels(np.zeros((20, 20), int), image_of((20, 20)), inside)
    assert_partition(labels, inside)
    assert labels[2, 3] == 0 and labels[15, 5] == 1


@pytest.mark.parametrize("numbers", [(0, 255), (-5, 7), (0, 2**40), (0.25, 0.5), (False, True)])
def test_labels_may_be_any_numbers(numbers):
    pattern = np.zeros((20, 20), int)
    pattern[:, 8:] = 1
    labels = from_labels(np.array(numbers)[pattern], image_of((20, 20)))
    assert np.array_equal(labels, pattern)


@pytest.mark.parametrize("shape", [(5, 5), (3, 5, 5), (0, 5, 5), (20,), (1, 1, 20, 20)])
def test_masks_of_another_size_are_refused(shape):
    with pytest.raises(MaskError, match="shape"):
        flatten_masks(np.ones(shape, bool), image_of((20, 20)))
    with pytest.raises(MaskError, match="shape"):
        from_labels(np.ones(shape, int), image_of((20, 20)))


# ---- files ----


def quarters():
    """Four labels, one of them in two parts."""
    labels = np.zeros(SIZE, np.uint8)
    labels[:6, 8:], labels[6:, :8], labels[6:, 12:] = 1, 2, 3
    return labels


GRAYS = np.array([0, 7, 100, 255], np.uint8)
WIDE_GREYS = np.array([0, 1, 300, 65535], np.uint16)
COLORS = np.array([(0, 0, 0), (255, 0, 0), (255, 0, 1), (0, 255, 0)], np.uint8)


def palette_picture(labels):
    picture = Pillow.fromarray(labels, "P")
    picture.putpalette([9, 9, 9] * 256)  # all look alike: the entries are what counts
    return picture


@pytest.mark.parametrize("name", ["labels.png", "labels.tif"])
@pytest.mark.parametrize(
    "picture",
    [
        Pillow.fromarray(GRAYS[quarters()]),
        Pillow.fromarray(WIDE_GREYS[quarters()]),
        Pillow.fromarray(COLORS[quarters()]),
        palette_picture(quarters()),
    ],
    ids=["gray", "16-bit", "color", "palette"],
)
def test_a_label_image_of_any_kind_is_read(tmp_path, name, picture):
    picture.save(tmp_path / name)
    labels = load_masks(tmp_path / name, SIZE)
    assert labels.dtype == np.int32
    assert same_partition(labels, quarters())
    assert np.array_equal(labels, load_masks([tmp_path / name], SIZE))


def test_as_many_float_colors_as_pixels_are_as_many_labels():
    values = np.random.default_rng(0).random((300, 301, 4))
    values[5, 5] = values[7, 8]
    labels = label_image(values, (300, 301))
    assert labels.max() + 1 == 300 * 301 - 1
    assert labels[5, 5] == labels[7, 8]


def test_transparent_pixels_of_a_label_image_are_one_label(tmp_path):
    pixels = np.dstack([COLORS[quarters()], np.where(quarters() >= 2, 0, 255)]).astype(np.uint8)
    labels = load_masks(save(tmp_path / "labels.png", pixels), SIZE)
    assert same_partition(labels, np.minimum(quarters(), 2))


def test_a_label_image_is_resized_by_nearest_neighbor(tmp_path):
    large = quarters().repeat(3, 0).repeat(3, 1)
    path = save(tmp_path / "labels.png", GRAYS[large])
    assert same_partition(load_masks(path, SIZE), quarters())
    double = (SIZE[0] * 2, SIZE[1] * 2)
    small = save(tmp_path / "small.png", GRAYS[quarters()])
    assert same_partition(load_masks(small, double), quarters().repeat(2, 0).repeat(2, 1))


def boxes():
    """A large mask, a small one on it, and nothing elsewhere."""
    masks = np.zeros((2, *SIZE), bool)
    masks[0, 4:6, 5:8] = masks[1, 2:9, 3:12] = True
    return masks


@pytest.mark.parametrize("mode", ["1", "L", "I;16", "RGB", "P", "LA"])
def test_a_stack_of_mask_files_is_painted_large_to_small(tmp_path, mode):
    paths = []
    for index, mask in enumerate(boxes()):
        white = mask.astype(np.uint16) * 65535 if mode == "I;16" else mask.astype(np.uint8) * 255
        target = None if mode == "I;16" else mode
        paths.append(save(tmp_path / f"{index}.png", white, target))
    labels = load_masks(paths, SIZE)
    assert np.array_equal(labels, paint_large_to_small(boxes()))


def test_what_is_transparent_in_a_mask_is_outside(tmp_path):
    mask, other = boxes()
    pixels = np.dstack([np.full(SIZE, 255), np.where(mask, 255, 0)]).astype(np.uint8)
    paths = [save(tmp_path / "0.png", pixels), save(tmp_path / "1.png", other)]
    assert np.array_equal(load_masks(paths, SIZE), paint_large_to_small(boxes()))


def test_masks_of_another_resolution_are_brought_to_size(tmp_path):
    paths = [
        save(tmp_path / "0.png", boxes()[0].repeat(4, 0).repeat(4, 1)),
        save(tmp_path / "1.png", boxes()[1]),
    ]
    assert np.array_equal(load_masks(paths, SIZE), paint_large_to_small(boxes()))


@pytest.mark.parametrize("count", [1, 2])
def test_masks_of_another_shape_are_refused(tmp_path, count):
    path = save(tmp_path / "mask.png", np.full((16, 12), 255, np.uint8))
    with pytest.raises(MaskError, match="12 x 16 pixels, the image 16 x 12") as caught:
        load_masks([path] * count, SIZE)
    assert caught.value.hint


def test_an_empty_mask_is_refused(tmp_path):
    black = save(tmp_path / "black.png", np.zeros(SIZE, np.uint8))
    with pytest.raises(MaskError, match=r"black\.png' is empty"):
        load_masks([black, black], SIZE)
    with pytest.raises(MaskError, match="no mask files"):
        load_masks([], SIZE)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(
    "content",
    [None, b"", b"GIF89a", b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, b"P9 4 4 255\n" + b"x" * 16],
)
def test_unreadable_files_are_refused(tmp_path, count, content):
    path = tmp_path / "mask.png"
    if content is not None:
        path.write_bytes(content)
    for target in (path, tmp_path):
        with pytest.raises(MaskError) as caught:
            load_masks([target] * count, SIZE)
        assert caught.value.hint


@settings(max_examples=trials(40), deadline=None)
@given(cut=st.integers(0, 120), flip=st.integers(0, 119), value=st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, cut, flip, value):
    path = tmp_path_factory.mktemp("damaged") / "labels.png"
    save(path, COLORS[quarters()])
    data = bytearray(path.read_bytes())
    data[flip % len(data)] = value
    path.write_bytes(data[: max(1, len(data) - cut)])
    try:
        assert load_masks(path, SIZE).shape == SIZE
    except MaskError as error:
        assert error.message and error.hint
