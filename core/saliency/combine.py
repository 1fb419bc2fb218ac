# SPDX-License-Identifier: GPL-3.0-or-later
"""Combination of painted saliency and the maps of saliency sources into one map."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from functools import reduce

import numpy as np

from ..image import Image
from ..system.content_key import content_key
from .maps import floored, from_image, uniform
from .sources import Request

Report = Callable[[float, str], None]


def find_saliency(
    image: Image,
    requests: Sequence[Request],
    *,
    painted: np.ndarray | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
    report: Report | None = None,
) -> np.ndarray:
    """Return one map float32 [H, W] in [0, 1] of the image's size.

    requests: the sources to ask. Their maps are combined by the maximum, so that whatever one of
    them finds matters. painted: a map of any size, white matters; it wins over all sources
    wherever it is not black. Without either, the map is uniform.
    cache: keeps maps between runs, by content. report: called with the fraction done and a
    message; may raise to cancel. Raises SaliencyError for a painted map of no valid shape, and
    the errors of the sources.
    """
    found = combine_found(
        [(request.source.background, _found(image, request, cache, report)) for request in requests]
    )
    if painted is None:
        return uniform(image.height, image.width) if found is None else found
    drawn = from_image(painted, image.height, image.width)
    return drawn if found is None else paint_over(found, drawn)


def combine_found(maps: Sequence[tuple[float, np.ndarray | None]]) -> np.ndarray | None:
    """Return the maximum of the maps of sources, float32 [H, W]; None where none has found any.

    maps: the background of each source and its map. The lowest background of those that have
    found anything counts.
    """
    found = [(background, saliency) for background, saliency in maps if saliency is not None]
    if not found:
        return None
    background = min(background for background, _ in found)
    saliency = reduce(np.maximum, [saliency for _, saliency in found])
    return floored(saliency, background) if background else saliency


def paint_over(found: np.ndarray, painted: np.ndarray) -> np.ndarray:
    """Return the painted map [H, W] where it is not black, and elsewhere the one found."""
    return np.where(painted > 0.0, painted, found)


def _found(
    image: Image,
    request: Request,
    cache: MutableMapping[str, np.ndarray] | None,
    report: Report | None,
) -> np.ndarray | None:
    """Return the map of one source, from the cache where it has it."""
    source = request.source
    key = content_key(image.rgb, image.alpha, source.name, *request.values)
    if cache is not None and key in cache:
        return cache[key]
    found = source.find(
        image, *request.values, *request.resources, report or (lambda fraction, message: None)
    )
    if cache is not None and found is not None:
        cache[key] = found
    return found
