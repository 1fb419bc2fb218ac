# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration of modules: the `classes` of each, then what its own functions add."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import bpy


def register_modules(modules: Sequence[ModuleType]) -> None:
    """Register the classes of each module, then call its `register`, where it has these."""
    for module in modules:
        for cls in getattr(module, "classes", ()):
            bpy.utils.register_class(cls)
        if hasattr(module, "register"):
            module.register()


def unregister_modules(modules: Sequence[ModuleType]) -> None:
    """Undo `register_modules`, in reverse order."""
    for module in reversed(modules):
        if hasattr(module, "unregister"):
            module.unregister()
        for cls in reversed(getattr(module, "classes", ())):
            bpy.utils.unregister_class(cls)
