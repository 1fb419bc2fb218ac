# SPDX-License-Identifier: GPL-3.0-or-later
"""Language and size of the code: docstrings that name things, functions that fit a screen."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "core",
    "operators",
    "panels",
    "wheels",
    "tools",
    "training",
    "tests",
    "benchmarks",
    "presets",
)
QUESTIONS = {"What", "How", "Whether", "Where", "Why", "Who", "Which", "When"}
LONGEST_FUNCTION = 60  # lines

Definition = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def sources() -> list[Path]:
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return sorted([*files, *ROOT.glob("*.py")])


def definitions(path: Path) -> Iterator[ast.Module | ast.ClassDef | ast.FunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Definition):
            yield node


def opens_with_a_question(docstring: str | None) -> bool:
    words = (docstring or "").split()
    return bool(words) and words[0].strip(",.:") in QUESTIONS


@pytest.mark.parametrize("text", ["What it is.", "Where: there.", "Whether, or not."])
def test_a_question_is_recognized(text: str) -> None:
    assert opens_with_a_question(text)
    assert not opens_with_a_question("Whatever it is.")


def test_no_docstring_opens_with_a_question() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {getattr(node, 'name', 'module')}"
        for path in sources()
        for node in definitions(path)
        if opens_with_a_question(ast.get_docstring(node))
    ]
    assert found == []


def test_every_module_has_a_docstring() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        and "presets" not in path.parts
        and path.name != "__init__.py"  # whose folder speaks for itself
    ]
    assert silent == []


def test_no_function_is_longer_than_a_screen() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sources()
        for node in definitions(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert found == []


@pytest.mark.parametrize(("folder", "most"), [("operators", 15), ("core", 12)])
def test_a_root_folder_holds_few_files(folder: str, most: int) -> None:
    assert len(list((ROOT / folder).glob("*.py"))) <= most
