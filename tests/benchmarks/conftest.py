# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the modules of `/benchmarks/` and the oracles of `/tests/core/` importable here."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "benchmarks"), str(ROOT / "tests" / "core" / "oracles")]
