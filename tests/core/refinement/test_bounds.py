# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths whose bounds overlap, against searches through all pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.bezier import circle
from semvec.core.drawing import Path
from semvec.core.refinement.bounds import apart, bounds_of, overlapping_groups

# Many small discs, some large ones that cover whole cells of the grid, and bounds that touch.
DISCS = st.lists(
    st.tuples(
        st.integers(0, 60), st.integers(0, 60), st.one_of(st.integers(1, 9), st.integers(20, 40))
    )
)


def disc(x: int, y: int, radius: int) -> Path:
    return Path([circle((x, y), radius)], np.ones(4, np.float32), "detail")


def overlap(first: tuple[int, int, int], second: tuple[int, int, int]) -> bool:
    return max(abs(first[0] - second[0]), abs(first[1] - second[1])) <= first[2] + second[2]


def naive_groups(discs: list[tuple[int, int, int]]) -> set[frozenset[int]]:
    """Return the connected components of the overlaps, found by repeated uniting."""
    groups = [{i} for i in range(len(discs))]
    for i, one in enumerate(discs):
        for j, other in enumerate(discs):
            if overlap(one, other):
                met = [group for group in groups if i in group or j in group]
                groups = [group for group in groups if group not in met] + [set().union(*met)]
    return {frozenset(group) for group in groups}


def naive_apart(discs: list[tuple[int, int, int]], order: list[int]) -> set[int]:
    """Return the first of overlapping discs, in this order."""
    chosen: list[int] = []
    for i in order:
        if not any(overlap(discs[i], discs[j]) for j in chosen):
            chosen.append(i)
    return set(chosen)


@given(DISCS)
def test_groups_are_the_connected_components_of_overlaps(discs: list[tuple[int, int, int]]) -> None:
    paths = [disc(*each) for each in discs]
    number = {id(path): i for i, path in enumerate(paths)}
    groups = [[number[id(path)] for path in group] for group in overlapping_groups(paths)]
    assert {frozenset(group) for group in groups} == naive_groups(discs)
    last = [group[-1] for group in groups]
    assert last == sorted(last) == [max(group) for group in groups]


@given(DISCS, st.randoms(use_true_random=False))
def test_paths_are_apart_from_all_earlier_ones(discs: list[tuple[int, int, int]], random) -> None:
    order = list(range(len(discs)))
    random.shuffle(order)
    found = apart([disc(*each) for each in discs], np.array(order, int))
    assert found == naive_apart(discs, order)


def test_bounds_are_those_of_all_subpaths() -> None:
    ring = Path([circle((5, 5), 4), circle((9, 5), 2)], np.ones(4, np.float32))
    np.testing.assert_allclose(bounds_of([ring, disc(1, 2, 1)]), [[1, 1, 11, 9], [0, 1, 2, 3]])
    assert bounds_of([]).shape == (0, 4)
