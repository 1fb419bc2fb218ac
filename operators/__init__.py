# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender operators: thin, each calls one function.

A module with something to register has `classes`, or functions `register` and `unregister`, or
both.
"""

from __future__ import annotations

from types import ModuleType

from ..core.version import HAS_AI_FEATURES


def refuse_other_edition() -> None:
    """Raise RuntimeError where another edition, whose operators have our names, is enabled."""
    import bpy

    present = getattr(bpy.types, "SEMVEC_OT_vectorize", None)
    other = "" if present is None else present.__module__.removesuffix(".operators.vectorize")
    if other not in ("", __package__.removesuffix(".operators")):
        raise RuntimeError(f"Another edition of Semvec is enabled ({other}). Disable it first")


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
        vectorize_sequence,
        worker_controls,
    )
    from .compare import keys, overlay, state
    from .compare import operators as compare_operators
    from .editing import appearance, expand, simplify, touch_up
    from .inputs import image_files, part_thumbnail
    from .properties import extension_directory, material_color, runtime, swatches
    from .run import app_handlers, worker

    runs = (worker, app_handlers)
    saliency = (saliency_canvas, saliency_mask, saliency_preview)
    drawings = (drawing_tools, run_again, import_export, level_of_detail)
    editing = (appearance, simplify, expand, touch_up)
    comparison = (state, overlay, compare_operators, keys)
    settings = (mask_cache, worker_controls, *_modules_of_the_full_edition())
    return (
        runtime,
        extension_directory,
        material_color,
        swatches,
        property_groups,
        *runs,
        vectorize,
        vectorize_sequence,
        image_files,
        part_thumbnail,
        *saliency,
        *drawings,
        *editing,
        *comparison,
        *settings,
        menus,
    )


def _modules_of_the_full_edition() -> tuple[ModuleType, ...]:
    """Return the modules that install, download and run AI features."""
    if not HAS_AI_FEATURES:
        return ()
    from . import ai_engine
    from .run import engine_tasks

    return (engine_tasks, ai_engine)
