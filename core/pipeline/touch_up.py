# SPDX-License-Identifier: GPL-3.0-or-later
"""From a drawing and its image to a better drawing: refined, with more shapes or with fewer.

    drawing, image -> window -> least useful shapes removed -> shapes added, refined -> mended

Refinement continues from the curves as they are. Locked shapes, and all that a region leaves out,
keep every coordinate and color.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from ..bezier import bounds
from ..drawing import Drawing, Path, pack
from ..errors import ImageError, SaliencyError, SettingsError
from ..flat import refining
from ..image import Image, have_same_shape
from ..progress import PreviewProgress
from ..refinement.given import GivenPath, given, is_given, is_locked
from ..refinement.refine import CLEAN, Refinement
from ..refinement.removal import without_least_useful
from ..refinement.repair import crossing_segments, straighten_crossings
from ..refinement.target import Target
from ..rendering.native import render
from ..saliency.maps import from_image
from ..version import VERSION
from .assembly import Assembly
from .changes import LOCKS, TouchUp
from .opacity import choose_opacity
from .progress import PathPreviews, ProgressEvent, RunProgress, Stage
from .target import image_target
from .window import Window, topmost, window_of

_STAGES = {
    "removal": Stage(0.05, "Removing shapes"),
    "refinement": Stage(0.9, "Refining shapes"),
    "finishing": Stage(0.05, "Cleaning up"),
}

# Stage III as in a run, without semantic regions, which a drawing does not record.
_SCHEDULE = replace(
    CLEAN,
    weights=replace(CLEAN.weights, structural_containment=0.0, detail_containment=0.0),
    border_distance=0.0,
)

# Beneath all paths on an opaque image, as SVG viewers show it.
_PAGE = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class TouchedUp:
    """Result of a touch-up.

    drawing: on the canvas of the given one. origins: for each of its paths, the position in the
    given drawing, -1 for a new one. A path that is unchanged is the very object that was given.
    report: counts, quality before and after, seconds, in plain JSON types.
    """

    drawing: Drawing
    origins: list[int]
    report: dict[str, Any]

    def changed(self, before: Drawing) -> list[bool]:
        """Return for each path whether it is new or differs from the given drawing's."""
        pairs = zip(self.drawing.paths, self.origins, strict=True)
        return [origin < 0 or path is not before.paths[origin] for path, origin in pairs]


def touch_up(
    drawing: Drawing,
    image: Image,
    changes: TouchUp,
    *,
    region: np.ndarray | None = None,
    on_progress: Callable[[ProgressEvent], None] | None = None,
    on_preview: Callable[[Drawing], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> TouchedUp:
    """Return the drawing with the changes; it never comes out farther from the image.

    drawing: any filled shapes, on a canvas of the image's shape. region: the part of the image to
    change, a map of any size, from half white on; None for all of it. Shapes that lie outside of
    the region, or reach far beyond it, stay to the byte, unless they are removed: the least useful
    ones are looked for in the whole drawing. Where refinement would not improve it, inside the
    region and around it, the shapes stay as they were; then none is added either.
    should_stop is asked often; stopping gives the drawing so far. Raises ImageError where the
    shapes of image and drawing differ, SaliencyError for an empty region, SettingsError for a lock
    that names nothing, and where too few shapes may be removed.
    """
    run = RunProgress(on_progress, on_preview, should_stop, stages=_STAGES)
    _check_shapes(drawing, image)
    locked = locked_paths(drawing, changes.lock)
    with run.stage("removal"):
        kept = _without_least_useful(drawing, image, changes, locked)
    start = replace(drawing, paths=[drawing.paths[i] for i in kept])
    with run.stage("refinement"):
        stays = {i for i, number in enumerate(kept) if number in locked}
        work = _Work(start, image, changes, region, stays)
        paths = work.improved(PathPreviews(run, work.shown))
    with run.stage("finishing"):
        result, origins = work.best(paths)
    run.finish()
    touched = TouchedUp(result, [kept[i] if i >= 0 else -1 for i in origins], {})
    return replace(touched, report=_report(drawing, touched, image, changes, work, run))


def _without_least_useful(
    drawing: Drawing, image: Image, changes: TouchUp, locked: set[int]
) -> list[int]:
    """Return the positions of the paths that remain."""
    everything = range(len(drawing.paths))
    visible = [i for i in everything if drawing.paths[i].nodes]
    candidates = {i for i in visible if i not in locked and not _is_backdrop(drawing, i)}
    if changes.remove > len(candidates):
        raise SettingsError(
            f"{len(candidates)} shapes can be removed, not {changes.remove}.",
            "Remove fewer, or unlock some.",
        )
    if not changes.remove:
        return list(everything)
    window = window_of(drawing, image, None, changes.resolution)
    target = _target(window, drawing)[1]
    paths = [given(window.enter(drawing.paths[i]), i) for i in visible]
    kept = without_least_useful(paths, candidates, changes.remove, target, changes.threads)
    removed = set(visible) - {path.number for path in kept}
    return [i for i in everything if i not in removed]


class _Work:
    """The refinement of a drawing: the window on it, the paths in it, and their target.

    locked: positions of the paths that stay as they are.
    """

    def __init__(
        self,
        drawing: Drawing,
        image: Image,
        changes: TouchUp,
        region: np.ndarray | None,
        locked: set[int],
    ) -> None:
        self._drawing, self._changes = drawing, changes
        mask = None if region is None else _mask(region, image)
        self._window = window = window_of(drawing, image, mask, changes.resolution)
        self._kind = str(drawing.settings.get("kind", "photo"))
        inside, self._target = _target(window, drawing)
        entered = [window.enter(path) for path in drawing.paths]
        shown = [i for i, path in enumerate(entered) if window.shows(path)]
        moving = {i for i in shown if i not in locked and window.holds(entered[i])}
        if changes.hold or self._kind == "pixel":
            moving = set()
        self._paths = [_prepared(entered[i], i, i in moving, window.size) for i in shown]
        bases = [path for path in self._paths if path.kind == "structural"]
        below = np.maximum(topmost(bases, window.work.width, window.work.height), 0)
        self._labels = np.where(inside, below, -1).astype(np.int32)
        self._assembly = Assembly(drawing, window, self._paths, bases)
        if not (changes.add or changes.remove) and all(map(is_locked, self._paths)):
            raise SettingsError(
                "No shape may change.", "Unlock some shapes, choose a larger region or add shapes."
            )

    def improved(self, progress: PreviewProgress) -> list[Path]:
        """Return the paths refined, with new ones on top, in working pixels."""
        changes, target = self._changes, self._target
        paths: list[Path] = list(self._paths)
        if self._kind in ("flat", "pixel"):  # straight lines and round corners stay so
            held = [is_locked(path) for path in paths]
            if not all(held):
                arguments = (paths, target.image, target.background, changes.threads, progress)
                paths = refining.refine(*arguments, held=held)
            paths = [_locked(path) for path in paths]
        if not changes.add and all(map(is_locked, paths)):
            return paths
        refinement = Refinement(
            target,
            self._labels,
            schedule=_SCHEDULE,
            iterations=changes.iterations,
            threads=changes.threads,
            ramps=any(path.ramp is not None for path in self._drawing.paths),
            progress=progress,
        )
        return refinement.run(paths, changes.add, seed=0)

    def shown(self, paths: list[Path]) -> Drawing:
        """Return the drawing so far."""
        return self._assembly.drawing(paths)[0]

    def best(self, paths: list[Path]) -> tuple[Drawing, list[int]]:
        """Return the best drawing: as it was, with its paths refined, or with the new ones as well.

        That is the one nearest to the image in the region, and not farther in the window. Also
        returns the position of each path in the drawing before, -1 for a new one.
        """
        best = self._drawing, list(range(len(self._drawing.paths)))
        least, most = self.squared_error(self._drawing)
        for candidate in ([path for path in paths if is_given(path)], paths):
            result = self._assembly.drawing(candidate, mend=True)
            inside, around = self.squared_error(result[0])
            if inside < least and around <= most:
                best, least = result, inside
        return best

    def squared_error(self, drawing: Drawing) -> tuple[float, float]:
        """Return the mean squared error in the region, and in the window."""
        return _squared_error(drawing, self._window, self._changes.threads)


def _report(
    before: Drawing,
    touched: TouchedUp,
    image: Image,
    changes: TouchUp,
    work: _Work,
    run: RunProgress,
) -> dict[str, Any]:
    """Return counts and quality in plain JSON types."""
    drawing, origins = touched.drawing, touched.origins
    kinds = [path.kind for path in drawing.paths]
    added, changed = sum(origin < 0 for origin in origins), sum(touched.changed(before))
    missed = added < changes.add and not run.stopped
    whole = window_of(drawing, image, None, changes.resolution)
    return {
        "version": VERSION,
        "touch_up": {**asdict(changes), "lock": list(changes.lock)},
        "seconds": {name: round(seconds, 3) for name, seconds in run.seconds.items()},
        "paths": len(kinds),
        "structural": kinds.count("structural"),
        "detail": kinds.count("detail"),
        "nodes": sum(path.nodes for path in drawing.paths),
        "added": added,
        "removed": len(before.paths) + added - len(kinds),
        "changed": changed - added,
        "kept": len(kinds) - changed,
        "region_psnr_before": _decibels(work.squared_error(before)[0]),
        "region_psnr": _decibels(work.squared_error(drawing)[0]),
        "psnr": _decibels(_squared_error(drawing, whole, changes.threads)[0]),
        "stopped": run.stopped,
        "notes": ["No shapes were added: they would not improve the drawing"] if missed else [],
    }


def locked_paths(drawing: Drawing, lock: Sequence[str | int]) -> set[int]:
    """Return the positions of the paths that are locked. Raises SettingsError."""
    names: dict[str, set[int]] = {name: set() for name in LOCKS}
    for i, path in enumerate(drawing.paths):
        names.setdefault(path.name, set()).add(i)
    for i, path in enumerate(drawing.paths):
        names[path.kind].add(i)
        names["all"].add(i)
    locked: set[int] = set()
    for each in lock:
        if isinstance(each, int) and 0 <= each < len(drawing.paths):
            locked.add(each)
        elif isinstance(each, str) and each in names:
            locked |= names[each]
        else:
            raise SettingsError(
                f"There is no shape '{each}' to lock.",
                f"Name {', '.join(LOCKS)}, or the id of a path in the drawing.",
            )
    return locked


def _check_shapes(drawing: Drawing, image: Image) -> None:
    """Raise ImageError where the canvas is not the image, larger or smaller."""
    canvas = np.array([drawing.height, drawing.width])
    scaled = canvas * max(image.width, image.height) / max(canvas)
    height, width = (max(1, round(side)) for side in scaled.tolist())
    if not have_same_shape((height, width), (image.height, image.width)):
        raise ImageError(
            f"The drawing is {drawing.width:g} x {drawing.height:g}, the image "
            f"{image.width} x {image.height}: their shapes differ.",
            "Choose the image that the drawing was made from.",
        )


def _mask(region: np.ndarray, image: Image) -> np.ndarray:
    """Return the pixels of the image in the region: bool [H, W]. Raises SaliencyError."""
    height, width = np.shape(region)[:2]
    if not have_same_shape((height, width), (image.height, image.width)):
        raise SaliencyError(
            f"The region is {width} x {height} pixels, the image {image.width} x {image.height}.",
            "It must have the same shape as the image; the resolution may differ.",
        )
    mask = from_image(region, image.height, image.width) >= 0.5
    if not mask.any():
        raise SaliencyError("The region is empty.", "Paint white what should change.")
    return mask


def _target(window: Window, drawing: Drawing) -> tuple[np.ndarray, Target]:
    """Return the pixels on which new shapes may lie, bool [H, W], and what to draw."""
    work, inside = window.work, window.inside
    if work.alpha is not None and not work.alpha[inside].any():
        raise SaliencyError(
            "The image is transparent all over the region.", "Choose a region with colors."
        )
    opacity = choose_opacity(work, str(drawing.settings.get("transparency", "automatic")))
    if opacity.inside is not None:
        inside = inside & opacity.inside
    even = np.ones(inside.shape, np.float32)
    regions = np.zeros(inside.shape, np.int32)
    return inside, image_target(work, opacity, even, regions, np.full(1, -1, np.int32), _PAGE)


def _prepared(path: Path, number: int, moves: bool, size: np.ndarray) -> GivenPath:
    """Return a path for refinement, in working pixels: size, [2], is that of the window.

    One that crosses itself and can't be straightened without losing parts is locked. Refinement
    takes structural paths without a region for backgrounds; only those that cover everything are.
    """
    if moves and crossing_segments([path])[0].any():
        straight = straighten_crossings([path])[0]
        lengths = [[len(points) for points in each.subpaths] for each in (path, straight)]
        anchors = [np.concatenate([points[::3] for points in p.subpaths]) for p in (path, straight)]
        moves = lengths[0] == lengths[1] and np.array_equal(*anchors)
    least, most = bounds(path.subpaths)
    covers = bool((least <= 0).all() and (most >= size).all())
    region = 0 if path.region >= 0 or not (covers or path.fill[3] < 1) else -1
    return given(replace(path, region=region), number, locked=not moves)


def _is_backdrop(drawing: Drawing, number: int) -> bool:
    """Return whether a path is the lowest and covers the canvas: it closes gaps between others."""
    least, most = bounds(drawing.paths[number].subpaths)
    size = np.array([drawing.width, drawing.height])
    return number == 0 and bool((least <= 0).all() and (most >= size).all())


def _squared_error(drawing: Drawing, window: Window, threads: int) -> tuple[float, float]:
    """Return the mean squared error in the region of a window, and in all of the window.

    Over white; over black as well where the image is not opaque.
    """
    scene, work, errors = pack([window.enter(path) for path in drawing.paths]), window.work, []
    for background in (1.0,) if work.alpha is None else (0.0, 1.0):
        shown = render(scene, work.width, work.height, (background,) * 3, threads)
        wanted = work.rgb
        if work.alpha is not None:
            wanted = background + work.alpha[..., None] * (work.rgb - background)
        errors.append(np.square(shown - wanted).mean(axis=2, dtype=np.float64))
    error = np.mean(errors, axis=0)
    return float(error[window.inside].mean()), float(error.mean())


def _locked(path: Path) -> Path:
    return replace(path, locked=True) if isinstance(path, GivenPath) else path


def _decibels(squared_error: float) -> float:
    return round(float(-10 * np.log10(max(squared_error, 1e-10))), 3)
