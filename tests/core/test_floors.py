# SPDX-License-Identifier: GPL-3.0-or-later
"""Layers of the package: a folder imports only folders of lower layers, and itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Top down. Folders of one layer do not import each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    (".",),
    ("panels",),
    ("operators",),
    ("operators/editing", "operators/compare", "operators/sequences"),
    ("operators/run", "operators/inputs"),
    ("operators/properties",),
    ("operators/objects",),
    ("operators/blender",),
    ("core/cli", "core/api.py"),
    ("core/batch",),
    ("core/worker",),
    ("core/sequence",),
    ("core/engine",),
    ("core/pipeline",),
    ("core/lines", "core/grouping"),
    ("core/flat",),
    ("core/simplification",),
    ("core/refinement", "core/clustering"),
    ("core/saliency",),
    ("core/segmentation",),
    ("core/rendering", "core/tracing", "core/svg", "core/models"),
    ("core/native",),
    ("core/strokes",),
    ("core",),
    ("core/system", "core/decoding"),
    ("core/errors.py",),
)
HEIGHT = {folder: -layer for layer, folders in enumerate(LAYERS) for folder in folders}

# Modules that count to another folder than the one they are in.
ELSEWHERE = {
    "core/__main__.py": "core/cli",
    "core/api.py": "core/api.py",
    "core/errors.py": "core/errors.py",
    "core/srgb.py": "core/errors.py",
    "core/version.py": "core/errors.py",
}

# Where `Scene.semvec` and `WindowManager.semvec` may be read: not below the properties.
READERS = {
    ".",
    "panels",
    "operators",
    "operators/compare",
    "operators/editing",
    "operators/run",
    "operators/inputs",
    "operators/properties",
}


def modules() -> list[Path]:
    folders = ("core", "operators", "panels")
    return [ROOT / "__init__.py", *(p for f in folders for p in (ROOT / f).rglob("*.py"))]


def folder_of(path: Path) -> str:
    """The folder that a module of the package counts to: two levels at most."""
    name = path.relative_to(ROOT)
    return ELSEWHERE.get(name.as_posix(), Path(*name.parent.parts[:2]).as_posix())


def imported_folders(path: Path) -> Iterator[str]:
    """The folders that a module imports from, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for alias in node.names:
                target = base / alias.name if base.is_dir() else base
                module = target / "__init__.py" if target.is_dir() else target.with_suffix(".py")
                yield folder_of(module)


def semvec_attributes(path: Path) -> int:
    """Count the reads of an attribute called `semvec` in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return sum(isinstance(n, ast.Attribute) and n.attr == "semvec" for n in ast.walk(tree))


def test_there_is_something_to_check() -> None:
    assert len(modules()) > 100
    assert set(imported_folders(ROOT / "panels" / "drawing.py")) >= {"operators/objects"}


def test_every_folder_has_a_layer() -> None:
    assert {folder_of(path) for path in modules()} == set(HEIGHT)


def test_every_import_runs_down() -> None:
    upward = {
        f"{path.relative_to(ROOT)} imports {folder}"
        for path in modules()
        for folder in imported_folders(path)
        if folder != folder_of(path) and HEIGHT[folder] >= HEIGHT[folder_of(path)]
    }
    assert upward == set()


def test_layers_below_the_properties_do_not_read_them() -> None:
    readers = {folder_of(path) for path in modules() if semvec_attributes(path)}
    assert readers <= READERS


def test_folders_are_small() -> None:
    assert len(list((ROOT / "operators").glob("*.py"))) <= 16
    assert len(list((ROOT / "core").glob("*.py"))) <= 12
