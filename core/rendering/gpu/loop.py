# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage III's inner loop on a device: everything between two births without a round trip."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...drawing import Scene
from ..native import FitStep, SceneGradient
from . import layouts, scene_buffers
from .device import Device, Dispatch, Fetch
from .kernels import GRADIENTS, MOVES, buffers_of, pipeline_of
from .scene_buffers import Objective

# Room for so many times the pairs that were met: shapes grow.
_RESERVE = 1.5
_LEAST_PAIRS = 64

# Seconds of work in one submission: a display that the device drives as well stays alive, and no
# driver takes it for hung. At most so many steps, and so many submissions are under way.
_SUBMISSION = 0.03
_MOST_STEPS = 64
_UNDER_WAY = 2

# Of what a step was found to take, this much is still believed after a quicker one.
_MEMORY = 0.8

_COVERAGE_GROUPS = 16384

# Flags of Params by what the kernels are run for.
_MODES = {
    "move": 0,
    "differentiate": layouts.KEEPS_STILL | layouts.WRITES_IMAGE,
    "propagate": layouts.KEEPS_STILL | layouts.GOAL_IS_GRADIENT,
    "remove": layouts.KEEPS_STILL | layouts.FINDS_REMOVAL_COST,
}


@dataclass(frozen=True)
class Motion:
    """Rates and forces of control points and fills, in pixels of the objective.

    point_rates: float32 [M], pixels a step. color_rate, axis_rate: of colors and of ramps' axes.
    fairness, smoothness, spike_penalty: pulls, as of core/refinement/simplicity.py.
    check_interval: steps between two checks for outlines that cross themselves; 0 lets them
    cross. overrun: how far points may leave the canvas. minimum_area, minimum_thickness: px² and
    px, below which no shape shrinks.
    """

    point_rates: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    color_rate: float = 0.0
    axis_rate: float = 0.0
    moves_opacity: bool = False
    fairness: float = 0.0
    smoothness: float = 0.0
    spike_penalty: float = 0.0
    check_interval: int = 0
    overrun: float = 1e6
    minimum_area: float = 0.0
    minimum_thickness: float = 0.0


class Loop:
    """One scene that is fitted to an objective on a device.

    `run` moves it, `scene` reads it back, `fit_step` and `propagate` look at it as it is. The
    result has the same bits on every run on one device and driver, however the steps are split
    into submissions.

    pairs: room for so many pairs of a path and a tile at first; None estimates. Where more come
    up, the work stops on the device and goes on once the host has made room.

    Raises GpuError where the device has too little memory or fails, then and at any later call.
    """

    def __init__(
        self,
        device: Device,
        scene: Scene,
        objective: Objective,
        motion: Motion | None = None,
        pairs: int | None = None,
    ) -> None:
        scene_buffers.check_colors(scene)
        self._device, self._scene, self._objective = device, scene, objective
        self._motion = motion or Motion(np.zeros(len(scene.points), np.float32))
        self._sums = 1 if scene.ramps is None else 3
        self._enqueued = 0
        self._seconds_per_step = _SUBMISSION
        self._dispatches: dict[tuple[str, str], Dispatch] = {}
        self._params = self._make_params()
        self._buffers = self._upload()
        expected = scene_buffers.expected_pairs(scene, objective.size)
        self._make_room(int(_RESERVE * expected) if pairs is None else pairs)

    def run(self, speeds: Sequence[float] | np.ndarray) -> Iterator[int]:
        """Move the scene by one step per speed, a factor of all rates.

        Yields after every submission how many steps it enqueued. Adam's moments stay from one call
        to the next.
        """
        self._set_speeds(np.asarray(speeds, np.float32))
        under_way: deque[tuple[Fetch, int]] = deque()
        finished = time.perf_counter()
        while self._enqueued < len(speeds):
            count = int(min(_SUBMISSION / self._seconds_per_step, _MOST_STEPS))
            count = max(1, min(count, len(speeds) - self._enqueued))
            self._enqueue_steps(self._enqueued, count)
            self._enqueued += count
            under_way.append((self._device.fetch(self._buffers["state"], "u4", (1,)), count))
            if len(under_way) == _UNDER_WAY:
                done, steps = under_way.popleft()
                self._device.receive(done)
                seconds = (time.perf_counter() - finished) / steps
                self._seconds_per_step = max(seconds, _MEMORY * self._seconds_per_step)
                finished = time.perf_counter()
            yield count
        self._finish()

    def scene(self) -> Scene:
        """Read the scene back, after all steps that are enqueued."""
        self._finish()
        fills = self._read("fills", layouts.FILL, len(self._scene.colors))
        ramps = self._scene.ramps
        if ramps is not None:
            ramps = ramps._replace(axes=fills["axis"].copy(), colors=fills["end_color"].copy())
        points = self._read("points", np.float32, *self._scene.points.shape)
        return self._scene._replace(points=points, colors=fills["color"].copy(), ramps=ramps)

    def revert_crossings(self) -> None:
        """Put paths that cross themselves back to where they were at the last check."""
        self._finish()
        self._submit(["revert_crossings"], "move")

    def fit_step(self) -> FitStep:
        """Draw, compare and differentiate the scene as it is; as `native.fit_step`."""
        self._look("differentiate")
        width, height = self._objective.size
        points, colors, ramp_axes, ramp_colors = self._gradients()
        step = FitStep(
            self._read("image", np.float32, height, width, 4)[..., :3].copy(),
            self._squared_error(),
            points,
            colors,
            np.full(len(colors), np.nan, np.float32),
            ramp_axes,
            ramp_colors,
        )
        return step if self._objective.sharpness else step._replace(removal_cost=self._removal())

    def propagate(self) -> SceneGradient:
        """Propagate the gradient of the picture, which the objective has for a target."""
        self._look("propagate")
        return SceneGradient(*self._gradients())

    def _gradients(self) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
        """Read the gradients of points, colors, and ramps' axes and end colors."""
        points = self._read("gradients", np.float32, *self._scene.points.shape)
        fills = self._read("fill_gradients", np.float32, len(self._scene.colors), self._sums, 4)
        points /= self._params["gradient_scale"]
        if self._scene.ramps is None:
            return points, fills[:, 0].copy(), None, None
        return points, fills[:, 0].copy(), fills[:, 2].copy(), fills[:, 1, :3].copy()

    # -- buffers

    def _make_params(self) -> np.ndarray:
        motion, objective = self._motion, self._objective
        width, height = objective.size
        params = np.zeros((), layouts.PARAMS)
        values: dict[str, Any] = {
            "width": width,
            "height": height,
            "tiles_x": -(-width // layouts.TILE),
            "tiles_y": -(-height // layouts.TILE),
            "path_count": len(self._scene.colors),
            "segment_count": len(self._scene.points) // 3,
            "flags": layouts.MOVES_OPACITY if motion.moves_opacity else 0,
            "background": objective.background,
            "sharpness": objective.sharpness,
            "error_scale": 1 / (3 * height * width),
            "gradient_scale": 1.5 * height * width,
        }
        pulls = ("fairness", "smoothness", "spike_penalty", "overrun")
        sizes = ("minimum_area", "minimum_thickness", "color_rate", "axis_rate")
        values |= {name: getattr(motion, name) for name in (*pulls, *sizes)}
        for name, value in values.items():
            params[name] = value
        return params

    def _upload(self) -> dict[str, Any]:
        """Make the buffers of which the sizes are known."""
        scene, objective, device = self._scene, self._objective, self._device
        paths, points = len(scene.colors), len(scene.points)
        words = -(-paths // 32) * int(self._params["tiles_y"])
        arrays = {
            "points": scene.points,
            "simple_points": scene.points,
            "links": scene_buffers.links(scene),
            "fills": scene_buffers.fills(scene, objective.containment),
            "goal": scene_buffers.goal(objective),
            "image": scene_buffers.image(objective),
            "rates": self._motion.point_rates.astype(np.float32),
            "state": np.zeros((), layouts.STATE),
            "speeds": np.ones(1, np.float32),
        }
        sizes = {"rows": 4 * words}
        sizes |= {name: size * (points // 3) for name, size in layouts.PER_SEGMENT.items()}
        sizes |= {name: size * (paths + 1) for name, size in layouts.PER_PATH.items()}
        sizes |= {name: size * points for name, size in layouts.PER_POINT.items()}
        buffers = {name: device.buffer(values) for name, values in arrays.items()}
        return buffers | {name: device.buffer(size) for name, size in sizes.items()}

    def _make_room(self, pairs: int) -> None:
        """Make room for so many pairs, and let the device go on."""
        pairs = max(pairs, _LEAST_PAIRS)
        self._params["pair_capacity"] = pairs
        tiles = int(self._params["tiles_x"]) * int(self._params["tiles_y"])
        sizes = {name: size * pairs for name, size in layouts.PER_PAIR.items()}
        sizes["pair_sums"] = layouts.PAIR_SUM * (self._sums * pairs + tiles)
        for name in sizes:
            self._buffers.pop(name, None)  # the old ones go before the new ones come
        self._dispatches.clear()
        self._buffers |= {name: self._device.buffer(size) for name, size in sizes.items()}
        for mode, flags in _MODES.items():
            params = self._params.copy()
            params["flags"] = int(params["flags"]) | flags
            self._buffers[mode] = self._device.buffer(params, is_uniform=True)
        self._device.write(self._buffers["state"], np.zeros(1, np.uint32), 4)  # no overflow

    def _set_speeds(self, speeds: np.ndarray) -> None:
        self._finish()
        self._buffers["speeds"] = self._device.buffer(speeds)
        self._device.write(self._buffers["state"], np.zeros(1, np.uint32))
        self._dispatches.clear()
        self._enqueued = 0

    def _read(self, name: str, dtype: Any, *shape: int) -> np.ndarray:
        return self._device.read(self._buffers[name], dtype, shape)

    # -- work

    def _enqueue_steps(self, first: int, count: int) -> None:
        kernels: list[str] = []
        for step in range(first, first + count):
            kernels += [*GRADIENTS, *MOVES]
            if self._motion.check_interval:
                kernels.append("keep_simple")
                if (step + 1) % self._motion.check_interval == 0:
                    kernels.append("revert_crossings")
        self._submit(kernels, "move")

    def _finish(self) -> None:
        """Make sure that all steps that are enqueued are done, with more room where it ran out."""
        while (state := self._state())["step"] < self._enqueued:
            first = int(state["step"])
            if state["overflow"]:
                self._make_room(int(_RESERVE * int(state["pairs_wanted"])))
            for step in range(first, self._enqueued):
                self._enqueue_steps(step, 1)

    def _look(self, mode: str) -> None:
        """Run all kernels that move nothing, until there is room for it."""
        self._finish()
        self._submit(GRADIENTS, mode)
        while (state := self._state())["overflow"]:
            self._make_room(int(_RESERVE * int(state["pairs_wanted"])))
            self._submit(GRADIENTS, mode)

    def _state(self) -> np.ndarray:
        return self._read("state", layouts.STATE, 1)[0]

    def _squared_error(self) -> float:
        """Return the sum over the tiles, which come after the pairs."""
        tiles = int(self._params["tiles_x"]) * int(self._params["tiles_y"])
        offset = layouts.PAIR_SUM * self._sums * int(self._params["pair_capacity"])
        sums = self._device.read(self._buffers["pair_sums"], np.float32, (tiles, 4), offset)
        return float(sums[:, 0].sum(dtype=np.float64))

    def _removal(self) -> np.ndarray:
        self._look("remove")
        fills = self._read("fill_gradients", np.float32, len(self._scene.colors), self._sums, 4)
        return fills[:, 0, 3].copy()

    def _submit(self, kernels: Sequence[str], mode: str) -> None:
        self._device.submit([self._dispatch(kernel, mode) for kernel in kernels])

    def _dispatch(self, kernel: str, mode: str) -> Dispatch:
        key = (kernel, mode)
        if key not in self._dispatches:
            names = [mode if name == "params" else name for name in buffers_of(kernel)]
            pipeline = pipeline_of(self._device, kernel, self._sums)
            group = self._device.bind(pipeline, [self._buffers[name] for name in names])
            self._dispatches[key] = Dispatch(pipeline, group, self._workgroups(kernel))
        return self._dispatches[key]

    def _workgroups(self, kernel: str) -> tuple[int, int]:
        values = {name: int(self._params[name]) for name in ("path_count", "segment_count")}
        paths, segments = values["path_count"], values["segment_count"]
        tiles = (int(self._params["tiles_x"]), int(self._params["tiles_y"]))
        return {
            "flatten": (-(-segments // 64), 1),
            "place_pairs": (1, 1),
            "rows": (-(-paths // (32 * 64)), tiles[1]),
            "coverage": (min(int(self._params["pair_capacity"]), _COVERAGE_GROUPS), 1),
            "composite": tiles,
            "chords_backward": (-(-segments // 8), 1),
            "points_backward": (-(-segments // 64), 1),
            "step_fills": (-(-paths // 64), 1),
            "step_points": (-(-segments * 3 // 64), 1),
        }.get(kernel, (paths, 1))
