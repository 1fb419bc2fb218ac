# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes that a touch-up makes to a drawing."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import SettingsError

LOCKS = ("structural", "detail", "all")


@dataclass(frozen=True)
class TouchUp:
    """Changes to a drawing.

    add: number of new shapes, born where the drawing differs most from the image. remove: number
    of shapes to remove first, those that the drawing misses least. lock: shapes that stay as they
    are: names of LOCKS, names of paths, or their positions in painting order. hold: whether all
    but new shapes stay where they are; unlike locked ones they may be removed. iterations,
    resolution, threads: as those of `Settings`; resolution is that of the region. Raises
    SettingsError.
    """

    add: int = 0
    remove: int = 0
    lock: tuple[str | int, ...] = ()
    hold: bool = False
    iterations: int = 200
    resolution: int = 512
    threads: int = 0

    def __post_init__(self) -> None:
        limits = {"add": 0, "remove": 0, "iterations": 1, "resolution": 32, "threads": 0}
        for name, least in limits.items():
            value = getattr(self, name)
            if type(value) is not int or value < least:
                raise SettingsError(f"'{name}' is {value}.", f"Give a whole number from {least}.")
