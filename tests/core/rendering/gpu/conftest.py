# SPDX-License-Identifier: GPL-3.0-or-later
"""A device to test on: a GPU, or Mesa's software Vulkan driver, which `dev.py test` installs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from semvec.core.errors import GpuError
from semvec.core.rendering.gpu.device import Device, open_device

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def device(tmp_path_factory: pytest.TempPathFactory) -> Device:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    try:
        return open_device()
    except GpuError as error:
        pytest.skip(f"no GPU and no software Vulkan driver: {error}")
