# SPDX-License-Identifier: GPL-3.0-or-later
"""One frame from the one before: carried by the motion, then refined where that is not enough.

    changed pixels -> motion of each path -> deaths and births -> refinement -> slots

A path none of whose pixels has changed stays as it is, to the bit. One that still fits after it is
carried is not refined. The others are pulled to their carried place the more strongly, the better
they fit there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from ..drawing import Drawing, Path
from ..refinement.optimization import LossWeights, is_background
from ..refinement.pulled import PulledOptimization
from ..refinement.repair import repaired, slivers, straighten_crossings
from ..refinement.target import Target
from ..svg import quantized
from .births import LEAST_GAIN, NODES, find_births, gains_of
from .flow import Flow, sample
from .freedom import Freedom, freedom_of
from .motion import carried, composed, similarities
from .owners import owners
from .slots import Shot, nodes_of
from .uncrossed import uncrossed
from .underlap import underlapped

# Changed pixels that a path must have, of those that it owns, to move.
_LEAST_CHANGED = 2

# Largest displacement of an anchor in pixels that the flow can't tell from none.
_STILL = 0.05

# Share of a change of the error that is expected from then on: what can't be improved is left
# alone after some frames.
_ACCEPTED = 0.1

# Where the camera moves: the share of a rise of the error that counts in what was seen before, as
# that is the same, sampled anew; and the largest freedom of points.
_BY_CAMERA, _FREE_BY_CAMERA = 0.4, 0.5

# Frames for which a path must be worthless to die.
_PATIENCE = 3

# Iterations of a frame and of its new shapes, as shares of those of a first frame, and their speed.
_ITERATIONS, _ITERATIONS_OF_BIRTHS = 0.1, 0.05
_FIRST_SPEED, _LAST_SPEED = 1.0, 0.03
_CHECK_INTERVAL = 10


@dataclass(frozen=True)
class Following:
    """Options of following frames.

    weights: of the refinement. iterations: of a first frame. budget: largest number of paths.
    nodes: largest number of their nodes; 0 for any.
    """

    weights: LossWeights
    iterations: int
    budget: int
    threads: int = 0
    nodes: int = 0


class Member(NamedTuple):
    """A visible path of the new frame at working size.

    slot: index of its slot. before: the same path in the frame before, or None for a new one.
    """

    slot: int
    before: Path | None
    path: Path


class Step:
    """The step of a shot to one more frame, whose slots it changes.

    changed: bool [H, W], pixels that differ from those that the paths were made for. by_camera:
    bool [H, W], pixels of the frame before that the camera moves. flow: the motion from the frame
    before. expected: float32 [H, W], the squared error that the frame before
    had when it was drawn well, and after `run` that of this one. target: makes the target of the
    frame at working size, given its semantic regions. size: width and height of the frames.
    """

    def __init__(
        self,
        shot: Shot,
        changed: np.ndarray,
        by_camera: np.ndarray,
        flow: Flow,
        expected: np.ndarray,
        target: Callable[[np.ndarray], Target],
        size: tuple[float, float],
        options: Following,
    ) -> None:
        self._shot, self._changed, self._flow = shot, changed, flow
        self._size, self._options = size, options
        seen_before = _moved(by_camera.astype(np.float32), flow, 0.0)
        self._attention = 1 - (1 - np.float32(_BY_CAMERA)) * seen_before
        self._largest = _FREE_BY_CAMERA if by_camera.any() else 1.0
        self._height, self._width = changed.shape
        self._target = target(self._regions())
        self.expected = _moved(expected, flow, float(np.median(expected)))
        self._resting = set(shot.visible)  # new shapes take other slots

    def run(self) -> None:
        """Carry, refine and replace the paths of the shot."""
        members = self._alive(self._carried())
        gains = self._gains(members)
        members = self._without(members, self._worthless(members, gains))
        members = self._refined(members, self._freedom(members), _ITERATIONS)
        members = self._with_births(members)
        self._keep(members)
        error = self._squared_error(self._working_paths(self._shot.visible))
        self.expected += np.float32(_ACCEPTED) * (error - self.expected)

    def _working_paths(self, indices: Sequence[int]) -> list[Path]:
        paths = [self._shot.slots[i].path for i in indices]
        return Drawing(*self._size, paths).scaled(self._width, self._height).paths

    def _regions(self) -> np.ndarray:
        """Return the semantic regions that the structural shapes stand for: int32 [H, W]."""
        labels = region_labels(self._shot, self._size, self._changed.shape, self._options.threads)
        return np.append(self._shot.parents, np.int32(-1))[labels]

    def _carried(self) -> list[Member]:
        """Return the paths at their place in the new frame; those that are still are the same.

        A path of which no pixel has changed waits: it moves by all of its motion once one has.
        """
        indices = self._shot.visible
        paths = self._working_paths(indices)
        owner = self._owners(paths)
        motions = similarities(paths, owner, self._flow)
        changed = self._has_changed(paths)
        shown_motions = np.where(changed[:, None, None], motions, np.eye(2, 3))
        continued = underlapped(paths, owner, shown_motions, self._options.threads)
        moved = []
        for i, path, motion, has_changed in zip(indices, continued, motions, changed, strict=True):
            slot = self._shot.slots[i]
            slot.motion = composed(motion, slot.motion)
            new = carried(path, slot.motion, (self._width, self._height))
            if is_background(path) or not has_changed or _distance(path, new) < _STILL:
                moved.append(path)
            else:
                slot.motion = np.eye(2, 3)
                moved.append(new)
        if self._options.weights.simple:
            moved = straighten_crossings(uncrossed(continued, moved))
        return [Member(*parts) for parts in zip(indices, paths, moved, strict=True)]

    def _alive(self, members: list[Member]) -> list[Member]:
        """Return the members of which something is left on the canvas; the others die.

        So do those whose crossings could only be removed with some of their nodes.
        """
        alive = []
        for member, is_lost in zip(members, self._are_lost(_paths(members)), strict=True):
            is_same = nodes_of(member.path) == self._shot.slots[member.slot].nodes
            if is_lost or not is_same:
                self._shot.slots[member.slot].visible = False
            else:
                alive.append(member)
        return alive

    def _are_lost(self, paths: Sequence[Path]) -> np.ndarray:
        """Return of which paths nothing is left on the canvas: bool [N]."""
        limits = np.array([self._width, self._height], np.float32)
        clipped = [
            replace(path, subpaths=[np.clip(points, 0, limits) for points in path.subpaths])
            for path in paths
        ]
        return slivers(clipped) & ~np.array([is_background(path) for path in paths], bool)

    def _gains(self, members: Sequence[Member]) -> np.ndarray:
        """Return the squared error that each member saves, [N]."""
        options = self._options
        return gains_of(_paths(members), self._target, options.weights, options.threads)

    def _without(self, members: Sequence[Member], dying: set[int]) -> list[Member]:
        """Hide the slots of some members; returns the others."""
        for i in dying:
            self._shot.slots[members[i].slot].visible = False
        return [member for i, member in enumerate(members) if i not in dying]

    def _with_births(self, members: list[Member]) -> list[Member]:
        """Add new detail where the frame has changed and fits worse than the one before.

        Shapes that turn out to save nothing are left out. For the others, paths that save little
        make way as far as the budget requires.
        """
        paths = _paths(members)
        rise = np.where(self._changed, self._rise(paths), 0)
        may_go, free = self._free(paths)
        born, replaced = find_births(
            paths,
            self._target,
            np.maximum(rise, 0),
            np.where(may_go, self._gains(members), np.inf),
            free=free,
            labels=self._labels(paths),
        )
        if not born:
            return members
        tried = list(members)
        for path in born:
            slot = self._shot.take(nodes_of(path), self._resting)
            self._shot.fill(slot, path)
            tried.append(Member(slot, None, self._shot.slots[slot].path))
        tried.sort(key=lambda member: member.slot)
        tried = self._refined(tried, self._freedom(tried), _ITERATIONS_OF_BIRTHS)
        gains = self._gains(tried)
        dying = {i for i, m in enumerate(tried) if m.before is None and gains[i] < LEAST_GAIN}
        slots = {members[i].slot for i in replaced}
        victims = [i for i, member in enumerate(tried) if member.slot in slots]
        for i in sorted(victims, key=lambda i: gains[i]):
            if self._is_within_budget([m.path for j, m in enumerate(tried) if j not in dying]):
                break
            dying.add(i)
        return self._without(tried, dying)

    def _is_within_budget(self, paths: Sequence[Path]) -> bool:
        options, nodes = self._options, sum(path.nodes for path in paths)
        return len(paths) <= options.budget and (not options.nodes or nodes <= options.nodes)

    def _free(self, paths: Sequence[Path]) -> tuple[np.ndarray, int]:
        """Return which paths new ones may replace, bool [N], and how many more there may be."""
        options = self._options
        free = max(0, options.budget - len(paths))
        if not options.nodes:
            return np.ones(len(paths), bool), free
        nodes = np.array([path.nodes for path in paths], int)
        left = options.nodes - int(nodes.sum())
        return nodes >= NODES, max(0, min(free, left // NODES))

    def _worthless(self, members: Sequence[Member], gains: np.ndarray) -> set[int]:
        """Return which members have been worthless for long enough."""
        dying = set()
        for i, (member, gain) in enumerate(zip(members, gains.tolist(), strict=True)):
            slot = self._shot.slots[member.slot]
            is_worthless = gain < LEAST_GAIN and not is_background(member.path)
            slot.worthless = slot.worthless + 1 if is_worthless else 0
            if slot.worthless >= _PATIENCE:
                dying.add(i)
        return dying

    def _freedom(self, members: Sequence[Member]) -> Freedom:
        """Return how freely paths and points may move: by the rise of the error there.

        New paths move freely.
        """
        paths = _paths(members)
        is_new = np.array([member.before is None for member in members])
        may_move = self._has_changed(paths) | is_new
        rise = self._rise(paths)
        freedom = freedom_of(
            paths, self._owners(paths), rise, self.expected, may_move, self._largest
        )
        return freedom._replace(paths=np.maximum(freedom.paths, is_new))

    def _has_changed(self, paths: Sequence[Path]) -> np.ndarray:
        """Return whether pixels of each path, or beneath its anchors, have changed: bool [N]."""
        owner = self._owners(paths)
        counts = np.bincount(owner[self._changed & (owner >= 0)], minlength=len(paths))
        limits = np.array([self._width, self._height]) - 1
        beneath = []
        for path in paths:
            anchors = np.concatenate([points[::3] for points in path.subpaths])
            columns, rows = np.clip(anchors.astype(np.int64), 0, limits).T
            beneath.append(bool(self._changed[rows, columns].any()))
        return (counts >= _LEAST_CHANGED) | np.array(beneath, bool)

    def _owners(self, paths: Sequence[Path]) -> np.ndarray:
        return owners(paths, self._width, self._height, self._options.threads)

    def _squared_error(self, paths: Sequence[Path]) -> np.ndarray:
        return self._target.squared_error(paths, self._options.threads)

    def _rise(self, paths: Sequence[Path]) -> np.ndarray:
        """Return the squared error above what is expected, as far as it counts: [H, W]."""
        return self._attention * (self._squared_error(paths) - self.expected)

    def _labels(self, paths: Sequence[Path]) -> np.ndarray:
        """Return the traced region of the path on top at each pixel: int32 [H, W]."""
        return np.array([path.region for path in paths] + [-1], np.int32)[self._owners(paths)]

    def _refined(self, members: list[Member], freedom: Freedom, share: float) -> list[Member]:
        """Return the members refined by a share of the iterations of a first frame."""
        if not any(np.any(each > 0) for each in freedom):
            return members
        options = self._options
        optimization = PulledOptimization(
            _paths(members),
            self._target,
            options.weights,
            freedom.paths,
            options.threads,
            freedom.points,
        )
        count = round(options.iterations * share)
        falls = 0.5 * (1 + np.cos(np.pi * np.arange(count) / max(count, 1)))
        speeds = _LAST_SPEED + (_FIRST_SPEED - _LAST_SPEED) * falls
        for _ in optimization.steps(speeds.tolist(), _CHECK_INTERVAL):
            pass
        if options.weights.simple:
            optimization.revert_crossings()
        pairs = zip(members, optimization.paths(), strict=True)
        return [member._replace(path=path) for member, path in pairs]

    def _keep(self, members: Sequence[Member]) -> None:
        """Store the paths in their slots; those that are the same as before stay as they are."""
        moved = [member for member in members if member.path is not member.before]
        drawing = Drawing(self._width, self._height, _paths(moved)).scaled(*self._size)
        is_clean = self._options.weights.simple
        exact = repaired(drawing) if is_clean else quantized(drawing)
        for member, path in zip(moved, exact.paths, strict=True):
            slot = self._shot.slots[member.slot]
            slot.visible = nodes_of(path) == slot.nodes
            if slot.visible:
                slot.path = path


def region_labels(
    shot: Shot, size: tuple[float, float], shape: tuple[int, ...], threads: int = 0
) -> np.ndarray:
    """Return the traced region that structural shapes stand for at each pixel: int32 [H, W].

    size: width and height of the frames. shape: H, W of the working size.
    """
    paths = [shot.slots[i].path for i in shot.visible]
    structural = [path for path in paths if path.kind == "structural"]
    height, width = shape
    scaled = Drawing(*size, structural).scaled(width, height).paths
    regions = np.array([path.region for path in structural] + [-1], np.int32)
    return regions[owners(scaled, width, height, threads)]


def _paths(members: Sequence[Member]) -> list[Path]:
    return [member.path for member in members]


def _distance(path: Path, other: Path) -> float:
    """Return the largest distance of two anchors of the same index."""
    pairs = zip(path.subpaths, other.subpaths, strict=True)
    return max(
        (float(np.linalg.norm(a[::3] - b[::3], axis=1).max()) for a, b in pairs), default=0.0
    )


def _moved(values: np.ndarray, flow: Flow, new: float) -> np.ndarray:
    """Return values [H, W] moved with the picture; what has come into it has the value `new`."""
    height, width = values.shape
    rows, columns = np.indices(values.shape, dtype=np.float32)
    x, y = columns - flow.vectors[..., 0], rows - flow.vectors[..., 1]
    is_old = (x > -0.5) & (y > -0.5) & (x < width - 0.5) & (y < height - 0.5)
    return np.where(is_old, sample(values, x, y), new).astype(np.float32)
