# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging the regions of a partition down to the number that the budget allows."""

from .merge_tree import MergeTree
from .merging import METHODS, Clustering, cluster, relabel
from .options import DEFAULT_OPTIONS, ClusteringOptions
from .region_graph import RegionGraph, build_region_graph

__all__ = [
    "DEFAULT_OPTIONS",
    "METHODS",
    "Clustering",
    "ClusteringOptions",
    "MergeTree",
    "RegionGraph",
    "build_region_graph",
    "cluster",
    "relabel",
]
