# SPDX-License-Identifier: GPL-3.0-or-later
"""Slots: the places of a shot's paths in the painting order, which paths take in turn.

A slot keeps its index, its name and the number of its nodes for the whole shot, so that it can be
one animated path. Whether it is visible changes from frame to frame.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..drawing import Drawing, Path


@dataclass
class Slot:
    """One slot. The path has its name.

    path: the last shape, in pixels of the frames. visible: whether it is drawn. worthless: frames
    for which the drawing has not missed it. motion: float64 [2, 3], the motion since the path was
    last moved, in pixels of the working size.
    """

    path: Path
    visible: bool = True
    worthless: int = 0
    motion: np.ndarray = field(default_factory=lambda: np.eye(2, 3))

    @property
    def nodes(self) -> tuple[int, ...]:
        """Number of anchors of each sub-path."""
        return nodes_of(self.path)


@dataclass
class Shot:
    """The slots of a shot in painting order.

    number: counted from 0. parents: int32 [N], the semantic region of each traced region.
    """

    number: int
    slots: list[Slot]
    parents: np.ndarray
    settings: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def started(cls, number: int, drawing: Drawing, parents: np.ndarray) -> Shot:
        """Return a shot of which every path of a drawing is a slot."""
        return cls(number, [Slot(path) for path in drawing.paths], parents, drawing.settings)

    @property
    def visible(self) -> list[int]:
        """Indices of the slots that are drawn."""
        return [i for i, slot in enumerate(self.slots) if slot.visible]

    def drawing(self, width: float, height: float) -> Drawing:
        """Return the visible paths as a drawing."""
        return Drawing(width, height, [self.slots[i].path for i in self.visible], self.settings)

    def take(self, nodes: tuple[int, ...], resting: set[int]) -> int:
        """Return the index of a free slot for a flat detail shape: the uppermost, or a new one.

        resting: slots that must stay free. A slot that was visible in the frame before is one, as
        its path would seem to turn into the new one.
        """
        for i in reversed(range(len(self.slots))):
            slot = self.slots[i]
            is_free = not slot.visible and i not in resting
            is_flat_detail = slot.path.kind == "detail" and slot.path.ramp is None
            if is_free and is_flat_detail and slot.nodes == nodes:
                return i
        number = sum(slot.path.kind == "detail" for slot in self.slots)
        empty = Path([], np.zeros(4, np.float32), "detail", f"detail.{number:03d}")
        self.slots.append(Slot(empty, visible=False))
        return len(self.slots) - 1

    def fill(self, index: int, path: Path) -> None:
        """Draw a new path in a slot, under the slot's name."""
        self.slots[index] = Slot(replace(path, name=self.slots[index].path.name))


def nodes_of(path: Path) -> tuple[int, ...]:
    """Return the number of anchors of each sub-path."""
    return tuple(len(points) // 3 for points in path.subpaths)
