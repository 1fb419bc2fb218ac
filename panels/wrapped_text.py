# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that is longer than a line."""

from __future__ import annotations

import textwrap
from typing import Any

SIDEBAR, BOX, PREFERENCES = 38, 33, 90  # characters that fit into a line there


def draw_text(layout: Any, text: str, icon: str, width: int = SIDEBAR) -> None:
    """Draw a text on several lines, with an icon before the first."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    for number, line in enumerate(textwrap.wrap(text, width)):
        column.label(text=line, icon="BLANK1" if number else icon)
