# SPDX-License-Identifier: GPL-3.0-or-later
"""Conversion of an image's colors to sRGB by the ICC profile, or the gamma, in its file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image as Pillow
from PIL import ImageCms

from .gamma_profile import gamma_profile

# Converts a Pillow image of the same kind as the file's to RGB, or RGBA with its opacity.
Conversion = Callable[[Any], Any]

# Largest difference of a channel, of 255, that a profile makes which is sRGB in other words.
_SAME = 3

_GRAY = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N")
_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def conversion_to_srgb(picture: Any) -> Conversion | None:
    """Return the conversion of an open Pillow image to sRGB; None where it needs none.

    A profile that is damaged, or that is made for another kind of image, is ignored.
    """
    data = picture.info.get("icc_profile") or _profile_of_gamma(picture.info)
    if not data:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        mode = _MODES.get(profile.profile.xcolor_space.strip())
        if mode is None or not _fits(mode, picture.mode):
            return None
        target = ImageCms.createProfile("sRGB")
        # For gray, the table that is optimized to is off by up to 10 of 255 in the dark.
        flags = ImageCms.Flags.NOOPTIMIZE if mode == "L" else ImageCms.Flags.NONE
        transform = ImageCms.buildTransform(profile, target, mode, "RGB", flags=flags)
        if mode != "CMYK" and _changes_nothing(transform, mode):
            return None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return lambda part: _converted(plain(part), mode, transform)


def plain(part: Any) -> Any:
    """Return a Pillow image as L, LA, RGB, RGBA or CMYK: palettes and transparent colors looked up.

    The opacity of each pixel is a channel.
    """
    if part.mode == "CMYK":
        return part
    is_gray = part.mode in _GRAY
    if part.mode == "1":
        part = part.convert("L")
    if part.has_transparency_data:
        return part.convert("LA" if is_gray else "RGBA")
    return part.convert("L" if is_gray else "RGB")


def _profile_of_gamma(info: dict[str, Any]) -> bytes | None:
    """Return the profile of a PNG file that states its gamma and not that it is sRGB."""
    if "srgb" in info or "gamma" not in info:
        return None
    return gamma_profile(info["gamma"], info.get("chromaticity"))


def _fits(mode: str, picture_mode: str) -> bool:
    """Return whether a profile for this mode can stand for an image's; gray has RGB values too."""
    if (mode == "CMYK") != (picture_mode == "CMYK"):
        return False
    return mode != "L" or picture_mode in _GRAY


def _changes_nothing(transform: Any, mode: str) -> bool:
    """Return whether a transform keeps colors as they are, up to rounding."""
    if mode == "L":
        colors = np.arange(256, dtype=np.uint8)[None]
    else:
        levels = np.arange(16, dtype=np.uint8) * 17
        colors = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(64, 64, 3)
    probe = Pillow.fromarray(colors)
    result = np.asarray(ImageCms.applyTransform(probe, transform)).astype(int)
    return int(np.abs(result - np.asarray(probe.convert("RGB"))).max()) <= _SAME


def _converted(part: Any, mode: str, transform: Any) -> Any:
    alpha = part.getchannel("A") if part.mode in ("LA", "RGBA") else None
    result: Any = ImageCms.applyTransform(part.convert(mode), transform)
    if alpha is not None:
        result.putalpha(alpha)
    return result
