# SPDX-License-Identifier: GPL-3.0-or-later
"""The modal part of an operator whose run goes on in the background."""

from __future__ import annotations

from typing import Any

import bpy

from .event_filter import is_blocked
from .session import Session

INTERVAL = 0.01  # seconds between two checks of the worker process


class ModalRun:
    """An operator with a run that a timer advances, while the window stays usable.

    `_start` begins it; at the end `_succeed` or `_abandon` is called.
    """

    _session: Session

    def _start(self, context: bpy.types.Context, session: Session) -> set[str]:
        """Advance a session from now on."""
        self._session, self._status = session, ""
        manager: Any = context.window_manager
        self._timer = manager.event_timer_add(INTERVAL, window=context.window)
        return {"RUNNING_MODAL"}

    def modal(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Check the worker process at each tick of the timer; Esc stops."""
        session = self._session
        if event.type == "ESC" and event.value == "PRESS":
            session.stop()
            return {"RUNNING_MODAL"}
        if event.type == "TIMER":
            try:
                session.tick()
            except BaseException:  # a defect must not leave a run without its timer
                self.cancel(context)
                raise
            self._show_status(context)
        if session.over:
            return self._finish(context)
        return {"RUNNING_MODAL"} if self._blocks(context, event) else {"PASS_THROUGH"}

    def _blocks(self, context: bpy.types.Context, event: bpy.types.Event) -> bool:
        """Return whether an event is kept from Blender."""
        return is_blocked(context, event)

    def cancel(self, context: bpy.types.Context) -> None:
        """End the run when Blender ends the operator: another file, a closed window, the end."""
        self._session.abort()
        self._release(context)
        self._abandon(context)

    def _succeed(
        self, context: bpy.types.Context, collection: bpy.types.Collection, note: str
    ) -> set[str]:
        """Report the result, the collection of a drawing; note: a sentence, or empty."""
        raise NotImplementedError

    def _abandon(self, context: bpy.types.Context) -> None:
        """Put back what was changed for a run that has no result."""

    def _finish(self, context: bpy.types.Context) -> set[str]:
        self._release(context)
        if self._session.error is not None:
            report: Any = getattr(self, "report")  # noqa: B009 - of the operator
            report({"WARNING"}, str(self._session.error))
        collection = self._session.result
        if collection is None:
            self._abandon(context)
            return {"CANCELLED"}
        return self._succeed(context, collection, self._session.preview.note)

    def _show_status(self, context: bpy.types.Context) -> None:
        if self._status != self._session.status:  # setting it has the window drawn
            self._status = self._session.status
            context.workspace.status_text_set(self._status)

    def _release(self, context: bpy.types.Context) -> None:
        context.window_manager.event_timer_remove(self._timer)
        if context.workspace is not None:
            context.workspace.status_text_set(None)
