# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration of a module: its `classes`, then what its own functions add."""

from __future__ import annotations

from types import ModuleType

import bpy


def register_module(module: ModuleType) -> None:
    """Register the classes of a module, then call its `register`, where it has these."""
    for cls in getattr(module, "classes", ()):
        bpy.utils.register_class(cls)
    if hasattr(module, "register"):
        module.register()


def unregister_module(module: ModuleType) -> None:
    """Undo `register_module`, in reverse order."""
    if hasattr(module, "unregister"):
        module.unregister()
    for cls in reversed(getattr(module, "classes", ())):
        bpy.utils.unregister_class(cls)
