# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency from words: where in the picture is what the prompt names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..errors import SaliencyError
from ..image import Image
from ..models.clip import load_clip
from ..models.devices import Compute, choose_device, limit_threads
from ..models.registry import DEFAULT_CLIP
from .clip_relevance import look_at
from .maps import uniform

_BATCH = 8  # views that are looked at together


def prompt_saliency(
    image: Image,
    prompt: str,
    model: str = DEFAULT_CLIP,
    device: str = "auto",
    threads: int = 0,
    on_step: Callable[[float, str], None] | None = None,
) -> np.ndarray:
    """What `prompt` names in the picture: float32 [H, W] in [0, 1], of its size.

    prompt: a phrase, or several with commas between. Each is scaled to reach 1 by itself and
    the largest counts: whatever is named matters in full, however many things there are and
    however sure CLIP is of each. 0.5 everywhere where nothing speaks for any of them.
    model: a name of the registry or a checkpoint's file, see `load_clip`. device, threads:
    as in the settings. on_step: called with the share done and a message, may raise to stop.
    Raises SaliencyError for a prompt without words, EngineMissingError, ModelMissingError,
    ModelError and OutOfMemoryError.
    """
    phrases = split_prompt(prompt)
    tell = on_step or (lambda share, message: None)
    compute = Compute(choose_device(device), _BATCH, lambda message: tell(0.0, message))
    limit_threads(threads)

    def find(device: str, batch: int) -> np.ndarray:
        tell(0.0, "Loading CLIP")
        clip = load_clip(model, device)
        texts = clip.encode_phrases(phrases)
        message = f"Looking for {', '.join(phrases)}"
        maps = look_at(image, clip).relevance(texts, batch, lambda share: tell(share, message))
        return maps.cpu().numpy()

    return _combined(compute.run(find))


def split_prompt(prompt: str) -> list[str]:
    """The phrases between commas. Raises SaliencyError where there is none."""
    phrases = [phrase.strip() for phrase in prompt.split(",") if phrase.strip()]
    if not phrases:
        raise SaliencyError("The prompt names nothing.", "Say what matters, as in: a cup, a hand.")
    return phrases


def _combined(maps: np.ndarray) -> np.ndarray:
    """The maximum of maps [T, H, W], each scaled to [0, 1]; those that are flat don't count."""
    scaled = [_scaled(found) for found in maps if np.ptp(found) > 0.0]
    return np.max(scaled, axis=0) if scaled else uniform(*maps.shape[1:])


def _scaled(found: np.ndarray) -> np.ndarray:
    lowest, highest = found.min(), found.max()
    return ((found - lowest) / (highest - lowest)).astype(np.float32)
