# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency found by the sources that the panel's guidance names, requested from the worker."""

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
from ..properties.runtime import RUNTIME
from ..properties.settings import settings_from
from .guidance import chosen_sources, missing_input, switches
from .image_part import Part, part_in
from .pixels import send_image


class _Search:
    """Search for one map: waiting, found or failed. key: what the map depends on."""

    def __init__(self, key: tuple[Any, ...]) -> None:
        self.key = key
        self.request: SaliencyRequest | None = None
        self.found: np.ndarray | None = None
        self.error: SemvecError | None = None

    def step(self, image: bpy.types.Image, part: Part, settings: Settings, seconds: float) -> None:
        """Send the request if it is not sent yet, and wait up to `seconds` for the answer."""
        if self.found is not None or self.error is not None:
            return
        try:
            worker = shared_worker(worker_python(), log_file())
            if worker.busy:
                return
            if self.request is None or self.request.lost:
                picture = send_image(image, worker, part)
                self.request = SaliencyRequest(worker, picture, settings)
                if not seconds:
                    return
            self.found = self.request.poll(seconds)
        except SemvecError as error:
            self.error = error


def found_saliency(
    image: bpy.types.Image, scene: bpy.types.Scene, seconds: float = 0.0
) -> np.ndarray:
    """Return what the panel's sources find in `image`: float32 [H, W] in [0, 1], working size.

    Waits up to `seconds`. Raises SaliencyError while the map is not there yet, and the error of
    a search that has failed, until something changes that the map depends on.
    """
    settings = _settings_of(scene.semvec)
    part = part_in(scene, image)
    key = (image.name_full, *image.size, part, settings)
    search = RUNTIME.search
    if search is None or search.key != key:
        forget_search()
        search = RUNTIME.search = _Search(key)
    search.step(image, part, settings, seconds)
    if search.error is not None:
        raise search.error
    if search.found is None:
        raise SaliencyError(_progress_message(scene.semvec))
    return search.found


def is_searching() -> bool:
    """Return whether an answer of the worker is pending."""
    search = RUNTIME.search
    return search is not None and search.found is None and search.error is None


def forget_search() -> None:
    """Drop the last map, or cancel the search for it."""
    search = RUNTIME.search
    if search is not None and search.request is not None and is_searching():
        with contextlib.suppress(WorkerError):  # it has ended by itself
            search.request.cancel()
    RUNTIME.search = None


def _settings_of(panel: Any) -> Settings:
    """Return default settings but for those that the chosen sources take.

    Raises SaliencyError for a source without input, and if no source is available.
    """
    empty = missing_input(panel)
    if empty is not None:
        raise SaliencyError(f"The {empty.title.lower()} is empty.", "Describe what matters.")
    reasons = [source.why_unavailable() for source in chosen_sources(panel)]
    if all(reasons):
        raise SaliencyError(f"{reasons[0]}.")
    shown = settings_from(panel)
    names = {
        name for source in chosen_sources(panel) for name in (*source.settings, *source.resources)
    }
    values = {name: getattr(shown, name) for name in ("resolution", *names)}
    return Settings(**{**values, **switches(panel)})


def _progress_message(panel: Any) -> str:
    """Return the message while the sources search, with the text of those that have one."""
    values = [getattr(panel, source.switch) for source in chosen_sources(panel)]
    texts = [value for value in values if isinstance(value, str)]
    return f"Looking for: {', '.join(texts)}" if texts else "Looking for what matters"
