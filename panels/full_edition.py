# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins of the standard edition for panels/engine.py: where the full edition is."""

from __future__ import annotations

from typing import Any

from ..core.version import FULL_EDITION, WEBSITE
from ..operators.inputs.guidance import chosen_sources
from .wrapped_text import PREFERENCES, SIDEBAR, draw_text


def draw_engine(layout: Any) -> None:
    """Draw where the full edition is, as the preferences' section of AI features."""
    _draw_full_edition(layout.box(), PREFERENCES)


def draw_missing(layout: Any, settings: Any) -> None:
    """Draw where the full edition is, below the guidance that it has more choices for."""
    _draw_full_edition(layout, SIDEBAR)


def why_incomplete(settings: Any) -> str:
    """Return why a run with the panel's settings can't start; empty where it can.

    A file that was saved by the full edition may ask for its features.
    """
    by_source = any(source.needs_engine for source in chosen_sources(settings))
    if not by_source and settings.segmenter != "sam":
        return ""
    return "Turn off Prompt, and choose the built-in Segmenter"


def _draw_full_edition(layout: Any, width: int) -> None:
    column = layout.column()
    draw_text(column, FULL_EDITION, "INFO", width)
    if WEBSITE:
        column.operator("wm.url_open", text="Get Semvec AI", icon="URL").url = WEBSITE
