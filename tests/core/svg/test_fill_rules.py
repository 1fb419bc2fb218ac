# SPDX-License-Identifier: GPL-3.0-or-later
"""Outlines that need no Boolean operation, against a naive look at all pairs of chords."""

from __future__ import annotations

import numpy as np
import pytest

from semvec.core.svg.fill_rules import fill_alike
from semvec.core.svg.paths import chains_of, closed


def subpaths(data: str) -> list[np.ndarray]:
    chains, _ = chains_of(data)
    return [closed(np.stack([c.points.real, c.points.imag], axis=1)) for c in chains]


CASES = {
    "square": ("M0 0H9V9H0Z", True),
    "square with a hole": ("M0 0H9V9H0ZM3 3V6H6V3Z", True),
    "hole of the same direction": ("M0 0H9V9H0ZM3 3H6V6H3Z", False),
    "island in a hole": ("M0 0H9V9H0ZM2 2V7H7V2ZM4 4H5V5H4Z", True),
    "two beside each other": ("M0 0H4V9H0ZM5 0V9H9V0Z", True),
    "two overlapping": ("M0 0H6V9H0ZM3 3H9V6H3Z", False),
    "two with a side in common": ("M0 0H4V9H0ZM4 0H9V9H4Z", False),
    "bow tie": ("M0 0L9 9V0L0 9Z", False),
    "there and back": ("M0 0H9H4Z", False),
    "loop of one cubic": ("M0 0C20 9 -11 9 9 0Z", False),
    "cubic with a cusp turned off": ("M0 0C9 9 3 9 9 0Z", True),
    "comb that touches itself": ("M0 0H9V9H6V0H3V9H0Z", False),
    "nothing": ("M3 3Z", False),
}


@pytest.mark.parametrize("name", CASES)
def test_only_outlines_that_fill_alike_under_both_rules_are_named(name: str) -> None:
    data, expected = CASES[name]
    assert fill_alike([subpaths(data)]).tolist() == [expected]


def winding(polygons: list[np.ndarray], place: complex) -> int:
    turns = 0.0
    for corners in polygons:
        spokes = corners - place
        turns += float(np.angle(np.roll(spokes, -1) / spokes).sum())
    return round(turns / (2.0 * np.pi))


def test_random_outlines_that_are_named_have_no_place_wound_around_twice() -> None:
    """Winding numbers at random places, by the sum of angles; many shapes are in one call."""
    random = np.random.default_rng(3)
    outlines, polygons = [], []
    for _ in range(150):
        pieces = []
        for _ in range(random.integers(1, 4)):
            count = random.integers(3, 7)
            angles = (np.arange(count) + random.uniform(0.0, 0.4, count)) * 6.28 / count
            corners = np.exp(1j * angles) * random.uniform(0.3, 1.0, len(angles))
            center = complex(*random.uniform(-1.5, 1.5, 2))
            pieces.append((center + corners)[:: random.choice([1, -1])])
        polygons.append(pieces)
        data = "".join(
            "M" + "L".join(f"{c.real:.6f} {c.imag:.6f}" for c in piece) + "Z" for piece in pieces
        )
        outlines.append(subpaths(data))
    alike = fill_alike(outlines)
    assert 30 < np.count_nonzero(alike) < 130
    assert alike[[len(pieces) == 1 for pieces in polygons]].all()  # a star can't cross itself
    places = random.uniform(-2.5, 2.5, (400, 2)) @ [1.0, 1.0j]
    for pieces, is_alike in zip(polygons, alike.tolist()):
        most = max(abs(winding(pieces, place)) for place in places)
        assert most <= 1 or not is_alike


def test_very_many_subpaths_are_told_in_one_call() -> None:
    places = [(x, y) for x in range(100) for y in range(100)]
    data = "".join(f"M{2 * x} {2 * y}h1v1h-1z" for x, y in places)
    assert fill_alike([subpaths(data), subpaths(data + "M0 0h1v1z")]).tolist() == [True, False]
