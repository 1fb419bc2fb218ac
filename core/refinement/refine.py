# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage III: structural shapes and detail shapes, refined together against the image.

Two schedules. `paper` is the published one: all detail circles at once, drawn at random
by saliency, then plain Adam on the squared error. `clean` is ours: detail is born where
error x saliency is largest, and what turns out useless is born again elsewhere, several
times, on a coarse image first; outlines can't cross themselves, are kept smooth, and stay
in their semantic regions. docs/refinement.md shows what each part is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ..drawing import Path
from ..rendering import native
from .device_optimization import AnyOptimization, Optimize
from .optimization import FitFunction, Forces, Optimization, Target
from .primitives import depth, detail_circles, peaks, sample_by_saliency
from .ramps import with_ramps
from .repair import is_sliver, straighten_crossings
from .trimming import trimmed

OnStep = Callable[[float, Callable[[], list[Path]]], None]
ShouldStop = Callable[[], bool]


@dataclass(frozen=True)
class Schedule:
    """How Stage III spends its iterations, and which forces shape the outlines.

    births: share of the iterations spent on this; detail is added in so many `batches`.
    rebirths: so many times after that, the share `recycled` of the detail shapes, those
    that the drawing misses least, is born again where the error is largest.
    coarse_above: images with a longer side are worked on at half size during the births.
    reach: within so many pixels of a semantic border, ever less detail is born.
    trims: whether needles are cut off, halfway through the settling and at the end.
    """

    forces: Forces
    batches: int
    births: float
    rebirths: int
    recycled: float
    detail_segments: int
    coarse_above: int
    birth_speed: float
    final_speed: float = 0.05
    reach: float = 0.0
    trims: bool = False


CLEAN = Schedule(
    Forces(
        structural_rate=0.3,
        detail_rate=1.0,
        sharpness=0.5,
        fairness=0.0002,
        smoothness=0.025,
        bluntness=0.05,
        structural_containment=0.03,
        detail_containment=0.1,
    ),
    batches=1,
    births=0.5,
    rebirths=4,
    recycled=0.2,
    detail_segments=6,
    coarse_above=320,
    birth_speed=0.6,
    reach=8.0,
    trims=True,
)

PAPER = Schedule(
    Forces(structural_rate=1.0, detail_rate=1.0, simple=False),
    batches=1,
    births=0.0,
    rebirths=0,
    recycled=0.0,
    detail_segments=4,
    coarse_above=1 << 30,
    birth_speed=1.0,
    final_speed=1.0,
)

PAPER_DETAIL_RADIUS = 5.0  # pixels, section 4.4

# Detail is born as a circle of at least this radius, and fits its region if that is wider.
SMALLEST_RADIUS = 2.0
LARGEST_DEPTH = 24

# So much more does sharpness count with ramps: shades come out right by themselves.
RAMPS_SHARPNESS = 2.0

# Speed halfway through the settling, where needles are cut off.
HALFWAY_SPEED = 0.5

# Iterations between two close looks at whether paths cross themselves.
CLOSE_LOOK = 10

# Of the importance of a place for births, what is left right at a semantic border.
_LEFT_AT_BORDERS = 0.02


def structured(schedule: Schedule, structure: float) -> Schedule:
    """A schedule that keeps shapes to their semantic regions, at 0.5 as strictly as it does.

    structure: in [0, 1]; 0 contains a tenth as strongly and lets detail be born anywhere.
    """
    strength = 100 ** (structure - 0.5)
    forces = replace(
        schedule.forces,
        structural_containment=schedule.forces.structural_containment * strength,
        detail_containment=schedule.forces.detail_containment * strength,
    )
    return replace(schedule, forces=forces, reach=2 * structure * schedule.reach)


class Refinement:
    """One run of Stage III. Feed it structural paths, take the drawing's paths.

    target: what to draw, at working size. labels: int32 [H, W], the partition that the
    structural paths were traced from. count: how many detail paths to add.
    ramps: whether fills may go from one color to another.
    fit_step: that of the renderer to refine with. optimize: what makes optimizations; None
    makes those of the CPU with `fit_step`.
    on_step(fraction, paths): called after every iteration; `paths()` gives the drawing so far.
    """

    def __init__(
        self,
        target: Target,
        labels: np.ndarray,
        *,
        schedule: Schedule = CLEAN,
        iterations: int = 500,
        threads: int = 0,
        transparency: bool = False,
        ramps: bool = False,
        fit_step: FitFunction = native.fit_step,
        optimize: Optimize | None = None,
        on_step: OnStep | None = None,
        should_stop: ShouldStop | None = None,
    ) -> None:
        self._target = target
        self._labels = labels
        self._depth = depth(labels, LARGEST_DEPTH)
        self._seclusion = _seclusion(target.regions, schedule.reach)
        self._schedule = schedule
        sharpness = schedule.forces.sharpness * (RAMPS_SHARPNESS if ramps else 1.0)
        self._forces = replace(schedule.forces, transparency=transparency, sharpness=sharpness)
        self._iterations = iterations
        self._done = 0
        self._threads = threads
        self._ramps = ramps
        self._optimize = optimize or partial(Optimization, threads=threads, fit_step=fit_step)
        self._on_step = on_step or (lambda fraction, paths: None)
        self._should_stop = should_stop or (lambda: False)
        self._stopped = False

    def run(self, structural: Sequence[Path], count: int, seed: int) -> list[Path]:
        """All paths in painting order: the structural ones, then `count` detail paths."""
        paths = list(structural)
        if self._schedule.births > 0:
            paths = self._grow(paths, count)
        else:
            paths += self._sampled_detail(count, seed)
        return self._settle(paths)

    def _sampled_detail(self, count: int, seed: int) -> list[Path]:
        centers = sample_by_saliency(self._target.weight, count, seed)
        return self._circles(centers, np.full(count, PAPER_DETAIL_RADIUS))

    def _grow(self, paths: list[Path], count: int) -> list[Path]:
        """Add detail, and move what is useless to better places, refining all paths in between."""
        schedule, total = self._schedule, count
        births = _shares(count, schedule.batches)
        rounds = len(births) + (schedule.rebirths if count else 0)
        iterations = int(self._iterations * schedule.births / max(rounds, 1))
        for batch in births:
            paths += self._born(paths, batch, total)
            paths = self._optimized(paths, iterations, self._coarse(), schedule.birth_speed)
        for _ in range(rounds - len(births)):
            kept = self._without_useless(paths, int(schedule.recycled * total))
            paths = kept + self._born(kept, len(paths) - len(kept), total)
            paths = self._optimized(paths, iterations, self._coarse(), schedule.birth_speed)
        return paths

    def _settle(self, paths: list[Path]) -> list[Path]:
        """Spend the remaining iterations at full size, ever more slowly.

        Needles are cut off halfway, so that shapes recover from that, and at the end.
        """
        remaining, final_speed = self._iterations - self._done, self._schedule.final_speed
        if not self._schedule.trims:
            return self._optimized(paths, remaining, 1, 1.0, final_speed)
        paths = self._optimized(paths, remaining // 2, 1, 1.0, HALFWAY_SPEED)
        paths = self._trimmed(paths)
        paths = self._optimized(paths, remaining - remaining // 2, 1, HALFWAY_SPEED, final_speed)
        return self._trimmed(paths)

    def _trimmed(self, paths: list[Path]) -> list[Path]:
        """Without needles; shapes that no iteration has moved stay as they were traced."""
        return trimmed(paths, self._target, self._threads) if paths and self._done else paths

    def _coarse(self) -> int:
        return 2 if max(self._labels.shape) > self._schedule.coarse_above else 1

    def _optimized(
        self,
        paths: list[Path],
        iterations: int,
        shrink: int,
        speed: float,
        final_speed: float | None = None,
    ) -> list[Path]:
        """The paths after some iterations on an image `shrink` times smaller.

        Learning rates fall from `speed` to `final_speed` along half a cosine. Ramps are laid
        anew first, then refined like the rest.
        """
        if not paths:
            return paths
        if self._forces.simple:
            paths = straighten_crossings(paths)
        final_speed = speed if final_speed is None else final_speed
        target = self._target if shrink == 1 else self._target.halved()
        paths = _scaled(paths, 1 / shrink)
        if self._ramps:
            paths = with_ramps(paths, target.image, target.weight, self._threads)
        optimization = self._optimization(paths, target)
        falls = [0.5 * (1 + np.cos(np.pi * i / iterations)) for i in range(iterations)]
        speeds = [final_speed + (speed - final_speed) * fall for fall in falls]
        steps = optimization.steps(speeds, CLOSE_LOOK)
        end = self._done + iterations
        while self._done < end and not self._is_stopped():
            self._done += next(steps)
            self._on_step(
                self._done / self._iterations, lambda: _scaled(optimization.paths(), shrink)
            )
        if self._forces.simple:
            optimization.take_crossings_back()
        return _scaled(optimization.paths(), shrink)

    def _is_stopped(self) -> bool:
        self._stopped = self._stopped or self._should_stop()
        return self._stopped

    def _optimization(self, paths: Sequence[Path], target: Target) -> AnyOptimization:
        return self._optimize(paths, target, self._forces)

    def _born(self, paths: list[Path], count: int, total: int) -> list[Path]:
        """New detail circles where the weighted error of what is there is largest."""
        if count == 0 or self._stopped:
            return []
        importance = self._importance(paths)
        height, width = importance.shape
        radius = max(4.0, 0.5 * np.sqrt(height * width / (np.pi * (len(paths) + count))))
        centers = peaks(importance, count, radius)
        room = self._depth[centers[:, 1].astype(int), centers[:, 0].astype(int)]
        return self._circles(centers, np.clip(0.95 * room, SMALLEST_RADIUS, radius))

    def _circles(self, centers: np.ndarray, radii: np.ndarray) -> list[Path]:
        return detail_circles(
            centers,
            radii,
            self._target.image,
            self._labels,
            self._schedule.detail_segments,
        )

    def _importance(self, paths: list[Path]) -> np.ndarray:
        """Saliency x how far off the colors of what is there are x seclusion: [H, W].

        Not the squared distance: that crowds detail where contrast is highest.
        """
        target = self._target
        image = self._optimization(paths, target).measure().image
        error = np.linalg.norm(image - target.image, axis=2)
        return np.square(target.weight) * error * self._seclusion

    def _without_useless(self, paths: list[Path], count: int) -> list[Path]:
        """The paths without the `count` detail shapes that the drawing misses least."""
        fit = self._optimization(paths, self._target).measure()
        cost = np.where([path.kind == "detail" for path in paths], fit.removal_cost, np.inf)
        cost[[path.kind == "detail" and is_sliver(path, 2.0) for path in paths]] = -1
        useless = set(np.argsort(cost, kind="stable")[:count].tolist())
        return [path for i, path in enumerate(paths) if i not in useless]


def _seclusion(regions: np.ndarray, reach: float) -> np.ndarray:
    """How far from other regions each pixel is, as a share of `reach` (+ 1): [H, W] in (0, 1]."""
    if reach == 0:
        return np.ones(regions.shape)
    distance = depth(regions, int(np.ceil(reach)) + 1)
    return np.clip((distance - 1) / reach, _LEFT_AT_BORDERS, 1)


def _scaled(paths: Sequence[Path], factor: float) -> list[Path]:
    return list(paths) if factor == 1 else [path.scaled(factor) for path in paths]


def _shares(count: int, parts: int) -> list[int]:
    """`count` split into at most `parts` whole shares that differ by one at most."""
    return [len(share) for share in np.array_split(np.arange(count), parts) if len(share)]
