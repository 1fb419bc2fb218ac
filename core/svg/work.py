# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that a document takes, in units: an amount, so that the same is read on every machine."""

from __future__ import annotations

from ..errors import SvgError

MOST_WORK = 320_000  # units of some 10 microseconds: 45,000 plain shapes

VISIT = 2  # of an element
FILL, GRADIENT, TILE = 5, 12, 5  # of an outline; its gradient, more; a shape in a tile of a pattern
STOP = 9  # a color of a gradient, once
LINE, SEGMENT = 7, 2  # a stroke that stays one; and each cubic of it after the first
OUTLINED, DASHED, PIECE = 13, 40, 4  # a stroke that does not, or has dashes; and each piece of it
COMMAND, ARC = 1, 15  # of path data; and more for an elliptical arc
CHARACTERS = 40  # of path data in one unit
MARKER, BOX = 25, 15  # placing a marker; measuring an element
DEFERRED = 22  # a Boolean operation, however large


class Work:
    """Count of work."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.done = 0

    def spend(self, units: int) -> None:
        """Count work. Raises SvgError where it is too much."""
        self.done += units
        check_work(self.done)


def check_work(units: int) -> None:
    """Raise SvgError where so much work is too much."""
    if units > MOST_WORK:
        raise SvgError(
            "The drawing has too many shapes, strokes, gradients, clip paths or copies.",
            "Divide it, or convert strokes to paths and flatten its layers.",
        )
