# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender operators: thin, each calls one function.

A module with something to register has `classes`, or functions `register` and `unregister`, or
both.
"""

from __future__ import annotations

from types import ModuleType


def register() -> None:
    """Add all operators and properties to Blender."""
    from .blender.registration import register_modules

    register_modules(_modules())


def unregister() -> None:
    """Remove them from Blender, and end everything that runs in the background."""
    from .blender.registration import unregister_modules

    unregister_modules(_modules())


def _modules() -> tuple[ModuleType, ...]:
    """Return all modules that register something, in this order."""
    from . import (
        ai_engine,
        drawing_tools,
        import_export,
        level_of_detail,
        mask_cache,
        menus,
        property_groups,
        run_again,
        saliency_canvas,
        saliency_mask,
        saliency_preview,
        vectorize,
        worker_controls,
    )
    from .editing import appearance, simplify
    from .properties import extension_directory, material_color, runtime
    from .run import app_handlers, engine_tasks, worker

    runs = (worker, engine_tasks, app_handlers)
    saliency = (saliency_canvas, saliency_mask, saliency_preview)
    drawings = (drawing_tools, run_again, import_export, level_of_detail, appearance, simplify)
    settings = (ai_engine, mask_cache, worker_controls)
    return (
        runtime,
        extension_directory,
        material_color,
        property_groups,
        *runs,
        vectorize,
        *saliency,
        *drawings,
        *settings,
        menus,
    )
