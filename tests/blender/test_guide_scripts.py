# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts of the user's guide that are for Blender."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import bpy
import pytest

from semvec.tools.guide_pictures import write_samples

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide"
BLOCK = re.compile(r"^```python blender\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SCRIPTS = [
    pytest.param(script, id=page.stem)
    for page in sorted(GUIDE.glob("*.md"))
    for script in BLOCK.findall(page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_of_the_guide_draws(
    script: str, scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_samples(tmp_path, 0.2)
    monkeypatch.chdir(tmp_path)
    exec(compile(script, "guide", "exec"), {"__name__": "__main__"})
    assert any(item.type == "CURVE" for item in bpy.data.objects)
    for name in re.findall(r'svg="([^"]+)"', script):
        assert (tmp_path / name).exists()


def test_there_are_scripts() -> None:
    assert SCRIPTS
