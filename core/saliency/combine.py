# SPDX-License-Identifier: GPL-3.0-or-later
"""What matters in a picture, from all that was said about it: painted, in words, or nothing."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping

import numpy as np

from ..errors import SaliencyError
from ..image import Image, resize
from ..pipeline.progress import Hooks
from ..settings import Settings
from ..system.content_key import content_key
from .maps import from_image, uniform
from .prompt import prompt_saliency


def find_importance(
    work: Image,
    settings: Settings,
    *,
    painted: np.ndarray | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
    on_step: Callable[[float, str], None] | None = None,
) -> np.ndarray:
    """One map float32 [H, W] in [0, 1], of the working image's size.

    painted: a map of any size, white matters. Where it is not black, it wins over
    `settings.prompt`; where it is, the prompt speaks. Without either, all matters alike.
    cache: keeps the maps of prompts. on_step: see `prompt_saliency`.
    Raises SaliencyError for a map that is none, and what `prompt_saliency` does.
    """
    found = _prompted(work, settings, cache, on_step) if settings.prompt.strip() else None
    if painted is None:
        return uniform(work.height, work.width) if found is None else found
    if painted.ndim not in (2, 3):
        raise SaliencyError(f"A saliency map can't have shape {painted.shape}.")
    drawn = from_image(painted, work.height, work.width)
    return drawn if found is None else np.where(drawn > 0.0, drawn, found)


def preview_importance(
    image: Image,
    settings: Settings,
    *,
    painted: np.ndarray | None = None,
    cache: MutableMapping[str, np.ndarray] | None = None,
    hooks: Hooks | None = None,
) -> np.ndarray:
    """The map that a run with these settings would go by, before it is floored.

    Of the working image's size; the same `cache` saves the run its time. Arguments and errors
    as of `find_importance`, and Cancelled on request.
    """
    hooks = hooks or Hooks()

    def on_step(share: float, message: str) -> None:
        hooks.continue_or_cancel()
        hooks.report("saliency", share, message)

    work = resize(image, settings.resolution)
    return find_importance(work, settings, painted=painted, cache=cache, on_step=on_step)


def _prompted(
    work: Image,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
    on_step: Callable[[float, str], None] | None,
) -> np.ndarray:
    """The map of the prompt, from the cache where it knows it."""
    key = content_key(work.rgb, work.alpha, settings.prompt, settings.clip_model)
    if cache is not None and key in cache:
        return cache[key]
    found = prompt_saliency(
        work, settings.prompt, settings.clip_model, settings.device, settings.threads, on_step
    )
    if cache is not None:
        cache[key] = found
    return found
