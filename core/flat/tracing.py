# SPDX-License-Identifier: GPL-3.0-or-later
"""A flat picture as the shapes that it was drawn with: exact colors, few and exact nodes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from ..bezier import rectangle
from ..drawing import Path, pack
from ..native.library import thread_count
from ..progress import NO_PROGRESS, PreviewProgress
from ..rendering.native import render
from ..tracing.layering import OVERRUN, Outline
from .areas import Area, area_of, find_areas, group_by_color, merge_least
from .border import onto_border
from .edges import Edge, locate, padded_mixtures
from .enlarging import enlarge
from .fitting import fit_edge
from .labels import label_pixels, without_specks
from .options import UNCHANGED, ColorOptions, recolored
from .palette import Palette, find_palette, premultiplied, without_edge_colors
from .refining import refine
from .shades import flattened, with_shades
from .shares import (
    SMALL_SIDE,
    Shares,
    find_shares,
    has_thin_parts,
    with_simple_edges,
    with_thin_colors,
)
from .sharing import find_shared
from .sparing import spare_nodes

# Small pictures are traced on a grid whose long side has so many pixels, each of which is so many
# times as fine at most.
_FINE_SIDE, _MOST_FACTOR = 256, 16

# What edges of small pictures are fitted in, in their pixels: viewers sample each pixel at few
# places, so that edges are off by a tenth of a pixel.
_UNIT = 0.5

# Weight of errors where a large picture is clear: shapes rather end too early than paint there.
_CLEAR_WEIGHT = 4.0

# Steps of refinement before both grids are compared.
_TRIAL_STEPS = 25

# Outlines are worked out as if the picture's long side had so many pixels or more, but on a grid
# that is no more than so many times as fine.
_LONG_SIDE, _MOST_DENSITY = 512, 4


class FlatDrawing(NamedTuple):
    """Traced shapes of a flat picture.

    paths: in painting order, pixels of the picture. palette: uint8 [N, 4], sRGB and opacity.
    labels: int32 [H, W], the color of each pixel, -1 where nothing is drawn. pixels: uint8
    [H, W, 4], what to fit the paths to. backdrop: float32 [3], the color to lay picture and paths
    over when they are compared; None where their colors differ by request.
    """

    paths: list[Path]
    palette: np.ndarray
    labels: np.ndarray
    pixels: np.ndarray
    backdrop: np.ndarray | None


def trace_flat(
    pixels: np.ndarray,
    budget: int,
    group_by: str = "auto",
    threads: int = 0,
    options: ColorOptions = UNCHANGED,
) -> FlatDrawing:
    """Trace a flat picture, uint8 [H, W, 4] of `to_bytes`, with at most `budget` paths.

    Shades keep their gradients; where colors are asked for, they are of one color each.

    group_by: "region" makes each area a path, "color" takes areas of one color together where
    the painting order allows it; "auto" does so only where there are more areas than paths.
    threads: 0 uses all processors.
    """
    keeps_colors = not options.most and not options.merge and options.given is None
    flat = flattened(pixels, by_means=not keeps_colors)
    picture = _labeled(flat.pixels, threads)
    labels, drawn, clear = recolored(picture.labels, picture.palette, options)
    beneath = picture.beneath if keeps_colors and not options.leave_out else None
    labels, areas, groups = _within_budget(labels, drawn, clear, beneath, budget, group_by)
    paths = _fitted(
        picture, drawn.colors, areas, groups, threads, _outside(picture.labels, clear[labels])
    )
    middle = slice(picture.factor // 2, None, picture.factor)
    labels = labels[middle, middle]
    backdrop = _backdrop(drawn.colors, clear) if keeps_colors else None
    if keeps_colors:
        paths = with_shades(paths, flat.shades)
    labels = np.where(clear[labels], -1, labels)
    wanted = np.where(picture.doubled[..., None], picture.pixels, pixels)
    return FlatDrawing(paths, drawn.colors, labels, wanted, backdrop)


def refine_flat(
    traced: FlatDrawing,
    threads: int = 0,
    progress: PreviewProgress = NO_PROGRESS,
) -> list[Path]:
    """Fit traced paths to the picture with few nodes, unless their colors differ by request.

    On a request to cancel, the paths so far are returned.
    """
    if traced.backdrop is None:
        return traced.paths
    picture = _over(traced.pixels, traced.backdrop)
    weight = None
    if max(picture.shape[:2]) >= SMALL_SIDE:
        clear = traced.pixels[..., 3] == 0
        weight = np.where(clear, np.float32(_CLEAR_WEIGHT), np.float32(1.0))
    paths = refine(traced.paths, picture, traced.backdrop, threads, progress, weight=weight)
    paths = spare_nodes(paths, picture, traced.backdrop, threads, progress, weight)
    height, width = picture.shape[:2]
    return onto_border(paths, width, height)


def trace_labels(
    labels: np.ndarray, pixels: np.ndarray, palette: Palette, threads: int = 0
) -> list[Path]:
    """Trace what has known colors: one path for each color that is not clear, none beneath another.

    labels: int32 [H, W], the color of the palette that each pixel has most of. pixels: uint8
    [H, W, 4]. threads: 0 uses all processors.
    """
    never = np.zeros(labels.shape, bool)
    picture = _Labeled(pixels, never, palette, labels, premultiplied(pixels), 1, 1.0, {}, None)
    shown = [int(n) for n in np.unique(labels) if palette.colors[n, 3] > 0]
    areas = [area_of(labels, number) for number in shown]
    groups = [[place] for place in range(len(areas))]
    return _fitted(picture, palette.colors, areas, groups, threads)


class _Labeled(NamedTuple):
    """A picture divided between flat colors, on a grid that is `factor` times as fine.

    pixels: uint8 [h, w, 4] of the picture; doubled: bool [h, w], those in which an edge that two
    shapes have in common was made simple. labels: int32 [H, W]. values: float32 [H, W, 4],
    premultiplied, of 255. unit: pixels of the
    grid that edges are exact to a few hundredths of. fits: the outlines fitted so far, by their
    sides and where they show. beneath: bool [N, H, W], edges at which each color ends beneath
    another (`Shared`); None where all are simple.
    """

    pixels: np.ndarray
    doubled: np.ndarray
    palette: Palette
    labels: np.ndarray
    values: np.ndarray
    factor: int
    unit: float
    fits: dict[tuple[bytes, ...], np.ndarray]
    beneath: np.ndarray | None


def _labeled(pixels: np.ndarray, threads: int) -> _Labeled:
    """Find the color that each place of a picture has; small ones on a finer grid.

    Where a small picture has no thin parts, outlines of both grids are tried.
    """
    palette, side = find_palette(pixels), max(pixels.shape[:2])
    if side >= SMALL_SIDE:
        palette = with_thin_colors(pixels, palette)
        shared = None if palette.noise else find_shared(pixels, palette)
        never = np.zeros(pixels.shape[:2], bool)
        if shared is None:
            return _plain(pixels, never, palette)
        return _plain(shared.simple, never, palette)._replace(beneath=shared.beneath)
    palette = without_edge_colors(palette, pixels)
    shares = find_shares(pixels, palette)
    pixels = with_simple_edges(pixels, shares)
    enlarged = _enlarged(pixels, shares)
    if has_thin_parts(shares, palette):
        return enlarged
    plain = _plain(pixels, shares.doubled, palette)
    return min(plain, enlarged, key=lambda each: _misfit(each, threads))


def _plain(pixels: np.ndarray, doubled: np.ndarray, palette: Palette) -> _Labeled:
    """Return a picture on its own grid."""
    labels = without_specks(label_pixels(pixels, palette), pixels, palette)
    return _Labeled(pixels, doubled, palette, labels, premultiplied(pixels), 1, 1.0, {}, None)


def _enlarged(pixels: np.ndarray, shares: Shares) -> _Labeled:
    """Return a small picture on a finer grid."""
    factor = min(round(_FINE_SIDE / max(pixels.shape[:2])), _MOST_FACTOR)
    palette = shares.palette
    fine = enlarge(shares, premultiplied(palette.colors), factor)
    unit = _UNIT * factor
    return _Labeled(
        pixels, shares.doubled, palette, fine.labels, fine.values, factor, unit, {}, None
    )


def _misfit(picture: _Labeled, threads: int) -> float:
    """Return the squared error of a picture's outlines, refined, times the number of nodes."""
    colors = picture.palette.colors
    clear = colors[:, 3] == 0
    areas, _ = find_areas(picture.labels, clear, colors[:, 3])
    groups = [[number] for number in range(len(areas))]
    backdrop = _backdrop(colors, clear)
    wanted = _over(picture.pixels, backdrop)
    outside = _outside(picture.labels, clear[picture.labels])
    fitted = _fitted(picture, colors, areas, groups, threads, outside)
    paths = refine(fitted, wanted, backdrop, threads, steps=_TRIAL_STEPS)
    height, width = wanted.shape[:2]
    shown = render(pack(paths), width, height, tuple(backdrop.tolist()), threads=threads)
    return float(np.square(shown - wanted).sum()) * sum(path.nodes for path in paths)


def _within_budget(
    labels: np.ndarray,
    palette: Palette,
    clear: np.ndarray,
    beneath: np.ndarray | None,
    budget: int,
    group_by: str,
) -> tuple[np.ndarray, list[Area], list[list[int]]]:
    """Return the labels, their areas and the groups that become paths: no more than the budget."""
    colors = premultiplied(palette.colors)
    while True:
        areas, shown = find_areas(labels, clear, palette.colors[:, 3], beneath)
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
    picture: _Labeled,
    colors: np.ndarray,
    areas: list[Area],
    groups: list[list[int]],
    threads: int,
    outside: int | None = None,
) -> list[Path]:
    """Fit one path to each group, in painting order and the picture's pixels.

    colors: uint8 [N, 4], to fill with. outside: the color beyond the canvas (`padded_mixtures`).
    """
    unit = picture.unit
    mixtures = padded_mixtures(picture.values, picture.labels, picture.palette, outside)
    height, width = (side - 2 * OVERRUN for side in mixtures.labels.shape)
    finer = min(_LONG_SIDE / max(height, width), _MOST_DENSITY)
    density = 1.0 if unit > 1 else max(1.0, finer)

    def fitted(outline: Outline) -> np.ndarray:
        places = outline.vertices + outline.corner
        key = tuple(part.tobytes() for part in (places, outline.shows, outline.tolerances))
        if key not in picture.fits:
            edge = _scaled(locate(outline, mixtures), 1.0 / unit)
            picture.fits[key] = unit * fit_edge(edge, density * unit)
        return picture.fits[key]

    def path(group: list[int]) -> Path:
        fill = colors[areas[group[0]].color].astype(np.float32) / 255.0
        if areas[group[0]].covers:
            return Path([rectangle(0, 0, width, height)], fill, name="background")
        outlines = [outline for number in group for outline in areas[number].outlines]
        return Path([fitted(outline) for outline in outlines], fill, region=group[0])

    with ThreadPoolExecutor(thread_count(threads)) as pool:
        paths = list(pool.map(path, groups))
    if picture.factor == 1:
        return paths
    return [path.scaled(np.full(2, 1.0 / picture.factor)) for path in paths]


def _outside(labels: np.ndarray, is_clear: np.ndarray) -> int | None:
    """Return the color that most pixels have where nothing is drawn, bool [H, W], None if none."""
    return int(np.bincount(labels[is_clear]).argmax()) if is_clear.any() else None


def _scaled(edge: Edge, by: float) -> Edge:
    """Return an edge in other units of length."""
    return Edge(edge.points * by, edge.shows, edge.tolerances * by)


def _backdrop(colors: np.ndarray, clear: np.ndarray) -> np.ndarray:
    """Choose what lies beneath: a color that is left out, or one far from all others: float32 [3].

    colors: uint8 [N, 4]; clear: bool [N], those that are not drawn.
    """
    left_out = np.flatnonzero(clear & (colors[:, 3] > 0))
    if len(left_out):
        return colors[left_out[0], :3] / np.float32(255.0)
    corners = np.array([[r, g, b] for r in (0, 1) for g in (0, 1) for b in (0, 1)], np.float32)
    visible = colors[~clear, :3] / np.float32(255.0)
    if len(visible) == 0:
        return corners[0]
    distances = np.square(corners[:, None] - visible).sum(axis=2).min(axis=1)
    return corners[distances.argmax()]


def _over(pixels: np.ndarray, backdrop: np.ndarray) -> np.ndarray:
    """Return the picture laid over a color: float32 [H, W, 3]."""
    values = premultiplied(pixels) / np.float32(255.0)
    return np.ascontiguousarray(values[..., :3] + (1 - values[..., 3:]) * backdrop, np.float32)
