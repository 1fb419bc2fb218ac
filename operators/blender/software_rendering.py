# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Blender draws on processors, for want of a graphics card."""

from __future__ import annotations

import bpy


def draws_in_software() -> bool:
    """Whether windows are drawn in software; what is cheap on a card takes seconds then."""
    if bpy.app.background:
        return False
    import gpu  # only where there is a window: asking fails without

    return gpu.platform.device_type_get() == "SOFTWARE"
