# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging the regions of a partition, round by round, down to an exact number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..errors import ImageError, MaskError, SaliencyError, SettingsError
from ..progress import NO_PROGRESS, Progress
from .baselines import Dbscan, KMeans
from .exact import Exact
from .merge_tree import MergeTree, TreeUnion
from .method import Method, Union
from .options import DEFAULT_OPTIONS, ClusteringOptions
from .recoloring import Recoloring
from .region_graph import RegionGraph, build_region_graph
from .ward import Ward

METHODS: dict[str, type[Method]] = {
    "ward": Ward,
    "exact": Exact,
    "recolor": Recoloring,
    "kmeans": KMeans,
    "dbscan": Dbscan,
}

# A region that weighs nothing at all has no color of its own.
MINIMUM_SALIENCY = 1e-3


@dataclass(frozen=True)
class Clustering:
    """A coarser partition and how it came about.

    labels: int32 [H, W], regions 0..regions-1, and -1 outside the drawing.
    tree: from the partition given, on past the target to the fewest regions possible.
    target: the number of regions asked for.
    """

    labels: np.ndarray
    tree: MergeTree
    target: int

    @property
    def regions(self) -> int:
        """The number of regions in `labels`: the target, or fewer where there were fewer."""
        return max(min(self.tree.regions, self.target), self.tree.fewest)

    @property
    def reached(self) -> bool:
        """True where there are no more regions than asked for.

        Parts of the drawing that don't touch can't be united, so that each of them keeps
        at least one region.
        """
        return self.regions <= self.target


def cluster(
    labels: np.ndarray,
    image: np.ndarray,
    saliency: np.ndarray,
    target: int,
    method: str = "ward",
    rounds: int = 20,
    seed: int = 0,
    progress: Progress = NO_PROGRESS,
    options: ClusteringOptions = DEFAULT_OPTIONS,
) -> Clustering:
    """Merge adjacent regions until `target` of them are left, spread evenly over the rounds.

    labels: int [H, W], a partition into 4-connected regions 0..N-1, -1 outside the drawing.
    image: float [H, W, 3] sRGB in [0, 1]. saliency: float [H, W] in [0, 1].
    method: one of METHODS. rounds: levels of detail between the partition and the target;
        past it, every step is a round.
    seed: of what is random in `recolor` and `kmeans`.
    progress: reported to after every step.

    Raises MaskError, ImageError or SaliencyError for arrays that don't fit together, and
    SettingsError for an unknown method or a target or number of rounds below 1.
    """
    _check(labels, image, saliency, target, method, rounds)
    graph = build_region_graph(labels, image, np.clip(saliency, MINIMUM_SALIENCY, 1))
    chosen = METHODS[method](options, np.random.default_rng(seed))
    merging = _Merging(graph, chosen, progress)
    for number in range(1, rounds + 1):
        excess = merging.graph.regions - target
        merging.run_round(number, math.ceil(excess / (rounds - number + 1)))
    while merging.step(number := number + 1, graph.regions):  # on past the target
        pass
    progress.report(1.0)
    return Clustering(relabel(labels, merging.tree.level(target)), merging.tree, target)


def relabel(labels: np.ndarray, mapping: np.ndarray) -> np.ndarray:
    """Return the labels of the partition in which region i becomes mapping[i]: int32 [H, W].

    mapping: int [N], as of MergeTree.level. -1 stays -1.
    """
    return np.append(mapping, -1).astype(np.int32)[labels]


class _Merging:
    """The region graph as it grows coarser, and the tree that records it."""

    def __init__(
        self,
        graph: RegionGraph,
        method: Method,
        progress: Progress,
    ) -> None:
        self.graph = graph
        self.tree = MergeTree(graph.regions)
        self._lowest = np.arange(graph.regions)  # of the first regions in each region
        self._method = method
        self._progress = progress

    def run_round(self, number: int, count: int) -> None:
        """Make `count` unions, or as many as there can be, in as many steps as it takes."""
        while count > 0 and (made := self.step(number, count)):
            count -= made

    def step(self, number: int, most: int) -> int:
        """Make up to `most` unions at once; returns how many, 0 where none can be made."""
        if not len(self.graph.pairs):
            return 0
        limit = max(int(self._method.largest_share * self.graph.regions), 1)
        unions = self._method.unions(self.graph, min(most, limit))
        self._apply(unions, number)
        self._progress.check_cancelled()
        self._progress.report(len(self.tree.unions) / (self.tree.regions - 1))
        return len(unions)

    def _apply(self, unions: list[Union], number: int) -> None:
        """Unite regions in the graph and write it down."""
        survivor = np.arange(self.graph.regions)
        for first, second, cost in unions:
            survivor[second] = first
            kept, absorbed = self._lowest[[first, second]].tolist()
            self.tree.unions.append(TreeUnion(kept, absorbed, number, cost))
        kept_regions, mapping = np.unique(survivor, return_inverse=True)
        self._lowest = self._lowest[kept_regions]
        self.graph = self.graph.merged(mapping)


def _check(
    labels: np.ndarray,
    image: np.ndarray,
    saliency: np.ndarray,
    target: int,
    method: str,
    rounds: int,
) -> None:
    if method not in METHODS:
        raise SettingsError(
            f"There is no clustering method '{method}'.", f"Choose from {', '.join(METHODS)}."
        )
    if target < 1 or rounds < 1:
        raise SettingsError("Clustering needs a target and a number of rounds of 1 or more.")
    if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
        raise MaskError("The partition must be a label image of whole numbers.")
    if not _is_numbered(labels):
        raise MaskError("The regions of a partition must be numbered 0, 1, 2, ... without gaps.")
    if image.shape != (*labels.shape, 3) or not np.isfinite(image).all():
        raise ImageError("The image must be finite RGB of the same size as the partition.")
    if saliency.shape != labels.shape or not np.isfinite(saliency).all():
        raise SaliencyError("The saliency map must be finite and as large as the partition.")


def _is_numbered(labels: np.ndarray) -> bool:
    """Tell whether the labels are 0, 1, 2, ... without gaps, and -1."""
    within = labels.min(initial=0) >= -1 and labels.max(initial=-1) < labels.size
    return within and bool((np.bincount(labels[labels >= 0]) > 0).all())
