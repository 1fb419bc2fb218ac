# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes faults.py importable by the tests beside it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
