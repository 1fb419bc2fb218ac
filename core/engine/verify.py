# SPDX-License-Identifier: GPL-3.0-or-later
"""Test of a Python for AI features: a short process that uses all of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..errors import Cancelled, EngineError
from ..system.launch import command
from ..system.process import run

OLDEST = (3, 11)
ANSWER = "semvec-engine: "  # before the JSON on the line with the result


def check(python: str, should_stop: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    """Run self_test.py on this Python, for a few seconds.

    Returns "python", "torch" (versions) and "device". Raises EngineError with the reason where
    the test fails, and Cancelled.
    """
    if not Path(python).is_file():
        raise EngineError(f"There is no program '{python}'.", "Choose the file of a Python.")
    answers: list[str] = []

    def on_line(line: str | None) -> None:
        if line is not None and line.startswith(ANSWER):
            answers.append(line.removeprefix(ANSWER))

    try:
        run(command(python, "core.engine.self_test"), on_line, should_stop)
        found = json.loads(answers[-1])
        return {key: str(found[key]) for key in ("python", "torch", "device")}
    except Cancelled:
        raise
    except (EngineError, IndexError, KeyError, TypeError, ValueError) as error:
        reason = getattr(error, "message", "it gave no answer.").rpartition(" | ")[2]
        raise EngineError(
            f"AI features do not run on '{python}': {reason}",
            "Choose Python 3.11 or later with torch 2.6 or later, torchvision, segment-anything "
            "and open_clip_torch.",
        ) from None
