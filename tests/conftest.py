# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import hypothesis
import pytest

# Tests don't measure time: a busy machine is no failure.
hypothesis.settings.register_profile("semvec", deadline=None)
hypothesis.settings.load_profile("semvec")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test photographs beside the checkout; it is not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' with test photographs is not beside this checkout")
    return SHARED
