# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths of a drawing that refinement continues from, some of which stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ..drawing import Path


@dataclass
class GivenPath(Path):
    """A path that the drawing has before refinement: it is never relocated or left out.

    number: its position in the drawing. locked: whether it stays exactly as it is.
    """

    number: int = -1
    locked: bool = False


def given(path: Path, number: int, locked: bool = False) -> GivenPath:
    """Return the path as a given one."""
    values = {item.name: getattr(path, item.name) for item in fields(Path)}
    return GivenPath(**values, number=number, locked=locked)


def is_given(path: Path) -> bool:
    """Return whether the drawing had the path before refinement."""
    return isinstance(path, GivenPath)


def is_locked(path: Path) -> bool:
    """Return whether refinement leaves the path exactly as it is."""
    return isinstance(path, GivenPath) and path.locked
