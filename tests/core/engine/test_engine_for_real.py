# SPDX-License-Identifier: GPL-3.0-or-later
"""The real engine, from the real registry: a gigabyte, so only where it is asked for.

SEMVEC_REAL_ENGINE=1 python3 dev.py test tests/core/test_engine_for_real.py
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from semvec.core.engine.environment import engine_python, remove, status
from semvec.core.engine.install import install

pytestmark = pytest.mark.skipif(
    "SEMVEC_REAL_ENGINE" not in os.environ, reason="SEMVEC_REAL_ENGINE is not set"
)


def test_the_real_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed with its real locks and tried; nothing that a package needs lacks; removed."""
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path))
    messages: list[str] = []
    found = install(on_progress=lambda fraction, message: messages.append(message))
    assert found.state == "installed" and not found.message.endswith("update it")
    subprocess.run([engine_python(), "-I", "-m", "pip", "check"], check=True)
    assert any("PyTorch" in message or "torch" in message for message in messages)
    remove()
    assert status().state == "missing"
