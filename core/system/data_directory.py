# SPDX-License-Identifier: GPL-3.0-or-later
"""Directories for large data: the AI engine and the models.

The environment variable SEMVEC_HOME overrides the user's data directory. Blender's extension
sets it to its own directory, also for the worker process.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "SEMVEC_HOME"


def home() -> Path:
    """Return the directory for new data; it may not exist yet."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else user_home()


def homes() -> list[Path]:
    """Return all directories to search: Blender also finds data of the command line."""
    return list(dict.fromkeys([home(), user_home()]))


def user_home() -> Path:
    """Return the data directory of the command line, as the operating system defines it."""
    from platformdirs import user_data_path

    return user_data_path("semvec", appauthor=False)
