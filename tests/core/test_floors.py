# SPDX-License-Identifier: GPL-3.0-or-later
"""Floors of the house: a room imports only rooms that stand below it, and itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Top down. Rooms of one floor don't know each other; modules without a folder of their own are
# in the room of the folder that they are in.
FLOORS: tuple[tuple[str, ...], ...] = (
    (".",),
    ("panels",),
    ("operators",),
    ("operators/editing", "operators/compare"),
    ("operators/run", "operators/inputs"),
    ("operators/properties",),
    ("operators/objects",),
    ("operators/blender",),
    ("core/cli", "core/api.py"),
    ("core/batch",),
    ("core/sequence",),
    ("core/worker",),
    ("core/engine",),
    ("core/pipeline",),
    ("core/lines",),
    ("core/simplification",),
    ("core/refinement", "core/clustering", "core/flat"),
    ("core/saliency",),
    ("core/segmentation",),
    ("core/rendering", "core/tracing", "core/svg", "core/models"),
    ("core/native",),
    ("core/strokes",),
    ("core",),
    ("core/system", "core/decoding"),
    ("core/errors.py",),
)
HEIGHT = {room: -floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Modules that are in another room than their folder says.
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


def room_of(path: Path) -> str:
    """The room that a module of the package is in: of two folders at most."""
    name = path.relative_to(ROOT)
    return ELSEWHERE.get(name.as_posix(), Path(*name.parent.parts[:2]).as_posix())


def imported_rooms(path: Path) -> Iterator[str]:
    """The rooms that a module imports from, wherever the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for alias in node.names:
                target = base / alias.name if base.is_dir() else base
                module = target / "__init__.py" if target.is_dir() else target.with_suffix(".py")
                yield room_of(module)


def semvec_attributes(path: Path) -> int:
    """Count the reads of an attribute called `semvec` in a module."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return sum(isinstance(n, ast.Attribute) and n.attr == "semvec" for n in ast.walk(tree))


def test_there_is_something_to_check() -> None:
    assert len(modules()) > 100
    assert set(imported_rooms(ROOT / "panels" / "drawing.py")) >= {"operators/objects"}


def test_every_room_has_a_floor() -> None:
    assert {room_of(path) for path in modules()} == set(HEIGHT)


def test_every_import_runs_down() -> None:
    upward = {
        f"{path.relative_to(ROOT)} imports {room}"
        for path in modules()
        for room in imported_rooms(path)
        if room != room_of(path) and HEIGHT[room] >= HEIGHT[room_of(path)]
    }
    assert upward == set()


def test_what_stands_below_the_properties_does_not_read_them() -> None:
    readers = {room_of(path) for path in modules() if semvec_attributes(path)}
    assert readers <= READERS


def test_folders_are_small() -> None:
    assert len(list((ROOT / "operators").glob("*.py"))) <= 16
    assert len(list((ROOT / "core").glob("*.py"))) <= 12
