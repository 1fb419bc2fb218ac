# SPDX-License-Identifier: GPL-3.0-or-later
"""Small convolutional networks that ship with semvec, run by numpy.

wheels/networks.py converts them. A file is an .npz archive of two arrays: `program`, JSON as
bytes, and `weights`, float16, all weights one after the other. The program has the shape of the
input, [H, W, C], the shapes of the weights by name, the names of the outputs, and the steps in
order: [operation, inputs, output, attributes]. Arrays have no batch axis.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FOLDER = Path(__file__).resolve().parent / "networks"


class Step(NamedTuple):
    """One operation of a program: names of arrays, and the attributes of the operation."""

    operation: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any]


class Network:
    """A network in memory; `run` may be called any number of times."""

    def __init__(self, program: dict[str, Any], weights: np.ndarray) -> None:
        self.shape: tuple[int, ...] = tuple(program["shape"])
        self._outputs: list[str] = program["outputs"]
        self._steps = [Step(*step) for step in program["steps"]]
        shapes = program["weights"]
        ends = np.cumsum([math.prod(shape) for shape in shapes.values()])
        parts = np.split(weights.astype(np.float32), ends[:-1])
        self._weights = {
            name: part.reshape(shape)
            for (name, shape), part in zip(shapes.items(), parts, strict=True)
        }

    @classmethod
    def load(cls, file: Path) -> Network:
        """Read a converted network."""
        with np.load(file, allow_pickle=False) as archive:
            return cls(json.loads(archive["program"].tobytes()), archive["weights"])

    def run(self, image: np.ndarray) -> list[np.ndarray]:
        """Return the outputs, float32, for an input float32 of the shape `shape`."""
        arrays = {"input": image, **self._weights}
        for operation, inputs, output, attributes in self._steps:
            operands = [arrays[name] for name in inputs]
            arrays[output] = OPERATIONS[operation](*operands, **attributes)
        return [arrays[name] for name in self._outputs]


def is_available(name: str) -> bool:
    """Return whether the build has converted the network of this name."""
    return (FOLDER / f"{name}.npz").is_file()


@cache
def load_network(name: str) -> Network:
    """Return the network of this name, read once."""
    return Network.load(FOLDER / f"{name}.npz")


def _convolution(
    image: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    *,
    stride: int,
    padding: list[int],
    rectified: bool,
) -> np.ndarray:
    """Convolve [H, W, C] with a kernel [h, w, C, D]; padding: top, bottom, left, right."""
    height, width, channels, filters = kernel.shape
    padded = _padded(image, padding)
    view = np.lib.stride_tricks.sliding_window_view
    windows = view(padded, (height, width), axis=(0, 1))  # type: ignore[call-overload]
    windows = windows[::stride, ::stride].transpose(0, 1, 3, 4, 2)  # [H', W', h, w, C]
    rows = windows.reshape(-1, height * width * channels)
    result = (rows @ kernel.reshape(-1, filters)).reshape(*windows.shape[:2], filters)
    return _activated(result, bias, rectified)


def _depthwise_convolution(
    image: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    *,
    stride: int,
    padding: list[int],
    rectified: bool,
) -> np.ndarray:
    """Convolve each channel of [H, W, C] with its own kernel of [h, w, C]."""
    padded = _padded(image, padding)
    rows, columns = ((padded.shape[i] - kernel.shape[i]) // stride + 1 for i in (0, 1))
    result = np.zeros((rows, columns, image.shape[2]), np.float32)
    for y, x in np.ndindex(kernel.shape[:2]):
        window = padded[y : y + stride * rows : stride, x : x + stride * columns : stride]
        result += window[:rows, :columns] * kernel[y, x]
    return _activated(result, bias, rectified)


def _transposed_convolution(image: np.ndarray, kernel: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Replace every pixel of [H, W, C] by k x k ones: a kernel [k, k, C, D] with stride k."""
    size, _, _, filters = kernel.shape
    blocks = np.einsum("hwc,ijcd->hiwjd", image, kernel, optimize=True)
    return blocks.reshape(size * image.shape[0], size * image.shape[1], filters) + bias


def _add(first: np.ndarray, second: np.ndarray, *, rectified: bool) -> np.ndarray:
    return _activated(first + second, np.float32(0.0), rectified)


def _mean(image: np.ndarray) -> np.ndarray:
    """Average over all pixels: [1, 1, C]."""
    return image.mean(axis=(0, 1), keepdims=True)


def _hard_swish(values: np.ndarray) -> np.ndarray:
    return values * (values + 3.0).clip(0.0, 6.0) / np.float32(6.0)


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return np.float32(1.0) / (1.0 + np.exp(-values.clip(-80.0, 80.0)))


def resize_bilinear(image: np.ndarray, *, size: list[int], half_pixel: bool) -> np.ndarray:
    """Interpolate bilinearly to `size`; half_pixel: align the borders, not the first pixels."""
    for axis, length in enumerate(size):
        count = image.shape[axis]
        offset = 0.5 if half_pixel else 0.0
        positions = (np.arange(length) + offset) * (count / length) - offset
        positions = positions.clip(0.0, count - 1)
        lower = positions.astype(int)
        shape = [1, 1, 1]
        shape[axis] = length
        fraction = (positions - lower).astype(np.float32).reshape(shape)
        upper = np.minimum(lower + 1, count - 1)
        image = image.take(lower, axis) * (1.0 - fraction) + image.take(upper, axis) * fraction
    return image


def _depth_to_space(image: np.ndarray, *, block: int) -> np.ndarray:
    """Spread groups of channels over blocks of pixels: [H, W, b b C] to [b H, b W, C]."""
    height, width, depth = image.shape
    blocks = image.reshape(height, width, block, block, depth // block**2)
    return blocks.transpose(0, 2, 1, 3, 4).reshape(height * block, width * block, -1)


def _padded(image: np.ndarray, padding: list[int]) -> np.ndarray:
    top, bottom, left, right = padding
    return np.pad(image, ((top, bottom), (left, right), (0, 0))) if any(padding) else image


def _activated(values: np.ndarray, bias: np.ndarray | np.float32, rectified: bool) -> np.ndarray:
    values += bias
    return np.maximum(values, 0.0, out=values) if rectified else values


OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "convolution": _convolution,
    "depthwise": _depthwise_convolution,
    "transposed": _transposed_convolution,
    "add": _add,
    "multiply": np.multiply,
    "mean": _mean,
    "relu": lambda values: np.maximum(values, 0.0),
    "hard_swish": _hard_swish,
    "sigmoid": _sigmoid,
    "resize": resize_bilinear,
    "depth_to_space": _depth_to_space,
}
