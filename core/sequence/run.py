# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings of the frames of a sequence, one after the other.

The first frame of each shot is drawn as a single picture is. Every other one starts from the
drawing of the frame before (following.py).
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..drawing import Drawing
from ..image import Image, resize
from ..pipeline.opacity import choose_opacity
from ..pipeline.progress import ProgressEvent
from ..pipeline.target import error_weight, image_target
from ..pipeline.vectorize import vectorize
from ..refinement.refine import CLEAN, PUBLISHED, RAMPS_SHARPNESS, contained
from ..refinement.target import Target
from ..saliency.combine import find_saliency
from ..saliency.maps import floored, from_image
from ..saliency.sources import requests_in
from ..segmentation.initial_partition import initial_partition
from ..settings import Settings
from .changes import changed_pixels, is_cut, moved_by_camera, noise_between
from .flow import Flow, displaced, optical_flow, sample
from .following import Following, Step, region_labels
from .slots import Shot

# Colors of flat art are exact, and change as slowly.
_ART_COLOR_RATE = 0.002

_WHITE = np.ones(3, np.float32)


@dataclass(frozen=True)
class FrameResult:
    """The drawing of a frame, in its pixels.

    shot: number of its shot. is_first: whether the shot begins here. moved: number of paths that
    differ from the frame before.
    """

    drawing: Drawing
    shot: int
    is_first: bool
    moved: int


@dataclass
class Memory:
    """Facts of earlier frames that the next one needs, at working size.

    frame: float32 [H, W, 3], the last one. reference: the same, of the time at which each pixel
    changed last. expected: float32 [H, W], the squared error of a good drawing. painted: float32
    [H, W], the saliency painted on the last frame that had any, moved with the picture, or None.
    has_alpha: whether the shot's first frame is transparent somewhere.
    """

    shot: Shot
    frame: np.ndarray
    reference: np.ndarray
    expected: np.ndarray
    painted: np.ndarray | None = None
    has_alpha: bool = False


class SequenceRun:
    """A run over the frames of a sequence, all of one size.

    memory: of an earlier run that goes on; None starts anew. on_progress: called during the first
    frame of a shot, which takes longest.
    """

    def __init__(
        self,
        settings: Settings,
        memory: Memory | None = None,
        *,
        on_progress: Callable[[ProgressEvent], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        cache: MutableMapping[str, np.ndarray] | None = None,
    ) -> None:
        self.memory = memory
        # Only stacked shapes can move apart.
        self._settings = replace(settings, layering="stacked")
        self._on_progress, self._should_stop, self._cache = on_progress, should_stop, cache

    def add(
        self,
        image: Image,
        painted: np.ndarray | None = None,
        masks: np.ndarray | None = None,
    ) -> FrameResult:
        """Draw the next frame.

        painted: saliency painted on this frame; it moves with the picture until there is another
        one. masks: as of `vectorize`; in the first frame of a shot they are what is traced, later
        ones tell which objects shapes belong to. Raises the errors of `vectorize`.
        """
        memory = self.memory
        if memory is None:
            return self._start(image, painted, masks, 0)
        if image.alpha is not None and not memory.has_alpha:
            image = _over_white(image)
        work = resize(image, self._settings.resolution)
        seen = _seen(work)
        if np.array_equal(seen, memory.frame) and painted is None and masks is None:
            return FrameResult(self._drawing(image), memory.shot.number, False, 0)
        flow = optical_flow(memory.frame, seen)
        if is_cut(memory.frame, seen, flow):
            return self._start(image, painted, masks, memory.shot.number + 1)
        return self._follow(image, work, seen, flow, painted, masks)

    def note_on(self, image: Image) -> str:
        """Return what a user should know of the frame that was drawn last; empty for nothing."""
        if not image.is_opaque and not self._remembered().has_alpha:
            return "This frame is transparent, the first one is not: it is drawn over white."
        return ""

    def _start(
        self, image: Image, painted: np.ndarray | None, masks: np.ndarray | None, number: int
    ) -> FrameResult:
        """Draw the first frame of a shot."""
        settings = self._settings
        result = vectorize(
            image,
            settings,
            saliency=painted,
            masks=masks,
            on_progress=self._on_progress,
            should_stop=self._should_stop,
            cache=self._cache,
        )
        work = resize(image, settings.resolution)
        seen = _seen(work)
        drawn = None if painted is None else from_image(painted, work.height, work.width)
        shot = Shot.started(number, result.drawing, result.parents)
        none = np.zeros(seen.shape[:2], np.float32)
        self.memory = Memory(shot, seen, seen.copy(), none, drawn, not image.is_opaque)
        target = self._target(work)(np.zeros(seen.shape[:2], np.int32))
        paths = result.drawing.scaled(work.width, work.height).paths
        self.memory.expected = target.squared_error(paths, settings.threads)
        return FrameResult(self._drawing(image), number, True, len(shot.slots))

    def _follow(
        self,
        image: Image,
        work: Image,
        seen: np.ndarray,
        flow: Flow,
        painted: np.ndarray | None,
        masks: np.ndarray | None,
    ) -> FrameResult:
        """Draw a frame from the one before."""
        memory = self._remembered()
        before = {slot.path.name: slot.path for slot in memory.shot.slots if slot.visible}
        moved_frame = displaced(seen, flow.vectors)
        noise = min(noise_between(memory.reference, seen), noise_between(memory.frame, moved_frame))
        by_camera = moved_by_camera(memory.frame, seen, flow)
        changed = changed_pixels(memory.reference, seen, noise) | by_camera
        if painted is not None:
            memory.painted = from_image(painted, work.height, work.width)
            changed |= True
        elif memory.painted is not None:
            memory.painted = _moved(memory.painted, flow)
        options = self._options(memory.shot)
        if masks is not None:
            memory.shot.parents = self._parents_by(masks, image, work)
        if changed.any():
            target = self._target(work)
            size = image.width, image.height
            step = Step(
                memory.shot, changed, by_camera, flow, memory.expected, target, size, options
            )
            step.run()
            memory.expected = step.expected
            memory.reference = np.where(changed[..., None], seen, memory.reference)
        memory.frame = seen
        drawing = self._drawing(image)
        moved = sum(path is not before.get(path.name) for path in drawing.paths)
        return FrameResult(drawing, memory.shot.number, False, moved)

    def _remembered(self) -> Memory:
        assert self.memory is not None
        return self.memory

    def _drawing(self, image: Image) -> Drawing:
        return self._remembered().shot.drawing(image.width, image.height)

    def _options(self, shot: Shot) -> Following:
        """Return the options of following frames."""
        settings = self._settings
        schedule = {"clean": CLEAN, "published": PUBLISHED}[settings.refinement]
        weights = contained(schedule, settings.containment).weights
        sharpness = weights.sharpness * (RAMPS_SHARPNESS if settings.fills == "gradient" else 1.0)
        is_photo = shot.settings.get("kind") == "photo"
        weights = replace(
            weights,
            sharpness=sharpness,
            transparency=settings.transparency == "always",
            color_rate=weights.color_rate if is_photo else _ART_COLOR_RATE,
        )
        nodes = settings.nodes if is_photo else 0
        return Following(weights, settings.iterations, settings.budget, settings.threads, nodes)

    def _target(self, work: Image) -> Callable[[np.ndarray], Target]:
        """Return a function that makes the target of a frame, given its semantic regions."""
        settings, memory = self._settings, self._remembered()
        opacity = choose_opacity(work, settings.transparency)
        found = find_saliency(
            work, requests_in(settings), painted=memory.painted, cache=self._cache
        )
        saliency = floored(found, settings.saliency_floor)
        weight = error_weight(saliency)
        parents = memory.shot.parents
        return lambda regions: image_target(work, opacity, weight, regions, parents)

    def _parents_by(self, masks: np.ndarray, image: Image, work: Image) -> np.ndarray:
        """Return the mask that most of each traced region lies in: int32 [N]."""
        settings, shot = self._settings, self._remembered().shot
        partition = initial_partition(
            image, work, None, settings.mask_count, sam=None, masks=masks,
            threads=settings.threads, cache=None, on_step=lambda fraction, message: None,
        )  # fmt: skip
        size, shape = (image.width, image.height), partition.shape
        labels = region_labels(shot, size, shape, settings.threads)
        parents = shot.parents.copy()
        for region in np.unique(labels[labels >= 0]):
            inside = partition[(labels == region) & (partition >= 0)]
            if len(inside):
                parents[region] = np.bincount(inside).argmax()
        return parents


def _seen(work: Image) -> np.ndarray:
    """Return the colors that frames are compared by: over gray where a frame is transparent."""
    if work.alpha is None:
        return np.ascontiguousarray(work.rgb, np.float32)
    return (0.5 + work.alpha[..., None] * (work.rgb - 0.5)).astype(np.float32)


def _over_white(image: Image) -> Image:
    """Return an image over white."""
    assert image.alpha is not None
    alpha = image.alpha[..., None]
    return Image((_WHITE + alpha * (image.rgb - _WHITE)).astype(np.float32))


def _moved(painted: np.ndarray, flow: Flow) -> np.ndarray:
    """Return a map [H, W] moved with the picture."""
    rows, columns = np.indices(painted.shape, dtype=np.float32)
    return sample(painted, columns - flow.vectors[..., 0], rows - flow.vectors[..., 1])


def summary(result: FrameResult) -> dict[str, Any]:
    """Return what the index of a sequence says of a frame, in plain JSON types."""
    return {"shot": result.shot, "paths": len(result.drawing.paths), "moved": result.moved}
