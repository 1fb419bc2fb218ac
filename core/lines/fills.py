# SPDX-License-Identifier: GPL-3.0-or-later
"""Filled areas of a line drawing: ink that is thicker than lines and not long."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..drawing import Path
from ..flat.tracing import trace_flat
from ..segmentation.distances import distances
from ..segmentation.regions import connected_components
from .ink import Ink

# Ink is thick from so many times the usual radius of lines on, and so many pixels more than it.
_THICK, _THICKER = 2.2, 2.5

# A thick part is a line where its skeleton is so many times its radius long.
_LONG = 5.0

# Anti-aliased pixels around a filled area, in pixels of the picture.
_RIM = 1.5


class Fill(NamedTuple):
    """The filled areas as paths, and the skeleton of the rest: bool [H, W]."""

    paths: list[Path]
    skeleton: np.ndarray


def without_fills(
    mask: np.ndarray, radii: np.ndarray, skeleton: np.ndarray, ink: Ink, scale: int
) -> Fill:
    """Separate filled areas from lines.

    mask, radii, skeleton: [H, W], of a picture at `scale` times its size; radii: distances to the
    edge of the ink.
    """
    along = radii[skeleton]
    if not len(along):
        return Fill([], skeleton)
    usual = float(np.median(along))
    limit = max(_THICK * usual, usual + _THICKER * scale)
    cores = connected_components(np.where(radii > limit, 0, -1))
    if cores.max(initial=-1) < 0:
        return Fill([], skeleton)
    keep = _compact(cores, radii, skeleton)
    core = np.isin(cores, np.flatnonzero(keep))
    if not core.any():
        return Fill([], skeleton)
    beyond = distances(~core)
    area = mask & (beyond < limit + _RIM * scale)
    inner = beyond < 0.5 * limit
    return Fill(outlined(area, ink, scale), skeleton & ~(inner & mask) & ~core)


def _compact(cores: np.ndarray, radii: np.ndarray, skeleton: np.ndarray) -> np.ndarray:
    """Return which thick parts are areas rather than thick lines: bool [N]."""
    count = int(cores.max()) + 1
    inside = cores >= 0
    lengths = np.bincount(cores[skeleton & inside], minlength=count)
    largest = np.zeros(count)
    np.maximum.at(largest, cores[inside], radii[inside])
    # A disc's skeleton is short as well, but a dot is a stroke.
    return lengths < _LONG * largest


def outlined(area: np.ndarray, ink: Ink, scale: int, group_by: str = "auto") -> list[Path]:
    """Trace the ink within areas, bool [H, W] at `scale` times the size: paths of its colors."""
    height, width = ink.coverage.shape
    whole = area.reshape(height, scale, width, scale).any(axis=(1, 3))
    pixels = np.zeros((height, width, 4), np.uint8)
    share = np.clip(ink.coverage, 0.0, 1.0) * whole
    share[share > 0.98], share[share < 0.02] = 1.0, 0.0
    colors = np.rint(ink.colors * 255.0).astype(np.uint8)
    pixels[..., :3] = colors[ink.labels]
    pixels[..., 3] = np.rint(share * 255.0).astype(np.uint8)
    pixels[pixels[..., 3] == 0] = 0
    solid = np.array([0.0, 0.0, 0.0, 1.0], np.float32)
    traced = [path for path in trace_flat(pixels, 4096, group_by).paths if path.fill[3] > 0.5]
    return [replace(path, fill=np.maximum(path.fill, solid)) for path in traced]
