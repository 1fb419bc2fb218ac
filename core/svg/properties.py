# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of SVG and CSS: which there are, which values are valid, and how they inherit."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .colors import CURRENT, RGBA, parse_color
from .lengths import MEDIUM, fraction, length, numbers

_GLOBAL = ("inherit", "initial", "unset", "revert", "revert-layer")
_URL = re.compile(r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"\s]*))\s*\)\s*(.*)""", re.DOTALL)
_VARIABLE = re.compile(r"var\(", re.IGNORECASE)
_MOST_SUBSTITUTED = 10_000  # characters
_BLACK: RGBA = (0.0, 0.0, 0.0, 1.0)
_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
_SIZES = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": MEDIUM, "large": 18.0,
    "x-large": 24.0, "xx-large": 32.0,
}  # fmt: skip


def reference(text: str) -> tuple[str, str] | None:
    """Return the id that a `url(#id) fallback` refers to, and the fallback; None for others."""
    match = _URL.fullmatch(text.strip())
    if match is None:
        return None
    target = match[1] or match[2] or match[3] or ""
    return target.strip().rpartition("#")[2], match[4].strip()


def _is_paint(text: str) -> bool:
    if text.lower() in ("none", "context-fill", "context-stroke"):
        return True
    if text[:4].lower() == "url(":
        found = reference(text)
        return found is not None and (not found[1] or _is_paint(found[1]))
    return parse_color(text) is not None


def _is_color(text: str) -> bool:
    return parse_color(text) is not None


def _is_fraction(text: str) -> bool:
    return fraction(text) is not None


def _is_length(text: str) -> bool:
    return length(text, 1.0) is not None


def _is_positive(text: str) -> bool:
    return (length(text, 1.0) or -1.0) >= 0.0 or length(text, 1.0) == 0.0


def _is_dashes(text: str) -> bool:
    parts = re.split(r"[\s,]+", text.strip())
    return text.lower() == "none" or all(map(_is_positive, parts))


def _is_reference(text: str) -> bool:
    return text.lower() == "none" or reference(text) is not None


def _anything(text: str) -> bool:
    return bool(text)


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda text: text.lower() in words


PRESENTATION: dict[str, Callable[[str], bool]] = {
    "fill": _is_paint, "stroke": _is_paint, "color": _is_color, "stop-color": _is_color,
    "fill-opacity": _is_fraction, "stroke-opacity": _is_fraction, "stop-opacity": _is_fraction,
    "opacity": _is_fraction, "fill-rule": _one_of("nonzero", "evenodd"),
    "clip-rule": _one_of("nonzero", "evenodd"), "stroke-width": _is_positive,
    "stroke-linecap": _one_of("butt", "round", "square"),
    "stroke-linejoin": _one_of("miter", "round", "bevel", "miter-clip", "arcs"),
    "stroke-miterlimit": lambda text: _is_positive(text) and text[-1:].isdigit(),
    "stroke-dasharray": _is_dashes, "stroke-dashoffset": _is_length,
    "visibility": _one_of("visible", "hidden", "collapse"), "display": _anything,
    "clip-path": _anything, "mask": _anything, "filter": _anything, "overflow": _anything,
    "mask-type": _one_of("luminance", "alpha"), "paint-order": _anything,
    "mix-blend-mode": _anything, "vector-effect": _anything, "transform-origin": _anything,
    "transform-box": _anything, "marker-start": _is_reference, "marker-mid": _is_reference,
    "marker-end": _is_reference, "font-size": lambda text: _font_size(text, MEDIUM) is not None,
}  # fmt: skip

# Properties that are read from attributes as well, but not as CSS writes them
SHORTHANDS = {"marker": ("marker-start", "marker-mid", "marker-end")}
GEOMETRY = (
    "transform",
    "translate",
    "rotate",
    "scale",
    "x",
    "y",
    "width",
    "height",
    "cx",
    "cy",
    "r",
    "rx",
    "ry",
    "d",
)

CSS_ONLY = (*GEOMETRY, "background", "background-color")
_LAYERS = ("fill", "stroke", "markers")

# Checked where they are used
_FREE = ("transform", "translate", "rotate", "scale", "d", "background", "background-color")


def is_valid(name: str, value: str, css: bool) -> bool:
    """Return whether a value may be declared. css: in a style, not in an attribute."""
    if name.startswith("--"):
        return True
    if not css and name not in PRESENTATION:
        return False
    return _is_valid(name, value.strip())


@functools.lru_cache(maxsize=8192)
def _is_valid(name: str, value: str) -> bool:
    if value.lower() in _GLOBAL or _VARIABLE.search(value):
        return True
    if name in CSS_ONLY:
        has_unit = value[-1:].isalpha() or value[-1:] == "%" or value in ("0", "auto")
        return name in _FREE or (has_unit and (_is_length(value) or value == "auto"))
    return PRESENTATION[name](value)


class Style(NamedTuple):
    """The computed values of all inherited properties; colors as text until they are used."""

    fill: str = "#000"
    fill_opacity: float = 1.0
    fill_rule: str = "nonzero"
    clip_rule: str = "nonzero"
    color: RGBA = _BLACK
    visibility: str = "visible"
    stroke: str = "none"
    stroke_opacity: float = 1.0
    stroke_width: str = "1"
    stroke_linecap: str = "butt"
    stroke_linejoin: str = "miter"
    stroke_miterlimit: float = 4.0
    stroke_dasharray: str = "none"
    stroke_dashoffset: str = "0"
    paint_order: str = "normal"
    marker_start: str = "none"
    marker_mid: str = "none"
    marker_end: str = "none"
    font_size: float = MEDIUM
    variables: Mapping[str, str] = _NO_VARIABLES

    def inside(self, declared: Mapping[str, str]) -> tuple[Style, Mapping[str, str]]:
        """Return the style inside an element, and what it declares with variables replaced."""
        if not declared:
            return self, declared
        own = {name: value for name, value in declared.items() if name.startswith("--")}
        variables = {**self.variables, **own} if own else self.variables
        values = {name: _without_variables(name, value, variables)
                  for name, value in declared.items() if name[:2] != "--"}  # fmt: skip
        changes: dict[str, Any] = {"variables": variables} if own else {}
        for name, value in values.items():
            if name in _ATTRIBUTES:
                changes[_ATTRIBUTES[name]] = self._computed(_ATTRIBUTES[name], value)
        return (self._replace(**changes) if changes else self), values

    def _computed(self, attribute: str, value: str) -> object:
        parent = getattr(self, attribute)
        word = value.lower()
        if word in _GLOBAL:
            return _INHERITED[attribute] if word == "initial" else parent
        match attribute:
            case "color":
                color = parse_color(value)
                return color if isinstance(color, tuple) else parent
            case "fill_opacity" | "stroke_opacity":
                return fraction(value)
            case "stroke_miterlimit":
                return numbers(value)[0]
            case "font_size":
                size = _font_size(value, parent)
                return parent if size is None else size
            case "fill" | "stroke" | "marker_start" | "marker_mid" | "marker_end":
                return value
        return word

    def resolved_color(self, text: str) -> RGBA | None:
        """Return a color with `currentColor` replaced; None for what is no color."""
        color = parse_color(text)
        return self.color if color == CURRENT else color if isinstance(color, tuple) else None


_INHERITED = {
    name: default for name, default in Style._field_defaults.items() if name != "variables"
}
_ATTRIBUTES = {name.replace("_", "-"): name for name in _INHERITED}


def in_context(style: Style, context: Style | None) -> Style:
    """Return a style with the paints that it takes from a context: a marker's line, or a `use`."""
    paints = {
        "context-fill": context and context.fill,
        "context-stroke": context and context.stroke,
    }
    fill, stroke = (paints.get(paint.lower(), paint) for paint in (style.fill, style.stroke))
    if (fill, stroke) == (style.fill, style.stroke):
        return style
    return style._replace(fill=fill or "none", stroke=stroke or "none")


def layers_of(order: str) -> tuple[str, ...]:
    """Return fill, stroke and markers from the lowest on, as a `paint-order` says."""
    words = order.split()
    if not set(words) <= set(_LAYERS) or len(set(words)) < len(words):
        words = []
    return (*words, *(layer for layer in _LAYERS if layer not in words))


def _without_variables(name: str, value: str, variables: Mapping[str, str]) -> str:
    """Return a value with its variables replaced; `unset` where it is invalid then."""
    if "(" not in value or not _VARIABLE.search(value):
        return value.strip()
    text = (substituted(value, variables) or "").strip()
    return text if text and _is_valid(name, text) else "unset"


def _font_size(text: str, parent: float) -> float | None:
    word = text.lower()
    relative = {"larger": 1.2, "smaller": 1 / 1.2}.get(word)
    size = parent * relative if relative else _SIZES.get(word, length(word, parent, parent))
    return size if size is not None and 0.0 <= size < math.inf else None


def substituted(text: str, variables: Mapping[str, str]) -> str | None:
    """Return a value with its var() replaced; None where one has neither value nor fallback."""
    for _ in range(32):
        match = list(_VARIABLE.finditer(text))
        if not match:
            return text
        start = match[-1].end()  # the innermost, whose arguments hold no other
        end = _closing(text, start)
        name, comma, fallback = text[start:end].partition(",")
        value = variables.get(name.strip(), fallback if comma else None)
        if value is None:
            return None
        text = text[: match[-1].start()] + value + text[end + 1 :]
        if len(text) > _MOST_SUBSTITUTED:
            return None
    return None


def _closing(text: str, start: int) -> int:
    """Return where the parenthesis closes that opens before `start`; the end for none."""
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if not depth:
            return position
    return len(text)
