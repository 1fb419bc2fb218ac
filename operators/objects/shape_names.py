# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of the objects of shapes. No bpy here."""

from __future__ import annotations

import re

from ...core.drawing import Path
from ...core.grouping.color_names import color_name
from ...core.grouping.groups import is_group_name

# Names that the pipeline generates; all other names were chosen by the user.
_GENERATED = re.compile(r"(structural|detail)([.-]\d+)?|")


def shape_name(path: Path, number: int) -> str:
    """Return the name of a shape's object: its own, else its group, its color and its number."""
    if path.name == "background":
        return "Background"
    words = f"{color_name(path.fill[:3].tolist())} {number:02d}"
    if _GENERATED.fullmatch(path.name):
        return words
    return f"{path.group} {words}" if is_group_name(path) else path.name
