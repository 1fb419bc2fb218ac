# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import hypothesis
import pytest

# Tests don't measure time: a busy machine is no failure.
hypothesis.settings.register_profile("semvec", deadline=None)
hypothesis.settings.load_profile("semvec")

# No test finds, or changes, an AI engine and models that are installed here.
HOME = tempfile.mkdtemp(prefix="semvec-test-home-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["SEMVEC_HOME"] = os.environ["XDG_DATA_HOME"] = HOME

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test photographs beside the checkout; it is not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' with test photographs is not beside this checkout")
    return SHARED
