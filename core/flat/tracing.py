# SPDX-License-Identifier: GPL-3.0-or-later
"""A flat picture as the shapes that it was drawn with: exact colors, few and exact nodes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Literal, NamedTuple

import numpy as np

from ..bezier import rectangle
from ..drawing import Path
from ..image import Image
from ..native.library import thread_count
from ..progress import NO_PROGRESS, PreviewProgress
from ..tracing.layering import OVERRUN
from .areas import Area, find_areas, group_by_color, merge_least
from .edges import Mixtures, locate
from .fitting import fit_edge
from .labels import label_pixels, without_specks
from .palette import Palette, find_palette, premultiplied, to_bytes
from .refining import refine

Grouping = Literal["auto", "region", "color"]

# Outlines are worked out as if the picture's long side had so many pixels or more.
_LONG_SIDE = 512


class FlatDrawing(NamedTuple):
    """What a flat picture was drawn with.

    paths: in painting order, pixels of the picture. palette: uint8 [N, 4], sRGB and opacity, the
    most frequent first. labels: int32 [H, W], the color of each pixel.
    """

    paths: list[Path]
    palette: np.ndarray
    labels: np.ndarray


def trace_flat(
    image: Image,
    budget: int,
    group_by: Grouping = "auto",
    threads: int = 0,
    progress: PreviewProgress = NO_PROGRESS,
) -> FlatDrawing:
    """Draw a flat picture with at most `budget` paths.

    group_by: "region" makes each area a path, "color" takes areas of one color together where
    the painting order allows it; "auto" does so only where there are more areas than paths.
    threads: 0 uses all processors. Raises Cancelled when `progress` does.
    """
    pixels = to_bytes(image.rgb, image.alpha)
    palette = find_palette(pixels)
    labels = without_specks(label_pixels(pixels, palette), pixels, palette)
    progress.report(0.1)
    progress.check_cancelled()
    labels, areas, groups = _within_budget(labels, palette, budget, group_by)
    progress.report(0.2)
    progress.check_cancelled()
    paths = _fitted(pixels, labels, palette, areas, groups, threads)
    progress.report(0.5)
    backdrop = _backdrop(palette.colors)
    paths = refine(paths, _over(pixels, backdrop), backdrop, threads, progress)
    return FlatDrawing(paths, palette.colors, labels)


def _within_budget(
    labels: np.ndarray, palette: Palette, budget: int, group_by: Grouping
) -> tuple[np.ndarray, list[Area], list[list[int]]]:
    """The labels, their areas and the groups that become paths: no more than the budget."""
    clear = palette.colors[:, 3] == 0
    colors = premultiplied(palette.colors)
    while True:
        areas, shown = find_areas(labels, clear)
        groups = [[number] for number in range(len(areas))]
        if group_by == "color" or (group_by == "auto" and len(areas) > budget):
            groups = group_by_color(areas)
        excess = len(groups) - budget
        if excess <= 0:
            return labels, areas, groups
        merged = merge_least(labels, shown, areas, groups, colors, excess)
        if np.array_equal(merged, labels):
            return labels, areas, groups[:budget]
        labels = merged


def _fitted(
    pixels: np.ndarray,
    labels: np.ndarray,
    palette: Palette,
    areas: list[Area],
    groups: list[list[int]],
    threads: int,
) -> list[Path]:
    """One path a group, in painting order."""
    height, width = labels.shape
    padding = ((OVERRUN, OVERRUN), (OVERRUN, OVERRUN))
    mixtures = Mixtures(
        np.pad(premultiplied(pixels), (*padding, (0, 0)), mode="edge"),
        np.pad(labels, padding, mode="edge"),
        premultiplied(palette.colors),
        palette.noise,
    )
    density = max(1.0, _LONG_SIDE / max(height, width))

    def path(group: list[int]) -> Path:
        fill = palette.colors[areas[group[0]].color].astype(np.float32) / 255.0
        if areas[group[0]].covers:
            return Path([rectangle(0, 0, width, height)], fill, name="background")
        outlines = [outline for number in group for outline in areas[number].outlines]
        subpaths = [fit_edge(locate(outline, mixtures), density) for outline in outlines]
        return Path(subpaths, fill, region=group[0])

    with ThreadPoolExecutor(thread_count(threads)) as pool:
        return list(pool.map(path, groups))


def _backdrop(colors: np.ndarray) -> np.ndarray:
    """The corner of the RGB cube that is furthest from all visible colors: float32 [3]."""
    corners = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], np.float32)
    visible = colors[colors[:, 3] > 0][:, :3] / np.float32(255.0)
    if len(visible) == 0:
        return corners[0]
    distances = np.square(corners[:, None] - visible).sum(axis=2).min(axis=1)
    return corners[distances.argmax()]


def _over(pixels: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """The picture laid over a color: float32 [H, W, 3]."""
    values = premultiplied(pixels) / np.float32(255.0)
    return np.ascontiguousarray(values[..., :3] + (1 - values[..., 3:]) * backdrop, np.float32)
