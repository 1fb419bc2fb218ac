# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors of CSS Color 4 and 5 as sRGB, by tinycss2.

Colors outside sRGB are clipped. What tinycss2 leaves to its callers is here: the way from the
other color spaces to sRGB (matrices of CSS Color 4, chapter 17), system colors, color-mix().
"""

from __future__ import annotations

import functools
import math
import re

import numpy as np

from ..srgb import decode, encode

RGBA = tuple[float, float, float, float]
CURRENT = "currentcolor"

_HEXADECIMAL = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})")

# System colors in a light scheme, as browsers show them.
_SYSTEM = {
    "accentcolor": "#0078d7", "accentcolortext": "#fff", "activetext": "#f00",
    "buttonborder": "#767676", "buttonface": "#efefef", "buttontext": "#000", "canvas": "#fff",
    "canvastext": "#000", "field": "#fff", "fieldtext": "#000", "graytext": "#808080",
    "highlight": "#3367d1", "highlighttext": "#fff", "linktext": "#00e", "mark": "#ff0",
    "marktext": "#000", "selecteditem": "#3367d1", "selecteditemtext": "#fff",
    "visitedtext": "#551a8b", "activeborder": "#767676", "activecaption": "#fff",
    "appworkspace": "#fff", "background": "#fff", "buttonhighlight": "#efefef",
    "buttonshadow": "#efefef", "captiontext": "#000", "inactiveborder": "#767676",
    "inactivecaption": "#fff", "inactivecaptiontext": "#808080", "infobackground": "#fff",
    "infotext": "#000", "menu": "#fff", "menutext": "#000", "scrollbar": "#fff",
    "threeddarkshadow": "#767676", "threedface": "#efefef", "threedhighlight": "#767676",
    "threedlightshadow": "#767676", "threedshadow": "#767676", "window": "#fff",
    "windowframe": "#767676", "windowtext": "#000",
}  # fmt: skip

# From linear light of each space to CIE XYZ: D65, but D50 for ProPhoto.
_TO_XYZ = {
    "srgb": [
        [506752 / 1228815, 87881 / 245763, 12673 / 70218],
        [87098 / 409605, 175762 / 245763, 12673 / 175545],
        [7918 / 409605, 87881 / 737289, 1001167 / 1053270],
    ],
    "display-p3": [
        [608311 / 1250200, 189793 / 714400, 198249 / 1000160],
        [35783 / 156275, 247089 / 357200, 198249 / 2500400],
        [0.0, 32229 / 714400, 5220557 / 5000800],
    ],
    "a98-rgb": [
        [573536 / 994567, 263643 / 1420810, 187206 / 994567],
        [591459 / 1989134, 6239551 / 9945670, 374412 / 4972835],
        [53769 / 1989134, 351524 / 4972835, 4929758 / 4972835],
    ],
    "rec2020": [
        [63426534 / 99577255, 20160776 / 139408157, 47086771 / 278816314],
        [26158966 / 99577255, 472592308 / 697040785, 8267143 / 139408157],
        [0.0, 19567812 / 697040785, 295819943 / 278816314],
    ],
    "prophoto-rgb": [
        [0.7977666449006423, 0.13518129740053308, 0.0313477341283922],
        [0.2880748288194013, 0.711835234241873, 0.00008993693872564],
        [0.0, 0.0, 0.8251046025104602],
    ],
}
_D50_TO_D65 = np.array(
    [
        [0.955473421488075, -0.02309845494876471, 0.06325924320057072],
        [-0.0283697093338637, 1.0099953980813041, 0.021041441191917323],
        [0.012314014864481998, -0.020507649298898964, 1.330365926242124],
    ]
)
_TO_SRGB = np.linalg.inv(np.array(_TO_XYZ["srgb"]))


@functools.lru_cache(maxsize=4096)
def parse_color(text: str) -> RGBA | str | None:
    """Return a color as sRGB and opacity in [0, 1]; CURRENT; None for what is no color."""
    text = text.strip().lower()
    if _HEXADECIMAL.fullmatch(text):
        digits = text[1:] if len(text) > 5 else "".join(2 * digit for digit in text[1:])
        return _rgba([value / 255.0 for value in bytes.fromhex((digits + "ff")[:8])])
    if text in _SYSTEM:
        return parse_color(_SYSTEM[text])
    if "icc-color(" in text:  # SVG 1.1: an sRGB color and what a profile makes of it
        return parse_color(text.partition("icc-color(")[0])
    from tinycss2.color5 import parse_color as parse_css  # only files of other programs need it

    try:
        color = parse_css(text)
        return CURRENT if color == "currentcolor" else _to_srgb(color) if color else _mixed(text)
    except (ValueError, TypeError, AttributeError, RecursionError, ArithmeticError):
        return None  # what its parser raises for some malformed functions


def on_8_bits(values: np.ndarray) -> np.ndarray:
    """Round colors to multiples of 1/255 in [0, 1], float32."""
    return (np.rint(values.clip(0.0, 1.0) * 255.0) / 255.0).astype(np.float32)


def _rgba(values: list[float]) -> RGBA | None:
    if len(values) != 4 or not all(map(math.isfinite, values)):
        return None
    red, green, blue, alpha = (min(max(value, 0.0), 1.0) for value in values)
    return red, green, blue, alpha


def _to_srgb(color: object) -> RGBA | None:
    """Return a color of tinycss2 as sRGB and opacity."""
    space, alpha = color.space, color.alpha  # type: ignore[attr-defined]
    values = [value or 0.0 for value in color.coordinates]  # type: ignore[attr-defined]
    if space in ("srgb", "hsl", "hwb"):
        if space == "hsl":  # saturation and lightness are clamped, hues wrap
            values[1:] = [min(max(value, 0.0), 100.0) for value in values[1:]]
            color = type(color)(space, values, alpha)  # type: ignore[call-arg]
        return _rgba([*color.to("srgb").coordinates, alpha])  # type: ignore[attr-defined]
    if space == "device-cmyk":
        cyan, magenta, yellow, key = values
        return _rgba([*((1.0 - ink) * (1.0 - key) for ink in (cyan, magenta, yellow)), alpha])
    linear = _TO_SRGB @ _to_xyz(color, space, np.array(values))
    return _rgba([*encode(linear.clip(0.0, 1.0)).tolist(), alpha])


def _to_xyz(color: object, space: str, values: np.ndarray) -> np.ndarray:
    """Return CIE XYZ, D65."""
    if space in ("lab", "lch"):
        return _D50_TO_D65 @ color.to("xyz-d50").coordinates  # type: ignore[attr-defined]
    if space in ("oklab", "oklch"):
        return np.array(color.to("xyz-d65").coordinates)  # type: ignore[attr-defined]
    if space == "xyz-d50":
        return _D50_TO_D65 @ values
    if space in ("xyz", "xyz-d65"):
        return values
    base = space.removesuffix("-linear")
    xyz = np.array(_TO_XYZ[base]) @ (values if base != space else _decoded(values, space))
    return _D50_TO_D65 @ xyz if space == "prophoto-rgb" else xyz


def _decoded(values: np.ndarray, space: str) -> np.ndarray:
    """Return linear light from the encoded values of an RGB space."""
    size = np.abs(values)
    if space == "a98-rgb":
        linear = size ** (563 / 256)
    elif space == "prophoto-rgb":
        linear = np.where(size <= 16 / 512, size / 16, size**1.8)
    elif space == "rec2020":
        alpha, beta = 1.09929682680944, 0.018053968510807
        linear = np.where(size < beta * 4.5, size / 4.5, ((size + alpha - 1) / alpha) ** (1 / 0.45))
    else:
        linear = decode(size)
    return np.sign(values) * linear


_MIX = re.compile(r"color-mix\(\s*in\s+[\w-]+(?:\s+\w+\s+hue)?\s*,(.*)\)", re.DOTALL)
_PERCENTAGE = re.compile(r"\s(\d+\.?\d*|\.\d+)%\s*$")


def _mixed(text: str) -> RGBA | None:
    """Return a color-mix() of two colors, mixed in sRGB whatever the space."""
    match = _MIX.fullmatch(text)
    parts = re.split(r",(?![^(]*\))", match[1]) if match else []
    if len(parts) != 2:
        return None
    shares = [_PERCENTAGE.search(part) for part in parts]
    colors = [parse_color(_PERCENTAGE.sub("", part)) for part in parts]
    first, second = (float(share[1]) / 100.0 if share else None for share in shares)
    weight = first if first is not None else 1.0 - second if second is not None else 0.5
    if not all(isinstance(color, tuple) for color in colors):
        return None
    mixed = weight * np.array(colors[0]) + (1.0 - weight) * np.array(colors[1])
    return _rgba(mixed.tolist())
