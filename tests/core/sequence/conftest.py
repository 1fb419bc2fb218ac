# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of this folder that its tests import."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
