# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing: closed cubic Bézier paths in painting order.

A `Drawing` is what people edit, write and import: a list of `Path`. A `Scene` is
the same geometry packed into flat arrays, which is what the renderer and the
optimiser work on. `pack` and `unpack` go from one to the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

import numpy as np

Kind = Literal["structural", "detail"]


@dataclass
class Path:
    """One primitive: a closed shape, possibly with holes, and one fill.

    subpaths: float32 [3·S, 2] each, pixels, x right and y down, pixel (0, 0)
        covers [0, 1) x [0, 1): anchor, handle, handle, anchor, ... The last
        segment ends in the first anchor, so a sub-path closes by itself.
        Filled where the winding number is not zero: holes run the other way.
    fill: float32 [4], sRGB and opacity in [0, 1].
    region: label of the region that the path came from, or -1.
    """

    subpaths: list[np.ndarray]
    fill: np.ndarray
    kind: Kind = "structural"
    name: str = ""
    region: int = -1

    @property
    def nodes(self) -> int:
        """Number of anchors over all sub-paths."""
        return sum(len(points) // 3 for points in self.subpaths)


@dataclass
class Drawing:
    """Paths in painting order (first is lowest) on a canvas of width x height pixels."""

    width: float
    height: float
    paths: list[Path] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def scaled(self, width: float, height: float) -> Drawing:
        """The same drawing stretched onto a canvas of another size."""
        factor = np.array([width / self.width, height / self.height], np.float64)
        paths = [
            replace(path, subpaths=[(p * factor).astype(np.float32) for p in path.subpaths])
            for path in self.paths
        ]
        return Drawing(width, height, paths, self.settings)


class Scene(NamedTuple):
    """A drawing's geometry packed for the native code.

    points: float32 [M, 2]; colors: float32 [N, 4];
    subpath_starts: int32 [B + 1], first point of each sub-path, then M;
    path_starts: int32 [N + 1], first sub-path of each path, then B.
    """

    points: np.ndarray
    colors: np.ndarray
    subpath_starts: np.ndarray
    path_starts: np.ndarray


def pack(paths: Sequence[Path]) -> Scene:
    """Paths as flat arrays, in the same order."""
    subpaths = [points for path in paths for points in path.subpaths]
    points = np.concatenate([*subpaths, np.zeros((0, 2))]).astype(np.float32)  # [M, 2]
    colors = np.array([path.fill for path in paths], np.float32).reshape(-1, 4)  # [N, 4]
    return Scene(
        points,
        colors,
        _starts(len(points) for points in subpaths),
        _starts(len(path.subpaths) for path in paths),
    )


def unpack(scene: Scene, like: Sequence[Path]) -> list[Path]:
    """The inverse of `pack`: geometry and fills from `scene`, all else from `like`."""
    pieces = np.split(scene.points, scene.subpath_starts[1:-1])
    return [
        replace(
            path,
            subpaths=[p.copy() for p in pieces[scene.path_starts[i] : scene.path_starts[i + 1]]],
            fill=scene.colors[i].copy(),
        )
        for i, path in enumerate(like)
    ]


def circle(center: Sequence[float] | np.ndarray, radius: float, segments: int = 4) -> np.ndarray:
    """A closed sub-path like a circle: float32 [3·segments, 2], counter-clockwise on screen."""
    step = 2.0 * np.pi / segments
    angles = -step * np.arange(segments)
    on_circle = np.stack([np.cos(angles), np.sin(angles)], axis=1)  # [S, 2]
    tangents = np.stack([np.sin(angles), -np.cos(angles)], axis=1)  # [S, 2], direction of travel
    reach = 4.0 / 3.0 * np.tan(step / 4.0)
    following = np.roll(on_circle, -1, axis=0)
    handles_out = on_circle + reach * tangents
    handles_in = following - reach * np.roll(tangents, -1, axis=0)
    points = np.stack([on_circle, handles_out, handles_in], axis=1).reshape(-1, 2)
    return (np.asarray(center, np.float64) + radius * points).astype(np.float32)


def rectangle(left: float, top: float, right: float, bottom: float) -> np.ndarray:
    """A closed rectangular sub-path of four straight cubics: float32 [12, 2]."""
    corners = np.array([[left, top], [left, bottom], [right, bottom], [right, top]], np.float64)
    return polygon(corners)


def polygon(corners: np.ndarray) -> np.ndarray:
    """A closed sub-path of straight cubics through `corners` [S, 2]: float32 [3·S, 2]."""
    following = np.roll(corners, -1, axis=0)
    thirds = (following - corners) / 3.0
    points = np.stack([corners, corners + thirds, following - thirds], axis=1)
    return points.reshape(-1, 2).astype(np.float32)


def _starts(lengths: Any) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(list(lengths), dtype=np.int64)]).astype(np.int32)
