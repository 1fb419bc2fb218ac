# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions the slow way: every step looks at all pixels again."""

from __future__ import annotations

import heapq

import numpy as np


def neighbors(place, shape):
    row, column = place
    for r, c in ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)):
        if 0 <= r < shape[0] and 0 <= c < shape[1]:
            yield r, c


def component_count(mask):
    """4-connected components of a bool mask, by flood fill."""
    waiting = {tuple(place) for place in np.argwhere(mask)}
    count = 0
    while waiting:
        count += 1
        front = [waiting.pop()]
        while front:
            for place in neighbors(front.pop(), mask.shape):
                if place in waiting:
                    waiting.remove(place)
                    front.append(place)
    return count


def assert_partition(labels, inside):
    """Every inside pixel in one 4-connected region, numbered as a reader meets them."""
    assert labels.dtype == np.int32
    assert np.array_equal(labels >= 0, inside)
    assert np.all(labels[~inside] == -1)
    met = list(dict.fromkeys(labels[labels >= 0].tolist()))
    assert met == list(range(len(met)))
    for label in met:
        assert component_count(labels == label) == 1


def same_partition(a, b):
    """Tell whether two label images are the same partition, whatever the numbers."""
    pairs = set(zip(a.ravel().tolist(), b.ravel().tolist()))
    return len(pairs) == len({p for p, _ in pairs}) == len({q for _, q in pairs})


def adjacent_pairs(labels):
    """{(a, b): [(pixel, pixel), ...]} of all adjacent regions a < b."""
    pairs = {}
    for place in np.ndindex(labels.shape):
        for other in neighbors(place, labels.shape):
            a, b = int(labels[place]), int(labels[other])
            if place < other and a != b and min(a, b) >= 0:
                pairs.setdefault((min(a, b), max(a, b)), []).append((place, other))
    return pairs


def absorb_small(labels, colors, minimum_area):
    """Absorb the smallest region into the neighbor nearest in mean color, again and again."""
    labels = labels.copy()
    while True:
        candidates = []
        for a, b in adjacent_pairs(labels):
            smaller = min(np.sum(labels == a), np.sum(labels == b))
            if smaller < minimum_area:
                difference = colors[labels == a].mean(0) - colors[labels == b].mean(0)
                candidates.append((smaller, (difference**2).sum(), a, b))
        if not candidates:
            return labels
        _, _, a, b = min(candidates)
        labels[labels == b] = a


def edge_aware_ward(labels, colors, gradient, target):
    """The formula of docs/segmentation.md on the pixels, the cheapest pair first."""
    labels = labels.copy()
    while len(np.unique(labels[labels >= 0])) > target and (pairs := adjacent_pairs(labels)):
        costs = {}
        for (a, b), border in pairs.items():
            of_a, of_b = colors[labels == a], colors[labels == b]
            harmonic = len(of_a) * len(of_b) / (len(of_a) + len(of_b))
            color = ((of_a.mean(0) - of_b.mean(0)) ** 2).sum()
            slope = np.mean([(gradient[p] + gradient[q]) / 2 for p, q in border])
            variance = min(of_a.var(0).sum(), of_b.var(0).sum())
            unrest = np.sqrt(variance + 0.05**2) * len(border) ** 0.25
            costs[a, b] = harmonic * (color + slope**2 / 2) / unrest
        a, b = min(costs, key=costs.get)
        labels[labels == b] = a
    return labels


def paint_large_to_small(masks):
    """Labels of overlapping masks: each pixel's smallest mask, the later one of equals."""
    labels = np.full(masks.shape[1:], -1)
    for place in np.ndindex(labels.shape):
        covering = [i for i in range(len(masks)) if masks[i][place]]
        if covering:
            labels[place] = min(covering, key=lambda i: (masks[i].sum(), -i))
    return labels


def lowest_passes(level, seeds):
    """The lowest level that water must rise to from any seed to reach each pixel."""
    passes = np.full(level.shape, np.inf)
    heap = [(level[place], place) for place in seeds]
    while heap:
        height, place = heapq.heappop(heap)
        if height < passes[place]:
            passes[place] = height
            for other in neighbors(place, level.shape):
                heapq.heappush(heap, (max(height, level[other]), other))
    return passes
