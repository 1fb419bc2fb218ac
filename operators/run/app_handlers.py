# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run does when Blender saves, loads or undoes meanwhile."""

from __future__ import annotations

import bpy
from bpy.app.handlers import persistent

from .preview import clear_previews
from .session import abort_session, current_session


def register() -> None:
    """Have Blender tell us."""
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """End the run, and hear nothing more."""
    abort_session()
    for name, handler in _HANDLERS:
        getattr(bpy.app.handlers, name).remove(handler)


@persistent
def _before_load(*_: object) -> None:
    abort_session()


@persistent
def _before_save(*_: object) -> None:
    """The file holds what there was before the run; the preview comes again."""
    session = current_session()
    if session is not None:
        session.preview.remove()


@persistent
def _after_change(*_: object) -> None:
    """The undo step that Blender went to, or an automatic save, may hold a preview."""
    session = current_session()
    clear_previews(session.preview if session is not None else None)


_HANDLERS = (
    ("load_pre", _before_load),
    ("save_pre", _before_save),
    ("load_post", _after_change),
    ("undo_post", _after_change),
    ("redo_post", _after_change),
)
