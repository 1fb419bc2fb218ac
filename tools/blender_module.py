# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender as a Python module: what keeps it from running on this machine."""

from __future__ import annotations

import subprocess

from .pythons import BLENDERS, running_version

# What Blender needs of the system even where it opens no window, as Debian and Ubuntu call it.
DEBIAN_PACKAGES = (
    "libgl1",
    "libsm6",
    "libxext6",
    "libxfixes3",
    "libxi6",
    "libxkbcommon0",
    "libxrender1",
)


def find_problem(python: str) -> str:
    """Return why a Python can't import Blender, as sentences; "" where it can."""
    if running_version() not in BLENDERS:
        return f"it has no module for Python {running_version()}."
    done = subprocess.run([python, "-c", "import bpy"], capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    reason = (done.stderr.strip().splitlines() or ["its module crashes when it is loaded"])[-1]
    if ".so" not in reason:
        return f"{reason}."
    return (
        f"a library of the system is missing ({reason}). "
        f"On Debian and Ubuntu: apt install {' '.join(DEBIAN_PACKAGES)}"
    )
