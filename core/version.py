# SPDX-License-Identifier: GPL-3.0-or-later
"""The version and the edition of semvec, as declared in blender_manifest.toml.

The standard edition downloads nothing and has no network permission, as Blender's extensions
platform asks; prompts and SAM are in the full edition. docs/release.md has the reasons.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

MANIFEST = Path(__file__).resolve().parents[1] / "blender_manifest.toml"

_DECLARED = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))

VERSION: str = _DECLARED["version"]
WEBSITE: str = _DECLARED.get("website", "")  # empty until somebody publishes semvec
MANUAL = f"{WEBSITE.rstrip('/')}/docs/guide/" if WEBSITE else ""
HAS_AI_FEATURES: bool = "network" in _DECLARED["permissions"]

# The reason why AI features are not available; empty where they are.
FULL_EDITION = "" if HAS_AI_FEATURES else "Prompts and SAM are part of the full edition, Semvec AI"
GET_FULL_EDITION = (
    f"Get it at {WEBSITE}." if WEBSITE else "Install the package semvec_ai in place of this one."
)
