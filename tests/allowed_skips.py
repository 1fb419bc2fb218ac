# SPDX-License-Identifier: GPL-3.0-or-later
"""Skips that are no failure in CI: patterns of reasons, and why each may stand."""

from __future__ import annotations

import re
import sys

ALWAYS = {
    r"SEMVEC_REAL_ENGINE is not set": "a download of 1 GB, on request only",
    r"pydiffvg is not installed": "DiffVG has to be compiled by hand; a stand-in is tested instead",
    r"only root may mount|nobody mount|with so little memory": "faults a machine cannot have",
    r"nobody may make a network namespace here": "only root may, and only where there is iproute2",
    r"no software Vulkan driver: (?!The package wgpu)": "dev.py installs one where apt may",
    r"this machine has a GPU": "what is tested is the choice where there is none",
    r"no compiler with (Address|Thread)Sanitizer works": "zig comes without them; gcc has them",
    r"git is not installed": "only a release needs it",
    r"no C compiler of its own": "zig compiles what is shipped",
    r"no emulator of (ARM64|Windows): ": "qemu-user and wine64 are installed by hand, 0.3 GB",
    r"emulators are only looked for on Linux": "the libraries are inspected on every system",
    r"(program potrace|AutoTrace) is not installed": "programs that only a benchmark compares with",
    r"Node is not installed": "it only checks a description for render farms",
    r"test photographs? is not beside this checkout|needs the folder": "shared/ is not public",
    r"Blender before 5.2 knows no fill rules": "5.2 is tested by the other Python",
    r"Blender 5 does not let scripts write": "what a file of 0.1 stores is read in Blender 4.5",
    r"Blender draws nothing without OpenGL": "windows are tested with their own driver",
    r"no root of Debian sid could be made": "unstable can be broken; trixie is always tested",
}
# What one of the two Pythons tests: PyTorch is a small build without CUDA for 3.11 only.
ON_OTHER_PYTHONS = {
    r"the compiler is the same for both Pythons": "the libraries do not depend on Python",
    r"could not import '(torch|open_clip|segment_anything|lpips|torchvision)'": "no small build",
    r"(torch|PyTorch|vtracer|lpips|open_clip|segment_anything).* (is not|isn't) installed": "same",
    r"scenes for training are rendered by Blender 4": "their program was only tried with 4.5",
    r"PyTorch is installed for one of the two Pythons only": "same",
    r"torch and torchvision can't be used|the AI engine's packages are not installed": "same",
}


def is_allowed(reason: str) -> bool:
    """Tell whether a test that was skipped for this reason hides nothing."""
    patterns = dict(ALWAYS)
    if sys.version_info[:2] != (3, 11):
        patterns |= ON_OTHER_PYTHONS
    return any(re.search(pattern, reason) for pattern in patterns)
