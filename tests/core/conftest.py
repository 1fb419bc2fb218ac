# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the modules of `oracles/` importable by the tests of this folder."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "oracles"))
