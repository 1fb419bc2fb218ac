# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for DiffVG with the interface of `pydiffvg`: filled paths, on the CPU.

As DiffVG does, it takes random samples of each pixel, estimates the gradients of points from
both sides of the outlines, and refuses the input that would end DiffVG's process. It shares no
code with semvec.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch

LARGEST_OVERLAP = 256
CHORD = 0.5  # length of the chords of an outline, pixels
PARTS = 6  # of each chord, in whose middles gradients are estimated
STEP = 1e-3  # from an outline to both of its sides, pixels


class Aborted(BaseException):
    """DiffVG would have ended the process here."""


class Path:
    """Cubics: a closed path of anchors [K], each followed by two handles."""

    def __init__(self, num_control_points, points, is_closed, stroke_width=None, id="") -> None:
        if not is_closed or (num_control_points != 2).any():
            raise NotImplementedError("The stand-in draws closed paths of cubics.")
        self.points = points


class ShapeGroup:
    """Shapes that are filled as one, with a color RGBA."""

    def __init__(self, shape_ids, fill_color, use_even_odd_rule=True) -> None:
        if use_even_odd_rule:
            raise NotImplementedError("The stand-in fills by the non-zero rule.")
        self.shape_ids, self.fill_color = shape_ids, fill_color


def set_use_gpu(use: bool) -> None:
    if use:
        raise NotImplementedError("The stand-in has no GPU.")


class RenderFunction(torch.autograd.Function):
    """The picture of a scene: float32 [H, W, 4], differentiable for points and colors."""

    @staticmethod
    def serialize_scene(width, height, shapes, groups) -> list[Any]:
        tensors = [shape.points for shape in shapes] + [group.fill_color for group in groups]
        return [[group.shape_ids.tolist() for group in groups], *tensors]

    @staticmethod
    def forward(ctx, width, height, across, down, seed, background, members, *tensors):
        scene = _scene(members, tensors)
        samples = _sample_points(width, height, across, down, seed)
        colors = _composite(scene, samples, background.double().numpy())
        image = colors.reshape(height, width, -1, 3).mean(axis=2)
        ctx.kept = scene, samples, background, members, tensors
        opaque = np.concatenate([image, np.ones((height, width, 1))], axis=2)
        return torch.from_numpy(opaque.astype(np.float32))

    @staticmethod
    def backward(ctx, gradient):
        scene, samples, background, members, tensors = ctx.kept
        gradient, background = gradient[..., :3].double().numpy(), background.double().numpy()
        points = _point_gradients(scene, gradient, background)
        fills = _color_gradients(scene, samples, gradient, background)
        each = [points[i] for i in range(len(tensors) - len(members))] + list(fills)
        # Width, height, samples, seed, background and members have no gradient.
        return (*[None] * 7, *(torch.from_numpy(values.astype(np.float32)) for values in each))


class _Shape(NamedTuple):
    """The chords of an outline: their first corners [K, 2], cubics, parameters t and steps of t."""

    corners: np.ndarray
    cubic: np.ndarray
    t: np.ndarray
    step: np.ndarray


class _Scene(NamedTuple):
    shapes: list[_Shape]
    groups: list[list[int]]
    fills: np.ndarray


def _scene(members: list[list[int]], tensors: Sequence[torch.Tensor]) -> _Scene:
    values = [tensor.detach().double().numpy() for tensor in tensors]
    count = len(values) - len(members)
    if not count or any(not ids for ids in members):
        raise Aborted("a scene or a group without shapes")
    if not all(np.isfinite(array).all() for array in values):
        raise Aborted("a value that is not finite")
    if not all(np.ptp(points, axis=0).max() > 0 for points in values[:count]):
        raise Aborted("a shape without length")
    return _Scene([_shape(points) for points in values[:count]], members, np.array(values[count:]))


def _shape(points: np.ndarray) -> _Shape:
    control = np.stack([np.roll(points, -k, axis=0)[::3] for k in range(4)], axis=1)
    lengths = np.linalg.norm(np.diff(control, axis=1), axis=2).sum(axis=1)
    counts = np.clip(np.ceil(lengths / CHORD), 8, 400).astype(int)
    cubic = np.repeat(np.arange(len(control)), counts)
    t = np.concatenate([np.arange(count) / count for count in counts])
    corners = np.einsum("kc,kcd->kd", _weights(t), control[cubic])
    return _Shape(corners, cubic, t, 1 / counts[cubic])


def _weights(t: np.ndarray) -> np.ndarray:
    return np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)


def _sample_points(width: int, height: int, across: int, down: int, seed: int) -> np.ndarray:
    """One random point in each cell of every pixel: [H·W·S, 2]."""
    y, x, j, i = np.mgrid[:height, :width, :down, :across]
    corners = np.stack([x + i / across, y + j / down], axis=-1)
    jitter = np.random.default_rng(seed).random(corners.shape) / (across, down)
    return (corners + jitter).reshape(-1, 2)


def _winding(shape: _Shape, points: np.ndarray) -> np.ndarray:
    """Winding number of an outline around each point, which are sorted by height: int [P].

    Each chord is compared with the points between the heights of its ends.
    """
    start, end = shape.corners, np.roll(shape.corners, -1, axis=0)
    heights = points[:, 1]
    first = np.searchsorted(heights, np.minimum(start[:, 1], end[:, 1]))
    counts = np.searchsorted(heights, np.maximum(start[:, 1], end[:, 1])) - first
    chord = np.repeat(np.arange(len(start)), counts)
    index = np.arange(len(chord)) - np.repeat(np.cumsum(counts) - counts - first, counts)
    x, y = points[index].T
    a, way = start[chord], (end - start)[chord]
    side = way[:, 0] * (y - a[:, 1]) - way[:, 1] * (x - a[:, 0])
    sign = np.sign(way[:, 1])
    passed = np.where(sign * side > 0, sign, 0)
    return np.bincount(index, passed, len(points)).astype(int)


def _coverages(scene: _Scene, points: np.ndarray) -> Iterator[np.ndarray]:
    """For each group, from the lowest to the highest, whether it covers each point: bool [P]."""
    overlap = np.zeros(len(points), int)
    order = np.argsort(points[:, 1])
    ordered = points[order]
    for ids in scene.groups:
        covered = np.empty(len(points), bool)
        covered[order] = sum(_winding(scene.shapes[i], ordered) for i in ids) != 0
        overlap += covered
        if overlap.max(initial=0) > LARGEST_OVERLAP:
            raise Aborted("too many shapes over one point")
        yield covered


def _pixels(points: np.ndarray, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    column, row = np.floor(points).astype(int).T
    return row.clip(0, height - 1), column.clip(0, width - 1)


def _composite(scene: _Scene, points: np.ndarray, background: np.ndarray) -> np.ndarray:
    """The color at each point: [P, 3]."""
    height, width = background.shape[:2]
    colors = background[..., :3][_pixels(points, width, height)]
    for covered, fill in zip(_coverages(scene, points), scene.fills, strict=True):
        colors[covered] += fill[3] * (fill[:3] - colors[covered])
    return colors


def _color_gradients(
    scene: _Scene, points: np.ndarray, gradient: np.ndarray, background: np.ndarray
) -> np.ndarray:
    """The gradients of all fills: [G, 4]."""
    height, width = gradient.shape[:2]
    pixels = _pixels(points, width, height)
    by_sample = gradient[pixels] * (gradient.shape[0] * gradient.shape[1] / len(points))
    coverages = list(_coverages(scene, points))
    below = [background[..., :3][pixels]]
    for covered, fill in zip(coverages, scene.fills, strict=True):
        below.append(below[-1] + (covered * fill[3])[:, None] * (fill[:3] - below[-1]))
    fills = np.zeros((len(scene.fills), 4))
    seen = np.ones(len(points))
    for g in reversed(range(len(fills))):
        rgb, opacity = scene.fills[g, :3], scene.fills[g, 3]
        shown = seen * coverages[g]
        fills[g, :3] = (shown * opacity) @ by_sample
        fills[g, 3] = shown @ ((rgb - below[g]) * by_sample).sum(axis=1)
        seen = seen * (1 - opacity * coverages[g])
    return fills


def _point_gradients(
    scene: _Scene, gradient: np.ndarray, background: np.ndarray
) -> list[np.ndarray]:
    """The gradients of each shape's points [K, 2].

    Where an outline moves along its normal, the color behind it replaces that before it.
    """
    height, width = gradient.shape[:2]
    parts = [_parts(shape) for shape in scene.shapes]
    places, normals = (np.concatenate([part[k] for part in parts]) for k in (0, 1))
    units = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    behind, before = (_composite(scene, places + s * STEP * units, background) for s in (-1, 1))
    on_canvas = ((places >= 0) & (places < (width, height))).all(axis=1)
    change = ((behind - before) * gradient[_pixels(places, width, height)]).sum(axis=1)
    pushes = (on_canvas * change)[:, None] * normals
    result = []
    ends = np.cumsum([len(part[0]) for part in parts])
    for (_, _, cubic, weights), own in zip(parts, np.split(pushes, ends[:-1]), strict=True):
        points = np.zeros((3 * (cubic[-1] + 1), 2))
        index = (3 * cubic[:, None] + np.arange(4)) % len(points)
        np.add.at(points, index, weights[..., None] * own[:, None])
        result.append(points)
    return result


def _parts(shape: _Shape) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Parts of all chords: middle [K, 2], normal as long as the part, cubic, weights [K, 4]."""
    along = np.repeat((np.arange(PARTS) + 0.5) / PARTS, len(shape.t))
    corners, cubic, t, step = (np.concatenate([values] * PARTS) for values in shape)
    chord = np.concatenate([np.roll(shape.corners, -1, axis=0)] * PARTS) - corners
    normal = np.stack([chord[:, 1], -chord[:, 0]], axis=1) / PARTS
    return corners + along[:, None] * chord, normal, cubic, _weights(t + along * step)
