# SPDX-License-Identifier: GPL-3.0-or-later
"""How SVG says what a shape is filled with: attributes, styles, inheritance, colors."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import numpy as np

from ..errors import SvgError
from .outlines import NUMBER

Declarations = Mapping[str, str]

_DECLARATION = re.compile(r"([\w-]+)\s*:\s*([^;]+)")
_CLASS_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_HEXADECIMAL = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")
_FUNCTION = re.compile(r"rgba?\(([^()]*)\)")
_COMPONENT = re.compile(rf"({NUMBER})(%?)")
_PROPERTIES = (
    "fill", "fill-opacity", "fill-rule", "color", "opacity", "visibility", "display", "stroke",
    "clip-path", "mask", "filter", "stop-color", "stop-opacity",
)  # fmt: skip


@dataclass(frozen=True)
class Paint:
    """What shapes inherit. `opacity` is that of all enclosing groups, multiplied."""

    fill: str = "#000"
    fill_opacity: float = 1.0
    fill_rule: str = "nonzero"
    color: str = "#000"
    opacity: float = 1.0
    visible: bool = True
    stroke: str = "none"

    def inside(self, declared: Declarations) -> Paint:
        """The paint inside an element that declares these properties."""
        values = {name: value for name, value in declared.items() if value != "inherit"}
        visible = values.get("visibility", "visible" if self.visible else "hidden")
        return replace(
            self,
            fill=values.get("fill", self.fill),
            fill_opacity=share(values.get("fill-opacity"), self.fill_opacity),
            fill_rule=values.get("fill-rule", self.fill_rule),
            color=values.get("color", self.color),
            opacity=self.opacity * share(values.get("opacity"), 1.0),
            visible=visible == "visible",
            stroke=values.get("stroke", self.stroke),
        )


def class_rules(sheets: Iterable[str]) -> dict[str, dict[str, str]]:
    """The rules of style sheets for plain classes, `.name { ... }`, as drawing programs write."""
    rules: dict[str, dict[str, str]] = {}
    for sheet in sheets:
        for selectors, block in _CLASS_RULE.findall(_COMMENT.sub("", sheet)):
            for selector in selectors.split(","):
                rules.setdefault(selector.strip(), {}).update(_declarations(block))
    return rules


def declared(element: Element, rules: Mapping[str, Declarations]) -> dict[str, str]:
    """An element's properties: style before class before attribute."""
    values = {name: element.get(name, "").strip() for name in _PROPERTIES if name in element.attrib}
    for name in element.get("class", "").split():
        values.update(rules.get("." + name, {}))
    return values | _declarations(element.get("style", ""))


def fill_color(paint: Paint) -> np.ndarray | None:
    """The fill, float32 [4], on 8 bits a channel; None for what has no single color.

    Raises SvgError for a color that can't be understood.
    """
    text = paint.fill
    if text.startswith("url("):  # to nothing that can be drawn: what follows is the substitute
        text = text.partition(")")[2].strip() or "none"
    if text in ("none", "context-fill", "context-stroke"):
        return None
    return drawn_color(_color_or_current(text, paint.color), paint)


def drawn_color(rgba: Iterable[float], paint: Paint) -> np.ndarray:
    """A color and opacity, made as transparent as the paint says: float32 [4], on 8 bits."""
    *color, alpha = rgba
    return on_8_bits(np.array([*color, alpha * paint.fill_opacity * paint.opacity]))


def on_8_bits(values: np.ndarray) -> np.ndarray:
    """Colors rounded to multiples of 1/255 in [0, 1], float32."""
    return (np.rint(values.clip(0.0, 1.0) * 255.0) / 255.0).astype(np.float32)


def stop_color(declarations: Declarations, current: str) -> tuple[float, ...]:
    """RGBA in [0, 1] of a gradient's stop. current: what `currentColor` is. Raises SvgError."""
    values = {name: value for name, value in declarations.items() if value != "inherit"}
    *color, alpha = _color_or_current(
        values.get("stop-color", "#000"), values.get("color", current)
    )
    return (*color, alpha * share(values.get("stop-opacity"), 1.0))


def share(text: str | None, default: float) -> float:
    """A number or percentage in [0, 1]; the default for anything else."""
    match = _COMPONENT.fullmatch(text.strip()) if text else None
    if match is None:
        return default
    return min(max(float(match[1]) / (100.0 if match[2] else 1.0), 0.0), 1.0)


def _declarations(block: str) -> dict[str, str]:
    """`name: value; ...` as a dictionary."""
    return {
        name: value.replace("!important", "").strip() for name, value in _DECLARATION.findall(block)
    }


def _color_or_current(text: str, current: str) -> tuple[float, ...]:
    """A color of CSS, `currentColor` included, as four numbers in [0, 1]."""
    return _color((current if text.lower() == "currentcolor" else text).lower())


def _color(text: str) -> tuple[float, ...]:
    """A CSS color as four numbers in [0, 1]."""
    if text == "transparent":
        return (0.0, 0.0, 0.0, 0.0)
    if _HEXADECIMAL.fullmatch(text):
        digits = text[1:] if len(text) > 5 else "".join(2 * digit for digit in text[1:])
        return tuple(value / 255.0 for value in bytes.fromhex((digits + "ff")[:8]))
    if match := _FUNCTION.fullmatch(text):
        return _functional_color(text, match[1])
    try:
        from PIL import ImageColor
    except ImportError:
        raise SvgError("Names of colors need Pillow.", "Write colors as #rrggbb.") from None
    try:
        color = ImageColor.getrgb(text)
    except ValueError:
        raise _unknown_color(text) from None
    return tuple(value / 255.0 for value in (*color, 255)[:4])


def _functional_color(text: str, inside: str) -> tuple[float, ...]:
    """rgb(255, 0, 0), rgb(100% 0% 0% / 50%), rgba(255, 0, 0, 0.5), ..."""
    parts = _COMPONENT.findall(inside)
    if len(parts) not in (3, 4):
        raise _unknown_color(text)
    values = [
        float(value) / (100.0 if percent else 255.0 if i < 3 else 1.0)
        for i, (value, percent) in enumerate(parts)
    ]
    if not all(map(math.isfinite, values)):
        raise _unknown_color(text)
    return tuple([*values, 1.0][:4])


def _unknown_color(text: str) -> SvgError:
    return SvgError(f"'{text[:40]}' is no color that can be read.", "Write colors as #rrggbb.")
