# SPDX-License-Identifier: GPL-3.0-or-later
"""Sub-paths of a drawing as splines of Blender's curves, and back."""

from __future__ import annotations

import functools
import math
from typing import Any, Literal, NamedTuple

import bpy
import numpy as np
from mathutils import Color, Matrix

_SMOOTH = math.cos(math.radians(3.0))  # nodes that turn less than this count as smooth
_FREE, _ALIGNED = 0, 3  # Blender's numbers for the types of handles


class PictureSpace(NamedTuple):
    """A drawing's pixels in the coordinates of its root: y up, the origin in the middle.

    scale: Blender's units per pixel.
    """

    width: float
    height: float
    scale: float

    def points(self, pixels: np.ndarray, depth: float = 0.0) -> np.ndarray:
        """Return pixels [K, 2] as points below the root: float32 [K, 3], z = depth."""
        middle = np.array([self.width, self.height]) / 2.0
        placed = np.full((len(pixels), 3), depth, np.float32)
        placed[:, :2] = (pixels - middle) * (self.scale, -self.scale)
        return placed

    @property
    def from_pixels(self) -> np.ndarray:
        """Return the affine map of the plane from pixels to the root's coordinates: [2, 3]."""
        x, y, scale = self.width / 2.0, self.height / 2.0, self.scale
        return np.array([[scale, 0.0, -scale * x], [0.0, -scale, scale * y]])

    @property
    def to_pixels(self) -> Matrix:
        """Return the matrix from the root's coordinates to pixels."""
        scaled = Matrix.Diagonal((self.scale, -self.scale, 1.0, 1.0)).inverted()
        return Matrix.Translation((self.width / 2, self.height / 2, 0.0)) @ scaled


def new_curve(name: str, dimensions: Literal["2D", "3D"] = "2D") -> bpy.types.Curve:
    """Make a curve without splines. Blender fills those that are 2D."""
    curve = bpy.data.curves.new(name, "CURVE")
    curve.dimensions = dimensions
    return curve


def fill_nonzero(curve: Any) -> None:
    """Fill where the winding number is not zero, also where outlines cross (from Blender 5.2 on).

    Earlier versions always fill by the even-odd rule, as later ones do by default. For outlines
    that don't cross, both rules agree, and the default solver is faster.
    """
    if has_fill_rule():
        curve.fill_rule = "NONZERO"
        curve.fill_solver = "CDT"


@functools.cache
def has_fill_rule() -> bool:
    """Return whether this version of Blender knows fill rules and the robust solver."""
    return "fill_rule" in bpy.types.Curve.bl_rna.properties


def set_splines(curve: bpy.types.Curve, outlines: list[np.ndarray], closed: bool = True) -> None:
    """Make the splines those outlines, float32 [3·S, 3]; in place where the counts agree.

    closed: whether the last cubic of each, which leads to its first anchor, is drawn.

    Handles of smooth nodes are aligned, so that dragging one keeps the node smooth; the rest
    are free.
    """
    wanted = [len(points) // 3 for points in outlines]
    if [len(spline.bezier_points) for spline in curve.splines] != wanted:
        curve.splines.clear()
        for count in wanted:
            spline = curve.splines.new("BEZIER")
            spline.bezier_points.add(count - 1)
    for spline, points in zip(curve.splines, outlines, strict=True):
        spline.use_cyclic_u = closed
        corners = points.reshape(-1, 3, 3)  # [S, anchor and handles, xyz]
        spline.bezier_points.foreach_set("co", corners[:, 0].ravel())
        spline.bezier_points.foreach_set("handle_right", corners[:, 1].ravel())
        left = np.concatenate([corners[-1:, 2], corners[:-1, 2]])  # faster than np.roll
        spline.bezier_points.foreach_set("handle_left", left.ravel())
        types = np.where(smooth_nodes(corners[:, 0], left, corners[:, 1]), _ALIGNED, _FREE)
        for side in ("handle_left_type", "handle_right_type"):
            spline.bezier_points.foreach_set(side, types)
    curve.update_tag()  # setting many values at once doesn't


def set_flat_outlines(
    curve: bpy.types.Curve, subpaths: list[np.ndarray], to_pixels: Matrix
) -> None:
    """Make the splines of a 2D curve those sub-paths, [3·S, 2] in pixels."""
    matrix = np.array(to_pixels, np.float64)
    plane = matrix[:2, :2]
    if curve.dimensions != "2D" or abs(np.linalg.det(plane)) < 1e-12:
        return
    outlines = []
    for points in subpaths:
        flat = np.zeros((len(points), 3), np.float32)
        flat[:, :2] = np.linalg.solve(plane, (points - matrix[:2, 3]).T).T
        outlines.append(flat)
    set_splines(curve, outlines)


def smooth_nodes(anchors: np.ndarray, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return which nodes are smooth, from anchors and handles [S, 3] each: bool [S]."""
    before, after = anchors - left, right - anchors
    lengths = np.sqrt((before * before).sum(axis=1) * (after * after).sum(axis=1))
    return ((before * after).sum(axis=1) >= _SMOOTH * lengths) & (lengths > 0.0)


def outline_of(spline: bpy.types.Spline, to_pixels: Matrix) -> np.ndarray:
    """Return a spline as a sub-path: float32 [3·S, 2]; straight lines where it is no Bézier."""
    if spline.type == "BEZIER":
        points = spline.bezier_points
        anchors, right, left = (
            _vectors(points, name, 3) for name in ("co", "handle_right", "handle_left")
        )
        corners = np.stack([anchors, right, np.roll(left, -1, 0)], axis=1).reshape(-1, 3)
    else:
        corners = straight(_vectors(spline.points, "co", 4)[:, :3])
    return flattened(corners, to_pixels)


def straight(anchors: np.ndarray) -> np.ndarray:
    """Return a closed polygon [S, 3] as cubics: [3·S, 3]."""
    thirds = (np.roll(anchors, -1, 0) - anchors) / 3.0
    return np.stack([anchors, anchors + thirds, anchors + 2 * thirds], axis=1).reshape(-1, 3)


def flattened(corners: np.ndarray, to_pixels: Matrix) -> np.ndarray:
    """Return points [K, 3] in pixels: float32 [K, 2]."""
    matrix = np.array(to_pixels)
    return (corners @ matrix[:2, :3].T + matrix[:2, 3]).astype(np.float32)


def linear_color(fill: np.ndarray) -> tuple[float, ...]:
    """Return a fill as Blender stores colors: linear RGB and opacity."""
    return (*Color(fill[:3].tolist()).from_srgb_to_scene_linear(), float(fill[3]))


def fill_of(color: Any) -> np.ndarray:
    """Return the fill of a color that Blender stores: float32 [4]."""
    srgb = Color(color[:3]).from_scene_linear_to_srgb()
    return np.array([*srgb, color[3]], np.float32)


def _vectors(points: Any, name: str, width: int) -> np.ndarray:
    values = np.empty(len(points) * width, np.float32)
    points.foreach_get(name, values)
    return values.reshape(-1, width)
