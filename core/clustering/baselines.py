# SPDX-License-Identifier: GPL-3.0-or-later
"""The paper's ablation: K-means and DBSCAN on mean colors, united where regions touch."""

from __future__ import annotations

import numpy as np

from .method import Method, Union, cheapest_unions, squared_distances
from .region_graph import RegionGraph

_KMEANS_ITERATIONS = 20
_KMEANS_SHRINK = 0.8
_DBSCAN_START = 0.01
_DBSCAN_GROWTH = 1.25
_DBSCAN_NEIGHBORS = 3


class KMeans(Method):
    """Unites neighbors in one cluster of K-means, the most alike first.

    K starts at the number of regions that should remain and falls until there are enough.
    """

    def unions(self, graph: RegionGraph, count: int) -> list[Union]:
        """Return the unions of least squared color distance within a cluster."""
        clusters = max(graph.regions - count, 1)
        while True:
            cluster = kmeans(graph.mean_colors, clusters, self.generator)
            unions = _unions_within(graph, cluster, count)
            if len(unions) == count or clusters == 1:
                return unions
            clusters = int(clusters * _KMEANS_SHRINK)


class Dbscan(Method):
    """Unites neighbors in one cluster of DBSCAN, the most alike first.

    The radius starts small and grows until there are enough.
    """

    def unions(self, graph: RegionGraph, count: int) -> list[Union]:
        """Return the unions of least squared color distance within a cluster."""
        colors = graph.mean_colors
        neighbors = min(_DBSCAN_NEIGHBORS, graph.regions)
        largest = np.linalg.norm(np.ptp(colors, axis=0))
        radius = _DBSCAN_START
        while True:
            unions = _unions_within(graph, dbscan(colors, radius, neighbors), count)
            if len(unions) == count or radius > largest:
                return unions
            radius *= _DBSCAN_GROWTH


def _unions_within(graph: RegionGraph, cluster: np.ndarray, count: int) -> list[Union]:
    """Unions of adjacent regions that share a cluster [N]; -1 is no cluster."""
    first, second = cluster[graph.pairs].T
    costs = squared_distances(graph.pairs, graph.mean_colors)
    costs[(first != second) | (first < 0)] = np.inf
    return cheapest_unions(graph.pairs, costs, count)


def kmeans(points: np.ndarray, clusters: int, generator: np.random.Generator) -> np.ndarray:
    """Return each point's cluster, for points [N, D], by Lloyd's algorithm from k-means++ seeds."""
    centers = _scattered_seeds(points, clusters, generator)
    cluster = np.zeros(len(points), np.int64)
    for _ in range(_KMEANS_ITERATIONS):
        nearest = _squared_distance_matrix(points, centers).argmin(axis=1)
        if (nearest == cluster).all():
            break
        cluster = nearest
        size = np.bincount(cluster, minlength=clusters)
        sums = np.stack([np.bincount(cluster, axis, clusters) for axis in points.T], axis=1)
        centers = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centers)
    return cluster


def _scattered_seeds(
    points: np.ndarray, clusters: int, generator: np.random.Generator
) -> np.ndarray:
    """Points drawn with probability by squared distance to those drawn (k-means++): [K, D]."""
    seeds = [points[generator.integers(len(points))]]
    distance = ((points - seeds[0]) ** 2).sum(1)
    while len(seeds) < clusters:
        cumulative = np.cumsum(distance)
        chosen = int(np.searchsorted(cumulative, generator.random() * cumulative[-1], "right"))
        seeds.append(points[min(chosen, len(points) - 1)])
        distance = np.minimum(distance, ((points - seeds[-1]) ** 2).sum(1))
    return np.array(seeds)


def dbscan(points: np.ndarray, radius: float, neighbors: int) -> np.ndarray:
    """Return the cluster of each of the points [N, D], or -1 for noise (Ester et al. 1996).

    A point with at least `neighbors` points within the radius, itself included, is a core
    point; cores within the radius of each other share a cluster, and other points join
    their nearest core within the radius.
    """
    distance = _squared_distance_matrix(points, points)
    near = distance <= radius**2
    core = near.sum(1) >= neighbors
    cluster = np.full(len(points), -1)
    for seed in np.flatnonzero(core):
        if cluster[seed] >= 0:
            continue
        members = np.zeros(len(points), bool)
        members[seed] = True
        while (grown := core & near[members].any(axis=0)).sum() > members.sum():
            members = grown
        cluster[members] = cluster.max() + 1
    border = ~core & (near & core).any(axis=1)
    nearest_core = np.where(core, distance, np.inf)[border].argmin(axis=1)
    cluster[border] = cluster[nearest_core]
    return cluster


def _squared_distance_matrix(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """|p - q|² for every p of first [N, D] and q of second [M, D]: [N, M]."""
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1)
    return np.maximum(squares - 2 * first @ second.T, 0)
