# SPDX-License-Identifier: GPL-3.0-or-later
"""The merge tree: every union in order, so that any level of detail can be had."""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import index
from typing import Any, NamedTuple

import numpy as np

from ..errors import MaskError

MOST_REGIONS = 2**20  # a file that claims more is damaged


class TreeUnion(NamedTuple):
    """One union. A region is named after the lowest of the first partition's regions in it.

    kept < absorbed; round counts from 1; cost is in the measure of the method.
    """

    kept: int
    absorbed: int
    round: int
    cost: float


@dataclass
class MergeTree:
    """History of merging: `regions` regions become fewer, union by union."""

    regions: int
    unions: list[TreeUnion] = field(default_factory=list)

    @property
    def fewest(self) -> int:
        """The fewest regions that any level has: 1 where all regions are connected."""
        return self.regions - len(self.unions)

    def level(self, regions: int) -> np.ndarray:
        """Return the region of each initial region in the partition of this many: int32 [N].

        Numbered 0.. in the order of their lowest first region. A count beyond what the tree
        has gives its finest or coarsest level.
        """
        steps = int(np.clip(self.regions - regions, 0, len(self.unions)))
        parent = np.arange(self.regions)
        for union in self.unions[:steps]:
            parent[union.absorbed] = union.kept
        for region in range(self.regions):  # a parent comes before its children
            parent[region] = parent[parent[region]]
        return np.unique(parent, return_inverse=True)[1].astype(np.int32)

    def rounds(self) -> list[int]:
        """Return the number of regions at the end of each round, as `level` takes it."""
        left = {union.round: self.regions - i for i, union in enumerate(self.unions, start=1)}
        return list(left.values())

    def to_dict(self) -> dict[str, Any]:
        """Return the tree as plain JSON types."""
        return {"regions": self.regions, "unions": [list(union) for union in self.unions]}

    @classmethod
    def from_dict(cls, values: Any) -> MergeTree:
        """Return the tree of the result of `to_dict`. Raises MaskError where that is damaged."""
        try:
            regions = index(values["regions"])
            unions = [
                TreeUnion(index(kept), index(absorbed), index(number), float(cost))
                for kept, absorbed, number, cost in values["unions"]
            ]
        except (TypeError, ValueError, KeyError, OverflowError) as error:
            raise _damaged() from error
        absorbed = [union.absorbed for union in unions]
        ordered = all(0 <= union.kept < union.absorbed < regions for union in unions)
        once = len(set(absorbed)) == len(absorbed)
        if not (0 <= regions <= MOST_REGIONS and ordered and once):
            raise _damaged()
        return cls(regions, unions)


def _damaged() -> MaskError:
    return MaskError("The stored merge tree is damaged.", "Vectorize the image again.")
