# SPDX-License-Identifier: GPL-3.0-or-later
"""Colors of the settings for photographs: what is left out, what is drawn, and the palette."""

from __future__ import annotations

import numpy as np

from ..errors import ImageError
from ..flat.leaving_out import cleared, find_left_out
from ..flat.palette_file import color_to_leave_out, parse_palette
from ..flat.photo_palette import photo_palette, posterized
from ..image import Image
from ..settings import Settings


def without_left_out(work: Image, leave_out: str) -> Image:
    """Return the image with the color that the setting names transparent.

    Raises PaletteError; ImageError where nothing is left.
    """
    wanted = color_to_leave_out(leave_out)
    if not wanted:
        return work
    alpha = np.ones(work.rgb.shape[:2], np.float32) if work.alpha is None else work.alpha
    left_out, color = find_left_out(work.rgb, alpha, wanted)
    if not left_out.any():
        return work
    rgb, opacity = cleared(work.rgb, alpha, left_out, color)
    if not opacity.any():
        raise ImageError("All of the image is left out.", "Leave out another color, or nothing.")
    return Image(rgb, opacity)


def in_palette(work: Image, settings: Settings) -> tuple[Image, np.ndarray | None]:
    """Return the image in the colors of the settings, and these: float32 [N, 3], None for any.

    Shapes are found in that image, so that they follow its areas of one color. Of a given
    palette with more colors than asked for, those are used that show the image best. Raises
    PaletteError.
    """
    given = parse_palette(settings.palette) if settings.palette.strip() else None
    if given is None and not settings.colors:
        return work, None
    weight = np.ones(work.rgb.shape[:2], np.float32) if work.alpha is None else work.alpha
    if given is None:
        palette = photo_palette(work.rgb, weight, settings.colors)
    else:
        palette = given
        if settings.colors and len(given) > settings.colors:
            shown = posterized(work.rgb, given)
            palette = _most_used(shown, weight, given, settings.colors)
    colors = palette.astype(np.float32) / np.float32(255.0)
    return Image(posterized(work.rgb, palette), work.alpha), colors


def _most_used(shown: np.ndarray, weight: np.ndarray, given: np.ndarray, count: int) -> np.ndarray:
    """Return the `count` colors of a palette that most of a posterized picture has."""
    colors = given / np.float32(255.0)
    shares = [float(weight[(shown == color).all(axis=2)].sum()) for color in colors]
    return given[np.sort(np.argsort(shares, kind="stable")[::-1][:count])]
