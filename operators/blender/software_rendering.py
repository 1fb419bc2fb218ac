# SPDX-License-Identifier: GPL-3.0-or-later
"""Detection of Blender drawing in software, without a graphics card."""

from __future__ import annotations

import bpy


def draws_in_software() -> bool:
    """Return whether windows are drawn in software, where Material Preview takes seconds."""
    if bpy.app.background:
        return False
    import gpu  # only where there is a window: asking fails without

    return gpu.platform.device_type_get() == "SOFTWARE"
