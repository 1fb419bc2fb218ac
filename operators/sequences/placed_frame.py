# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame of a sequence on its way into the scene."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.drawing import Drawing


@dataclass(frozen=True)
class PlacedFrame:
    """A drawing at a frame of the scene.

    end: the next frame that has a drawing; None for none. before: the frame that was placed before
    in this run. others: frames that have drawings. run, shot: number of the run among those of the
    sequence, and of the shot in it. slots: names of the shot's slots so far, in painting order.
    """

    number: int
    end: int | None
    before: int | None
    others: tuple[int, ...]
    run: int
    shot: int
    slots: list[str]
    drawing: Drawing

    def covers(self, frame: int) -> bool:
        """Return whether the drawing is shown at a frame."""
        return self.number <= frame and (self.end is None or frame < self.end)
