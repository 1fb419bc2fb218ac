# SPDX-License-Identifier: GPL-3.0-or-later
"""Handlers that keep a run's preview out of files and undo steps, and views in step with undo."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from .arranged_views import follow_undo, forget_views
from .preview import clear_previews
from .session import abort_session, current_session


def register() -> None:
    """Add the handlers."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """End the run, and remove the handlers."""
    abort_session()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)


@persistent
def _before_load(*_: object) -> None:
    abort_session()
    forget_views()


@persistent
def _before_save(*_: object) -> None:
    """Save the scene without the preview, which the next drawing makes again."""
    session = current_session()
    if session is not None:
        session.preview.remove()


@persistent
def _after_change(*_: object) -> None:
    """Remove a preview that the undo step or an automatic save contained."""
    session = current_session()
    clear_previews(session.preview if session is not None else None)


@persistent
def _after_undo(*_: object) -> None:
    _after_change()
    follow_undo()


_HANDLERS = (
    ("load_pre", _before_load),
    ("save_pre", _before_save),
    ("load_post", _after_change),
    ("undo_post", _after_undo),
    ("redo_post", _after_undo),
)
