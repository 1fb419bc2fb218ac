# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings: closed cubic Bézier paths in painting order.

A `Drawing` is a list of `Path`, to edit, write and import. A `Scene` is the same geometry in
flat arrays, for renderers and optimizers. `pack` and `unpack` convert between the two.

A gradient of SVG is called a `Ramp`, because a gradient is a derivative in this code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np

Kind = Literal["structural", "detail"]
RampKind = Literal["linear", "radial"]
Cap = Literal["round", "butt"]
Join = Literal["round", "miter"]

# Values of `Ramps.kinds`; 0 is a flat fill.
_RAMP_CODES: dict[RampKind, int] = {"linear": 1, "radial": 2}


@dataclass(frozen=True, eq=False)
class Ramp:
    """A fill that changes from the path's own color to another one, as gradients of SVG do.

    The color at a point p is fill + t·(color − fill), t clamped to [0, 1], in sRGB:
    linear: t = (p − start)·(end − start) / |end − start|².
    radial: t = |p − start| / |end − start|: `start` is the center, `end` on the circle.
    Where start and end are the same point, t is 1 everywhere.

    start, end: float32 [2], pixels. color: float32 [3], sRGB in [0, 1]. The opacity is that of
    the fill, everywhere.
    """

    kind: RampKind
    start: np.ndarray
    end: np.ndarray
    color: np.ndarray

    def placed(self, transform: np.ndarray) -> Ramp:
        """Transform the ramp by an affine map of the plane, [2, 3] or [3, 3].

        For a linear ramp this is exact: its lines of one color are mapped, and the axis
        remains perpendicular to them. A radial ramp remains circular: an ellipse is replaced by
        the circle of the same area.
        """
        matrix, offset = transform[:2, :2], transform[:2, 2]
        axis = np.asarray(self.end, np.float64) - self.start
        with np.errstate(all="ignore"):  # what overflows stays infinite
            start = matrix @ self.start + offset
            end = matrix @ self.end + offset
            correct = _linear_correction if self.kind == "linear" else _radial_correction
            end = end + correct(axis, matrix)
            return replace(self, start=start.astype(np.float32), end=end.astype(np.float32))


def _linear_correction(axis: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return the correction that makes a mapped axis [2] perpendicular to its color lines."""
    mapped, line = matrix @ axis, matrix @ np.array([-axis[1], axis[0]])
    # Not by @, whose rounding may give a correction for the identity.
    square, along = (line * line).sum(), (mapped * line).sum()
    return -along / square * line if square > 0 else np.zeros(2)


def _radial_correction(axis: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return the correction that gives a mapped radius [2] the area of the mapped circle."""
    (a, b), (c, d) = matrix
    mapped = matrix @ axis
    length, wanted = np.hypot(*mapped), np.hypot(*axis) * np.sqrt(abs(a * d - b * c))
    return (wanted / length - 1.0) * mapped if length > 0 else np.zeros(2)


@dataclass(frozen=True, eq=False)
class Stroke:
    """A line with a width, which may change from node to node.

    points: float32 [3·S + 1, 2], pixels: anchor, handle, handle, ..., anchor; a closed one ends
    where it starts. All points the same make a dot. widths: float32 [S + 1], pixels, at the
    anchors; linear along the parameter of each cubic between them. cap, join and miter_limit: ends
    and corners, as in SVG.
    """

    points: np.ndarray
    widths: np.ndarray
    closed: bool = False
    cap: Cap = "round"
    join: Join = "round"
    miter_limit: float = 4.0

    @property
    def is_tapered(self) -> bool:
        """True where the width changes."""
        return bool((self.widths != self.widths[0]).any())

    def placed(self, transform: np.ndarray) -> Stroke:
        """Return the stroke under an affine map, [2, 3] or [3, 3]; widths follow the area."""
        matrix = np.asarray(transform, np.float64)[:2]
        mean = np.sqrt(np.abs(np.linalg.det(matrix[:, :2])))
        points, widths = self.points @ matrix[:, :2].T + matrix[:, 2], self.widths * mean
        return replace(self, points=points.astype(np.float32), widths=widths.astype(np.float32))

    def scaled(self, factors: np.ndarray) -> Stroke:
        """Return the stroke on a canvas stretched by factors [2]; widths follow their area."""
        mean = np.sqrt(np.abs(factors[0] * factors[1]))
        points, widths = self.points * factors, self.widths * mean
        return replace(self, points=points.astype(np.float32), widths=widths.astype(np.float32))


@dataclass
class Path:
    """One primitive: a closed shape, possibly with holes, and one fill.

    subpaths: float32 [3·S, 2] each, pixels, x right and y down, pixel (0, 0)
        covers [0, 1) x [0, 1): anchor, handle, handle, anchor, ... The last
        segment ends in the first anchor, so sub-paths are closed.
        The path is filled where the winding number is not zero; holes run the other way.
    fill: float32 [4], sRGB and opacity in [0, 1].
    region: label of the region that the path was made from, or -1.
    ramp: the second color and the axis of a gradient fill; None for a flat fill.
    stroke: the line that the shape is the outline of (core/strokes); None for other shapes.
    group: the object of the picture that the path belongs to, in words, or the named group of
        another program's file that it is in; empty for none.
    """

    subpaths: list[np.ndarray]
    fill: np.ndarray
    kind: Kind = "structural"
    name: str = ""
    region: int = -1
    ramp: Ramp | None = None
    stroke: Stroke | None = None
    group: str = ""

    @property
    def nodes(self) -> int:
        """Number of anchors over all sub-paths."""
        return sum(len(points) // 3 for points in self.subpaths)

    @property
    def drawn_nodes(self) -> int:
        """Number of anchors that were drawn: those of a stroke's line, else of all sub-paths."""
        if self.stroke is not None:
            return len(self.stroke.widths) - self.stroke.closed
        return self.nodes

    def scaled(self, factor: float | np.ndarray) -> Path:
        """Return the path with all coordinates times `factor`: one number, or [2] for x and y."""
        factors = np.broadcast_to(np.asarray(factor, np.float64), 2)
        return replace(
            self,
            subpaths=[(points * factors).astype(np.float32) for points in self.subpaths],
            ramp=self.ramp and self.ramp.placed(np.eye(2, 3) * factors[:, None]),
            stroke=self.stroke and self.stroke.scaled(factors),
        )


@dataclass
class Drawing:
    """Paths in painting order (first is lowest) on a canvas of width x height pixels."""

    width: float
    height: float
    paths: list[Path] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def drawn_nodes(self) -> int:
        """Number of anchors of all paths that were drawn."""
        return sum(path.drawn_nodes for path in self.paths)

    def scaled(self, width: float, height: float) -> Drawing:
        """Stretch the drawing onto a canvas of another size.

        Radial ramps remain circles; with unequal factors they keep their area.
        """
        factors = np.array([width / self.width, height / self.height], np.float64)
        return Drawing(width, height, [path.scaled(factors) for path in self.paths], self.settings)


class Ramps(NamedTuple):
    """The ramps of N paths in flat arrays; rows of flat paths are unused.

    kinds: int32 [N], 0 for a flat path, 1 for a linear ramp, 2 for a radial one;
    axes: float32 [N, 4], start and end, pixels; colors: float32 [N, 3], those at the end.
    """

    kinds: np.ndarray
    axes: np.ndarray
    colors: np.ndarray


class Scene(NamedTuple):
    """The geometry of a drawing in flat arrays, for the native code.

    points: float32 [M, 2]; colors: float32 [N, 4];
    subpath_starts: int32 [B + 1], first point of each sub-path, then M;
    path_starts: int32 [N + 1], first sub-path of each path, then B;
    ramps: None where all paths are flat.
    """

    points: np.ndarray
    colors: np.ndarray
    subpath_starts: np.ndarray
    path_starts: np.ndarray
    ramps: Ramps | None = None


def pack(paths: Sequence[Path]) -> Scene:
    """Convert paths to flat arrays, in the same order."""
    subpaths = [points for path in paths for points in path.subpaths]
    points = np.concatenate([*subpaths, np.zeros((0, 2))]).astype(np.float32)  # [M, 2]
    colors = np.array([path.fill for path in paths], np.float32).reshape(-1, 4)  # [N, 4]
    return Scene(
        points,
        colors,
        _starts(len(points) for points in subpaths),
        _starts(len(path.subpaths) for path in paths),
        _packed_ramps([path.ramp for path in paths]),
    )


def _packed_ramps(ramps: Sequence[Ramp | None]) -> Ramps | None:
    if not any(ramps):
        return None
    packed = Ramps(
        np.zeros(len(ramps), np.int32),
        np.zeros((len(ramps), 4), np.float32),
        np.zeros((len(ramps), 3), np.float32),
    )
    for i, ramp in enumerate(ramps):
        if ramp is not None:
            packed.kinds[i] = _RAMP_CODES[ramp.kind]
            packed.axes[i] = *ramp.start, *ramp.end
            packed.colors[i] = ramp.color
    return packed


def unpack(scene: Scene, like: Sequence[Path]) -> list[Path]:
    """Convert flat arrays back to paths; what `scene` does not hold is taken from `like`.

    A path whose outline has changed is no stroke any more.
    """
    pieces = np.split(scene.points, scene.subpath_starts[1:-1])
    return [
        replace(
            path,
            subpaths=[p.copy() for p in pieces[scene.path_starts[i] : scene.path_starts[i + 1]]],
            fill=scene.colors[i].copy(),
            ramp=_unpacked_ramp(scene.ramps, i),
            stroke=path.stroke
            if _has_outline(path, pieces, scene.path_starts[i : i + 2])
            else None,
        )
        for i, path in enumerate(like)
    ]


def _has_outline(path: Path, pieces: Sequence[np.ndarray], limits: np.ndarray) -> bool:
    """Return whether a path's sub-paths are the pieces between these limits [2]."""
    own = pieces[limits[0] : limits[1]]
    same = len(own) == len(path.subpaths)
    return same and all(map(np.array_equal, own, path.subpaths))


def _unpacked_ramp(ramps: Ramps | None, path: int) -> Ramp | None:
    kinds = {code: kind for kind, code in _RAMP_CODES.items()}
    if ramps is None or ramps.kinds[path] == 0:
        return None
    axis, color = ramps.axes[path].copy(), ramps.colors[path].copy()
    return Ramp(kinds[int(ramps.kinds[path])], axis[:2], axis[2:], color)


def _starts(lengths: Any) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(list(lengths), dtype=np.int64)]).astype(np.int32)
