# SPDX-License-Identifier: GPL-3.0-or-later
"""Square views of an image of any shape, and the combination of their maps into one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

# Longer images are squeezed to this many squares.
_LONGEST = 4.0


@dataclass(frozen=True)
class Views:
    """Windows of `side` pixels into an image scaled to height x width, the short side `side`.

    They lie along the long side, overlapping by half or more. corners: (top, left) of each;
    windows may reach `margin` pixels beyond the border, where the
    edge pixels are repeated.
    """

    height: int
    width: int
    side: int
    margin: int
    corners: tuple[tuple[int, int], ...]

    def cut(self, image: Tensor) -> Tensor:
        """Cut an image [3, H, W] into the views [V, 3, side, side]."""
        import torch
        from torch.nn import functional

        size = (self.height, self.width)
        scaled = functional.interpolate(image[None], size, mode="bicubic", antialias=True)
        padded = functional.pad(scaled, (self.margin,) * 4, mode="replicate")[0]
        return torch.stack([padded[:, rows, columns] for rows, columns in self._windows()])

    def join(self, maps: Tensor, height: int, width: int) -> Tensor:
        """Average the maps [V, g, g] of the views where they overlap: [height, width].

        The weight of a view falls towards its borders, so that no seam is visible.
        """
        import torch
        from torch.nn import functional

        size = (self.side, self.side)
        found = functional.interpolate(maps[:, None], size, mode="bilinear")[:, 0]
        total = maps.new_zeros(self.height + 2 * self.margin, self.width + 2 * self.margin)
        count = total.clone()
        from_border = torch.minimum(torch.arange(self.side), torch.arange(self.side).flip(0))
        counts = (1.0 + torch.minimum(from_border[:, None], from_border)).to(total)
        for window, values in zip(self._windows(), found, strict=True):
            total[window] += counts * values
            count[window] += counts
        rows = slice(self.margin, self.margin + self.height)
        columns = slice(self.margin, self.margin + self.width)
        mean = (total / count.clamp(min=1.0))[rows, columns]
        resized = functional.interpolate(
            mean[None, None], (height, width), mode="bilinear", antialias=True
        )
        return resized[0, 0]

    def _windows(self) -> list[tuple[slice, slice]]:
        """Return the rows and columns of each view in the padded image."""
        return [
            (
                slice(top + self.margin, top + self.margin + self.side),
                slice(left + self.margin, left + self.margin + self.side),
            )
            for top, left in self.corners
        ]


def arrange_views(height: int, width: int, side: int, shift: int) -> Views:
    """Arrange windows that cover an image four times, each moved diagonally by `shift` pixels.

    side: pixels of the model's square input. With a shift of a quarter of a patch,
    the four together see a grid of half the patch.
    """
    scale = side / min(height, width)
    longest = round(_LONGEST * side)
    scaled_height = min(max(side, round(height * scale)), longest)
    scaled_width = min(max(side, round(width * scale)), longest)
    moves = (-shift, shift) if shift else (0,)
    corners = tuple(
        (top + down, left + right)
        for top in _starts(scaled_height, side)
        for left in _starts(scaled_width, side)
        for down, right in product(moves, moves)
    )
    return Views(scaled_height, scaled_width, side, shift, corners)


def _starts(length: int, side: int) -> list[int]:
    """Return starts of windows that cover `length`, overlapping the next by half or more."""
    steps = math.ceil(2 * (length - side) / side)
    return [round(i * (length - side) / max(steps, 1)) for i in range(steps + 1)]
