# SPDX-License-Identifier: GPL-3.0-or-later
"""Background tasks of the AI engine, run in a separate process."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..errors import ModelMissingError, WorkerError
from ..models import MODELS, Model
from ..models.download import download, remove
from ..system.process import ShouldStop
from . import environment
from .install import install
from .install_progress import OnProgress
from .verify import check

INTERVAL = 0.1  # seconds between two messages

Task = Callable[[str, OnProgress, ShouldStop], str]


def run_task(name: str, subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    """Run the task of this name; returns the result as text.

    subject: the model or the Python that the task is about. Raises WorkerError for an unknown
    task, and the errors of the task.
    """
    if name not in TASKS:
        raise WorkerError(f"Unknown task: '{name}'.", f"Known are {', '.join(TASKS)}.")
    return TASKS[name](subject, _now_and_then(on_progress), should_stop)


def _install(subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    return install(subject, on_progress=on_progress, should_stop=should_stop).message


def _remove(subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    on_progress(0.0, "Removing the AI engine")
    environment.remove()
    other = environment.engine_python()
    return f"Removed; the command line's engine is used now: {other}" if other else "Removed"


def _check(subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    on_progress(0.0, "Testing the AI engine")
    found = check(subject, should_stop)
    versions = f"Python {found['python']}, PyTorch {found['torch']}, {found['device']}"
    return f"The AI engine works: {versions}"


def _download(subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    model = model_named(subject)

    def on_bytes(done: int, size: int) -> None:
        on_progress(done / size, f"{model.name}: {done / 1e6:.0f} of {size / 1e6:.0f} MB")

    on_progress(0.0, f"Downloading {model.name}")
    download(model, on_bytes, should_stop)
    return f"{model.name} is downloaded"


def _remove_model(subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    remove(model_named(subject))
    return f"{subject} is removed"


TASKS: dict[str, Task] = {
    "install": _install,
    "remove": _remove,
    "check": _check,
    "download": _download,
    "remove model": _remove_model,
}


def model_named(name: str) -> Model:
    """Return a model of the registry. Raises ModelMissingError where the name is unknown."""
    if name not in MODELS:
        raise ModelMissingError(f"There is no model '{name}'.", f"Known are {', '.join(MODELS)}.")
    return MODELS[name]


def _now_and_then(on_progress: OnProgress) -> OnProgress:
    """Return the same callback, called at most once in INTERVAL."""
    last = [-INTERVAL]

    def told(fraction: float, message: str) -> None:
        if time.monotonic() - last[0] >= INTERVAL:
            last[0] = time.monotonic()
            on_progress(fraction, message)

    return told
