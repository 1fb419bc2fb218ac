# SPDX-License-Identifier: GPL-3.0-or-later
"""Target of a drawing: an image over one or two backgrounds, and how much each pixel matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ..drawing import Path, pack
from ..rendering import native

_WHITE = np.ones(3, np.float32)


class Backdrop(NamedTuple):
    """A background color [3], and the image over it, float32 [H, W, 3]."""

    background: np.ndarray
    image: np.ndarray


@dataclass(frozen=True)
class Target:
    """Image that a drawing should match, and how much each pixel matters.

    image: float32 [H, W, 3], over the background. weight: float32 [H, W], mean 1.
    background: float32 [3], what lies beneath all paths.
    regions: int32 [H, W], the semantic regions: large ones, that shapes should keep to.
    parents: int32 [N], the semantic region that each traced region is part of.
    pixel: size of a pixel of the finished drawing, in pixels of this image.
    colors: float32 [H, W, 3], not multiplied by the opacity; None for an opaque image.
    opacity: float32 [H, W] in [0, 1]; None for an opaque image.
    transparent: whether shapes may be transparent. The error then counts over the background
    and over white alike, as over a single one color and opacity can't be told apart.
    """

    image: np.ndarray
    weight: np.ndarray
    background: np.ndarray
    regions: np.ndarray
    parents: np.ndarray
    pixel: float = 1.0
    colors: np.ndarray | None = None
    opacity: np.ndarray | None = None
    transparent: bool = False

    @cached_property
    def backdrops(self) -> list[Backdrop]:
        """The backgrounds over which the error counts, with the image over each."""
        first = Backdrop(self.background, self.image)
        if not self.transparent or self.opacity is None:
            return [first]
        rest = (1 - self.opacity)[..., None]
        return [first, Backdrop(_WHITE, self.image + rest * (_WHITE - self.background))]

    @property
    def fill_colors(self) -> np.ndarray:
        """The colors that fills are taken from: float32 [H, W, 3]."""
        return self.image if self.colors is None else self.colors

    @property
    def visible_weight(self) -> np.ndarray:
        """The weight times the opacity: float32 [H, W]."""
        return self.weight if self.opacity is None else self.weight * self.opacity

    def halved(self) -> Target:
        """Return the same at half the size; pixel (0, 0) covers [0, 2) x [0, 2) of this one."""
        colors = opacity = None
        if self.colors is not None and self.opacity is not None:
            opacity = _halved(self.opacity)
            shown = _halved(self.colors * self.opacity[..., None])
            colors = shown / np.maximum(opacity, 1e-6)[..., None]
        return Target(
            _halved(self.image),
            _halved(self.weight),
            self.background,
            self.regions[::2, ::2].copy(),
            self.parents,
            self.pixel / 2,
            colors,
            opacity,
            self.transparent,
        )

    def squared_error(self, paths: Sequence[Path], threads: int = 0) -> np.ndarray:
        """Return the weighted squared error of each pixel, the mean over backdrops: [H, W]."""
        height, width = self.weight.shape
        scene, errors = pack(paths), []
        for background, wanted in self.backdrops:
            difference = native.render(scene, width, height, background, threads) - wanted
            errors.append(self.weight * np.einsum("yxc,yxc->yx", difference, difference))
        return errors[0] if len(errors) == 1 else np.mean(errors, axis=0)


def _halved(values: np.ndarray) -> np.ndarray:
    """Return means of 2 x 2 pixels; an odd last row or column counts twice."""
    height, width = values.shape[:2]
    padding = [(0, height % 2), (0, width % 2)] + [(0, 0)] * (values.ndim - 2)
    even = np.pad(values, padding, mode="edge")
    return (even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4
