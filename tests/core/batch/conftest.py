# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes killing.py importable by the tests beside it, and by the processes they start."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
