# SPDX-License-Identifier: GPL-3.0-or-later
"""Checkpoints of SAM and CLIP: which there are, where they lie, and how they get there."""

from .location import locate
from .registry import MODELS, Model

__all__ = ["MODELS", "Model", "locate"]
