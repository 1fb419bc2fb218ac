# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency from words: where in the picture is what the prompt names."""

from __future__ import annotations

import numpy as np

from ..errors import EngineMissingError


def prompt_saliency(image: np.ndarray, prompt: str) -> np.ndarray:
    """What `prompt` names in the sRGB image [H, W, 3]. Raises EngineMissingError.

    This needs CLIP, which belongs to the AI engine; this version has none.
    """
    raise EngineMissingError(
        f"The prompt '{prompt}' can't be followed: prompts need the AI engine,"
        " which is not part of this version.",
        "Paint a saliency map instead, white where it matters, and leave the prompt empty.",
    )
