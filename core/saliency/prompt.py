# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency from a text prompt, by CLIP."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import SaliencyError
from ..image import Image
from ..models.clip import load_clip
from ..models.devices import DeviceRunner, choose_device, limit_threads
from ..models.registry import DEFAULT_CLIP
from .clip_relevance import relevance_for
from .maps import uniform

_BATCH = 8  # views encoded together


def prompt_saliency(
    image: Image,
    prompt: str,
    model: str = DEFAULT_CLIP,
    device: str = "auto",
    threads: int = 0,
    on_step: Callable[[float, str], None] | None = None,
) -> np.ndarray:
    """Find what `prompt` names in the image: float32 [H, W] in [0, 1], of the image's size.

    prompt: a phrase, or several separated by commas. The map of each is scaled to [0, 1], and the
    maximum counts, so that everything named matters in full, whatever CLIP's confidence in each.
    The map is 0.5 if no phrase has any relevance.
    model: a name of the registry or a checkpoint's file, see `load_clip`. device, threads:
    as in the settings. on_step: called with the fraction done and a message; may raise to stop.
    Raises SaliencyError for a prompt without words, EngineMissingError, ModelMissingError,
    ModelError and OutOfMemoryError.
    """
    phrases = split_prompt(prompt)
    tell = on_step or (lambda fraction, message: None)
    runner = DeviceRunner(choose_device(device), _BATCH, lambda message: tell(0.0, message))
    limit_threads(threads)

    def find(device: str, batch: int) -> np.ndarray:
        tell(0.0, "Loading CLIP")
        clip = load_clip(model, device)
        texts = clip.encode_phrases(phrases)
        message = f"Looking for {', '.join(phrases)}"
        found = relevance_for(image, clip)
        maps = found.relevance(texts, batch, lambda fraction: tell(fraction, message))
        return maps.cpu().numpy()

    return _combined(runner.run(find))


def split_prompt(prompt: str) -> list[str]:
    """Split a prompt at its commas. Raises SaliencyError if it has no phrase."""
    phrases = [phrase.strip() for phrase in prompt.split(",") if phrase.strip()]
    if not phrases:
        raise SaliencyError("The prompt is empty.", "Describe what matters, as in: a cup, a hand.")
    return phrases


def _combined(maps: np.ndarray) -> np.ndarray:
    """Return the maximum of maps [T, H, W], each scaled to [0, 1]; constant maps don't count."""
    scaled = [_scaled(found) for found in maps if np.ptp(found) > 0.0]
    return np.max(scaled, axis=0) if scaled else uniform(*maps.shape[1:])


def _scaled(found: np.ndarray) -> np.ndarray:
    lowest, highest = found.min(), found.max()
    return ((found - lowest) / (highest - lowest)).astype(np.float32)
