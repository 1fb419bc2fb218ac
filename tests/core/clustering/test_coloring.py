# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage I, Stage II and the exact solution against loops and finite differences."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.clustering.assignment import MINIMUM_PROBABILITY, SoftAssignment
from semvec.core.clustering.coloring import color_regions
from semvec.core.clustering.exact import Exact, ExactColoring
from semvec.core.clustering.options import ClusteringOptions
from semvec.core.clustering.region_graph import build_region_graph
from semvec.core.clustering.smoothing import adjacency_form, smooth_colors

OPTIONS = ClusteringOptions()


def checkerboard_graph(rows=4, columns=5, side=6, seed=0):
    """A graph of rows x columns square regions in random colors under random saliency."""
    random = np.random.default_rng(seed)
    regions = np.arange(rows * columns).reshape(rows, columns)
    labels = np.kron(regions, np.ones((side, side), int))
    image = random.random((rows * columns, 3))[labels]
    image = np.clip(image + 0.05 * random.standard_normal(image.shape), 0, 1)
    return build_region_graph(labels, image, random.uniform(0.1, 1, labels.shape))


def finite_differences(function, array, step=1e-5):
    gradient = np.empty_like(array)
    for place in np.ndindex(array.shape):
        before = array[place]
        array[place] = before + step
        above = function()
        array[place] = before - step
        gradient[place] = (above - function()) / (2 * step)
        array[place] = before
    return gradient


def energy(graph, colors, options=OPTIONS):
    """The weighted sum of equations 2 and 3."""
    variation_weight = options.variation * graph.long_side / 512
    return options.wmse * graph.wmse(colors) + variation_weight * graph.total_variation(colors)


@pytest.fixture
def assignment():
    random = np.random.default_rng(5)
    return SoftAssignment(random.normal(size=(4, 6)), random.random((6, 3)))


def test_colors_are_palette_colors_mixed_by_softmax(assignment):
    for region, color in enumerate(assignment.colors()):
        share = np.exp(assignment.logits[region])
        expected = sum(s * c for s, c in zip(share, assignment.palette, strict=True)) / share.sum()
        np.testing.assert_allclose(color, expected, rtol=1e-12)


def test_assignment_gradients_are_those_of_finite_differences(assignment):
    """For an arbitrary smooth loss of the colors plus weighted entropies."""
    target = np.random.default_rng(6).random((4, 3))
    entropy_weight = np.array([0.1, 0.02, 0.7, 0.0])

    def loss():
        error = ((assignment.colors() - target) ** 2).sum()
        share = assignment.probabilities
        return error - (entropy_weight * (share * np.log(share)).sum(1)).sum()

    color_gradient = 2 * (assignment.colors() - target)
    logits = assignment.logits_gradient(color_gradient, entropy_weight).copy()
    palette = assignment.palette_gradient(color_gradient)
    np.testing.assert_allclose(logits, finite_differences(loss, assignment.logits), atol=1e-9)
    np.testing.assert_allclose(palette, finite_differences(loss, assignment.palette), atol=1e-9)


def test_sharp_assignments_hold_no_denormal_numbers():
    logits = np.float32([[0, 40, -90], [200, -200, 0]])
    assignment = SoftAssignment(logits, np.eye(3, dtype=np.float32))
    np.testing.assert_allclose(assignment.colors(), [[0, 1, 0], [1, 0, 0]], atol=1e-6)
    assert assignment.probabilities.min() == np.float32(MINIMUM_PROBABILITY)
    gradient = assignment.logits_gradient(np.float32([[1, 2, 3], [4, 5, 6]]), np.ones(2, "f4"))
    squares = (gradient**2)[gradient != 0]
    assert (squares >= np.finfo(np.float32).tiny).all()


def test_stage_one_comes_close_to_the_exact_minimum():
    graph = checkerboard_graph()
    options = OPTIONS._replace(entropy=0)
    colors = color_regions(graph, options, np.random.default_rng(0)).colors()
    least = energy(graph, ExactColoring(graph, options).colors)
    assert 0.9999 * least <= energy(graph, colors.astype(float)) <= 1.02 * least


def test_entropy_makes_assignments_decided():
    graph = checkerboard_graph()

    def mean_entropy(weight):
        options = OPTIONS._replace(entropy=weight)
        assignment = color_regions(graph, options, np.random.default_rng(0))
        assignment.colors()
        return graph.entropy(assignment.probabilities)

    assert mean_entropy(0.05) < 0.2 * mean_entropy(0.0)


def adjacency_loss(graph, colors, target, options):
    """L_adj of section 4.3 over N, written as it stands there."""
    neighbors = {region: set() for region in range(graph.regions)}
    for first, second in graph.pairs.tolist():
        neighbors[first].add(second)
        neighbors[second].add(first)
    total = ((colors - target) ** 2).sum()
    lambda_c = options.adjacency * graph.regions
    for i in range(graph.regions):
        for j in range(graph.regions):
            distance = ((colors[i] - colors[j]) ** 2).sum()
            if j in neighbors[i]:
                total += lambda_c / graph.regions * distance
            elif j != i:
                total -= options.diversity / graph.regions * distance
    return total / graph.regions


def test_the_gradient_of_stage_two_is_that_of_finite_differences():
    graph = checkerboard_graph(3, 3)
    random = np.random.default_rng(1)
    colors, target = random.random((2, graph.regions, 3))
    gradient = adjacency_form(graph, OPTIONS) @ colors - 2 * target / graph.regions
    expected = finite_differences(lambda: adjacency_loss(graph, colors, target, OPTIONS), colors)
    np.testing.assert_allclose(gradient, expected, atol=1e-9)


def test_stage_two_lowers_its_loss_and_leaves_the_palette():
    graph = checkerboard_graph()
    assignment = color_regions(graph, OPTIONS, np.random.default_rng(0))
    target, palette = assignment.colors(), assignment.palette.copy()
    before = adjacency_loss(graph, target, target, OPTIONS)
    colors = smooth_colors(graph, assignment, OPTIONS)
    assert adjacency_loss(graph, colors, target, OPTIONS) < before
    np.testing.assert_array_equal(assignment.palette, palette)


def test_no_other_colors_have_less_energy_than_the_exact_ones():
    graph = checkerboard_graph()
    colors = ExactColoring(graph, OPTIONS).colors
    least = energy(graph, colors)
    random = np.random.default_rng(2)
    for _ in range(20):
        moved = colors + 0.01 * random.standard_normal(colors.shape)
        assert energy(graph, moved) > least


def test_rank_one_updates_are_new_solutions_of_the_merged_graph():
    """Colors, and the rise of the least energy, after each of several unions."""
    graph = checkerboard_graph()
    coloring = ExactColoring(graph, OPTIONS)
    mapping = np.arange(graph.regions)
    before = energy(graph, coloring.colors)
    for union in [(0, 1), (1, 2), (7, 12), (2, 7), (18, 19)]:
        rise = coloring.energy_rises(np.array([union]))[0]
        coloring.unite(*union)
        mapping[mapping == mapping[union[1]]] = mapping[union[0]]
        compact = np.unique(mapping, return_inverse=True)[1]
        merged = graph.merged(compact)
        solved = ExactColoring(merged, OPTIONS).colors
        np.testing.assert_allclose(coloring.colors, solved[compact], rtol=1e-9)
        after = energy(merged, solved)
        assert rise == pytest.approx(after - before, rel=1e-6)
        before = after


def test_dropped_regions_leave_the_solution_of_the_merged_graph():
    graph = checkerboard_graph()
    coloring = ExactColoring(graph, OPTIONS)
    survivor = np.arange(graph.regions)
    for kept, absorbed in [(0, 1), (7, 12), (18, 19)]:
        coloring.unite(kept, absorbed)
        survivor[absorbed] = kept
    coloring.drop([1, 12, 19])
    solved = ExactColoring(graph.merged(np.unique(survivor, return_inverse=True)[1]), OPTIONS)
    np.testing.assert_allclose(coloring.colors, solved.colors, rtol=1e-9)
    np.testing.assert_allclose(coloring.inverse, solved.inverse, rtol=1e-9)


def test_exact_unions_raise_the_energy_least_of_all():
    graph = checkerboard_graph()
    before = energy(graph, ExactColoring(graph, OPTIONS).colors)
    rises = {}
    for first, second in graph.pairs.tolist():
        mapping = np.arange(graph.regions)
        mapping[second] = first
        merged = graph.merged(np.unique(mapping, return_inverse=True)[1])
        rises[first, second] = energy(merged, ExactColoring(merged, OPTIONS).colors) - before
    (best,) = Exact(OPTIONS, np.random.default_rng(0)).unions(graph, 1)
    assert (best.first, best.second) == min(rises, key=rises.get)
    assert best.cost == pytest.approx(min(rises.values()), rel=1e-6)
