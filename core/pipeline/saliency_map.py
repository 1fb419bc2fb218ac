# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency map of a run, before the run: for previews and for saving it to a file."""

from __future__ import annotations

from collections.abc import MutableMapping

import numpy as np

from ..image import Image, resize
from ..saliency.combine import find_saliency
from ..saliency.sources import requests_in
from ..settings import Settings
from .progress import RunProgress


def saliency_map(
    image: Image,
    settings: Settings,
    *,
    painted: np.ndarray | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
    progress: RunProgress | None = None,
) -> np.ndarray:
    """Return the map that a run with these settings uses, before `saliency_floor` is applied.

    float32 [H, W] in [0, 1], of the working image's size. With the same `cache`, the run takes
    the map from there. Arguments and errors as of `find_saliency`; raises Cancelled on request.
    """
    progress = progress or RunProgress()
    with progress.stage("saliency"):
        return find_saliency(
            resize(image, settings.resolution),
            requests_in(settings),
            painted=painted,
            cache=cache,
            report=progress.step,
        )
