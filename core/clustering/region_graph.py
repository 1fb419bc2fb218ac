# SPDX-License-Identifier: GPL-3.0-or-later
"""The partition as a graph of regions, with the paper's losses collapsed onto it.

Every region is painted in one color, so each loss over pixels is exactly a loss
over regions and pairs of adjacent regions. Pixels are read once; all sums add up
when regions merge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .options import ClusteringOptions


@dataclass(frozen=True)
class RegionGraph:
    """Sums over the N regions of a partition and over its E adjacent pairs (float64).

    Omega is the set of pixels inside the drawing, A their saliency, I their color.
    """

    weight: np.ndarray  # [N] sum of A
    weighted_color: np.ndarray  # [N, 3] sum of A·I
    weighted_square: np.ndarray  # [N] sum of A·|I|²
    pixels: np.ndarray  # [N] number of pixels
    pairs: np.ndarray  # int64 [E, 2] adjacent regions i < j, in ascending order
    border: np.ndarray  # [E] sum of ((1 - A(p)) + (1 - A(q))) / 2 over the shared border
    pixel_pairs: int  # adjacent pixel pairs inside the drawing, at least 1: |E| of the paper
    long_side: int  # of the image, in pixels

    @property
    def regions(self) -> int:
        """The number of regions, N."""
        return len(self.weight)

    @property
    def pixel_count(self) -> float:
        """Pixels inside the drawing: |Omega| of the paper."""
        return float(self.pixels.sum())

    @property
    def mean_colors(self) -> np.ndarray:
        """Saliency-weighted mean color of each region: [N, 3]."""
        return self.weighted_color / self.weight[:, None]

    def wmse(self, colors: np.ndarray) -> float:
        """Equation 2, the weighted squared error of regions painted in `colors` [N, 3]."""
        square = self.weight * (colors**2).sum(1)
        cross = (colors * self.weighted_color).sum(1)
        return float((square - 2 * cross + self.weighted_square).sum() / self.pixel_count)

    def total_variation(self, colors: np.ndarray) -> float:
        """Equation 3, the weighted total variation of regions painted in `colors` [N, 3]."""
        difference = colors[self.pairs[:, 0]] - colors[self.pairs[:, 1]]  # [E, 3]
        return float((self.border * (difference**2).sum(1)).sum() / self.pixel_pairs)

    def entropy(self, assignment: np.ndarray) -> float:
        """Equation 4, the mean entropy over pixels of the assignment [N, K] to a palette."""
        logarithm = np.log(assignment, where=assignment > 0, out=np.zeros_like(assignment))
        region_entropy = -(assignment * logarithm).sum(1)  # [N]
        return float((self.pixels * region_entropy).sum() / self.pixel_count)

    def quadratic_form(self, options: ClusteringOptions) -> tuple[np.ndarray, np.ndarray]:
        """Return fidelity and smoothness together as M [N, N] and r [N, 3].

        The weighted sum of equations 2 and 3 is tr CᵀMC - 2 tr Cᵀr + constant, its gradient
        2 (MC - r).
        """
        fidelity = options.wmse / self.pixel_count
        smoothness = options.variation * (self.long_side / 512) / self.pixel_pairs
        matrix = smoothness * laplacian(self.pairs, self.border, self.regions)
        matrix[np.diag_indices(self.regions)] += fidelity * self.weight
        return matrix, fidelity * self.weighted_color

    def merged(self, mapping: np.ndarray) -> RegionGraph:
        """Return the graph of the coarser partition in which region i becomes region mapping[i]."""
        regions = int(mapping.max()) + 1
        ends = np.sort(mapping[self.pairs], axis=1)  # [E, 2]
        shared = ends[:, 0] != ends[:, 1]
        pairs, border = _sum_by_pair(ends[shared], self.border[shared])
        return RegionGraph(
            _sum_by(mapping, regions, self.weight),
            _sum_by(mapping, regions, self.weighted_color),
            _sum_by(mapping, regions, self.weighted_square),
            _sum_by(mapping, regions, self.pixels),
            pairs,
            border,
            self.pixel_pairs,
            self.long_side,
        )


def laplacian(pairs: np.ndarray, weights: np.ndarray, regions: int) -> np.ndarray:
    """Return the matrix L [N, N] with tr CᵀLC = Σ weight_ij |c_i - c_j|² over the pairs [E, 2]."""
    first, second = pairs.T
    matrix = np.zeros((regions, regions))
    matrix[first, second] = matrix[second, first] = -weights
    matrix[np.diag_indices(regions)] = -matrix.sum(1)
    return matrix


def build_region_graph(labels: np.ndarray, image: np.ndarray, saliency: np.ndarray) -> RegionGraph:
    """Build the region graph of a partition.

    labels: int [H, W], regions 0..N-1 and -1 outside the drawing, which counts nowhere.
    image: [H, W, 3] sRGB in [0, 1]; saliency: [H, W] in [0, 1].
    """
    inside = labels >= 0
    region = labels[inside]
    color = image[inside].astype(np.float64)
    weight = saliency[inside].astype(np.float64)
    regions = int(region.max(initial=-1)) + 1
    pairs, border, pixel_pairs = _borders(labels, saliency)
    return RegionGraph(
        _sum_by(region, regions, weight),
        _sum_by(region, regions, color * weight[:, None]),
        _sum_by(region, regions, (color**2).sum(1) * weight),
        _sum_by(region, regions, np.ones(len(region))),
        pairs,
        border,
        pixel_pairs,
        max(labels.shape),
    )


def _borders(labels: np.ndarray, saliency: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Adjacent regions [E, 2], their weighted borders [E], and the number of pixel pairs."""
    smoothness = 1.0 - saliency.astype(np.float64)
    ends, weights, pixel_pairs = [], [], 0
    for here, there in (
        (np.s_[:, :-1], np.s_[:, 1:]),  # each pixel and the one to its right
        (np.s_[:-1], np.s_[1:]),  # each pixel and the one below
    ):
        inside = (labels[here] >= 0) & (labels[there] >= 0)
        across = inside & (labels[here] != labels[there])
        pixel_pairs += int(inside.sum())
        ends.append(np.stack([labels[here][across], labels[there][across]], axis=1))
        weights.append((smoothness[here][across] + smoothness[there][across]) / 2)
    pairs, border = _sum_by_pair(np.sort(np.concatenate(ends), axis=1), np.concatenate(weights))
    return pairs, border, max(pixel_pairs, 1)


def _sum_by(group: np.ndarray, groups: int, values: np.ndarray) -> np.ndarray:
    """Sum of values [M] or [M, D] over each group: [groups] or [groups, D]."""
    if values.ndim == 1:
        return np.bincount(group, values, groups)
    return np.stack([np.bincount(group, column, groups) for column in values.T], axis=1)


def _sum_by_pair(ends: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct rows of ends [M, 2], sorted, and the sum of values [M] over each."""
    base = int(ends.max(initial=0)) + 1
    codes, group = np.unique(ends[:, 0].astype(np.int64) * base + ends[:, 1], return_inverse=True)
    pairs = np.stack([codes // base, codes % base], axis=1)
    return pairs, np.bincount(group, values, len(codes))
