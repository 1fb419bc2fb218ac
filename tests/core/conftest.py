# SPDX-License-Identifier: GPL-3.0-or-later
"""Make oracles, data and benchmarks importable, and provide a device to compute on."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from semvec.core.errors import GpuError
from semvec.core.rendering.gpu.device import Device, open_device

HERE = Path(__file__).parent
FOLDERS = (HERE / "oracles", HERE.parent / "data", HERE.parents[1] / "benchmarks")
sys.path[:0] = map(str, FOLDERS)


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    """A GPU, or Mesa's software Vulkan driver, which `dev.py test` installs where it may."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    try:
        return open_device()
    except GpuError as error:
        pytest.skip(f"no GPU and no software Vulkan driver: {error}")
