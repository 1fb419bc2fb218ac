# SPDX-License-Identifier: GPL-3.0-or-later
"""Cache of masks on disk, for the next start of Blender."""

from __future__ import annotations

from pathlib import Path

import bpy

from ..core.system.disk_cache import cached_bytes, prune
from ..core.worker.process import close_shared_worker
from .properties.preferences import EXTENSION
from .run.session import can_run


def cache_folder() -> Path | None:
    """Return the folder of the cache: the one in the preferences, else the extension's.

    None without an installed extension where none was chosen.
    """
    addon = bpy.context.preferences.addons.get(EXTENSION)
    chosen = "" if addon is None else addon.preferences.cache
    if chosen:
        return Path(bpy.path.abspath(chosen))
    try:
        return Path(bpy.utils.extension_path_user(EXTENSION)) / "masks"
    except ValueError:
        return None


def cache_status() -> str:
    """Return size and location as a text."""
    folder = cache_folder()
    if folder is None:
        return "Cache: kept for an installed extension only"
    return f"Cache: {_size(cached_bytes(folder))} in {folder}"


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{(count + 999) // 1000} kB"


class SEMVEC_OT_clear_cache(bpy.types.Operator):
    """Delete all cached masks, on disk and in memory"""

    bl_idname = "semvec.clear_cache"
    bl_label = "Clear Mask Cache"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a cache that no run uses."""
        return can_run(cls) and cache_folder() is not None

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Remove the cache's files from the folder; other files stay."""
        folder = cache_folder()
        before = cached_bytes(folder) if folder is not None else 0
        if folder is not None:
            prune(folder, 0)
        close_shared_worker()
        self.report({"INFO"}, f"{_size(before)} freed")
        return {"FINISHED"}


classes = (SEMVEC_OT_clear_cache,)
