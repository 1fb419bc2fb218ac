# SPDX-License-Identifier: GPL-3.0-or-later
"""Elements that are drawn where they stand in a document, and those that never are."""

from __future__ import annotations

from xml.etree.ElementTree import Element

NEVER_DRAWN = frozenset((
    "defs", "symbol", "clipPath", "mask", "marker", "pattern", "linearGradient", "radialGradient",
    "filter", "metadata", "style", "title", "desc", "script", "animate", "animateTransform",
    "animateMotion", "set", "solidColor", "view", "cursor", "font", "stop",
))  # fmt: skip
_LANGUAGE = "en"


def is_drawn(element: Element) -> bool:
    """Return whether an element can be drawn: by its kind, and by its conditional attributes."""
    return element.tag not in NEVER_DRAWN and is_for_us(element)


def is_for_us(element: Element) -> bool:
    """Return whether conditional attributes let the element be drawn (SVG 2, chapter 5.9)."""
    languages = element.get("systemLanguage")
    if languages is not None:
        wanted = [language.strip().lower() for language in languages.split(",")]
        if not any(language.split("-")[0] == _LANGUAGE for language in wanted):
            return False
    return "requiredExtensions" not in element.attrib
