# SPDX-License-Identifier: GPL-3.0-or-later
"""What the prompt of the panel finds in an image, for the preview: asked of the worker once."""

from __future__ import annotations

import contextlib
from typing import Any

import bpy
import numpy as np

from ...core.errors import SaliencyError, SemvecError, WorkerError
from ...core.settings import Settings
from ...core.worker.process import shared_worker
from ...core.worker.saliency_request import SaliencyRequest
from ..properties.preferences import log_file, worker_python
from ..properties.settings import settings_from
from .pixels import send_image

# What a map depends on; the drawing's other settings have no say.
_SETTINGS = ("prompt", "clip_model", "device", "resolution", "threads")


class _Search:
    """One map: asked for, then found or failed. key: what it is the map of."""

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key
        self.request: SaliencyRequest | None = None
        self.found: np.ndarray | None = None
        self.error: SemvecError | None = None

    def step(self, image: bpy.types.Image, settings: Settings, seconds: float) -> None:
        """Ask, then look for the answer, each time waiting at most `seconds`."""
        if self.found is not None or self.error is not None:
            return
        try:
            worker = shared_worker(worker_python(), log_file())
            if worker.busy:
                return
            if self.request is None or self.request.lost:
                self.request = SaliencyRequest(worker, send_image(image, worker), settings)
                if not seconds:
                    return
            self.found = self.request.poll(seconds)
        except SemvecError as error:
            self.error = error


_search: _Search | None = None


def prompted_saliency(
    image: bpy.types.Image, scene: bpy.types.Scene, seconds: float = 0.0
) -> np.ndarray:
    """The map of the panel's prompt for `image`: float32 [H, W] in [0, 1], at working size.

    Waits for it at most `seconds`. Raises SaliencyError while it is not there yet, and then
    whatever went wrong; asked for the same again, the answer is the same.
    """
    global _search
    settings = _settings_of(scene)
    key = (image.name_full, *image.size, settings)
    if _search is None or _search.key != key:
        forget_search()
        _search = _Search(key)
    _search.step(image, settings, seconds)
    if _search.error is not None:
        raise _search.error
    if _search.found is None:
        raise SaliencyError(f"Looking for: {settings.prompt}")
    return _search.found


def is_searching() -> bool:
    """Whether an answer is still to come."""
    return _search is not None and _search.found is None and _search.error is None


def forget_search() -> None:
    """Drop the last map, or stop looking for it."""
    global _search
    if _search is not None and _search.request is not None and is_searching():
        with contextlib.suppress(WorkerError):  # it has ended by itself
            _search.request.cancel()
    _search = None


def _settings_of(scene: bpy.types.Scene) -> Settings:
    """The panel's, as far as they matter here. Raises SaliencyError without a prompt."""
    shown = settings_from(scene.semvec)
    if not shown.prompt.strip():
        raise SaliencyError("The prompt is empty.", "Say what matters.")
    return Settings(**{name: getattr(shown, name) for name in _SETTINGS})
