# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice between opaque and transparent shapes for an image with transparency.

A cut-out has opacities between 0 and 1 only along its anti-aliased edge, and is drawn with
opaque shapes. Where whole areas are half transparent, as glass and shadows are, shapes get
opacities of their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..errors import ImageError
from ..image import Image

# Opacities in between are neither clear nor opaque; beyond, 8-bit rounding and compression.
_CLEAR, _OPAQUE = 0.04, 0.96

# Opacity from which on pixels of half transparent areas are drawn.
_FAINTEST = 0.008

# Distance in pixels from an edge within which opacities in between belong to the edge.
_EDGE = 2

# Fraction of the visible pixels that half transparent areas must have to be drawn as such.
_LEAST_AREA = 0.0005

# Pixels of less than this fraction of the largest opacity nearby lie outside of the drawing.
_VISIBLE = 0.5


class Opacity(NamedTuple):
    """Opacity that a drawing should have.

    inside: bool [H, W], the pixels to draw on; None for all. wanted: float32 [H, W] in [0, 1];
    None for an opaque image. transparent: whether shapes may be transparent.
    """

    inside: np.ndarray | None
    wanted: np.ndarray | None
    transparent: bool

    @property
    def name(self) -> str:
        """The choice in a word: "opaque" or "transparent" shapes."""
        return "transparent" if self.transparent else "opaque"


def choose_opacity(image: Image, transparency: str) -> Opacity:
    """Return the opacity to draw an image with.

    transparency: the setting: "automatic", "always" or "opaque".
    Raises ImageError where nothing is visible.
    """
    if image.alpha is None:
        return Opacity(None, None, transparency == "always")
    if not image.alpha.any():
        raise ImageError("The image is fully transparent.", "Choose another image.")
    transparent = transparency == "always" or (
        transparency == "automatic" and has_transparent_areas(image.alpha)
    )
    if transparent:
        return Opacity(_visible(image.alpha), image.alpha, True)
    return _sharpened(image.alpha)


def has_transparent_areas(alpha: np.ndarray) -> bool:
    """Return whether areas, and not only edges, of an opacity [H, W] are half transparent."""
    return float(_inner_areas(alpha).sum()) > _LEAST_AREA * float((alpha > _CLEAR).sum())


def _inner_areas(alpha: np.ndarray, clear: float = _CLEAR) -> np.ndarray:
    """Return 1 for half transparent pixels that are surrounded by such pixels: [H, W]."""
    between = ((alpha > clear) & (alpha < _OPAQUE)).astype(np.float32)
    return 1.0 - _largest_nearby(1.0 - between)


def _area_opacity(alpha: np.ndarray) -> np.ndarray:
    """Return the opacity of half transparent areas, and 0 elsewhere: [H, W]."""
    areas = _largest_nearby(_inner_areas(alpha, _FAINTEST)) > 0
    return np.where(areas & (alpha < _OPAQUE), alpha, np.float32(0))


def _visible(alpha: np.ndarray) -> np.ndarray:
    """Return the pixels to draw on, up to the middle of edges: bool [H, W].

    Half transparent areas end where they are half as opaque as the rest of the area nearby, and
    not where they are fainter than an opaque shape beside them.
    """
    least = min(_FAINTEST, _VISIBLE * float(alpha.max()))
    inside = np.zeros(alpha.shape, bool)
    for part in (alpha, _area_opacity(alpha)):
        inside |= (part > 0) & (part >= np.maximum(_VISIBLE * _largest_nearby(part), least))
    return inside


def _sharpened(alpha: np.ndarray) -> Opacity:
    """Return full opacity inside, none outside, and anti-aliasing along the border alone."""
    inside = alpha >= _VISIBLE
    if not inside.any():  # all is faint
        inside = alpha >= _VISIBLE * alpha.max()
    interior = 1.0 - _largest_nearby(1.0 - inside, 1)
    border = (_largest_nearby(inside.astype(np.float32), 1) > 0) & (interior == 0)
    relative = alpha / np.maximum(_largest_nearby(alpha, 1), 1e-6)
    wanted = np.where(border, np.minimum(relative, 1.0), interior)
    return Opacity(inside, wanted.astype(np.float32), False)


def _largest_nearby(values: np.ndarray, reach: int = _EDGE) -> np.ndarray:
    """Return the maximum over the square of 2·reach + 1 pixels around each pixel: [H, W]."""
    for axis in (0, 1):
        padded = np.pad(values, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], "edge")
        size = values.shape[axis]
        values = np.max(
            [padded.take(range(i, i + size), axis) for i in range(2 * reach + 1)], axis=0
        )
    return values


def region_opacities(labels: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Return the opacity of each region: float64 [N], 1 where it is almost full.

    labels: int32 [H, W], -1 outside. The median, as pixels along edges say nothing.
    """
    inside = labels >= 0
    order = np.argsort(labels[inside], kind="stable")
    sorted_labels, values = labels[inside][order], opacity[inside][order]
    starts = np.searchsorted(sorted_labels, np.arange(1, int(labels.max(initial=0)) + 1))
    medians = np.array([np.median(part) if len(part) else 1.0 for part in np.split(values, starts)])
    return np.where(medians >= _OPAQUE, 1.0, medians)


def over_contrast(image: Image) -> Image:
    """Return the image over black or white, whichever its half transparent parts differ from.

    Differences of opacity become differences of color, which masks are found by.
    """
    if image.alpha is None:
        return image
    between = image.alpha * (1 - image.alpha)
    brightness = float((image.rgb.mean(axis=2) * between).sum() / max(between.sum(), 1e-9))
    background = 0.0 if brightness > 0.5 else 1.0
    # Along an edge, the opacity of what it bounds: else its pixels would be masks of their own.
    areas = _area_opacity(image.alpha)
    bounded = np.where(areas > 0, _largest_nearby(areas), _largest_nearby(image.alpha))
    alpha = bounded[..., None]
    return Image((background + alpha * (image.rgb - background)).astype(np.float32), image.alpha)
