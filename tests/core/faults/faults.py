# SPDX-License-Identifier: GPL-3.0-or-later
"""Images and commands of the fault suite."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image

from semvec.core.image import Image
from semvec.core.settings import Settings

SMALL = Settings(kind="photo", budget=6, iterations=10, mask_count=8, threads=1)
ENDLESS = Settings(kind="photo", budget=6, iterations=10000, mask_count=8, threads=1)
PIXELS = np.random.default_rng(0).random((32, 48, 3), np.float32)
IMAGE = Image(PIXELS)


def write_image(folder: Path) -> Path:
    """Write the image as a file."""
    path = folder / "image.png"
    PIL.Image.fromarray((PIXELS * 255).astype(np.uint8)).save(path)
    return path


def semvec(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line with few iterations."""
    command = [sys.executable, "-m", "semvec.core", *map(str, arguments)]
    quick = ["--budget", "6", "--iterations", "2", "--threads", "1"]
    return subprocess.run([*command, *quick], capture_output=True, text=True, **options)


def is_one_clear_line(text: str) -> bool:
    """Tell whether stderr holds one message of ours, and no traceback or output of a library."""
    return text.startswith("semvec: ") and text.count("\n") == 1
