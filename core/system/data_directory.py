# SPDX-License-Identifier: GPL-3.0-or-later
"""Where semvec keeps what is large: the AI engine and the models.

In a folder of the user's own, or the one that SEMVEC_HOME names. Blender's extension names
its own folder there, for the worker process as well.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

VARIABLE = "SEMVEC_HOME"


def home() -> Path:
    """The folder for what is made or downloaded; it need not be there yet."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else user_home()


def homes() -> list[Path]:
    """All folders to look in: a model downloaded on the command line is found in Blender."""
    return list(dict.fromkeys([home(), user_home()]))


def user_home() -> Path:
    """The folder of the command line, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local", "semvec")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "semvec"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share", "semvec")
