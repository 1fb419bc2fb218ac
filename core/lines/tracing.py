# SPDX-License-Identifier: GPL-3.0-or-later
"""A line drawing as strokes on center lines, fills where areas are filled, and its paper."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..bezier import rectangle
from ..drawing import Path, Stroke
from ..segmentation.distances import distances
from ..segmentation.windows import doubled, smoothed
from ..strokes.outline import stroke_outline
from .centering import lengths_of
from .fills import Fill, without_fills
from .fitting import fit_stroke
from .graph import graph_of, simplify
from .ink import SMOOTHED_NOISE, Ink, find_ink
from .joining import Chain, chains_of
from .lettering import with_outlined_signs
from .outlines import outlined_ink
from .skeleton import ink_mask, thinned

# Long side up to which pixels are divided by two to find the skeleton.
_DIVIDED_SIDE = 1600

# Visible strokes have so much ink: coverage summed over pixels; more of it where there is noise.
_LEAST_INK, _LEAST_INK_OF_NOISE = 0.6, 700.0

# Width below which a line is of paler ink, in pixels.
_HAIRLINE = 0.5

# Difference in sRGB up to which a color is the one to be left out.
_SAME = 0.05


class LineDrawing(NamedTuple):
    """A traced line drawing.

    paths: in painting order, pixels of the picture: paper, fills, strokes. left_out: the number
    of paths that the budget had no room for.
    """

    paths: list[Path]
    left_out: int


def trace_lines(
    pixels: np.ndarray, budget: int, leave_out: str | tuple[int, int, int] = ""
) -> LineDrawing:
    """Trace a line drawing, uint8 [H, W, 4], with at most `budget` paths.

    leave_out: "background" for the paper, which is a path of the budget where it is opaque, or a
    color that nothing is drawn in.
    """
    return trace_strokes(find_ink(pixels), budget, leave_out)


def trace_strokes(
    ink: Ink, budget: int, leave_out: str | tuple[int, int, int] = "", threads: int = 0
) -> LineDrawing:
    """Trace ink as strokes, filled areas and outlined signs, as `trace_lines` does."""
    fills, strokes = _traced(ink)
    drawn = [*fills, *(_path(stroke, ink) for stroke in strokes)]
    return _drawing(with_outlined_signs(drawn, ink, threads), ink, budget, leave_out)


def trace_outlines(
    ink: Ink, budget: int, leave_out: str | tuple[int, int, int] = "", threads: int = 0
) -> LineDrawing:
    """Trace ink as filled outlines, one path a color, otherwise as `trace_lines` does."""
    return _drawing(outlined_ink(ink, threads), ink, budget, leave_out)


def _drawing(
    drawn: list[Path], ink: Ink, budget: int, leave_out: str | tuple[int, int, int]
) -> LineDrawing:
    """Return the paper and, of what was drawn on it, what the budget has room for."""
    height, width = ink.coverage.shape
    paths = []
    if ink.paper is not None and leave_out != "background":
        fill = np.append(ink.paper, 1.0).astype(np.float32)
        paths.append(Path([rectangle(0, 0, width, height)], fill, name="background"))
    if isinstance(leave_out, tuple):
        color = np.array(leave_out) / 255.0
        paths, drawn = (
            [path for path in each if np.abs(path.fill[:3] - color).max() > _SAME]
            for each in (paths, drawn)
        )
    room = max(budget - len(paths), 0)
    kept = sorted(np.argsort([-_visible(path) for path in drawn], kind="stable")[:room].tolist())
    return LineDrawing([*paths, *(drawn[i] for i in kept)], len(drawn) - len(kept))


def _traced(ink: Ink) -> tuple[list[Path], list[tuple[Stroke, Chain]]]:
    """Return the filled areas as paths, and the strokes with what they were fitted to."""
    if not len(ink.colors):
        return [], []
    coverage = ink.coverage
    if ink.noise > SMOOTHED_NOISE:
        coverage = smoothed(coverage)
    scale = 2 if max(coverage.shape) <= _DIVIDED_SIDE else 1
    large = doubled(coverage) if scale == 2 else coverage
    mask = ink_mask(large, ink.noise, scale)
    radii = distances(mask)
    found: Fill = without_fills(mask, radii, thinned(mask), ink, scale)
    graph = graph_of(found.skeleton, radii, scale)
    simplify(graph)
    chains = chains_of(graph, ink.coverage, ink.labels, ink.noise)
    least = _LEAST_INK + _LEAST_INK_OF_NOISE * max(ink.noise - 0.005, 0.0)
    strokes = [(fit_stroke(chain), chain) for chain in chains if _ink_of(chain) >= least]
    return found.paths, strokes


def _ink_of(chain: Chain) -> float:
    """Return the area of a chain's ink in pixels."""
    return float(lengths_of(chain.points)[-1] + chain.width) * chain.width


def _path(found: tuple[Stroke, Chain], ink: Ink) -> Path:
    """Return a stroke as a path of the color that most of it has.

    What would be thinner than half a pixel is taken for paler ink, one pixel wide.
    """
    stroke, chain = found
    color = ink.colors[int(np.bincount(chain.inks).argmax())]
    width = float(stroke.widths.max())
    if ink.paper is not None and width < _HAIRLINE:
        color = ink.paper + width * (color - ink.paper)
        stroke = replace(stroke, widths=stroke.widths / np.float32(width))
    fill = np.append(color, 1.0).astype(np.float32)
    return Path(stroke_outline(stroke), fill, kind="detail", stroke=stroke)


def _visible(path: Path) -> float:
    """Return how much of the picture a path covers, about, in pixels."""
    if path.stroke is None:
        return float("inf")
    length = lengths_of(path.stroke.points[::3].astype(np.float64))[-1]
    width = float(path.stroke.widths.mean())
    return float(length + width) * width
