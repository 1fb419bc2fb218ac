# SPDX-License-Identifier: GPL-3.0-or-later
"""Face detection with BlazeFace, in the version for faces at any distance up to five meters.

V. Bazarevsky et al.: BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs (CVPR
Workshop on Computer Vision for Augmented and Virtual Reality, 2019). The network is MediaPipe's
"full range sparse", Apache-2.0.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..image import Image, resize
from ..models.network import load_network
from .maps import on_gray

NETWORK = "face"

MINIMUM_SCORE = 0.5
_OVERLAP = 0.3  # intersection over union of boxes that show the same face

# Order of a face's points.
EYES, NOSE, MOUTH = (0, 1), 2, 3


class Face(NamedTuple):
    """A face, in pixels of the image.

    score: probability in (0, 1). center, size: of its box, (x, y) and (width, height).
    points: float [6, 2], both eyes, the tip of the nose, the mouth, and a point beside each ear.
    """

    score: float
    center: np.ndarray
    size: np.ndarray
    points: np.ndarray


def find_faces(image: Image) -> list[Face]:
    """Return the faces in an image, the most certain first."""
    network = load_network(NETWORK)
    side = network.shape[0]
    small = resize(image, side)
    height, width = small.height, small.width
    top, left = (side - height) // 2, (side - width) // 2
    pixels = np.full(network.shape, -1.0, np.float32)
    pixels[top : top + height, left : left + width] = 2.0 * on_gray(small) - 1.0
    values, scores = network.run(pixels)
    faces = _decoded(values, scores[..., 0], side)
    scale = image.width / width, image.height / height
    return [_moved(face, np.array([left, top]), np.array(scale)) for face in _distinct(faces)]


def _decoded(values: np.ndarray, scores: np.ndarray, side: int) -> list[Face]:
    """Return the faces of all cells that are certain enough, in pixels of the input.

    values: [g, g, 16], a box (center, size) and six points, relative to the center of the cell
    but for the size. scores: logits [g, g].
    """
    grid = len(scores)
    probabilities = 1.0 / (1.0 + np.exp(-scores.clip(-80.0, 80.0)))
    faces = []
    for row, column in np.argwhere(probabilities > MINIMUM_SCORE):
        cell = (np.array([column, row]) + 0.5) * (side / grid)
        pairs = values[row, column].reshape(8, 2)
        if (pairs[1] > 0.0).all():
            score = float(probabilities[row, column])
            faces.append(Face(score, cell + pairs[0], pairs[1], cell + pairs[2:]))
    return sorted(faces, key=lambda face: -face.score)


def _distinct(faces: list[Face]) -> list[Face]:
    """Return the faces without those that overlap a more certain one."""
    kept: list[Face] = []
    for face in faces:
        if all(_overlap(face, other) < _OVERLAP for other in kept):
            kept.append(face)
    return kept


def _overlap(first: Face, second: Face) -> float:
    """Return the intersection of two boxes over their union."""
    low = np.maximum(first.center - first.size / 2, second.center - second.size / 2)
    high = np.minimum(first.center + first.size / 2, second.center + second.size / 2)
    common = float(np.prod((high - low).clip(min=0.0)))
    return common / float(np.prod(first.size) + np.prod(second.size) - common)


def _moved(face: Face, corner: np.ndarray, scale: np.ndarray) -> Face:
    """Return a face in pixels of the image, given those of the padded input."""
    return Face(
        face.score,
        (face.center - corner) * scale,
        face.size * scale,
        (face.points - corner) * scale,
    )
