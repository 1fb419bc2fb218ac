# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec: an image as a fixed budget of clean, editable Bézier curves.

Blender calls `register` and `unregister`. Nothing is imported before that: the package is also
used outside of Blender, where there is no bpy.
"""


def register() -> None:
    """Add the operators, panels and properties to Blender."""
    from . import operators, panels

    operators.register()
    panels.register()


def unregister() -> None:
    """Remove them from Blender, and end the worker process."""
    from . import operators, panels

    panels.unregister()
    operators.unregister()
