# SPDX-License-Identifier: GPL-3.0-or-later
"""From pixels to a drawing: every stage in order.

    image -> masks -> saliency -> clustering (Stages I and II) -> tracing -> Stage III

Each stage is one call. Nothing here knows of files, processes or Blender.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from .clustering.merge_tree import MergeTree
from .clustering.merging import cluster
from .drawing import Drawing, Path, pack, rectangle
from .errors import Cancelled, MaskError, SaliencyError
from .image import Image, resize
from .refinement.optimisation import Target
from .refinement.refine import CLEAN, PAPER, Refinement
from .refinement.repair import repair
from .rendering.native import render
from .saliency.maps import floored, from_image, uniform
from .saliency.prompt import prompt_saliency
from .segmentation.builtin import over_segment
from .segmentation.partition import flatten_masks, from_labels
from .settings import Settings
from .svg import quantized
from .tracing import trace
from .version import VERSION

# Seconds between two previews while refining.
PREVIEW_INTERVAL = 0.25

# Cubics of one structural path at most: beyond, more of them only follow noise.
MOST_SEGMENTS = 24

# Beneath a drawing of a transparent image: far from every colour, so that covering what is
# transparent costs more than anything else.
_NOWHERE = np.full(3, -1.0, np.float32)

# Pixels more transparent than this are outside of the drawing.
_INVISIBLE = 0.5


class Progress(NamedTuple):
    """stage: its name; fraction: of the whole job done, in [0, 1]; message: for people."""

    stage: str
    fraction: float
    message: str


@dataclass(frozen=True)
class Result:
    """What a vectorization gives.

    drawing: in the pixels of the image given. labels: int32, the partition that the
    structural paths were traced from, at working size. tree: how the first masks merged
    into it. report: settings, seconds per stage, counts and errors, in plain JSON types.
    """

    drawing: Drawing
    labels: np.ndarray
    tree: MergeTree
    report: dict[str, Any]


@dataclass
class Hooks:
    """What a caller may listen to, and how it may stop a run.

    on_preview is called with the drawing so far, in the pixels of the image given.
    """

    on_progress: Callable[[Progress], None] | None = None
    on_preview: Callable[[Drawing], None] | None = None
    should_stop: Callable[[], bool] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def stopped(self) -> bool:
        return self.should_stop is not None and self.should_stop()

    def report(self, stage: str, fraction: float, message: str) -> None:
        if self.on_progress is not None:
            self.on_progress(Progress(stage, fraction, message))

    def continue_or_cancel(self) -> None:
        """Raise Cancelled where a stop was asked for."""
        if self.stopped():
            raise Cancelled

    @contextmanager
    def stage(self, name: str, fraction: float, message: str) -> Iterator[None]:
        """Announce a stage and time it."""
        self.report(name, fraction, message)
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


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
        built-in segmenter. cache: keeps partitions between runs, by content.
    should_stop is asked often; once there are shapes, stopping gives the drawing so far,
    before that it raises Cancelled. Raises SaliencyError, MaskError, EngineMissingError.
    """
    hooks = Hooks(on_progress, on_preview, should_stop)
    work = resize(image, settings.resolution)
    inside = None if work.alpha is None else work.alpha >= _INVISIBLE
    with hooks.stage("segmentation", 0.0, "Finding masks"):
        labels = _partition(image, work, inside, masks, settings, cache)
    hooks.continue_or_cancel()
    with hooks.stage("saliency", 0.05, "Weighing what matters"):
        importance = _saliency(work, saliency, settings)
    with hooks.stage("clustering", 0.07, "Merging masks"):
        clustering = cluster(
            labels,
            work.rgb,
            importance,
            settings.structural,
            settings.clustering,
            settings.rounds,
            settings.seed,
            lambda share: hooks.report("clustering", 0.07 + 0.04 * share, "Merging masks"),
        )
    hooks.continue_or_cancel()
    with hooks.stage("tracing", 0.12, "Tracing regions"):
        structural = _structural(clustering.labels, work, inside, settings)
    with hooks.stage("refinement", 0.15, "Refining shapes"):
        finish = _finisher(image, work, settings)
        if hooks.on_preview is not None:
            hooks.on_preview(finish(structural))
        paths = _refined(structural, work, clustering.labels, importance, settings, hooks, finish)
    with hooks.stage("finishing", 0.99, "Cleaning up"):
        drawing = finish(paths)
        if settings.schedule == "clean":
            drawing = quantized(replace(drawing, paths=repair(drawing.paths)))
    hooks.report("done", 1.0, "Done")
    return Result(
        drawing, clustering.labels, clustering.tree, _report(drawing, work, settings, hooks)
    )


def _partition(
    image: Image,
    work: Image,
    inside: np.ndarray | None,
    masks: np.ndarray | None,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
) -> np.ndarray:
    """The masks as a partition of the working image, from the cache where it knows them."""
    wanted = max(settings.masks, 2 * settings.structural)
    key = _content_key(work.rgb, work.alpha, masks, wanted)
    if cache is not None and key in cache:
        return cache[key]
    if masks is None:
        labels = over_segment(work.rgb, wanted, inside, settings.threads)
    else:
        masks = _at_working_size(masks, image, work)
        flatten = flatten_masks if masks.ndim == 3 else from_labels
        labels = flatten(masks, work.rgb, inside)
    if cache is not None:
        cache[key] = labels
    return labels


def _at_working_size(masks: np.ndarray, image: Image, work: Image) -> np.ndarray:
    """Masks [..., H, W] of the image's size, the nearest pixel of each working pixel."""
    if masks.ndim not in (2, 3) or masks.shape[-2:] != (image.height, image.width):
        raise MaskError(
            f"The masks have shape {masks.shape}, the image {(image.height, image.width)}.",
            "Give masks of the same size as the image.",
        )
    rows = ((np.arange(work.height) + 0.5) * image.height / work.height).astype(int)
    columns = ((np.arange(work.width) + 0.5) * image.width / work.width).astype(int)
    return masks[..., rows[:, None], columns]


def _content_key(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(np.ascontiguousarray(part).data)
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()


def _saliency(work: Image, painted: np.ndarray | None, settings: Settings) -> np.ndarray:
    """One map [H, W] in [0, 1], floored: painted, or of the prompt, or uniform."""
    if painted is not None:
        if painted.ndim not in (2, 3):
            raise SaliencyError(f"A saliency map can't have shape {painted.shape}.")
        importance = from_image(painted, work.height, work.width)
    elif settings.prompt:
        importance = prompt_saliency(work.rgb, settings.prompt)
    else:
        importance = uniform(work.height, work.width)
    return floored(importance, settings.saliency_floor)


def _structural(
    labels: np.ndarray, work: Image, inside: np.ndarray | None, settings: Settings
) -> list[Path]:
    """Structural paths in painting order. An opaque image gets the lowest as its background."""
    paths = trace(labels, work.rgb, maximum_segments=MOST_SEGMENTS)[: settings.structural]
    if inside is None and paths:
        canvas = rectangle(0, 0, work.width, work.height)
        paths[0] = replace(paths[0], subpaths=[canvas], name="background", region=-1)
    return paths


def _refined(
    structural: list[Path],
    work: Image,
    labels: np.ndarray,
    importance: np.ndarray,
    settings: Settings,
    hooks: Hooks,
    finish: Callable[[list[Path]], Drawing],
) -> list[Path]:
    """Stage III, with progress and previews."""
    last_preview = time.monotonic()

    def on_step(fraction: float, paths: Callable[[], list[Path]]) -> None:
        nonlocal last_preview
        hooks.report("refinement", 0.15 + 0.84 * fraction, "Refining shapes")
        now = time.monotonic()
        if hooks.on_preview is not None and now - last_preview >= PREVIEW_INTERVAL:
            last_preview = now
            hooks.on_preview(finish(paths()))

    refinement = Refinement(
        _target(work, labels, importance),
        labels,
        schedule={"clean": CLEAN, "paper": PAPER}[settings.schedule],
        iterations=settings.iterations,
        threads=settings.threads,
        transparency=settings.transparency,
        on_step=on_step,
        should_stop=hooks.stopped,
    )
    return refinement.run(structural, settings.budget - len(structural), settings.seed)


def _target(work: Image, labels: np.ndarray, importance: np.ndarray) -> Target:
    image, background = work.rgb, np.zeros(3, np.float32)
    if work.alpha is not None:
        background = _NOWHERE
        image = background + work.alpha[..., None] * (work.rgb - background)
    # The square root: guidance gains two thirds as much where it points, and costs the rest
    # of the image less than half of what the plain weight would.
    weight = np.sqrt(importance)
    weight = (weight / weight.mean()).astype(np.float32)
    return Target(
        np.ascontiguousarray(image, np.float32), weight, background, _owned_pixels(labels)
    )


def _owned_pixels(labels: np.ndarray) -> np.ndarray:
    """The labels, with pixels on the border of two regions belonging to nobody (-2)."""
    border = np.zeros(labels.shape, bool)
    rows = labels[1:] != labels[:-1]
    columns = labels[:, 1:] != labels[:, :-1]
    border[1:] |= rows
    border[:-1] |= rows
    border[:, 1:] |= columns
    border[:, :-1] |= columns
    return np.where(border & (labels >= 0), -2, labels).astype(np.int32)


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
    error = render(scene, work.width, work.height, (0.0, 0.0, 0.0)) - work.rgb
    squared = float((np.square(error).mean(axis=2) * opacity).sum() / max(opacity.sum(), 1e-9))
    return round(float(-10 * np.log10(max(squared, 1e-10))), 3)
