# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that Blender has removed, or will, is used without a look at the version before it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bpy
import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for folder in ("operators", "panels")
    for path in (ROOT / folder).rglob("*.py")
)  # fmt: skip

# Names by the release without them: those that no other type has with another meaning.
REMOVED = {
    "5.0": {"bgl", "grease_pencils_v3", "fcurves", "id_root"},
    "6.0": {
        "use_nodes", "show_fill", "show_stroke",
        "frame_final_duration", "frame_final_start", "frame_final_end",
        "frame_offset_start", "frame_offset_end",
        "animation_offset_start", "animation_offset_end",
    },
}  # fmt: skip
NAMES = set().union(*REMOVED.values())
# Of types that keep them.
KEPT = {"frame_start", "frame_duration"}


def uses(source: str) -> Iterator[str]:
    """Yield each use of those names outside of functions that ask what this Blender knows."""
    tree = ast.parse(source)
    asking = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.Lambda) and asks_for_version(node)
    ]
    allowed = {id(node) for function in asking for node in ast.walk(function)}
    for node in ast.walk(tree):
        names = {
            ast.Attribute: lambda each: [each.attr],
            ast.Import: lambda each: [alias.name for alias in each.names],
            ast.keyword: lambda each: [each.arg],
        }.get(type(node), lambda _: [])(node)
        yield from (name for name in names if name in NAMES and id(node) not in allowed)


def asks_for_version(function: ast.AST) -> bool:
    """Return whether a function compares Blender's version, or looks for an attribute."""
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and "bpy.app.version" in ast.unparse(node):
            return True
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "hasattr":
            return True
    return False


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_deprecated_is_used_unasked(path: Path) -> None:
    assert list(uses(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def f(m):\n    m.use_nodes = True", ["use_nodes"]),
        ("import bgl", ["bgl"]),
        ("def f(m):\n    if bpy.app.version < (5, 0, 0):\n        m.use_nodes = True", []),
        ("def f(m):\n    return m.fill_id if hasattr(m, 'fill_id') else m.show_fill", []),
    ],
)
def test_a_use_is_found(source: str, found: list[str]) -> None:
    assert list(uses(source)) == found


def test_the_list_has_all_that_this_blender_will_lose() -> None:
    """Blender 5.2 knows what of it is deprecated; before, all of that is still there."""
    has: dict[str, set[bool]] = {}
    for name in dir(bpy.types):
        rna = getattr(getattr(bpy.types, name), "bl_rna", None)
        for item in rna.properties if rna else ():
            has.setdefault(item.identifier, set()).add(getattr(item, "is_deprecated", False))
    if bpy.app.version >= (5, 2, 0):
        lost = {name for name, states in has.items() if True in states}
        assert lost - KEPT == REMOVED["6.0"]
    else:
        assert REMOVED["6.0"] <= set(has)
