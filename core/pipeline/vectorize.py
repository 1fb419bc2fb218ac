# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to a drawing: every stage in order.

    image -> masks -> saliency -> clustering (Stages I and II) -> tracing -> Stage III

Nothing here knows of files, processes or Blender.
"""

from __future__ import annotations

import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..clustering.merge_tree import MergeTree
from ..drawing import Drawing, Path, pack
from ..image import Image
from ..refinement.optimization import FitFunction
from ..refinement.refine import CLEAN, PAPER, Refinement, structured
from ..refinement.repair import repair
from ..rendering import native
from ..rendering.diffvg import DiffVG, flat_only
from ..settings import Settings
from ..svg import quantized
from ..version import VERSION
from .levels_of_detail import LevelsOfDetail
from .progress import Hooks, Progress
from .structural_stage import Structure, find_structure

__all__ = ["Progress", "Result", "vectorize"]

# Seconds between two previews while refining; more where they would take more than this share.
PREVIEW_INTERVAL = 0.05
PREVIEW_SHARE = 0.05

# How often a finished drawing is looked through at most; the second time finds nothing, as a rule.
_CLEANINGS = 3

# How much of a run on a processor SAM takes: a minute and more.
_SAM_SHARE = 0.8


@dataclass(frozen=True)
class Result:
    """What a vectorization gives.

    drawing: in the pixels of the image given. labels: int32, the partition that the
    structural paths were traced from, at working size. tree: how the first masks merged
    into it. levels: what coarser and finer drawings take. report: settings, seconds per
    stage, counts and errors, in plain JSON types.
    """

    drawing: Drawing
    labels: np.ndarray
    tree: MergeTree
    levels: LevelsOfDetail
    report: dict[str, Any]


def vectorize(
    image: Image,
    settings: Settings,
    *,
    saliency: np.ndarray | None = None,
    masks: np.ndarray | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    on_preview: Callable[[Drawing], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
) -> Result:
    """Draw an image with exactly `settings.budget` paths.

    saliency: float [H, W] of any size, white matters; None takes the prompt, or uniform.
    masks: int labels [H, W] or a bool stack [M, H, W] at the image's size; None takes the
        segmenter of the settings. cache: keeps partitions and SAM's view of an image between
        runs, by content.
    should_stop is asked often; once there are shapes, stopping gives the drawing so far,
    before that it raises Cancelled. Raises SaliencyError, MaskError; with SAM or a prompt
    also EngineMissingError, ModelMissingError, ModelError, OutOfMemoryError; with DiffVG
    RendererError.
    """
    hooks = Hooks(on_progress, on_preview, should_stop)
    if settings.segmenter == "sam" and masks is None:
        hooks.masks_share = _SAM_SHARE
    fit_step = _fit_step(settings)
    structure = find_structure(
        image, settings, saliency=saliency, masks=masks, cache=cache, hooks=hooks
    )
    finish = _finisher(image, structure.work, settings)
    with hooks.stage("refinement", 0.15, "Refining shapes"):
        if on_preview is not None:
            on_preview(finish(structure.paths))
        paths = _refined(structure, settings, fit_step, hooks, finish)
    with hooks.stage("finishing", 0.99, "Cleaning up"):
        drawing = finish(paths)
        if settings.refinement == "clean":
            drawing = _cleaned(drawing)
    hooks.report("done", 1.0, "Done")
    report = _report(drawing, structure.work, settings, hooks)
    return Result(drawing, structure.labels, structure.tree, structure.levels, report)


def _cleaned(drawing: Drawing) -> Drawing:
    """The drawing repaired; again where rounding to the SVG's coordinates undid a repair."""
    for _ in range(_CLEANINGS):
        paths = repair(drawing.paths)
        if all(path is same for path, same in zip(paths, drawing.paths, strict=True)):
            break
        drawing = quantized(replace(drawing, paths=paths))
    return drawing


def _fit_step(settings: Settings) -> FitFunction:
    """What the chosen renderer refines shapes with.

    Raises RendererError where it is missing, or can't draw the fills asked for.
    """
    if settings.renderer == "diffvg":
        if settings.fills != "flat":
            raise flat_only()
        return DiffVG(seed=settings.seed).fit_step
    return native.fit_step


def _refined(
    structure: Structure,
    settings: Settings,
    fit_step: FitFunction,
    hooks: Hooks,
    finish: Callable[[list[Path]], Drawing],
) -> list[Path]:
    """Stage III, with progress and previews."""
    next_preview = time.monotonic() + PREVIEW_INTERVAL

    def on_step(fraction: float, paths: Callable[[], list[Path]]) -> None:
        nonlocal next_preview
        hooks.report("refinement", 0.15 + 0.84 * fraction, "Refining shapes")
        now = time.monotonic()
        if hooks.on_preview is not None and now >= next_preview:
            hooks.on_preview(finish(paths()))
            spent = time.monotonic() - now
            next_preview = now + max(PREVIEW_INTERVAL, spent / PREVIEW_SHARE)

    refinement = Refinement(
        structure.target,
        structure.labels,
        schedule=structured(
            {"clean": CLEAN, "published": PAPER}[settings.refinement], settings.containment
        ),
        iterations=settings.iterations,
        threads=settings.threads,
        transparency=settings.transparency,
        ramps=settings.fills == "gradient",
        fit_step=fit_step,
        on_step=on_step,
        should_stop=hooks.stopped,
    )
    count = settings.budget - len(structure.paths)
    return refinement.run(structure.paths, count, settings.seed)


def _finisher(image: Image, work: Image, settings: Settings) -> Callable[[list[Path]], Drawing]:
    """Makes a drawing in the image's pixels out of paths in working pixels."""

    def finish(paths: list[Path]) -> Drawing:
        named = _named(paths)
        drawing = Drawing(work.width, work.height, named, settings.to_dict())
        return quantized(drawing.scaled(image.width, image.height))

    return finish


def _named(paths: list[Path]) -> list[Path]:
    """The paths numbered by kind, in painting order: structural.000, detail.000, ..."""
    counts = {"structural": 0, "detail": 0}
    named = []
    for path in paths:
        name = path.name or f"{path.kind}.{counts[path.kind]:03d}"
        counts[path.kind] += 1
        named.append(replace(path, name=name))
    return named


def _report(drawing: Drawing, work: Image, settings: Settings, hooks: Hooks) -> dict[str, Any]:
    kinds = [path.kind for path in drawing.paths]
    return {
        "version": VERSION,
        "settings": settings.to_dict(),
        "seconds": {name: round(seconds, 3) for name, seconds in hooks.seconds.items()},
        "paths": len(kinds),
        "structural": kinds.count("structural"),
        "detail": kinds.count("detail"),
        "nodes": sum(path.nodes for path in drawing.paths),
        "psnr": _psnr(drawing, work),
        "stopped": hooks.stopped(),
    }


def _psnr(drawing: Drawing, work: Image) -> float:
    """Peak signal-to-noise ratio in dB at working size, of what is visible."""
    scene = pack(drawing.scaled(work.width, work.height).paths)
    opacity = np.ones((work.height, work.width)) if work.alpha is None else work.alpha
    error = native.render(scene, work.width, work.height, (0.0, 0.0, 0.0)) - work.rgb
    squared = float((np.square(error).mean(axis=2) * opacity).sum() / max(opacity.sum(), 1e-9))
    return round(float(-10 * np.log10(max(squared, 1e-10))), 3)
