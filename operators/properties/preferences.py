# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences of the worker process, and defaults without them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ...core.native.library import thread_count
from ...core.settings import Settings
from ...core.version import HAS_AI_FEATURES

# Our extension's full name, under which Blender keeps its preferences.
EXTENSION = __package__.removesuffix(".operators.properties")


def worker_python() -> str:
    """Return the Python that runs the worker: the one chosen, or the AI engine's.

    Empty for Blender's own, which always runs it in the standard edition.
    """
    if not HAS_AI_FEATURES:
        return ""
    if _preference("python_choice", "AUTOMATIC") == "CHOSEN":
        return bpy.path.abspath(_preference("python", ""))
    from .engine_status import engine_status  # not part of the standard edition

    engine = engine_status()
    return engine.python if engine.usable else ""


def default_threads(in_window: bool) -> int:
    """Return the processor threads of runs that don't set them; 0 is all of them.

    in_window: whether Blender draws and takes over shapes meanwhile. It then keeps a processor:
    refinement waits for its slowest thread, and one that Blender gets in the way of is slow.
    """
    chosen: int = _preference("threads", 0)
    return max(1, thread_count(0) - 1) if in_window and not chosen else chosen


def default_resolution() -> int:
    """Return the working resolution of scenes in which none was chosen."""
    return _preference("resolution", Settings().resolution)


def log_file() -> Path | None:
    """Return the worker's log file; None without an installed extension."""
    try:
        return Path(bpy.utils.extension_path_user(EXTENSION, create=True)) / "worker.log"
    except ValueError:
        return None


def _preference(name: str, default: Any) -> Any:
    addon = bpy.context.preferences.addons.get(EXTENSION)
    return default if addon is None else getattr(addon.preferences, name, default)
