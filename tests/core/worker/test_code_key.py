# SPDX-License-Identifier: GPL-3.0-or-later
"""The digest of the code that makes what the cache on the disk holds."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from semvec.core.worker import code_key

CORE = Path(__file__).resolve().parents[3] / "core"
# Neither masks nor maps depend on these: messages, files, and the library that is hashed itself.
PLUMBING = ("errors.py", "version.py", "native/", "system/")


def imported_files(file: Path) -> Iterator[Path]:
    """Files of `core` that a module imports."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.ImportFrom) and node.level):
            continue
        folder = file.parents[node.level - 1].joinpath(*(node.module or "").split("."))
        for name in ("", *(alias.name for alias in node.names)):
            module = folder / name if name else folder
            yield from (each for each in (module.with_suffix(".py"),) if each.is_file())


def test_everything_that_masks_and_saliency_are_made_by_is_hashed() -> None:
    hashed = {*code_key.hashed_files(CORE)}
    waiting = [*CORE.glob("segmentation/*.py"), *CORE.glob("saliency/*.py")]
    seen: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file not in seen:
            seen.add(file)
            waiting += imported_files(file)
    names = {file.relative_to(CORE).as_posix() for file in seen - hashed}
    assert len(seen) > 30 and [name for name in names if not name.startswith(PLUMBING)] == []


@pytest.mark.parametrize("name", ["segmentation/partition.py", "saliency/contrast.py", "image.py"])
def test_other_code_gives_another_key(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = tmp_path / "core"
    shutil.copytree(CORE, core, ignore=shutil.ignore_patterns("__pycache__", "native"))
    monkeypatch.setattr(code_key, "_CORE", core)
    first = code_key.code_key.__wrapped__()
    assert code_key.code_key.__wrapped__() == first
    (core / name).write_bytes((core / name).read_bytes() + b"\n# changed\n")
    assert code_key.code_key.__wrapped__() != first
