# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of the package: what may import what, and what every setting must say."""

from __future__ import annotations

import ast
import dataclasses
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from semvec.core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGE_FOLDERS = ("core", "operators", "panels")
THIRD_PARTY_OF_CORE = {"numpy", "semvec_native"}


def modules(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Top-level names of all absolute imports in a file, wherever they stand."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def offenders(paths: list[Path], forbidden: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in paths
        for name in imported(path)
        if name in forbidden
    ]


def test_there_is_something_to_check() -> None:
    assert len(modules("core")) > 20
    assert "numpy" in set(imported(ROOT / "core" / "drawing.py"))


def test_core_knows_no_blender() -> None:
    assert offenders(modules("core"), {"bpy", "bmesh", "mathutils", "bpy_extras", "gpu"}) == []


def test_operators_and_panels_know_no_torch() -> None:
    heavy = {"torch", "torchvision", "open_clip", "segment_anything", "pydiffvg"}
    assert offenders(modules("operators", "panels"), heavy) == []


def test_panels_only_draw() -> None:
    """Panels reach the core's work through operators, so they need no arrays."""
    assert offenders(modules("panels"), {"numpy", "subprocess", "threading"}) == []


def test_imports_within_the_package_are_relative() -> None:
    """Inside Blender the package has another name, so `import semvec` would fail there."""
    paths = [*modules(*PACKAGE_FOLDERS), ROOT / "__init__.py"]
    assert offenders(paths, {"semvec", *PACKAGE_FOLDERS}) == []


def test_every_package_is_installed() -> None:
    """pyproject.toml lists the packages by hand: setuptools can't find them in a root."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    present = {
        ".".join(("semvec", *path.parent.relative_to(ROOT).parts))
        for path in [*modules(*PACKAGE_FOLDERS), ROOT / "__init__.py"]
    }
    assert set(configuration["tool"]["setuptools"]["packages"]) == present


def test_the_pipeline_loads_numpy_and_nothing_heavier() -> None:
    """In a fresh process: only the standard library, numpy and semvec itself are loaded."""
    program = (
        "import sys, numpy; before = set(sys.modules); import semvec.core.pipeline.vectorize;"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    loaded = set(run.stdout.split())
    assert "semvec" in loaded
    assert loaded - sys.stdlib_module_names - {"semvec", *THIRD_PARTY_OF_CORE} == set()


@pytest.mark.parametrize("setting", dataclasses.fields(Settings), ids=lambda item: item.name)
def test_every_setting_explains_itself(setting: dataclasses.Field[object]) -> None:
    """The command line and Blender's tooltips are made from this; Blender adds the full stop."""
    text = setting.metadata["help"]
    assert text == text.strip() and text[0].isupper() and not text.endswith(".")
    assert ". " not in text, "more than a sentence"
    assert len(text) <= 100


@pytest.mark.parametrize("setting", dataclasses.fields(Settings), ids=lambda item: item.name)
def test_every_range_contains_its_default(setting: dataclasses.Field[object]) -> None:
    minimum, maximum = setting.metadata["minimum"], setting.metadata["maximum"]
    choices = setting.metadata["choices"]
    assert (minimum is None) == (maximum is None)
    if type(setting.default) in (int, float):
        assert minimum is not None and minimum <= setting.default <= maximum
    elif isinstance(setting.default, str) and choices:
        assert setting.default in choices and len(set(choices)) == len(choices)
    else:
        assert minimum is None and not choices
