# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec: an image as a fixed budget of clean, editable Bézier curves.

Blender calls `register` and `unregister`. Nothing is imported before: the package is also
used outside of Blender, where there is no bpy.
"""


def register() -> None:
    """Add the operators and properties to Blender."""
    import bpy

    from .panels import properties

    for item in _classes():
        bpy.utils.register_class(item)
    properties.attach()


def unregister() -> None:
    """Take everything out of Blender again, and end the worker process."""
    import bpy

    from .operators.worker_process import close_shared_worker
    from .panels import properties

    close_shared_worker()
    properties.detach()
    for item in reversed(_classes()):
        bpy.utils.unregister_class(item)


def _classes() -> tuple[type, ...]:
    from .operators import vectorize
    from .panels import properties

    return (*vectorize.CLASSES, *properties.CLASSES)
