# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawing of AI features: those of the full edition, or, in the standard one, where to get it."""

from __future__ import annotations

from ..core.version import HAS_AI_FEATURES

if HAS_AI_FEATURES:
    from .engine import draw_engine, draw_missing, why_incomplete
else:
    from .full_edition import draw_engine, draw_missing, why_incomplete

__all__ = ["draw_engine", "draw_missing", "why_incomplete"]
