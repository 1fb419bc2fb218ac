# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of paths and groups, which objects, materials and collections keep beside their own names.

Blender's names are for artists and must be unique; those of paths are the ids in SVG files. A
renamed object or material passes its new name on to the path.
"""

from __future__ import annotations

from typing import Any

_PATH = "semvec_name"  # custom properties: the name of the path,
_GIVEN = "semvec_given_name"  # and the data-block's name at that time


def set_path_name(block: Any, name: str) -> None:
    """Remember the path's name with a data-block that has its final name."""
    block[_PATH], block[_GIVEN] = name, block.name


def has_path_name(block: Any) -> bool:
    """Return whether a data-block has been given a path's name."""
    return _PATH in block


def path_name(block: Any) -> str:
    """Return the path's name: the data-block's own where that was changed."""
    return block[_PATH] if block.get(_GIVEN) == block.name else block.name
