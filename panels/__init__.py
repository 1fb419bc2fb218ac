# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels: what Blender's sidebars and preferences show."""

from __future__ import annotations

from types import ModuleType


def register() -> None:
    """Add all panels to Blender."""
    from ..operators.blender.registration import register_modules

    register_modules(_modules())


def unregister() -> None:
    """Remove them from Blender."""
    from ..operators.blender.registration import unregister_modules

    unregister_modules(_modules())


def _modules() -> tuple[ModuleType, ...]:
    """Return all modules that register something, in this order."""
    from . import preferences, presets, sidebar

    return (presets, sidebar, preferences)
