# SPDX-License-Identifier: GPL-3.0-or-later
"""Task of every method: an image and a number of paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from semvec.core.drawing import Drawing, Path


@dataclass(frozen=True)
class Task:
    """One picture to draw.

    image: float32 [H, W, 3]. budget: number of paths. salient: bool [H, W] or None, where
    guided methods look. labels: int [H, W] or None, a person's segments, for those that are
    given masks. prompt: what matters, in words, for those that are told.
    effort: scales the published numbers of iterations.
    """

    image: np.ndarray
    budget: int
    salient: np.ndarray | None = None
    labels: np.ndarray | None = None
    prompt: str = ""
    seed: int = 0
    effort: float = 1.0
    threads: int = 0

    @property
    def height(self) -> int:
        """Number of rows."""
        return int(self.image.shape[0])

    @property
    def width(self) -> int:
        """Number of columns."""
        return int(self.image.shape[1])

    def iterations(self, published: int) -> int:
        """Return the published number of iterations, scaled; at least one."""
        return max(1, round(self.effort * published))

    def drawing(self, paths: list[Path]) -> Drawing:
        """Return the paths on this picture's canvas."""
        return Drawing(self.width, self.height, paths)


class Answer(NamedTuple):
    """A drawing; svg: the file of a program that writes its own, for its size."""

    drawing: Drawing
    svg: str = ""
