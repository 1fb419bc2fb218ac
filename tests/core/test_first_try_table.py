# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of docs/first_try.md: each defect has tests, and all of them exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = re.findall(
    r"^\| (\d+) \|.*\|(.*)\|$", (ROOT / "docs" / "first_try.md").read_text(encoding="utf-8"), re.M
)


def test_all_twenty_are_there() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, 21))


@pytest.mark.parametrize(("number", "tests"), ROWS)
def test_the_tests_of_a_defect_exist(number: str, tests: str) -> None:
    names = re.findall(r"`([^`]+)::([^`]+)`", tests)
    assert names, f"defect {number} has no test"
    for path, name in names:
        tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
