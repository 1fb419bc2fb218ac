# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of style, format, spelling and types; `--fix` corrects what can be corrected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = Path(sys.executable).parent
TYPED = (
    *("__init__.py", "core", "operators", "panels", "wheels", "tools", "training"),
    *("dev.py", "demo.py"),
)
TESTS = ("tests", "benchmarks")


def package_link() -> Path:
    """Return a folder called semvec that leads to the checkout.

    mypy names a module after its path, and the root of the checkout is the package.
    """
    link = ROOT / ".venv" / "source" / "semvec"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(ROOT, target_is_directory=True)
    return link


def checks(fix: bool) -> list[list[str | Path]]:
    """Return the commands to run."""
    package = package_link()
    clang_format: list[str | Path] = [
        PROGRAMS / "clang-format",
        *(["-i"] if fix else ["--dry-run", "--Werror"]),
    ]
    return [
        [PROGRAMS / "ruff", "check", *(["--fix"] if fix else [])],
        [PROGRAMS / "ruff", "format", *([] if fix else ["--check"])],
        [*clang_format, *ROOT.glob("core/native/**/*.[ch]"), *ROOT.glob("tests/**/*.c")],
        [PROGRAMS / "codespell"],
        [PROGRAMS / "mypy", *(package / name for name in TYPED)],
        [PROGRAMS / "mypy", "--config-file", "tools/mypy_tests.ini", *TESTS],
    ]


def main() -> int:
    """Run all checks; return 1 where one of them failed."""
    commands = checks(fix="--fix" in sys.argv[1:])
    codes = [subprocess.run(command, cwd=ROOT).returncode for command in commands]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
