# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators for the worker process: check its Python, restart it, open its log."""

from __future__ import annotations

import bpy

from ..core.errors import SemvecError
from ..core.worker.process import close_shared_worker
from ..core.worker.python_check import check_python
from .properties.preferences import log_file, worker_python
from .run.session import can_run


class SEMVEC_OT_check_python(bpy.types.Operator):
    """Check whether the chosen Python has the required packages"""

    bl_idname = "semvec.check_python"
    bl_label = "Check Python"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Report its version, or what is missing."""
        try:
            found = check_python(worker_python())
        except SemvecError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{found} can run the worker")
        return {"FINISHED"}


class SEMVEC_OT_restart_worker(bpy.types.Operator):
    """End the worker process and free its memory, masks included; the next run starts a new one"""

    bl_idname = "semvec.restart_worker"
    bl_label = "Restart Worker"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether no run uses it."""
        return can_run(cls)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """End it; the next run starts a new one."""
        close_shared_worker()
        return {"FINISHED"}


class SEMVEC_OT_open_log(bpy.types.Operator):
    """Open the log of the worker process"""

    bl_idname = "semvec.open_log"
    bl_label = "Open Log"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether there is a log."""
        file = log_file()
        if file is None or not file.exists():
            cls.poll_message_set("There is no log before the first run")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Open it in the system's text viewer."""
        bpy.ops.wm.path_open(filepath=str(log_file()))
        return {"FINISHED"}


classes = (SEMVEC_OT_check_python, SEMVEC_OT_restart_worker, SEMVEC_OT_open_log)
