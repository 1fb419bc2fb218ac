# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the engine and the models go: into the extension's own folder, where there is one."""

from __future__ import annotations

import os

import bpy

from ...core.system.data_directory import VARIABLE
from .preferences import EXTENSION

_named = False  # whether the variable was set by us


def register() -> None:
    """Name the folder to this process and to those that it starts."""
    global _named
    if VARIABLE in os.environ:  # a person's own choice
        return
    try:
        os.environ[VARIABLE] = bpy.utils.extension_path_user(EXTENSION)
        _named = True
    except ValueError:  # run from a checkout: it is where the command line has it
        pass


def unregister() -> None:
    """Forget it again."""
    global _named
    if _named:
        os.environ.pop(VARIABLE, None)
        _named = False
