# SPDX-License-Identifier: GPL-3.0-or-later
"""From an image to a drawing: all six stages in order.

    image -> masks -> saliency -> regions -> structural paths -> refined paths -> drawing

Stages take plain values; only this folder knows `Settings`. Nothing here knows of files,
processes or Blender.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..clustering.merge_tree import MergeTree
from ..clustering.merging import Clustering, cluster
from ..drawing import Drawing, Path, pack
from ..flat.kind import Kind
from ..grouping.objects import Objects
from ..image import Image, resize
from ..progress import PreviewProgress, Progress
from ..refinement.fixed_colors import with_whole_palette
from ..refinement.optimization import Compare
from ..refinement.processor import Processor, choose_processor
from ..refinement.refine import CLEAN, PUBLISHED, Refinement, contained
from ..refinement.repair import repaired
from ..refinement.target import Target
from ..rendering import native
from ..rendering.diffvg import DiffVG, flat_only
from ..saliency.combine import find_saliency
from ..saliency.maps import floored
from ..saliency.sources import is_guidance_chosen, requests_in
from ..segmentation.initial_partition import SamOptions, initial_partition
from ..settings import Settings
from ..svg import quantized
from ..tracing.soft_areas import soft_area_paths
from ..tracing.structural import structural_paths
from ..version import VERSION
from .allocation import Allocation, allocated
from .flat_art import (
    ignored_settings,
    kind_of,
    left_out_note,
    merge_tree,
    refined_art,
    traced_art,
    with_thin_parts,
)
from .layering import cut_out
from .levels_of_detail import LevelsOfDetail, levels_of_detail
from .merged_fills import with_merged_fills
from .object_groups import (
    free_of_containment,
    grouped,
    objects_of,
    traced_by_level,
    with_own_regions,
)
from .opacity import Opacity, choose_opacity, over_contrast, region_opacities
from .photo_colors import in_palette, without_left_out
from .progress import SAM_FRACTION, STAGES, PathPreviews, ProgressEvent, RunProgress
from .target import refinement_target

__all__ = ["ProgressEvent", "Result", "vectorize"]

# Saliency to this power weighs the merging of masks; see target.py for the error's. Structure
# serves the whole picture, detail what matters.
_CLUSTERING_POWER = 0.25


@dataclass(frozen=True)
class Result:
    """Result of a vectorization.

    drawing: in the pixels of the given image. labels: int32, the partition at working size that
    the structural paths were traced from. tree: how the initial partition was merged into it.
    levels: data for coarser and finer drawings. parents: int32 [N], the semantic region of each
    label. report: settings, seconds per stage, counts and
    errors, in plain JSON types.
    """

    drawing: Drawing
    labels: np.ndarray
    tree: MergeTree
    levels: LevelsOfDetail
    parents: np.ndarray
    report: dict[str, Any]


def vectorize(
    image: Image,
    settings: Settings,
    *,
    saliency: np.ndarray | None = None,
    masks: np.ndarray | None = None,
    on_progress: Callable[[ProgressEvent], None] | None = None,
    on_preview: Callable[[Drawing], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
) -> Result:
    """Draw an image with at most `settings.budget` paths: exactly as many with `settings.exact`.

    The kind of picture is that of the settings; "auto" stands for a photograph where masks,
    saliency or settings are given that only its stages have a use for.
    saliency: float [H, W] of any size, white matters; None takes the sources of the settings, or
    uniform saliency. masks: int labels [H, W] or a bool stack [M, H, W] at the image's size; None
    takes the segmenter of the settings. cache: keeps partitions and networks' results between
    runs, by content.
    should_stop is asked often; during refinement, stopping gives the drawing so far, before that
    it raises Cancelled. Raises SaliencyError, MaskError; with SAM or a prompt also
    EngineMissingError, ModelMissingError, ModelError, OutOfMemoryError; with DiffVG RendererError.
    """
    sam = _sam_options(settings) if masks is None else None
    segmentation = SAM_FRACTION if sam else STAGES["segmentation"].fraction
    progress = RunProgress(on_progress, on_preview, should_stop, segmentation)
    compare = _compare(settings)  # first: a renderer may be missing
    work = resize(image, settings.resolution)
    is_guided = masks is not None or saliency is not None or is_guidance_chosen(settings)
    kind = kind_of(image, work, settings, is_guided)
    if kind != "photo":
        return _drawn_art(kind, image, work, settings, progress)
    work = without_left_out(work, settings.leave_out)
    opacity, allocation = choose_opacity(work, settings.transparency), allocated(settings)
    drawn, palette = in_palette(work, settings)
    seen = over_contrast(drawn) if opacity.transparent else drawn
    with progress.stage("segmentation"):
        initial = _partition(image, seen, opacity.inside, settings, sam, masks, cache, progress)
    with progress.stage("saliency"):
        found = _saliency(work, settings, saliency, cache, progress)
    with progress.stage("clustering"):
        clustering = _merged(initial, seen, found, allocation.structural, settings, progress)
    with progress.stage("tracing"):
        labels, tree = clustering.labels, clustering.tree
        target = refinement_target(drawn, initial, tree, labels, found, opacity)
        objects = _objects(work, labels, target.parents, settings, cache, progress)
        traced = _traced(labels, drawn, opacity, settings, allocation, objects)
    with progress.stage("refinement"):
        processor = _processor(work, settings, compare, opacity)
        to_drawing = _in_image_pixels(image, work, settings, processor)
        previews = PathPreviews(progress, to_drawing)
        previews.preview(lambda: traced)
        paths = _refined(traced, target, labels, settings, allocation, processor, previews, palette)
    with progress.stage("finishing"):
        drawing, notes = _finished(to_drawing(paths), settings, kind)
        drawing = grouped(drawing, labels, objects)
        levels = levels_of_detail(initial, work.rgb, tree, settings.fills == "gradient")
    progress.finish()
    report = _report(drawing, image, work, settings, kind, opacity, progress, processor, notes)
    return Result(drawing, labels, tree, levels, target.parents, report)


def _drawn_art(
    kind: Kind, image: Image, work: Image, settings: Settings, progress: RunProgress
) -> Result:
    """Draw flat art, line art or pixel art: transparent where the picture is."""
    if kind == "flat":
        work = with_thin_parts(image, work)
    opacity = choose_opacity(work, settings.transparency)
    processor = Processor(settings.threads)
    with progress.stage("tracing"):
        progress.check_cancelled()
        traced = traced_art(kind, image, work, settings)
    kind = traced.kind
    with progress.stage("refinement"):
        to_drawing = _in_image_pixels(image, work, settings, processor, kind)
        previews = PathPreviews(progress, to_drawing)
        paths = refined_art(traced, work, settings, previews)
    with progress.stage("finishing"):
        drawing, notes = _finished(to_drawing(paths), settings, kind)
        tree = merge_tree(traced.areas, work, settings)
        levels = levels_of_detail(traced.areas, work.rgb, tree, False)
    progress.finish()
    report = _report(drawing, image, work, settings, kind, opacity, progress, processor, notes)
    report["notes"] += left_out_note(traced)
    parents = np.arange(int(traced.areas.max(initial=-1)) + 1, dtype=np.int32)
    return Result(drawing, traced.areas, tree, levels, parents, report)


def _sam_options(settings: Settings) -> SamOptions | None:
    """Return what SAM is asked for; None for another segmenter."""
    if settings.segmenter != "sam":
        return None
    return SamOptions(
        settings.sam_model,
        settings.device,
        settings.points_per_side,
        settings.predicted_iou,
        settings.stability,
    )


def _partition(
    image: Image,
    work: Image,
    inside: np.ndarray | None,
    settings: Settings,
    sam: SamOptions | None,
    masks: np.ndarray | None,
    cache: MutableMapping[str, np.ndarray] | None,
    progress: RunProgress,
) -> np.ndarray:
    """Return the initial partition int32 [H, W] of the working image."""
    return initial_partition(
        image,
        work,
        inside,
        max(settings.mask_count, 2 * settings.structural),
        sam=sam,
        masks=masks,
        threads=settings.threads,
        cache=cache,
        on_step=progress.step,
    )


def _saliency(
    work: Image,
    settings: Settings,
    painted: np.ndarray | None,
    cache: MutableMapping[str, np.ndarray] | None,
    progress: RunProgress,
) -> np.ndarray:
    """Return the saliency of each pixel of the working image: float32 [H, W]."""
    progress.check_cancelled()
    requests = requests_in(settings)
    found = find_saliency(work, requests, painted=painted, cache=cache, report=progress.step)
    return floored(found, settings.saliency_floor)


def _merged(
    initial: np.ndarray,
    work: Image,
    saliency: np.ndarray,
    count: int,
    settings: Settings,
    progress: Progress,
) -> Clustering:
    """Return `count` regions, that structural paths are traced from."""
    return cluster(
        initial,
        work.rgb,
        saliency**_CLUSTERING_POWER,
        count,
        settings.clustering,
        settings.rounds,
        settings.seed,
        progress,
    )


def _objects(
    work: Image,
    labels: np.ndarray,
    parents: np.ndarray,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
    progress: RunProgress,
) -> Objects | None:
    """Return the objects of the picture, where paths are grouped by them."""
    progress.check_cancelled()
    if settings.group_by != "object":
        return None
    return objects_of(work, labels, parents, settings, cache, progress.step)


def _traced(
    labels: np.ndarray,
    work: Image,
    opacity: Opacity,
    settings: Settings,
    allocation: Allocation,
    objects: Objects | None,
) -> list[Path]:
    """Return the structural paths of the regions, continued behind objects of opaque pictures."""
    most_nodes, threads = allocation.structural_nodes, settings.threads
    if objects is not None and labels.min() >= 0 and not opacity.transparent:
        return traced_by_level(labels, work.rgb, objects, threads, most_nodes)
    if not opacity.transparent or opacity.wanted is None:
        paths = structural_paths(labels, work.rgb, threads, most_nodes=most_nodes)
        return paths[: allocation.structural]
    opacities = region_opacities(labels, opacity.wanted)
    soft, rest = soft_area_paths(
        labels,
        work.rgb,
        opacity.wanted,
        opacities,
        allocation.structural - int((opacities == 1).sum()),
        None if allocation.nodes is None else most_nodes,
    )
    paths = structural_paths(rest, work.rgb, threads, opacities, most_nodes)
    return [*soft, *paths][: allocation.structural]


def _refined(
    traced: list[Path],
    target: Target,
    labels: np.ndarray,
    settings: Settings,
    allocation: Allocation,
    processor: Processor,
    progress: PreviewProgress,
    palette: np.ndarray | None,
) -> list[Path]:
    """Return the refined structural paths and the detail paths of the rest of the budget."""
    regions = len(target.parents)
    schedule = {"clean": CLEAN, "published": PUBLISHED}[settings.refinement]
    if allocation.detail_nodes is not None:
        schedule = replace(schedule, detail_segments=allocation.detail_nodes)
    refinement = Refinement(
        free_of_containment(target),
        labels,
        schedule=contained(schedule, settings.containment),
        iterations=settings.iterations,
        threads=settings.threads,
        transparency=settings.transparency == "always",
        ramps=settings.fills == "gradient" and palette is None,
        exact=settings.exact or settings.refinement == "published",
        optimize=processor.optimize,
        progress=progress,
        palette=palette,
        most_nodes=allocation.nodes,
    )
    paths = refinement.run(traced, allocation.detail(traced), settings.seed)
    paths = with_own_regions(paths, regions)
    if palette is None or settings.palette.strip():
        return paths
    return with_whole_palette(paths, palette)


def _compare(settings: Settings) -> Compare:
    """Return what makes the steps of the chosen renderer.

    Raises RendererError where that is missing, or can't draw the fills asked for.
    """
    if settings.renderer == "diffvg":
        if settings.fills != "flat":
            raise flat_only()
        return DiffVG(seed=settings.seed).compare
    return native.Comparison


def _processor(work: Image, settings: Settings, compare: Compare, opacity: Opacity) -> Processor:
    """Return what the refinement runs on.

    DiffVG has a device of its own, and a GPU compares with one background only.
    """
    if settings.renderer == "diffvg" or opacity.transparent:
        return Processor(settings.threads, compare)
    return choose_processor(
        settings.compute,
        size=(work.width, work.height),
        budget=settings.budget,
        iterations=settings.iterations,
        threads=settings.threads,
        has_ramps=settings.fills == "gradient",
    )


def _in_image_pixels(
    image: Image, work: Image, settings: Settings, processor: Processor, kind: Kind = "photo"
) -> Callable[[list[Path]], Drawing]:
    """Return a function that makes a drawing in the image's pixels from working pixels.

    Its settings name the kind of picture that was drawn.
    """
    recorded = {**settings.recorded(processor.device_name), "kind": kind}

    def to_drawing(paths: list[Path]) -> Drawing:
        drawing = Drawing(work.width, work.height, _named(paths), recorded)
        return quantized(drawing.scaled(image.width, image.height))

    return to_drawing


def _finished(drawing: Drawing, settings: Settings, kind: Kind) -> tuple[Drawing, list[str]]:
    """Return the drawing with similar fills as one, in the layering of the settings, and notes.

    Photographs are repaired first, but those of the published refinement. Flat art and pixel art
    are traced in merged colors; those that are given stay apart.
    """
    if kind == "photo" and settings.refinement == "clean":
        drawing = repaired(drawing)
    has_colors = kind != "line" and bool(settings.colors or settings.palette.strip())
    if settings.merge_colors and kind in ("photo", "line") and not has_colors:
        drawing = quantized(with_merged_fills(drawing, settings.merge_colors))
    if settings.layering != "cut-out":
        return drawing, []
    drawing, notes = cut_out(drawing, settings.group_by == "color")
    if kind == "photo" and 0 < settings.nodes < drawing.drawn_nodes:
        notes += [f"Cutting out added nodes: there are {drawing.drawn_nodes} of {settings.nodes}"]
    return drawing, notes


def _named(paths: list[Path]) -> list[Path]:
    """Return the paths numbered by kind, in painting order: structural.000, detail.000, ..."""
    counts = {"structural": 0, "detail": 0}
    named = []
    for path in paths:
        name = path.name or f"{path.kind}.{counts[path.kind]:03d}"
        counts[path.kind] += 1
        named.append(replace(path, name=name))
    return named


def _report(
    drawing: Drawing,
    image: Image,
    work: Image,
    settings: Settings,
    kind: Kind,
    opacity: Opacity,
    progress: RunProgress,
    processor: Processor,
    notes: list[str],
) -> dict[str, Any]:
    """Return settings, times, counts and errors in plain JSON types."""
    kinds = [path.kind for path in drawing.paths]
    return {
        "version": VERSION,
        "settings": settings.to_dict(),
        "kind": kind,
        "seconds": {name: round(seconds, 3) for name, seconds in progress.seconds.items()},
        "paths": len(kinds),
        "budget_used": _budget_used(len(kinds), settings, progress.stopped),
        "transparency": opacity.name,
        "structural": kinds.count("structural"),
        "detail": kinds.count("detail"),
        "nodes": drawing.drawn_nodes,
        "psnr": _psnr(drawing, work),
        "stopped": progress.stopped,
        "refined_on": processor.name,
        "notes": [*image.notes, *processor.notes, *ignored_settings(kind, settings), *notes],
    }


def _budget_used(paths: int, settings: Settings, stopped: bool) -> str:
    """Return the number of paths in words, and that fewer than the budget were enough.

    With a limit on the nodes that may be the reason as well.
    """
    if paths < settings.budget and not stopped and not settings.nodes:
        return f"{paths} of {settings.budget} paths were enough"
    return f"{paths} paths" if paths != 1 else "1 path"


def _psnr(drawing: Drawing, work: Image) -> float:
    """Return the peak signal-to-noise ratio in dB at working size, over black and over white."""
    scene, squared = pack(drawing.scaled(work.width, work.height).paths), []
    for background in (0.0,) if work.alpha is None else (0.0, 1.0):
        shown = native.render(scene, work.width, work.height, (background,) * 3)
        wanted = work.rgb
        if work.alpha is not None:
            wanted = background + work.alpha[..., None] * (work.rgb - background)
        squared.append(float(np.square(shown - wanted).mean(axis=2, dtype=np.float64).mean()))
    return round(float(-10 * np.log10(max(sum(squared) / len(squared), 1e-10))), 3)
