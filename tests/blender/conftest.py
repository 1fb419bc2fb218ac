# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender as a module, with semvec registered, and an empty file for each test.

Blender takes one configuration folder a process, from its start on; ours is empty. It
never ends while operators are registered, so that unregistering is no matter of tidiness.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "samples"))

CONFIGURATION = tempfile.mkdtemp(prefix="semvec-test-")
atexit.register(shutil.rmtree, CONFIGURATION, ignore_errors=True)
os.environ["BLENDER_USER_RESOURCES"] = CONFIGURATION

try:
    import bpy
except ImportError:  # tests/conftest.py then skips this folder
    bpy = None


@pytest.fixture(scope="session")
def registered() -> Iterator[None]:
    """semvec in Blender."""
    import semvec

    semvec.register()
    yield
    semvec.unregister()


@pytest.fixture
def scene(registered: None) -> Any:
    """The scene of an empty file."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene


def make_image(name: str, pixels: np.ndarray, **options: Any) -> Any:
    """An image datablock with these pixels [H, W, 4], row 0 on top; never saved."""
    height, width = pixels.shape[:2]
    image = bpy.data.images.new(name, width, height, alpha=True, **options)
    image.pixels.foreach_set(np.ascontiguousarray(pixels[::-1], np.float32).ravel())
    return image


@pytest.fixture
def new_image(scene: Any) -> Callable[..., Any]:
    """Makes image datablocks in the empty file."""
    return make_image


@pytest.fixture
def picture(scene: Any) -> Any:
    """An image datablock 'photo', 96 x 64: a dark disc and a white box on a gradient."""
    x, y = np.meshgrid(np.arange(96) + 0.5, np.arange(64) + 0.5)
    rgba = np.stack([x / 96, y / 64, np.full_like(x, 0.5), np.ones_like(x)], axis=2)
    rgba[np.hypot(x - 40, y - 32) < 16, :3] = (0.1, 0.0, 0.2)
    rgba[40:56, 64:88, :3] = 1.0
    return make_image("photo", rgba)
