# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels: what Blender's sidebars and preferences show."""

from __future__ import annotations

from types import ModuleType


def register() -> None:
    """Add all panels to Blender."""
    from ..operators.blender.registration import register_module

    for module in _modules():
        register_module(module)


def unregister() -> None:
    """Remove them from Blender."""
    from ..operators.blender.registration import unregister_module

    for module in reversed(_modules()):
        unregister_module(module)


def _modules() -> tuple[ModuleType, ...]:
    """All modules that register something, in this order."""
    from . import preferences, presets, sidebar

    return (presets, sidebar, preferences)
