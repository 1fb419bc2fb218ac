# SPDX-License-Identifier: GPL-3.0-or-later
"""Edges: what segments that meet at ends only have in common, each once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .segments import Segments


class Edges(NamedTuple):
    """Pieces of outlines that meet at ends only, each once.

    start, end: [E, 2], grid steps. tail, head: int [E], vertices. weight: int [E, operands],
    how often each operand runs along it, backwards negative. source: segment index.
    """

    start: np.ndarray
    end: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    weight: np.ndarray
    source: np.ndarray


def shared_edges(
    segments: Segments,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the vertices at both ends of segments, and which segments are one edge.

    tail, head: int [N]. source: int [E], the first segment of each edge. edge: int [N], the edge
    of each segment. sign: int [N], 1 where it runs as the first segment along its edge does.
    """
    count = len(segments.curve)
    tail, head = _vertices(segments)
    forwards = tail < head
    keys = np.minimum(tail, head).astype(np.int64) * (2 * count + 1) + np.maximum(tail, head)
    _, source, edge = np.unique(keys, return_index=True, return_inverse=True)
    sign = np.where(forwards == forwards[source][edge], 1, -1)
    return tail, head, source, edge, sign


def _vertices(segments: Segments) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers of the places where segments start and end: int [N] each."""
    ends = np.concatenate([segments.start, segments.end])
    x, y = (ends - ends.min(axis=0, initial=0.0)).astype(np.int64).T
    wide, high = int(x.max(initial=0)) + 1, int(y.max(initial=0)) + 1
    keys = (np.tile(segments.job, 2) * wide + x) * high + y
    numbers = np.unique(keys, return_inverse=True)[1].reshape(2, -1)
    return numbers[0], numbers[1]
