# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of paths whose bounds overlap, against a search through all pairs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.bezier import circle
from semvec.core.drawing import Path
from semvec.core.refinement.primitives import overlapping_groups

DISCS = st.lists(st.tuples(*(st.integers(0, 60), st.integers(0, 60), st.integers(1, 9))))


def disc(x: int, y: int, radius: int) -> Path:
    return Path([circle((x, y), radius)], np.ones(4, np.float32), "detail")


def naive_groups(discs: list[tuple[int, int, int]]) -> set[frozenset[int]]:
    """Return the connected components of the overlaps, found by repeated uniting."""
    groups = [{i} for i in range(len(discs))]
    for i, (x, y, r) in enumerate(discs):
        for j, (other_x, other_y, other_r) in enumerate(discs):
            if max(abs(x - other_x), abs(y - other_y)) <= r + other_r:
                met = [group for group in groups if i in group or j in group]
                groups = [group for group in groups if group not in met] + [set().union(*met)]
    return {frozenset(group) for group in groups}


@given(DISCS)
def test_groups_are_the_connected_components_of_overlaps(discs: list[tuple[int, int, int]]) -> None:
    paths = [disc(*each) for each in discs]
    number = {id(path): i for i, path in enumerate(paths)}
    found = {frozenset(number[id(path)] for path in group) for group in overlapping_groups(paths)}
    assert found == naive_groups(discs)
