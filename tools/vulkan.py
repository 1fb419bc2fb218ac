# SPDX-License-Identifier: GPL-3.0-or-later
"""Mesa's software Vulkan driver, on which the tests of the GPU's kernels run."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

DRIVER_FOLDERS = (Path("/usr/share/vulkan/icd.d"), Path("/etc/vulkan/icd.d"))
PACKAGES = ("mesa-vulkan-drivers", "libvulkan1")


def install_driver() -> None:
    """Install the driver where none is and apt may; else the tests that need it skip."""
    has_driver = any(folder.glob("*.json") for folder in DRIVER_FOLDERS if folder.is_dir())
    is_root = getattr(os, "geteuid", lambda: -1)() == 0
    if has_driver or not is_root or shutil.which("apt-get") is None:
        return
    print("dev.py: installing a software Vulkan driver for the GPU's tests", flush=True)
    install = ("apt-get", "-qq", "install", "-y", "--no-install-recommends", *PACKAGES)
    for command in (("apt-get", "-qq", "update"), install):
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            print("dev.py: apt-get failed; the GPU's tests will be skipped", flush=True)
            return
