# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the modules of `oracles/` and `../data/` importable by the tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "oracles"), str(HERE.parent / "data")]
