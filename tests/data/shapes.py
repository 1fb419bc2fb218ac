# SPDX-License-Identifier: GPL-3.0-or-later
"""Synthetic pictures of colored shapes: what the tiny CLIP and SAM learn and are tested on.

A picture shows distinct shapes ("red circle", "blue star") that don't overlap, on a noisy or
striped ground. Pictures come from a seeded generator: the same seed, the same pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

COLORS = {
    "red": (0.84, 0.15, 0.13),
    "green": (0.18, 0.62, 0.22),
    "blue": (0.16, 0.30, 0.84),
    "yellow": (0.93, 0.83, 0.17),
    "purple": (0.56, 0.20, 0.68),
    "orange": (0.94, 0.53, 0.10),
}

# Every shape is a polygon around a center: its number of corners, how far every second one
# lies from the center compared with the others, and a scale that makes areas alike.
_POLYGONS = {
    "circle": (48, 1.0, 1.0),
    "square": (4, 1.0, 1.25),
    "triangle": (3, 1.0, 1.45),
    "star": (10, 0.42, 1.45),
}
SHAPES = tuple(_POLYGONS)

# All pairs of color and shape, in a fixed order: the classes of the tiny models.
NAMES = tuple(f"{color} {shape}" for color in COLORS for shape in SHAPES)

_RADII = (0.11, 0.155)  # of the picture's short side, before the shape's scale
_LARGEST_TURN = np.radians(20.0)
_GAP = 0.015  # between shapes and to the border, of the short side
_TRIES_TO_PLACE = 40


@dataclass(frozen=True)
class Picture:
    """image: float32 [H, W, 3] sRGB in [0, 1]. masks: bool [N, H, W], one a shape, disjoint.

    names: of each mask, such as "red circle"; no two are alike.
    """

    image: np.ndarray
    masks: np.ndarray
    names: tuple[str, ...]

    @property
    def caption(self) -> str:
        """Return a caption of the picture: "a red circle and a blue star"."""
        return caption(self.names)


def caption(names: Sequence[str]) -> str:
    """Names in a phrase: "a red circle", "a red circle and an orange star and a ..."."""
    return " and ".join(f"{_article(name)} {name}" for name in names)


def draw_picture(
    generator: np.random.Generator,
    height: int = 64,
    width: int | None = None,
    *,
    names: Sequence[str] | None = None,
    counts: tuple[int, int] = (2, 4),
) -> Picture:
    """A picture of `names`, or of as many random ones as `counts` (fewest, most) allows."""
    width = width or height
    if names is None:
        count = generator.integers(counts[0], counts[1] + 1)
        names = [NAMES[i] for i in generator.choice(len(NAMES), count, replace=False)]
    image = _ground(generator, height, width)
    masks = np.zeros((len(names), height, width), bool)
    for i, (x, y, radius) in enumerate(_places(generator, names, height, width)):
        color, shape = names[i].split()
        box, coverage = _coverage(generator, shape, x, y, radius, height, width)
        fill = np.array(COLORS[color]) + generator.uniform(-0.06, 0.06, 3)
        image[box] += coverage[..., None] * (fill.astype(np.float32) - image[box])
        masks[i][box] = coverage >= 0.5
    image += generator.normal(0.0, 0.02, image.shape).astype(np.float32)
    return Picture(image.clip(0.0, 1.0), masks, tuple(names))


def draw_pictures(
    seed: int, count: int, height: int = 64, width: int | None = None
) -> list[Picture]:
    """`count` pictures of two to four shapes; the same for the same arguments."""
    generator = np.random.default_rng(seed)
    return [draw_picture(generator, height, width) for _ in range(count)]


def textured(picture: Picture, seed: int, cell: int = 8) -> np.ndarray:
    """The picture with squares of lighter and darker color on its shapes: float32 [H, W, 3].

    So that there is something in every shape to spend detail on.
    """
    height, width = picture.image.shape[:2]
    grid = height // cell + 1, width // cell + 1
    squares = np.random.default_rng(seed).uniform(-0.06, 0.06, grid)
    texture = np.kron(squares, np.ones((cell, cell)))[:height, :width]
    on_shapes = texture * picture.masks.any(axis=0)
    return (picture.image + on_shapes[..., None]).clip(0.0, 1.0).astype(np.float32)


def _article(name: str) -> str:
    return "an" if name[0] in "aeiou" else "a"


def _ground(generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A grayish ground, noisy or striped: float32 [H, W, 3]."""
    base = generator.uniform(0.25, 0.85) + generator.uniform(-0.06, 0.06, 3)
    if generator.random() < 0.5:
        texture = generator.normal(0.0, generator.uniform(0.02, 0.08), (height, width))
    else:
        texture = _stripes(generator, height, width)
    return (base + texture[..., None]).astype(np.float32)


def _stripes(generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """A wave of a random direction, 4 to 12 periods over the short side: float [H, W]."""
    angle, phase = generator.uniform(0.0, 2.0 * np.pi, 2)
    periods = generator.uniform(4.0, 12.0) / min(height, width)
    y, x = np.mgrid[:height, :width]
    wave = np.sin(2.0 * np.pi * periods * (x * np.cos(angle) + y * np.sin(angle)) + phase)
    return generator.uniform(0.03, 0.1) * wave


def _places(
    generator: np.random.Generator, names: Sequence[str], height: int, width: int
) -> np.ndarray:
    """Center and radius of each shape, pixels: float [N, 3]. Starts over where one can't fit."""
    while True:
        places: list[np.ndarray] = []
        for name in names:
            place = _free_place(generator, places, _POLYGONS[name.split()[1]][2], height, width)
            if place is None:
                break
            places.append(place)
        else:
            return np.array(places)


def _free_place(
    generator: np.random.Generator,
    taken: Sequence[np.ndarray],
    scale: float,
    height: int,
    width: int,
) -> np.ndarray | None:
    """A circle (x, y, radius) clear of the taken ones and of the border, or None."""
    side = min(height, width)
    radius = generator.uniform(*_RADII) * scale * side
    room = radius + _GAP * side
    for _ in range(_TRIES_TO_PLACE):
        x, y = generator.uniform(room, (width - room, height - room))
        if all(np.hypot(x - u, y - v) > room + other for u, v, other in taken):
            return np.array([x, y, radius])
    return None


def _coverage(
    generator: np.random.Generator,
    shape: str,
    x: float,
    y: float,
    radius: float,
    height: int,
    width: int,
) -> tuple[tuple[slice, slice], np.ndarray]:
    """Rows and columns around a shape, and how much of each pixel there it covers, roughly."""
    corners, inner, _ = _POLYGONS[shape]
    turn = generator.uniform(-_LARGEST_TURN, _LARGEST_TURN)
    if shape == "square":
        turn += np.pi / 4.0  # lying on a side
    box = _span(y, radius, height), _span(x, radius, width)
    rows, columns = np.mgrid[box].astype(np.float32) + 0.5
    distance = np.hypot(columns - x, rows - y)
    angle = np.arctan2(columns - x, y - rows) + turn  # clockwise from the top
    border = _border_of_polygon(angle, corners, inner) * np.float32(radius)
    return box, (border - distance + 0.5).clip(0.0, 1.0)


def _span(middle: float, radius: float, length: int) -> slice:
    """The pixels of a line that lie within `radius` of a place, and their neighbors."""
    return slice(max(0, int(middle - radius)), min(length, int(middle + radius) + 2))


def _border_of_polygon(angle: np.ndarray, corners: int, inner: float) -> np.ndarray:
    """Return the distance from the center to a polygon's border in a direction, for radius 1.

    Corners lie at multiples of 2 pi / `corners`; every second is `inner` away. Between two of
    them at distances p and q, a wedge of angle w apart, the border is the straight line
    r(a) = p q sin(w) / (p sin(a) + q sin(w - a)).
    """
    wedge = np.float32(2.0 * np.pi / corners)
    index = np.floor(angle / wedge)
    a = angle - index * wedge
    odd = index.astype(int) % 2 == 1
    p = np.where(odd, np.float32(inner), np.float32(1.0))
    q = np.where(odd, np.float32(1.0), np.float32(inner))
    return p * q * np.sin(wedge) / (p * np.sin(a) + q * np.sin(wedge - a))
