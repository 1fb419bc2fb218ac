# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage III: structural shapes and detail shapes, refined together against the image.

Two schedules. `PUBLISHED` is the paper's: all detail circles at once, drawn at random by
saliency, then plain Adam on the squared error. `CLEAN` is ours: detail is added where
error x saliency is largest, and the least useful shapes are relocated several times, on a
coarse image first; outlines can't cross themselves, are kept smooth, and stay in their
semantic regions. docs/refinement.md shows what each part is worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from ..drawing import Path, pack
from ..errors import Cancelled
from ..progress import NO_PROGRESS, PreviewProgress
from ..rendering import native
from ..settings import FEWEST_NODES_A_PATH
from .bounds import apart, overlapping_groups
from .device_optimization import AnyOptimization, Optimize
from .fixed_colors import with_palette
from .given import is_given
from .optimization import Compare, LossWeights, Optimization, is_background
from .primitives import blur, depth, detail_circles, peaks, sample_by_saliency
from .ramps import with_ramps
from .repair import most_nodes_of, slivers, straighten_crossings
from .spikes import prune_spikes
from .target import Target


@dataclass(frozen=True)
class RefinementSchedule:
    """Distribution of Stage III's iterations, and the weights of its losses.

    densify_fraction: fraction of the iterations in which detail is added, in `batches` steps,
    and relocated. relocations: number of times that the fraction `relocate_fraction` of the
    detail shapes, those that the drawing misses least, is moved where the error is largest.
    detail_segments: cubics of a new detail shape. coarse_above: images with a longer side are
    halved while detail is added. densify_speed, final_speed: factors of the learning rates then
    and at the end. border_distance: pixels from a semantic border within which less detail is
    added. prunes_spikes: whether spikes are pruned, halfway through the settling and at the end.
    """

    weights: LossWeights
    batches: int
    densify_fraction: float
    relocations: int
    relocate_fraction: float
    detail_segments: int
    coarse_above: int
    densify_speed: float
    final_speed: float = 0.05
    border_distance: float = 0.0
    prunes_spikes: bool = False


CLEAN = RefinementSchedule(
    LossWeights(
        structural_rate=0.3,
        detail_rate=1.0,
        sharpness=0.5,
        fairness=0.0002,
        smoothness=0.025,
        spike_penalty=0.05,
        structural_containment=0.03,
        detail_containment=0.1,
    ),
    batches=1,
    densify_fraction=0.5,
    relocations=4,
    relocate_fraction=0.2,
    detail_segments=6,
    coarse_above=320,
    densify_speed=0.6,
    border_distance=8.0,
    prunes_spikes=True,
)

PUBLISHED = RefinementSchedule(
    LossWeights(structural_rate=1.0, detail_rate=1.0, simple=False),
    batches=1,
    densify_fraction=0.0,
    relocations=0,
    relocate_fraction=0.0,
    detail_segments=4,
    coarse_above=1 << 30,
    densify_speed=1.0,
    final_speed=1.0,
)

PUBLISHED_RADIUS = 5.0  # pixels, section 4.4

# New detail is a circle of at least this radius, and as large as its region allows.
SMALLEST_RADIUS = 2.0
LARGEST_DEPTH = 24

# Factor of the sharpness weight with ramps, which reproduce smooth shading by themselves.
RAMPS_SHARPNESS = 2.0

# Speed halfway through the settling, where spikes are pruned.
HALFWAY_SPEED = 0.5

# Iterations between two checks at full sampling for paths that cross themselves.
CHECK_INTERVAL = 10

# Least rise of the weighted squared error, summed over pixels and channels, for which a path is
# worth drawing: a tenth of a white pixel in place of a black one is 0.03.
LEAST_GAIN = 0.1

# Least distance of colors, blurred, of a position for detail: half a step of 8 bits.
LEAST_ERROR = 0.002

# Mean squared error of structural paths below which they are refined before detail is added.
SIMPLE_ERROR = 0.003

# Importance of pixels without any error, so that all detail lies within the drawing.
_TINY = 1e-9

# Factor of the error right at a semantic border, where detail is to be added.
_LEAST_AT_BORDERS = 0.02


def contained(schedule: RefinementSchedule, containment: float) -> RefinementSchedule:
    """Return the schedule with a strength of containment in [0, 1]; 0.5 leaves it as it is.

    At 0 shapes are contained a tenth as strongly, and detail is added anywhere.
    """
    strength = 100 ** (containment - 0.5)
    weights = replace(
        schedule.weights,
        structural_containment=schedule.weights.structural_containment * strength,
        detail_containment=schedule.weights.detail_containment * strength,
    )
    distance = 2 * containment * schedule.border_distance
    return replace(schedule, weights=weights, border_distance=distance)


class Refinement:
    """One run of Stage III: structural paths in, all paths of the drawing out.

    target: what to draw, at working size. labels: int32 [H, W], the partition that the
    structural paths were traced from. transparency: whether fills may become transparent.
    ramps: whether fills may be linear gradients. exact: whether all detail paths are drawn, even
    if the drawing is as good without. compare: makes the steps of the renderer to refine with.
    optimize: creates optimizations; None creates those of the CPU with `compare`.
    progress: reported to after every iteration; cancellation ends the run with the paths so far.
    palette: float32 [N, 3], the colors that fills are taken from; None for any.
    most_nodes: of all paths together, if those given to `run` have no more; None for any number.
    """

    def __init__(
        self,
        target: Target,
        labels: np.ndarray,
        *,
        schedule: RefinementSchedule = CLEAN,
        iterations: int = 500,
        threads: int = 0,
        transparency: bool = False,
        ramps: bool = False,
        exact: bool = True,
        compare: Compare = native.Comparison,
        optimize: Optimize | None = None,
        progress: PreviewProgress = NO_PROGRESS,
        palette: np.ndarray | None = None,
        most_nodes: int | None = None,
    ) -> None:
        self._target = target
        self._labels = labels
        self._depth = depth(labels, LARGEST_DEPTH)
        self._border_factor = _border_factor(target.regions, schedule.border_distance)
        self._schedule = schedule
        sharpness = schedule.weights.sharpness * (RAMPS_SHARPNESS if ramps else 1.0)
        weights = replace(schedule.weights, transparency=transparency, sharpness=sharpness)
        if palette is not None:
            weights = replace(weights, color_rate=0.0)
        self._weights = weights
        self._palette = palette
        self._most_nodes = most_nodes
        self._iterations = iterations
        self._done = 0
        self._threads = threads
        self._ramps = ramps
        self._exact = exact
        self._optimize = optimize or partial(Optimization, threads=threads, compare=compare)
        self._progress = progress
        self._stopped = False

    def run(self, structural: Sequence[Path], count: int, seed: int) -> list[Path]:
        """Return all paths in painting order: the structural ones, then `count` detail paths.

        Without `exact`, only those without which the drawing would be worse.
        """
        paths = self._in_palette(list(structural))
        if self._schedule.densify_fraction > 0:
            paths = self._grow(paths, count)
        else:
            paths += self._sampled_detail(count, seed)
        paths = self._settle(paths)
        return paths if self._exact or self._stopped else self._useful(paths)

    def _useful(self, paths: list[Path]) -> list[Path]:
        """Return the paths that improve the drawing, and new detail in place of the others.

        New detail that does not improve it either is left out. Of paths that are all useless, as
        on an almost clear picture, the one that is least wrong is kept.
        """
        kept = self._without_harmful(self._without_worthless(paths))
        missing = len(paths) - len(kept)
        found = self._without_worthless(kept + self._new_detail(kept, 4 * missing, len(paths)))
        if not found:
            return paths and [min(paths, key=lambda path: self._total_error([path]))]
        return self._within_nodes(self._without_useless(found, len(found) - len(paths)))

    def _within_nodes(self, paths: list[Path]) -> list[Path]:
        """Return the paths without the least useful detail where they have too many nodes.

        New detail may have more nodes than what it replaces, of which spikes are pruned.
        """
        nodes = most_nodes_of(paths)
        if self._most_nodes is None or nodes <= self._most_nodes:
            return paths
        return self._without_useless(paths, -(-(nodes - self._most_nodes) // FEWEST_NODES_A_PATH))

    def _without_worthless(self, paths: list[Path]) -> list[Path]:
        """Return the paths without those whose removal hardly raises the error.

        Those that overlap are removed one after the other, as one may replace the other.
        """
        while len(paths) > 1:
            fit = self._optimization(paths, self._target).measure()
            gains = fit.removal_cost * np.float32(3 * self._target.weight.size)
            gains[[is_background(path) for path in paths]] = np.inf
            order = np.argsort(gains, kind="stable")
            worthless = apart(paths, order[gains[order] < LEAST_GAIN])
            if not worthless:
                break
            paths = [path for i, path in enumerate(paths) if i not in worthless]
        return paths

    def _without_harmful(self, paths: list[Path]) -> list[Path]:
        """Return the paths without groups that overlap and together make the drawing worse.

        Beside each other such paths look useful: the upper one hides a lower one that is worse.
        """
        for group in overlapping_groups(paths):
            if any(is_background(path) for path in group):
                continue
            members = {id(path) for path in group}
            rest = [path for path in paths if id(path) not in members]
            if self._total_error(rest) <= self._total_error(paths):
                paths = rest
        return paths

    def _total_error(self, paths: list[Path]) -> float:
        return float(self._target.squared_error(paths, self._threads).sum())

    def _sampled_detail(self, count: int, seed: int) -> list[Path]:
        """Return detail circles at random positions, as published."""
        centers = sample_by_saliency(self._target.weight, count, seed)
        return self._circles(centers, np.full(count, PUBLISHED_RADIUS))

    def _grow(self, paths: list[Path], count: int) -> list[Path]:
        """Add detail, and relocate the least useful of it, refining all paths in between."""
        schedule, total = self._schedule, count
        batches = _parts(count, schedule.batches)
        rounds = len(batches) + (schedule.relocations if count else 0)
        iterations = int(self._iterations * schedule.densify_fraction / max(rounds, 1))
        if not self._exact and self._is_simple(paths):
            paths = self._optimized(paths, self._iterations // 4, 1, 1.0, HALFWAY_SPEED)
        for batch in batches:
            paths += self._new_detail(paths, batch, total)
            paths = self._optimized(paths, iterations, self._coarse(), schedule.densify_speed)
        for _ in range(rounds - len(batches)):
            kept = self._without_useless(paths, int(schedule.relocate_fraction * total))
            paths = kept + self._new_detail(kept, len(paths) - len(kept), total)
            paths = self._optimized(paths, iterations, self._coarse(), schedule.densify_speed)
        return paths

    def _is_simple(self, paths: list[Path]) -> bool:
        """Return whether structural paths alone come so near that detail waits for them."""
        return float(self._target.squared_error(paths, self._threads).mean()) < SIMPLE_ERROR

    def _settle(self, paths: list[Path]) -> list[Path]:
        """Spend the remaining iterations at full size, with falling learning rates.

        Spikes are pruned halfway, so that shapes recover from that, and at the end.
        """
        remaining, final_speed = self._iterations - self._done, self._schedule.final_speed
        if not self._schedule.prunes_spikes:
            return self._optimized(paths, remaining, 1, 1.0, final_speed)
        paths = self._optimized(paths, remaining // 2, 1, 1.0, HALFWAY_SPEED)
        paths = self._pruned(paths)
        paths = self._optimized(paths, remaining - remaining // 2, 1, HALFWAY_SPEED, final_speed)
        return self._pruned(paths)

    def _pruned(self, paths: list[Path]) -> list[Path]:
        """Return paths without spikes; shapes that no iteration has moved stay as traced."""
        return prune_spikes(paths, self._target, self._threads) if paths and self._done else paths

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
        """Return the paths after some iterations on an image `shrink` times smaller.

        Learning rates fall from `speed` to `final_speed` along half a cosine. Ramps are fitted
        anew first, then refined like the rest.
        """
        if not paths:
            return paths
        if self._weights.simple:
            paths = straighten_crossings(paths)
        final_speed = speed if final_speed is None else final_speed
        target = self._target if shrink == 1 else self._target.halved()
        paths = _scaled(paths, 1 / shrink)
        if self._ramps:
            paths = self._with_ramps(paths, target)
        optimization = self._optimization(paths, target)
        falls = [0.5 * (1 + np.cos(np.pi * i / iterations)) for i in range(iterations)]
        speeds = [final_speed + (speed - final_speed) * fall for fall in falls]
        steps = optimization.steps(speeds, CHECK_INTERVAL)
        end = self._done + iterations
        while self._done < end and not self._is_cancelled():
            self._done += next(steps)
            self._progress.report(self._done / self._iterations)
            self._progress.preview(lambda: _scaled(optimization.paths(), shrink))
        if self._weights.simple:
            optimization.revert_crossings()
        return _scaled(optimization.paths(), shrink)

    def _with_ramps(self, paths: list[Path], target: Target) -> list[Path]:
        """Return the paths with ramps fitted anew; given paths keep their fills."""
        ramped = with_ramps(paths, target.fill_colors, target.visible_weight, self._threads)
        return [old if is_given(old) else new for old, new in zip(paths, ramped, strict=True)]

    def _is_cancelled(self) -> bool:
        """Return whether to stop; from the first request on, no more is asked."""
        if not self._stopped:
            try:
                self._progress.check_cancelled()
            except Cancelled:
                self._stopped = True
        return self._stopped

    def _optimization(self, paths: Sequence[Path], target: Target) -> AnyOptimization:
        return self._optimize(paths, target, self._weights)

    def _new_detail(self, paths: list[Path], count: int, total: int) -> list[Path]:
        """Return new detail circles where the weighted error of the paths is largest."""
        if count == 0 or self._stopped:
            return []
        error = self._error(paths)
        importance = self._importance(error)
        height, width = importance.shape
        radius = max(4.0, 0.5 * np.sqrt(height * width / (np.pi * (len(paths) + count))))
        centers = peaks(importance, count, radius)
        if not self._exact:
            rows, columns = centers[:, 1].astype(int), centers[:, 0].astype(int)
            centers = centers[blur(error, radius / 2)[rows, columns] > LEAST_ERROR]
        room = self._depth[centers[:, 1].astype(int), centers[:, 0].astype(int)]
        return self._circles(centers, np.clip(0.95 * room, SMALLEST_RADIUS, radius))

    def _circles(self, centers: np.ndarray, radii: np.ndarray) -> list[Path]:
        target = self._target
        circles = detail_circles(
            centers,
            radii,
            target.fill_colors,
            self._labels,
            self._schedule.detail_segments,
            target.opacity if target.transparent else None,
        )
        return self._in_palette(circles)

    def _in_palette(self, paths: list[Path]) -> list[Path]:
        return paths if self._palette is None else with_palette(paths, self._palette)

    def _error(self, paths: list[Path]) -> np.ndarray:
        """Return the distance of the drawing's colors from the target's, over any backdrop: [H, W].

        Not the squared distance, which would crowd detail where contrast is highest.
        """
        target = self._target
        fit = self._optimization(paths, target).measure()
        error = np.linalg.norm(fit.image - target.image, axis=2)
        for background, image in target.backdrops[1:]:
            shown = native.render(
                pack(paths), error.shape[1], error.shape[0], background, self._threads
            )
            error = np.maximum(error, np.linalg.norm(shown - image, axis=2))
        return error

    def _importance(self, error: np.ndarray) -> np.ndarray:
        """Return saliency x error x factor near semantic borders, 0 outside: [H, W]."""
        importance = np.square(self._target.weight) * error * self._border_factor
        if self._labels.min() < 0:  # nothing is drawn outside
            importance = np.where(self._labels < 0, 0, importance + _TINY)
        return importance

    def _without_useless(self, paths: list[Path], count: int) -> list[Path]:
        """Return the paths without the `count` detail shapes that the drawing misses least.

        Given paths stay.
        """
        fit = self._optimization(paths, self._target).measure()
        own = np.array([path.kind == "detail" and not is_given(path) for path in paths], bool)
        cost = np.where(own, fit.removal_cost, np.inf)
        cost[own & slivers(paths, 2.0)] = -1
        count = min(max(count, 0), int(np.isfinite(cost).sum()))
        useless = set(np.argsort(cost, kind="stable")[:count].tolist())
        return [path for i, path in enumerate(paths) if i not in useless]


def _border_factor(regions: np.ndarray, distance: float) -> np.ndarray:
    """Return a factor [H, W] in (0, 1] that falls within `distance` pixels of other regions."""
    if distance == 0:
        return np.ones(regions.shape)
    steps = depth(regions, int(np.ceil(distance)) + 1)
    return np.clip((steps - 1) / distance, _LEAST_AT_BORDERS, 1)


def _scaled(paths: Sequence[Path], factor: float) -> list[Path]:
    return list(paths) if factor == 1 else [path.scaled(factor) for path in paths]


def _parts(count: int, parts: int) -> list[int]:
    """Return `count` split into at most `parts` whole numbers that differ by one at most."""
    return [len(part) for part in np.array_split(np.arange(count), parts) if len(part)]
