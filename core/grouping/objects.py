# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a picture: people, faces, what a prompt names, the sky, and the largest regions.

Every region of the partition that structural paths are traced from belongs to one object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..segmentation.regions import connected_components
from .color_names import color_name

# Levels: objects of a higher one stand in front of those beneath.
BACKDROP, STANDING, PERSON, PART = range(4)

# Share of a region that has to lie in a mask to belong to its object.
_MAJORITY = 0.5

# Share of the top edge that a sky fills at least, greatest share of the height at which its middle
# lies, greatest standard deviation of its lightness, and least lightness.
_SKY_WIDTH, _SKY_MIDDLE, _SKY_UNEVENNESS, _SKY_LIGHTNESS = 0.3, 0.4, 0.15, 0.4


class Found(NamedTuple):
    """An object that a method has found. mask: bool [H, W]."""

    name: str
    mask: np.ndarray
    level: int


class Objects(NamedTuple):
    """The objects of a picture.

    names: of each object, all different. levels: int [K], of each object. of_region: int [N], the
    object that each region of the partition belongs to.
    """

    names: list[str]
    levels: np.ndarray
    of_region: np.ndarray

    @property
    def region_levels(self) -> np.ndarray:
        """The level of each region: int [N]."""
        return self.levels[self.of_region]


def find_objects(
    labels: np.ndarray, parents: np.ndarray, rgb: np.ndarray, found: Sequence[Found]
) -> Objects:
    """Return the objects of a picture.

    labels: int [H, W], the partition, -1 outside. parents: int [N], the semantic region of each
    region. rgb: float [H, W, 3]. found: each wins over those before it. Where nothing is found,
    semantic regions that reach the border are objects, and so are the others that are connected.
    """
    inside = labels >= 0
    owner, regions = _unnamed(labels, parents)
    first = int(owner.max(initial=-1)) + 1
    areas = np.maximum(np.bincount(labels[inside], minlength=len(parents)), 1)
    for number, each in enumerate(found, start=first):
        within = np.bincount(labels[inside & each.mask], minlength=len(parents))
        owner[within >= _MAJORITY * areas] = number
    used, of_region = np.unique(owner, return_inverse=True)
    masks = [inside & (of_region[labels] == index) for index in range(len(used))]
    sizes = [
        int(mask.sum()) if number < regions else 0 for number, mask in zip(used, masks, strict=True)
    ]
    names, levels = [], []
    for index, number in enumerate(used.tolist()):
        if number >= first:
            names.append(found[number - first].name)
            levels.append(found[number - first].level)
        else:
            names.append(_name(masks[index], rgb, index == int(np.argmax(sizes))))
            levels.append(BACKDROP if number < regions else STANDING)
    return Objects(_distinct(names), np.array(levels, int), of_region)


def _unnamed(labels: np.ndarray, parents: np.ndarray) -> tuple[np.ndarray, int]:
    """Return the object of each region by itself, int [N], and the number of semantic regions.

    Objects beyond that number do not reach the border: an object that stands there is often
    several semantic regions, its shades.
    """
    owner, count = np.asarray(parents, np.int64).copy(), int(parents.max(initial=-1)) + 1
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    stands = ~np.isin(parents, parents[border[border >= 0]])
    pixels = np.where(labels >= 0, stands[labels], False)
    components = connected_components(np.where(pixels, 0, -1))
    owner[labels[pixels]] = count + components[pixels]
    return owner, count


def _name(mask: np.ndarray, rgb: np.ndarray, is_largest: bool) -> str:
    """Return the name of a semantic region; is_largest: of those that reach the border."""
    if _is_sky(mask, rgb):
        return "Sky"
    return "Background" if is_largest else f"{color_name(rgb[mask].mean(axis=0).tolist())} Area"


def _is_sky(mask: np.ndarray, rgb: np.ndarray) -> bool:
    """Return whether a region looks like a sky: along the top, even, light, and blue or gray."""
    if mask[0].mean() < _SKY_WIDTH or np.nonzero(mask)[0].mean() > _SKY_MIDDLE * len(mask):
        return False
    colors = rgb[mask]
    lightness = colors.mean(axis=1)
    red, _, blue = colors.mean(axis=0).tolist()
    is_even = float(lightness.std()) < _SKY_UNEVENNESS
    return is_even and float(lightness.mean()) > _SKY_LIGHTNESS and blue > red - 0.02


def _distinct(names: Sequence[str]) -> list[str]:
    """Return the names; of equal ones, all but the first numbered."""
    counts: Counter[str] = Counter()
    result: list[str] = []
    for name in names:
        counts[name] += 1
        numbered = name if counts[name] == 1 else f"{name} {counts[name]}"
        while numbered in result:
            counts[name] += 1
            numbered = f"{name} {counts[name]}"
        result.append(numbered)
    return result
