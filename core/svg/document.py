# SPDX-License-Identifier: GPL-3.0-or-later
"""A parsed document: its elements by id, their computed styles, and what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cached_property
from xml.etree.ElementTree import Element

from .css import Cascade
from .lengths import Frame
from .names import XLINK
from .properties import Style

Report = Callable[[float], None]


def ignore(_fraction: float) -> None:
    """Take no notice of progress."""


class Notes:
    """Counts of what a drawing doesn't show as its file says."""

    def __init__(self) -> None:
        """Start with nothing to say."""
        self.left_out: Counter[str] = Counter()
        self.simplified: Counter[str] = Counter()
        self.unreadable: Counter[str] = Counter()
        self.damage = ""
        self.cut = 0  # cubics of clip paths compared with shapes, which is limited

    def lines(self) -> list[str]:
        """Return one line for each kind."""
        counts = {
            "Left out": self.left_out,
            "Simplified": self.simplified,
            "Could not be read": self.unreadable,
        }
        lines = [
            f"{fate}: {count} x {what}"
            for fate, found in counts.items()
            for what, count in found.items()
        ]
        return [self.damage, *lines] if self.damage else lines


class Document:
    """State of a document that all its elements share."""

    def __init__(self, root: Element, frame: Frame, notes: Notes) -> None:
        """Match the style sheets. frame: the viewport of the root, pixels."""
        self.root = root
        self.notes = notes
        self.cascade = Cascade(root, frame.width, frame.height, notes.unreadable)
        self._styles: dict[Element, Style] = {}

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        """All elements by id; of several with one id, the first."""
        found: dict[str, Element] = {}
        for element in self.root.iter():
            if "id" in element.attrib:
                found.setdefault(element.attrib["id"], element)
        return found

    @cached_property
    def _parents(self) -> Mapping[Element, Element]:
        return {child: parent for parent in self.root.iter() for child in parent}

    def holds(self, ancestor: Element, element: Element | None) -> bool:
        """Return whether an element is another one or within it."""
        while element is not None and element is not ancestor:
            element = self._parents.get(element)
        return element is ancestor

    def style_of(self, element: Element) -> Style:
        """Return the computed style of an element where it stands in the file."""
        chain = [element]
        while chain[-1] in self._parents and chain[-1] not in self._styles:
            chain.append(self._parents[chain[-1]])
        style = self._styles.get(chain[-1], Style())
        for each in reversed(chain):
            if each not in self._styles:
                self._styles[each] = style.inside(self.cascade.declared(each))[0]
            style = self._styles[each]
        return style

    def referred(self, element: Element) -> Element | None:
        """Return the element that a `href` refers to, within the file."""
        link = element.get("href", element.get(f"{XLINK}}}href", "")).strip()
        return self.elements.get(link[1:]) if link.startswith("#") else None
