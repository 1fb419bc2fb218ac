# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process of its own does for a window: installing, removing, trying, downloading."""

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

INTERVAL = 0.1  # seconds between two messages at least

Task = Callable[[str, OnProgress, ShouldStop], str]


def run_task(name: str, subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    """Run the task of this name; returns what became of it, for people.

    subject: the model that it is about, or the Python. Raises WorkerError for an unknown
    task, else what the function behind it raises.
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
    return f"Removed; the command line's is used now: {other}" if other else "Removed"


def _check(subject: str, on_progress: OnProgress, should_stop: ShouldStop) -> str:
    on_progress(0.0, "Trying AI work")
    found = check(subject, should_stop)
    return f"AI work runs on Python {found['python']}, PyTorch {found['torch']}, {found['device']}"


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
    """The model of the registry. Raises ModelMissingError where there is none of this name."""
    if name not in MODELS:
        raise ModelMissingError(f"There is no model '{name}'.", f"Known are {', '.join(MODELS)}.")
    return MODELS[name]


def _now_and_then(on_progress: OnProgress) -> OnProgress:
    """The same for a reader who can't take thousands of messages a second."""
    last = [-INTERVAL]

    def told(fraction: float, message: str) -> None:
        if time.monotonic() - last[0] >= INTERVAL:
            last[0] = time.monotonic()
            on_progress(fraction, message)

    return told
