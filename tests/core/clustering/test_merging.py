# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging in rounds by every method: exact targets, connected regions, one tree."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from recorded_progress import RecordedProgress
from scipy import ndimage

from semvec.core.clustering import (
    METHODS,
    ClusteringOptions,
    MergeTree,
    build_region_graph,
    cluster,
    relabel,
)
from semvec.core.clustering.method import cheapest_unions
from semvec.core.errors import (
    Cancelled,
    ImageError,
    MaskError,
    SaliencyError,
    SemvecError,
    SettingsError,
)

QUICK = ClusteringOptions(coloring_iterations=30, smoothing_iterations=5)
OUTSIDE = -1


def connected_parts(labels):
    """Labels of the 4-connected parts of equal value, -1 kept: a partition."""
    parts, count = np.full(labels.shape, OUTSIDE), 0
    for value in np.unique(labels[labels != OUTSIDE]):
        components, found = ndimage.label(labels == value)
        parts[components > 0] = components[components > 0] - 1 + count
        count += found
    return parts


def picture(seed=0, height=40, width=48, regions=30):
    """A Voronoi partition, an image that shows it noisily, and a random smooth saliency."""
    random = np.random.default_rng(seed)
    centers = random.uniform(0, 1, (regions, 2)) * (height, width)
    places = np.moveaxis(np.indices((height, width)), 0, -1)[:, :, None]
    labels = connected_parts(((places - centers) ** 2).sum(-1).argmin(-1))
    image = random.random((labels.max() + 1, 3))[labels]
    image = np.clip(image + 0.05 * random.standard_normal(image.shape), 0, 1).astype(np.float32)
    saliency = ndimage.gaussian_filter(random.random((height, width)), 4)
    return labels.astype(np.int32), image, np.float32(saliency / saliency.max())


@pytest.fixture(params=METHODS)
def method(request):
    return request.param


def assert_partition(labels, regions):
    assert labels.dtype == np.int32
    assert sorted(set(labels[labels != OUTSIDE].tolist())) == list(range(regions))
    for region in range(regions):
        assert ndimage.label(labels == region)[1] == 1


def test_the_target_is_reached_exactly_with_connected_regions(method):
    labels, image, saliency = picture()
    for target in (1, 7, 20):
        clustering = cluster(labels, image, saliency, target, method, options=QUICK)
        assert clustering.regions == target
        assert clustering.reached
        assert_partition(clustering.labels, target)


def test_every_level_of_the_tree_is_a_coarser_partition_than_the_one_before(method):
    labels, image, saliency = picture()
    clustering = cluster(labels, image, saliency, 12, method, rounds=4, options=QUICK)
    finest = labels.max() + 1
    assert clustering.tree.fewest == 1
    np.testing.assert_array_equal(clustering.tree.level(finest), np.arange(finest))
    np.testing.assert_array_equal(relabel(labels, clustering.tree.level(12)), clustering.labels)
    finer = np.arange(finest)
    for regions in range(finest - 1, 0, -1):
        coarser = clustering.tree.level(regions)
        assert_partition(relabel(labels, coarser), regions)
        for region in range(regions + 1):
            assert len(set(coarser[finer == region])) == 1
        finer = coarser


@pytest.mark.parametrize("rounds", [1, 3, 5, 20])
def test_rounds_share_the_unions_evenly(method, rounds):
    labels, image, saliency = picture()
    tree = cluster(labels, image, saliency, 10, method, rounds=rounds, options=QUICK).tree
    left, expected = labels.max() + 1, []
    for remaining in range(rounds, 0, -1):
        left -= math.ceil((left - 10) / remaining)
        expected.append(left)
    assert [count for count in tree.rounds() if count >= 10] == list(dict.fromkeys(expected))


def test_a_step_unites_no_region_twice(method):
    labels, image, saliency = picture(regions=60)
    graph = build_region_graph(labels, image, np.maximum(saliency, 0.01))
    unions = METHODS[method](QUICK, np.random.default_rng(0)).unions(graph, 15)
    regions = [region for union in unions for region in union[:2]]
    assert len(regions) == len(set(regions)) > 10
    assert {union[:2] for union in unions} <= {tuple(pair) for pair in graph.pairs.tolist()}


def test_steps_are_small_however_few_the_rounds(method):
    labels, image, saliency = picture(regions=60)
    progress = RecordedProgress()
    tree = cluster(
        labels, image, saliency, 5, method, rounds=1, options=QUICK, progress=progress
    ).tree
    left = tree.regions - np.round(np.array([0, *progress.fractions]) * (tree.regions - 1))
    assert (left[:-1] - left[1:] <= np.maximum(0.2 * left[:-1], 1)).all()


def test_same_seed_same_result(method):
    labels, image, saliency = picture()
    first, second = (
        cluster(labels, image, saliency, 9, method, seed=3, options=QUICK) for _ in range(2)
    )
    assert first.tree.to_dict() == second.tree.to_dict()
    assert first.labels.tobytes() == second.labels.tobytes()


def test_progress_rises_to_one_and_may_stop_the_work(method):
    labels, image, saliency = picture()
    progress = RecordedProgress()
    cluster(labels, image, saliency, 9, method, options=QUICK, progress=progress)
    fractions = progress.fractions
    assert fractions == sorted(fractions)
    assert len(fractions) > 5
    assert 0 < fractions[0] < 0.2
    assert fractions[-1] == 1
    cancelled = RecordedProgress(checks=3)
    with pytest.raises(Cancelled):
        cluster(labels, image, saliency, 9, method, options=QUICK, progress=cancelled)
    assert cancelled.fractions == fractions[:3]


def test_islands_stay_apart(method):
    labels, image, saliency = picture()
    outside = np.zeros(labels.shape, bool)
    outside[:, 15:18] = outside[:, 30] = True
    labels = connected_parts(np.where(outside, OUTSIDE, labels))
    clustering = cluster(labels, image, saliency, 2, method, options=QUICK)
    assert clustering.regions == clustering.tree.fewest == 3
    assert not clustering.reached
    assert_partition(clustering.labels, 3)
    np.testing.assert_array_equal(clustering.labels == OUTSIDE, outside)


def test_fewer_regions_than_the_target_are_left_as_they_are(method):
    labels, image, saliency = picture(regions=5)
    clustering = cluster(labels, image, saliency, 51, method, options=QUICK)
    np.testing.assert_array_equal(clustering.labels, labels)
    assert clustering.regions == 5
    assert clustering.reached
    assert clustering.tree.fewest == 1


def test_a_drawing_without_any_region_stays_empty(method):
    labels = np.full((4, 5), OUTSIDE)
    clustering = cluster(labels, np.zeros((4, 5, 3)), np.ones((4, 5)), 3, method)
    assert (clustering.labels == OUTSIDE).all()
    assert clustering.regions == 0


@pytest.mark.parametrize("method", ["ward", "exact", "recolor"])
def test_what_matters_less_is_merged_first(method):
    """The same faint chequers twice; only those on the right are salient."""
    regions = np.arange(32).reshape(4, 8)
    gray = np.where(np.indices(regions.shape).sum(0) % 2, 0.45, 0.55)
    labels, gray = (array.repeat(5, axis=0).repeat(5, axis=1) for array in (regions, gray))
    image = np.stack([gray] * 3, axis=-1)
    saliency = np.where(np.arange(40) < 20, 0.1, 1.0) * np.ones((20, 1))
    clustering = cluster(labels, image, saliency, 18, method, rounds=4)
    assert len(np.unique(clustering.labels[:, :20])) < 6
    assert len(np.unique(clustering.labels[:, 20:])) > 12


def test_plain_ward_unites_what_raises_the_error_of_the_recolored_picture_least():
    """The first union against painting every possible one, pixel by pixel."""
    labels, image, saliency = picture()
    saliency = np.maximum(saliency, 0.01)

    def weighted_error(labels):
        total = 0.0
        for region in np.unique(labels):
            color, weight = image[labels == region], saliency[labels == region][:, None]
            total += (weight * (color - (weight * color).sum(0) / weight.sum()) ** 2).sum()
        return total

    errors = {}
    for first in range(labels.max() + 1):
        grown = ndimage.binary_dilation(labels == first)
        for second in set(labels[grown].tolist()) - set(range(first + 1)):
            errors[first, second] = weighted_error(np.where(labels == second, first, labels))
    plain = ClusteringOptions(border=0, chroma=1)
    tree = cluster(labels, image, saliency, 1, "ward", rounds=100, options=plain).tree
    assert tree.unions[0][:2] == min(errors, key=errors.get)
    rise = (min(errors.values()) - weighted_error(labels)) / labels.size
    assert tree.unions[0].cost == pytest.approx(rise, rel=1e-4)


def test_the_border_term_makes_shapes_compact():
    labels, image, saliency = picture(regions=80)

    def border(weight):
        options = ClusteringOptions(border=weight)
        coarse = cluster(labels, image, saliency, 15, "ward", options=options).labels
        return (coarse[1:] != coarse[:-1]).sum() + (coarse[:, 1:] != coarse[:, :-1]).sum()

    assert border(3.0) < border(0.0)


@given(
    labels=arrays.arrays(np.int8, arrays.array_shapes(min_dims=2, max_dims=2, max_side=7),
                         elements=st.integers(-1, 2)),
    target=st.integers(1, 12),
    rounds=st.integers(1, 6),
    method=st.sampled_from(list(METHODS)),
    seed=st.integers(0, 3),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_any_partition_comes_down_to_the_fewest_regions_it_can(
    labels, target, rounds, method, seed
):
    """Flat pictures, no saliency at all, single pixels, islands: the invariants hold."""
    labels = connected_parts(labels)
    random = np.random.default_rng(seed)
    image = random.integers(0, 2, (*labels.shape, 3)).astype(float) * (seed > 0)
    saliency = random.integers(0, 2, labels.shape).astype(float) * (seed > 1)
    clustering = cluster(labels, image, saliency, target, method, rounds, seed, options=QUICK)
    islands = ndimage.label(labels != OUTSIDE)[1]
    assert clustering.tree.fewest == islands
    assert clustering.regions == max(min(labels.max() + 1, target), islands)
    assert_partition(clustering.labels, clustering.regions)
    np.testing.assert_array_equal(clustering.labels == OUTSIDE, labels == OUTSIDE)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"method": "magic"}, SettingsError),
        ({"target": 0}, SettingsError),
        ({"rounds": 0}, SettingsError),
        ({"labels": np.zeros((4, 5, 1), int)}, MaskError),
        ({"labels": np.zeros((4, 5))}, MaskError),
        ({"labels": np.full((4, 5), 1)}, MaskError),
        ({"labels": np.full((4, 5), -2)}, MaskError),
        ({"labels": np.full((4, 5), 10**15)}, MaskError),
        ({"image": np.zeros((5, 4, 3))}, ImageError),
        ({"image": np.full((4, 5, 3), np.nan)}, ImageError),
        ({"saliency": np.zeros((4, 4))}, SaliencyError),
        ({"saliency": np.full((4, 5), np.inf)}, SaliencyError),
    ],
)
def test_arguments_that_make_no_sense_are_refused(change, error):
    arguments = {
        "labels": np.zeros((4, 5), int),
        "image": np.zeros((4, 5, 3)),
        "saliency": np.ones((4, 5)),
        "target": 1,
    }
    with pytest.raises(error):
        cluster(**(arguments | change))


def test_a_tree_comes_back_from_json():
    labels, image, saliency = picture()
    tree = cluster(labels, image, saliency, 9).tree
    assert MergeTree.from_dict(json.loads(json.dumps(tree.to_dict()))) == tree


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 5) | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(
    st.fixed_dictionaries(
        {
            "regions": st.integers(-2, 4) | JSON,
            "unions": st.lists(st.lists(JSON, max_size=5)) | JSON,
        }
    )
    | JSON
)
@settings(max_examples=200, deadline=None)
def test_a_damaged_tree_is_refused_or_has_valid_levels(values):
    try:
        tree = MergeTree.from_dict(values)
    except SemvecError:
        return
    for regions in range(tree.fewest, min(tree.regions, tree.fewest + 8) + 1):
        level = tree.level(regions)
        assert sorted(set(level.tolist())) == list(range(regions))


@given(
    costs=st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, np.inf]), min_size=1, max_size=10),
    count=st.integers(0, 5),
    seed=st.integers(0, 100),
    at_once=st.sampled_from([1, 3, 512]),
)
def test_cheapest_unions_are_greedy_and_disjoint(costs, count, seed, at_once):
    pairs = np.sort(np.random.default_rng(seed).integers(0, 6, (len(costs), 2)), axis=1)
    pairs[:, 1] += pairs[:, 0] == pairs[:, 1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("semvec.core.clustering.method._PAIRS_AT_ONCE", at_once)
        unions = cheapest_unions(pairs, np.array(costs), count)
    taken, expected = set(), []
    for cost, index in sorted((cost, index) for index, cost in enumerate(costs)):
        first, second = pairs[index].tolist()
        if len(expected) < count and cost < np.inf and not {first, second} & taken:
            taken |= {first, second}
            expected.append((first, second, cost))
    assert unions == expected
