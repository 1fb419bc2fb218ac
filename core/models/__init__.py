# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints of SAM and CLIP: registry, location, download and loading."""

from .location import locate
from .registry import MODELS, Model

__all__ = ["MODELS", "Model", "locate"]
