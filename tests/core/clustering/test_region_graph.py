# SPDX-License-Identifier: GPL-3.0-or-later
"""The losses over regions against the paper's losses over pixels, written as loops."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.clustering.options import ClusteringOptions
from semvec.core.clustering.region_graph import build_region_graph

OUTSIDE = -1


def random_case(seed, height=9, width=11, regions=6, outside=0.2):
    """Labels scattered at random (connected or not makes no difference here), image, saliency."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, regions, (height, width))
    labels[random.random(labels.shape) < outside] = OUTSIDE
    labels.flat[:regions] = np.arange(regions)
    image = random.random((height, width, 3))
    return labels, image, random.random((height, width))


def pixels_inside(labels):
    return [tuple(place) for place in np.argwhere(labels != OUTSIDE)]


def adjacent_pixels(labels):
    """All pairs (p, q) of the 4-connected grid with both ends inside."""
    inside = set(pixels_inside(labels))
    for row, column in inside:
        for other in ((row, column + 1), (row + 1, column)):
            if other in inside:
                yield (row, column), other


def pixel_wmse(labels, image, saliency, colors):
    """Equation 2."""
    pixels = pixels_inside(labels)
    return sum(saliency[p] * ((colors[labels[p]] - image[p]) ** 2).sum() for p in pixels) / len(
        pixels
    )


def pixel_total_variation(labels, saliency, colors):
    """Equation 3."""
    edges = list(adjacent_pixels(labels))
    total = 0.0
    for p, q in edges:
        smoothness = ((1 - saliency[p]) + (1 - saliency[q])) / 2
        total += smoothness * ((colors[labels[p]] - colors[labels[q]]) ** 2).sum()
    return total / len(edges)


def pixel_entropy(labels, assignment):
    """Equation 4."""
    pixels = pixels_inside(labels)
    total = 0.0
    for p in pixels:
        for probability in assignment[labels[p]]:
            total -= probability * np.log(probability)
    return total / len(pixels)


@pytest.mark.parametrize("seed", range(5))
def test_losses_over_regions_are_those_over_pixels(seed):
    labels, image, saliency = random_case(seed)
    graph = build_region_graph(labels, image, saliency)
    random = np.random.default_rng(seed)
    colors = random.random((graph.regions, 3))
    assignment = random.dirichlet(np.ones(4), graph.regions)
    assert graph.wmse(colors) == pytest.approx(
        pixel_wmse(labels, image, saliency, colors), rel=1e-12
    )
    assert graph.total_variation(colors) == pytest.approx(
        pixel_total_variation(labels, saliency, colors), rel=1e-12
    )
    assert graph.entropy(assignment) == pytest.approx(pixel_entropy(labels, assignment), rel=1e-12)


def test_counts_on_a_picture_worked_out_by_hand():
    labels = np.array([[0, 0, 1], [2, OUTSIDE, 1]])
    saliency = np.array([[1.0, 0.5, 0.25], [0.0, 1.0, 0.75]])
    graph = build_region_graph(labels, np.full((2, 3, 3), 0.5), saliency)
    assert graph.regions == 3
    assert graph.pixels.tolist() == [2, 2, 1]
    assert graph.weight.tolist() == [1.5, 1.0, 0.0]
    assert graph.pairs.tolist() == [[0, 1], [0, 2]]
    assert graph.border.tolist() == [(0.5 + 0.75) / 2, (0.0 + 1.0) / 2]
    assert (graph.pixel_count, graph.pixel_pairs, graph.long_side) == (5, 4, 3)


def test_what_lies_outside_counts_nowhere():
    labels, image, saliency = random_case(7)
    graph = build_region_graph(labels, image, saliency)
    image[labels == OUTSIDE] = 1e6
    saliency[labels == OUTSIDE] = 1e6
    other = build_region_graph(labels, image, saliency)
    for name in ("weight", "weighted_color", "weighted_square", "pixels", "pairs", "border"):
        np.testing.assert_array_equal(getattr(graph, name), getattr(other, name))


@pytest.mark.parametrize("seed", range(5))
def test_the_quadratic_form_is_the_energy_and_its_gradient(seed):
    graph = build_region_graph(*random_case(seed))
    colors = np.random.default_rng(seed).random((graph.regions, 3))
    matrix, target = graph.quadratic_form(ClusteringOptions(wmse=1.3, variation=7.0))

    def energy(colors):
        variation_weight = 7.0 * graph.long_side / 512
        return 1.3 * graph.wmse(colors) + variation_weight * graph.total_variation(colors)

    form = (colors * (matrix @ colors)).sum() - 2 * (colors * target).sum()
    constant = 1.3 * graph.weighted_square.sum() / graph.pixel_count
    assert form + constant == pytest.approx(energy(colors), rel=1e-12)
    np.testing.assert_allclose(
        2 * (matrix @ colors - target), finite_differences(energy, colors), rtol=1e-6, atol=1e-9
    )


def finite_differences(function, array, step=1e-5):
    """Central differences of a scalar function at every entry of the array."""
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        ends = []
        for sign in (1, -1):
            moved = array.copy()
            moved[place] += sign * step
            ends.append(function(moved))
        gradient[place] = (ends[0] - ends[1]) / (2 * step)
    return gradient


@pytest.mark.parametrize("seed", range(5))
def test_a_merged_graph_is_the_graph_of_the_merged_labels(seed):
    labels, image, saliency = random_case(seed, regions=8)
    mapping = np.random.default_rng(seed).permutation([0, 1, 2, 3, 0, 2, 2, 1])
    merged_labels = np.where(labels == OUTSIDE, OUTSIDE, mapping[labels])
    merged = build_region_graph(labels, image, saliency).merged(mapping)
    direct = build_region_graph(merged_labels, image, saliency)
    for name in (
        *("weight", "weighted_color", "weighted_square", "pixels"),
        *("pairs", "border", "pixel_pairs", "long_side"),
    ):
        np.testing.assert_allclose(getattr(merged, name), getattr(direct, name), rtol=1e-12)


@pytest.mark.parametrize("labels", [np.full((3, 4), OUTSIDE), np.zeros((1, 1), int)])
def test_a_partition_without_neighbors_has_no_pairs(labels):
    graph = build_region_graph(labels, np.zeros((*labels.shape, 3)), np.ones(labels.shape))
    assert graph.regions == labels.max() + 1
    assert graph.pairs.shape == (0, 2)
    assert graph.total_variation(np.zeros((graph.regions, 3))) == 0
