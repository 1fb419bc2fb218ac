# SPDX-License-Identifier: GPL-3.0-or-later
"""Guidance: the set of what says where curves are spent, as a property and as settings.

An item stands for what is painted, and one for each source of `core.saliency.sources`.
"""

from __future__ import annotations

from typing import Any

from bpy.props import EnumProperty

from ...core.saliency.sources import SOURCES, Source
from ...core.settings import Settings

PAINTED = "PAINTED"

# Bits of the property's value. Files saved before guidance was a set hold 0 for none, 1 for
# painted, 2 for prompt and 3 for both, which these bits read alike.
_BITS = {PAINTED: 1, **{source.name.upper(): 2 << index for index, source in enumerate(SOURCES)}}


def guidance_property() -> Any:
    """Return the property with an item for painting and one for each source."""
    texts = [(PAINTED, "Painted", "What you draw over or paint white matters")]
    texts += [(source.name.upper(), source.title, source.description) for source in SOURCES]
    return EnumProperty(
        name="Guidance",
        description="What says where the curves are spent; what is painted wins over the rest",
        items=[(key, title, text, "", _BITS[key]) for key, title, text in texts],
        options={"ENUM_FLAG"},
        default=_default(),
    )


def _default() -> set[str]:
    """Return the guidance of a new scene."""
    return {
        source.name.upper()
        for source in SOURCES
        if source.is_default and not source.why_unavailable()
    }


def chosen_sources(panel: Any) -> list[Source]:
    """Return the sources that are part of the panel's guidance."""
    return [source for source in SOURCES if source.name.upper() in panel.guidance]


def switches(panel: Any) -> dict[str, Any]:
    """Return the settings that request the sources, with those not chosen turned off."""
    chosen = chosen_sources(panel)
    return {
        source.switch: source.switched(getattr(panel, source.switch), source in chosen)
        for source in SOURCES
    }


def guidance_of(settings: Settings, painted: bool) -> set[str]:
    """Return the guidance of a run with these settings, painted or not."""
    requested = {source.name.upper() for source in SOURCES if source.is_requested(settings)}
    return requested | ({PAINTED} if painted else set())


def missing_input(panel: Any) -> Source | None:
    """Return the first chosen source that has nothing to look for, such as an empty prompt."""
    for source in chosen_sources(panel):
        value = source.switched(getattr(panel, source.switch), True)
        if not (value.strip() if isinstance(value, str) else value):
            return source
    return None
