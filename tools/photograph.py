# SPDX-License-Identifier: GPL-3.0-or-later
"""The photograph of the demo."""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

from . import environment
from .pythons import CACHE

# A cup of coffee by Rachel Michetti, who gave up all rights to it (CC0).
PACKAGE = "scikit-image"
MEMBER = "skimage/data/coffee.png"


def sample_photograph() -> Path:
    """Return a photograph out of a package, of which nothing else is kept."""
    photograph = CACHE / Path(MEMBER).name
    if not photograph.exists():
        print("dev.py: downloading a photograph", flush=True)
        with (
            tempfile.TemporaryDirectory() as folder,
            zipfile.ZipFile(environment.download(PACKAGE, Path(folder))) as wheel,
        ):
            content = wheel.read(MEMBER)
        CACHE.mkdir(exist_ok=True)
        photograph.write_bytes(content)
    return photograph
