# SPDX-License-Identifier: GPL-3.0-or-later
"""Check of a Python program that the user chose for the worker."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ..errors import WorkerError

OLDEST = (3, 11)

_PROGRAM = "import sys, numpy; print(*sys.version_info[:3], numpy.__version__)"
_LIMIT = 20.0  # seconds


def check_python(python: str) -> str:
    """Return its version as text. Raises WorkerError where the worker can't run on it."""
    if not Path(python).is_file():
        raise WorkerError(
            f"There is no program '{python}'.", "Choose the file python or python.exe."
        )
    try:
        done = subprocess.run(
            [python, "-I", "-c", _PROGRAM],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WorkerError(
            f"'{python}' can't be run: {error}.", "Choose another program."
        ) from error
    if done.returncode != 0:
        last_words = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise WorkerError(f"'{python}' has no numpy ({last_words}).", "Install numpy there.")
    return _described(python, done.stdout.split())


def _described(python: str, words: list[str]) -> str:
    try:
        version, numpy = tuple(map(int, words[:3])), words[3]
    except (ValueError, IndexError):
        raise WorkerError(f"'{python}' is not Python.", "Choose another program.") from None
    text = ".".join(map(str, version))
    if version < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise WorkerError(f"'{python}' is Python {text}.", f"Python {oldest} or later is needed.")
    return f"Python {text} with numpy {numpy}"
