# SPDX-License-Identifier: GPL-3.0-or-later
"""The version of semvec, as declared in blender_manifest.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

MANIFEST = Path(__file__).resolve().parents[1] / "blender_manifest.toml"

VERSION: str = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["version"]
