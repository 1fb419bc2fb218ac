# SPDX-License-Identifier: GPL-3.0-or-later
"""Data directory of the engine and the models: the installed extension's own."""

from __future__ import annotations

import os

import bpy

from ...core.system.data_directory import VARIABLE
from .preferences import EXTENSION
from .runtime import RUNTIME


def register() -> None:
    """Set the environment variable for this process and those that it starts."""
    if VARIABLE in os.environ:  # the user's choice
        return
    try:
        os.environ[VARIABLE] = bpy.utils.extension_path_user(EXTENSION)
        RUNTIME.owns_directory = True
    except ValueError:  # run from a checkout: the command line's directory is used
        pass


def unregister() -> None:
    """Remove the variable, where `register` has set it."""
    if RUNTIME.owns_directory:
        os.environ.pop(VARIABLE, None)
        RUNTIME.owns_directory = False
