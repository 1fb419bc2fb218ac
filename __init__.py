# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec: an image as a fixed budget of clean, editable Bézier curves.

Blender calls `register` and `unregister`. Nothing is imported before: the package is also
used outside of Blender, where there is no bpy.
"""


def register() -> None:
    """Add the operators, panels and properties to Blender."""
    import bpy

    from .operators import import_export as files
    from .operators import level_of_detail, property_groups
    from .operators import saliency_mask as saliency_paint
    from .operators.properties import extension_directory as engine_home
    from .operators.run import app_handlers as run_handlers
    from .panels import presets

    engine_home.attach()
    for item in _classes():
        bpy.utils.register_class(item)
    property_groups.attach()
    run_handlers.attach()
    presets.attach()
    saliency_paint.attach()
    files.attach()
    level_of_detail.attach()


def unregister() -> None:
    """Take everything out of Blender again, and end the worker process."""
    import bpy

    from .core.worker.process import close_shared_worker
    from .operators import import_export as files
    from .operators import level_of_detail, property_groups
    from .operators import saliency_mask as saliency_paint
    from .operators.properties import extension_directory as engine_home
    from .operators.run import app_handlers as run_handlers
    from .operators.run.engine_tasks import stop_task
    from .operators.saliency_preview import stop_preview
    from .panels import presets

    level_of_detail.detach()
    files.detach()
    saliency_paint.detach()
    presets.detach()
    run_handlers.detach()
    property_groups.detach()
    stop_task()
    close_shared_worker()
    stop_preview()
    for item in reversed(_classes()):
        bpy.utils.unregister_class(item)
    engine_home.detach()


def _classes() -> tuple[type, ...]:
    from .operators import (
        ai_engine as engine,
    )
    from .operators import (
        frame_drawing as frame_result,
    )
    from .operators import (
        import_export as files,
    )
    from .operators import (
        level_of_detail,
        mask_cache,
        property_groups,
        run_again,
        saliency_preview,
        vectorize,
    )
    from .operators import (
        saliency_canvas as canvas,
    )
    from .operators import (
        saliency_mask as saliency_paint,
    )
    from .operators import (
        worker_controls as worker_buttons,
    )
    from .panels import preferences, presets, sidebar

    results = (frame_result, run_again, files, level_of_detail, mask_cache)
    operators = (vectorize, canvas, saliency_paint, saliency_preview, worker_buttons, engine)
    modules = (*operators, *results, property_groups, presets, sidebar, preferences)
    return tuple(item for module in modules for item in module.CLASSES)
