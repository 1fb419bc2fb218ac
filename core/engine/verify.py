# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a Python can do AI work: it is started, and does a little of everything."""

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
    """Run the small job of trial.py on this Python, a few seconds.

    Returns what was found: "python", "torch" (versions) and "device". Raises EngineError
    with the reason where it doesn't work, and Cancelled.
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
            f"AI work doesn't run on '{python}': {reason}",
            "It must be Python 3.11 or later, with torch, torchvision, segment-anything and "
            "open_clip_torch.",
        ) from None
