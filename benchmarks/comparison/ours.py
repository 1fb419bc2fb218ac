# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec itself, its paper's plain Stage III, and semvec with its parts changed one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from semvec.core.image import Image
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.settings import Settings

from .task import Answer, Task

Draw = Callable[[Task], Answer]


def ours(
    guided: bool = False,
    masked: bool = False,
    prompted: bool = False,
    plain: bool = False,
    schedule: dict[str, Any] | None = None,
    **settings: Any,
) -> Draw:
    """semvec with these settings, and fields of its schedule or its weights changed.

    plain: the paper's Stage III. guided: by the task's salient segment. masked: by a
    person's segments in place of the built-in masks. prompted: by the task's prompt, for
    which the AI engine and CLIP must be installed.
    """

    def draw(task: Task) -> Answer:
        wanted = Settings(
            budget=task.budget,
            exact=True,
            resolution=max(task.image.shape[:2]),
            seed=task.seed,
            threads=task.threads,
            refinement="published" if plain else "clean",
            prompt=task.prompt if prompted else "",
            **{"iterations": task.iterations(Settings().iterations), **settings},
        )
        if guided and task.salient is None:
            raise ValueError("this photograph has no segment to paint as salient")
        if masked and task.labels is None:
            raise ValueError("this photograph has no human segmentation")
        if prompted and not task.prompt:
            raise ValueError("no .txt file beside this photograph says what matters in it")
        given = {
            "saliency": task.salient.astype(np.float32) if guided else None,
            "masks": task.labels if masked else None,
        }
        with _changed(schedule or {}):
            result = pipeline.vectorize(Image(task.image), wanted, **given)
        return Answer(result.drawing)

    return draw


@contextmanager
def _changed(changes: dict[str, Any]) -> Iterator[None]:
    """Return the pipeline with another clean schedule, in this process and for now.

    What "simple" switches off, the last repair of outlines does too.
    """
    schedule, repaired = pipeline.CLEAN, pipeline.repaired
    pipeline.CLEAN = _replaced(schedule, changes)
    if changes.get("simple") is False:
        pipeline.repaired = lambda drawing: drawing
    try:
        yield
    finally:
        pipeline.CLEAN, pipeline.repaired = schedule, repaired


def _replaced(options: Any, changes: dict[str, Any]) -> Any:
    """Return a dataclass with these fields changed, wherever in it they are."""
    own = {field.name: getattr(options, field.name) for field in fields(options)}
    new = {name: changes[name] for name in own if name in changes}
    nested = {name: _replaced(value, changes) for name, value in own.items() if is_dataclass(value)}
    return replace(options, **new, **nested)


def has(name: str) -> bool:
    """Tell whether the clean schedule, or its weights, have a field of this name."""
    schedule = pipeline.CLEAN
    return any(field.name == name for field in [*fields(schedule), *fields(schedule.weights)])
