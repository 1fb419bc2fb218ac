# SPDX-License-Identifier: GPL-3.0-or-later
"""Limit of Boolean operations: an amount of work, so that results are the same everywhere."""

from __future__ import annotations

import math

MOST_COMPARISONS = 2_000_000  # pairs of segments, or rows of them, at once: more would take seconds
_MOST_RAYS = 40_000_000  # pairs of a ray and an edge at once
_PAIRS, _RAYS = 40, 180  # that take as long as a segment with all that is done to it


class TooComplex(Exception):
    """So many segments lie close to each other that comparing them would take too long."""


class Effort:
    """Amount of work that is left. left: segments."""

    def __init__(self, most: float = math.inf) -> None:
        """Allow so much."""
        self.left = most

    def compare(self, pairs: int) -> None:
        """Count pairs of segments that are compared. Raises TooComplex."""
        self._spend(pairs, 5 * MOST_COMPARISONS, _PAIRS)

    def meet(self, rays: int) -> None:
        """Count pairs of rays and edges that are compared. Raises TooComplex."""
        self._spend(rays, _MOST_RAYS, _RAYS)

    def _spend(self, pairs: int, most: int, a_segment: int) -> None:
        if pairs > most:
            raise TooComplex
        self.left -= pairs / a_segment
