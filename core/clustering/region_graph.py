# SPDX-License-Identifier: GPL-3.0-or-later
"""The partition as a graph of regions, with the paper's losses collapsed onto it.

Every region is painted in one colour, so each loss over pixels is exactly a loss
over regions and pairs of adjacent regions. Pixels are read once; all sums add up
when regions merge.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class RegionGraph:
    """Sums over the N regions of a partition and over its E adjacent pairs (float64).

    Omega is the set of pixels inside the drawing, A their saliency, I their colour.
    """

    weight: np.ndarray  # [N] sum of A
    weighted_color: np.ndarray  # [N, 3] sum of A·I
    weighted_square: np.ndarray  # [N] sum of A·|I|²
    pixels: np.ndarray  # [N] number of pixels
    pairs: np.ndarray  # int64 [E, 2] adjacent regions i < j, in ascending order
    border: np.ndarray  # [E] sum of ((1 - A(p)) + (1 - A(q))) / 2 over the shared border
    border_length: np.ndarray  # [E] number of adjacent pixel pairs (p, q) across the border
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
        """Saliency-weighted mean colour of each region: [N, 3]."""
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

    def laplacian(self) -> np.ndarray:
        """Graph Laplacian L of the weighted borders: [N, N], Σ w_ij |c_i - c_j|² = tr CᵀLC."""
        first, second = self.pairs.T
        matrix = np.zeros((self.regions, self.regions))
        matrix[first, second] = matrix[second, first] = -self.border
        matrix[np.diag_indices(self.regions)] = -matrix.sum(1)
        return matrix

    def quadratic_form(
        self, wmse_weight: float, variation_weight: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """(M [N, N], r [N, 3]) such that the weighted sum of equations 2 and 3 is
        tr CᵀMC - 2 tr Cᵀr + constant, and its gradient 2 (MC - r)."""
        matrix = self.laplacian() * (variation_weight / self.pixel_pairs)
        matrix[np.diag_indices(self.regions)] += self.weight * (wmse_weight / self.pixel_count)
        return matrix, self.weighted_color * (wmse_weight / self.pixel_count)

    def merged(self, mapping: np.ndarray) -> RegionGraph:
        """The graph of the coarser partition in which region i becomes region mapping[i]."""
        regions = int(mapping.max()) + 1
        ends = np.sort(mapping[self.pairs], axis=1)  # [E, 2]
        shared = ends[:, 0] != ends[:, 1]
        pairs, (border, border_length) = _sum_by_pair(
            ends[shared], self.border[shared], self.border_length[shared]
        )
        return RegionGraph(
            _sum_by(mapping, regions, self.weight),
            _sum_by(mapping, regions, self.weighted_color),
            _sum_by(mapping, regions, self.weighted_square),
            _sum_by(mapping, regions, self.pixels),
            pairs,
            border,
            border_length,
            self.pixel_pairs,
            self.long_side,
        )


def build_region_graph(labels: np.ndarray, image: np.ndarray, saliency: np.ndarray) -> RegionGraph:
    """The region graph of a partition.

    labels: int [H, W], regions 0..N-1 and -1 outside the drawing, which counts nowhere.
    image: [H, W, 3] sRGB in [0, 1]; saliency: [H, W] in [0, 1].
    """
    inside = labels >= 0
    region = labels[inside]
    color = image[inside].astype(np.float64)
    weight = saliency[inside].astype(np.float64)
    regions = int(region.max(initial=-1)) + 1
    pairs, border, border_length, pixel_pairs = _borders(labels, saliency)
    return RegionGraph(
        _sum_by(region, regions, weight),
        _sum_by(region, regions, color * weight[:, None]),
        _sum_by(region, regions, (color**2).sum(1) * weight),
        _sum_by(region, regions, np.ones(len(region))),
        pairs,
        border,
        border_length,
        pixel_pairs,
        max(labels.shape),
    )


def _borders(
    labels: np.ndarray, saliency: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Adjacent regions, their weighted borders and border lengths, and all pixel pairs."""
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
    weight = np.concatenate(weights)
    pairs, (border, length) = _sum_by_pair(
        np.sort(np.concatenate(ends), axis=1), weight, np.ones(len(weight))
    )
    return pairs, border, length, max(pixel_pairs, 1)


def _sum_by(group: np.ndarray, groups: int, values: np.ndarray) -> np.ndarray:
    """Sum of values [M] or [M, D] over each group: [groups] or [groups, D]."""
    if values.ndim == 1:
        return np.bincount(group, values, groups)
    columns = [np.bincount(group, column, groups) for column in values.T]
    return np.stack(columns, axis=1)


def _sum_by_pair(ends: np.ndarray, *values: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
    """The distinct rows of ends [M, 2], sorted, and the sums of each of values [M] over them."""
    base = int(ends.max(initial=0)) + 1
    codes, group = np.unique(ends[:, 0].astype(np.int64) * base + ends[:, 1], return_inverse=True)
    pairs = np.stack([codes // base, codes % base], axis=1)
    return pairs, [np.bincount(group, value, len(codes)) for value in values]
