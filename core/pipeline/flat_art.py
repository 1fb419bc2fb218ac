# SPDX-License-Identifier: GPL-3.0-or-later
"""Flat art, line art and pixel art: the stages that take the place of those for photographs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..clustering.merge_tree import MergeTree
from ..clustering.merging import cluster
from ..drawing import Path
from ..flat.kind import Kind, has_shades, is_pixel_art, recognize
from ..flat.options import ColorOptions
from ..flat.palette import find_palette, pixel_codes, to_bytes
from ..flat.palette_file import color_to_leave_out, parse_palette
from ..flat.pixel_art import trace_pixels
from ..flat.texture import is_textured
from ..flat.tracing import FlatDrawing, refine_flat, trace_flat
from ..image import Image, resize
from ..lines.ink import find_ink
from ..lines.outlines import count_pieces
from ..lines.recognition import is_line_art
from ..lines.tracing import trace_outlines, trace_strokes
from ..progress import PreviewProgress
from ..segmentation.regions import connected_components
from ..settings import Settings

# Long side up to which kinds are recognized in the image itself: enlarged pixel art is not
# recognized once it is scaled down.
_RECOGNIZED_SIDE = 2048


# Long side at which line art is recognized, and up to which it is traced: lines are lost where a
# picture is scaled down.
_LINES_SEEN, _LINES_TRACED = 512, 2048


# Deviation of ink's coverage from which on it is that of a scan, or of a compressed picture.
_LEAST_NOISE = 0.005


# Fraction of flat art that edges fill where its parts are thin for the working size, and how many
# times this size it is then drawn at, at most. Icons have up to 0.04 at 512 pixels, letters 10
# pixels high more. Pages full of letters have more edges than this, in pixels, and would take long.
_EDGES, _ENLARGED, _MOST_EDGES = 0.04, 2, 40_000


class TracedArt(NamedTuple):
    """Traced art, in working pixels.

    kind: what it was traced as. paths: in painting order. areas: int32 [H, W], connected areas of
    one color, -1 where nothing is drawn. flat: what flat art was traced to; None for other kinds,
    whose paths are final.
    left_out: the number of paths that the budget had no room for.
    """

    kind: Kind
    paths: list[Path]
    areas: np.ndarray
    flat: FlatDrawing | None = None
    left_out: int = 0


def kind_of(image: Image, work: Image, settings: Settings, is_guided: bool) -> Kind:
    """Return the kind of picture that the settings name, or the recognized one.

    is_guided: whether masks or saliency are given. These, SAM, an exact number of paths and the
    published refinement are for photographs only.
    """
    is_photo = is_guided or settings.segmenter == "sam" or settings.exact
    is_photo = is_photo or settings.refinement == "published"
    if settings.kind == "auto" and not is_photo:
        seen = image if max(image.width, image.height) <= _RECOGNIZED_SIDE else work
        pixels = to_bytes(seen.rgb, seen.alpha)
        small = resize(image, _LINES_SEEN)
        if not is_pixel_art(pixels) and is_line_art(to_bytes(small.rgb, small.alpha)):
            return "flat" if has_shades(pixels, on_paper=True) else "line"
        kind = recognize(pixels)
        return "photo" if kind == "flat" and is_textured(to_bytes(work.rgb, work.alpha)) else kind
    kinds: dict[str, Kind] = {"flat": "flat", "line": "line", "pixel": "pixel"}
    return kinds.get(settings.kind, "photo")


def with_thin_parts(image: Image, work: Image) -> Image:
    """Return the working picture of flat art; a larger one where it would lose thin parts."""
    side, full = max(work.width, work.height), max(image.width, image.height)
    if side >= full:
        return work
    larger = min(_ENLARGED * side, full)
    edges = find_palette(to_bytes(work.rgb, work.alpha)).numbers < 0
    takes_long = edges.sum() * larger / side > _MOST_EDGES
    return work if takes_long or edges.mean() <= _EDGES else resize(image, larger)


def ignored_settings(kind: Kind, settings: Settings) -> list[str]:
    """Return a sentence for settings that were changed and have no effect on this picture."""
    default = Settings()
    sentences = []
    for reason, names in _useless(kind, settings):
        changed = [name for name in names if getattr(settings, name) != getattr(default, name)]
        if changed:
            listed = ", ".join(name.replace("_", " ") for name in changed)
            sentences.append(f"Ignored, because {reason}: {listed}")
    return sentences


def _useless(kind: Kind, settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield names of settings that have no effect, with the reason."""
    if kind != "photo":
        yield "it applies to photographs only", ("fills", "nodes")
    elif settings.colors or settings.palette.strip():
        yield "the colors are given", ("fills", "merge_colors")
    if kind == "line":
        yield "line art keeps the colors of its ink", ("colors", "palette")
    if settings.group_by == "object":
        if kind != "photo":
            yield "objects are those of photographs", ("group_by",)
    elif kind in ("photo", "line") and settings.layering != "cut-out":
        yield "it applies to flat art and cut-out drawings", ("group_by",)


def left_out_note(traced: TracedArt) -> list[str]:
    """Return a sentence where the budget had no room for strokes."""
    count = traced.left_out
    if not count:
        return []
    strokes = "stroke" if count == 1 else "strokes"
    return [f"Left out, because the budget is smaller: the {count} least visible {strokes}"]


def traced_art(kind: Kind, image: Image, work: Image, settings: Settings) -> TracedArt:
    """Trace art with at most the budget's paths: line and pixel art at the size of the image.

    Raises PaletteError for colors in the settings that can't be read.
    """
    options = color_options(settings)
    if kind == "line":
        return _traced_lines(image, work, settings, options)
    if kind == "flat":
        return _traced_flat(work, settings)
    full, pixels = to_bytes(image.rgb, image.alpha), to_bytes(work.rgb, work.alpha)
    factors = np.array([work.width / image.width, work.height / image.height])
    paths = [path.scaled(factors) for path in trace_pixels(full, settings.budget, options)]
    colors = np.unique(pixel_codes(pixels), return_inverse=True)[1].reshape(pixels.shape[:2])
    areas = connected_components(np.where(pixels[..., 3] > 0, colors, -1))
    return TracedArt(kind, paths, areas)


def _traced_flat(work: Image, settings: Settings) -> TracedArt:
    """Trace flat art."""
    group_by = "auto" if settings.group_by == "object" else settings.group_by
    pixels, options = to_bytes(work.rgb, work.alpha), color_options(settings)
    traced = trace_flat(pixels, settings.budget, group_by, settings.threads, options)
    return TracedArt("flat", traced.paths, connected_components(traced.labels), traced)


def _traced_lines(
    image: Image, work: Image, settings: Settings, options: ColorOptions
) -> TracedArt:
    """Trace line art. Its paper is left out where that, or its color, is asked for.

    What was recognized as line art has outlines instead of strokes where the budget has no room
    for most of these, as outlines of one color share a path: of flat art, or of the ink where that
    is noisy.
    """
    full = resize(image, max(settings.resolution, _LINES_TRACED))
    ink = find_ink(to_bytes(full.rgb, full.alpha))
    budget, leave_out = settings.budget, options.leave_out
    as_asked = settings.kind == "line"
    traced = None
    if as_asked or count_pieces(ink) <= 2 * budget:
        traced = trace_strokes(ink, budget, leave_out, settings.threads)
    if traced is None or not (as_asked or traced.left_out <= len(traced.paths)):
        if ink.noise < _LEAST_NOISE:
            return _traced_flat(work, settings)
        traced = trace_outlines(ink, budget, leave_out, settings.threads)
    factors = np.array([work.width / full.width, work.height / full.height])
    paths = [path.scaled(factors) for path in traced.paths]
    areas = np.full((work.height, work.width), -1, np.int32)
    return TracedArt("line", paths, areas, left_out=traced.left_out)


def refined_art(
    traced: TracedArt, work: Image, settings: Settings, progress: PreviewProgress
) -> list[Path]:
    """Return the paths of flat art fitted to the picture; those of other kinds as they are."""
    paths = traced.paths
    if traced.flat is not None:
        paths = refine_flat(traced.flat, settings.threads, progress)
    return _opaque(paths) if settings.transparency == "opaque" else paths


def _opaque(paths: list[Path]) -> list[Path]:
    """Return the paths that are at least half opaque, as opaque ones."""
    solid = [path for path in paths if path.fill[3] >= 0.5]
    full = np.array([0.0, 0.0, 0.0, 1.0], np.float32)
    return [replace(path, fill=np.maximum(path.fill, full)) for path in solid]


def color_options(settings: Settings) -> ColorOptions:
    """Read the colors that the settings name. Raises PaletteError."""
    given = parse_palette(settings.palette) if settings.palette.strip() else None
    left_out = color_to_leave_out(settings.leave_out)
    return ColorOptions(settings.colors, given, left_out, settings.merge_colors)


def merge_tree(areas: np.ndarray, work: Image, settings: Settings) -> MergeTree:
    """Return how areas int32 [H, W] merge, for the levels of detail."""
    count = int(areas.max(initial=-1)) + 1
    if count == 0:
        return MergeTree(0)
    saliency = np.ones(areas.shape, np.float32)
    return cluster(areas, work.rgb, saliency, 1, "ward", settings.rounds, settings.seed).tree
