# SPDX-License-Identifier: GPL-3.0-or-later
"""K-means and DBSCAN against their definitions, and as ways to merge regions."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.clustering import ClusteringOptions, build_region_graph
from semvec.core.clustering.baselines import Dbscan, KMeans, dbscan, kmeans

NOISE = -1


def blobs(seed=0, count=12, spread=0.02):
    """Three clouds of points in the unit cube, far apart, and which cloud each belongs to."""
    random = np.random.default_rng(seed)
    centers = np.array([[0.1, 0.1, 0.1], [0.9, 0.2, 0.5], [0.4, 0.9, 0.8]])
    cloud = random.permutation(np.repeat(np.arange(3), count))
    return centers[cloud] + spread * random.standard_normal((len(cloud), 3)), cloud


def same_partition(first, second):
    """Tell whether two labelings are the same partition, whatever the numbers."""
    return len(set(zip(first, second, strict=True))) == len(set(first)) == len(set(second))


@pytest.mark.parametrize("seed", range(5))
def test_kmeans_finds_clouds(seed):
    points, cloud = blobs(seed)
    assert same_partition(kmeans(points, 3, np.random.default_rng(seed)), cloud)


@pytest.mark.parametrize("seed", range(5))
def test_kmeans_ends_with_every_point_at_its_nearest_mean(seed):
    """The fixed point of Lloyd's algorithm; forty points are there within its iterations."""
    points = np.random.default_rng(seed).random((40, 3))
    cluster = kmeans(points, 5, np.random.default_rng(seed))
    means = {c: points[cluster == c].mean(0) for c in set(cluster.tolist())}
    for point, own in zip(points, cluster.tolist(), strict=True):
        distances = {c: ((point - mean) ** 2).sum() for c, mean in means.items()}
        assert distances[own] == pytest.approx(min(distances.values()))


def test_kmeans_copes_with_more_clusters_than_distinct_points():
    points = np.repeat([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]], 4, axis=0)
    cluster = kmeans(points, 6, np.random.default_rng(0))
    assert same_partition(cluster, np.repeat([0, 1], 4))


def textbook_dbscan(points, radius, neighbors):
    """Cores, the cores that each core is connected to, and the cores near each other point."""
    near = [{j for j, q in enumerate(points) if ((p - q) ** 2).sum() <= radius**2} for p in points]
    cores = {i for i, close in enumerate(near) if len(close) >= neighbors}
    groups = []
    for core in cores:
        if any(core in group for group in groups):
            continue
        group, queue = {core}, [core]
        while queue:
            fresh = (near[queue.pop()] & cores) - group
            group |= fresh
            queue += fresh
        groups.append(group)
    return cores, groups, near


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("radius", [0.02, 0.1, 0.15, 0.25, 2.0])
def test_dbscan_follows_its_definition(seed, radius):
    points = np.random.default_rng(seed).random((60, 3))
    cluster = dbscan(points, radius, 3)
    cores, groups, near = textbook_dbscan(points, radius, 3)
    names = [{cluster[i] for i in group} for group in groups]
    assert all(len(name) == 1 for name in names)
    assert sorted(name.pop() for name in names) == list(range(len(groups)))
    for point in set(range(len(points))) - cores:
        reachable = {cluster[core] for core in near[point] & cores}
        assert cluster[point] in (reachable or {NOISE})


def striped_graph(colors):
    """Regions side by side in these colors."""
    labels = np.arange(len(colors)).repeat(3)[None].repeat(4, axis=0)
    return build_region_graph(labels, np.array(colors)[labels], np.ones(labels.shape))


@pytest.mark.parametrize("method", [KMeans, Dbscan])
def test_neighbors_in_one_cluster_are_united_and_others_never(method):
    """Reds, greens and blues; the last red is like the first ones but touches none of them."""
    red, green, blue = np.eye(3)
    colors = [red, red * 0.98, red * 0.96, green, green * 0.97, blue, blue * 0.97, red]
    unions = method(ClusteringOptions(), np.random.default_rng(0)).unions(striped_graph(colors), 3)
    assert {union[:2] for union in unions} <= {(0, 1), (1, 2), (3, 4), (5, 6)}
    assert len(unions) == 3


@pytest.mark.parametrize("method", [KMeans, Dbscan])
@pytest.mark.parametrize("colors", [[(0, 0, 0), (1, 1, 1)], [(0.5, 0.5, 0.5)] * 7])
def test_there_is_a_union_as_long_as_there_are_neighbors(method, colors):
    graph = striped_graph(np.array(colors, float))
    assert method(ClusteringOptions(), np.random.default_rng(0)).unions(graph, 1)
