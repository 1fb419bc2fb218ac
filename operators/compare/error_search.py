# SPDX-License-Identifier: GPL-3.0-or-later
"""The remaining error of a drawing as it is now, requested from the worker after each change."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ...core.errors import SemvecError
from ...core.image import Image
from ...core.worker.error_request import ErrorRequest
from ...core.worker.process import shared_worker
from ..objects.collection import read_drawing
from ..properties.preferences import log_file, worker_python


class ErrorSearch:
    """The latest error map of one drawing. message: why there is none; empty otherwise."""

    def __init__(self) -> None:
        self.found: np.ndarray | None = None
        self.message = "Measuring the difference"
        self._outdated = True
        self._request: ErrorRequest | None = None

    def note_change(self) -> None:
        """Measure again: the drawing has changed."""
        self._outdated = True

    def step(self, collection: bpy.types.Collection, source: Image) -> bool:
        """Take an answer that has arrived, or ask anew; returns whether anything is new."""
        try:
            if self._request is not None:
                return self._take_answer(self._request)
            if self._outdated:
                self._ask(collection, source)
        except SemvecError as error:
            self._request, self._outdated = None, False
            self.found, self.message = None, str(error)
            return True
        return False

    def _take_answer(self, request: ErrorRequest) -> bool:
        if request.lost:  # a run was started meanwhile
            self._request, self._outdated = None, True
            return False
        found = request.poll()
        if found is None:
            return False
        self._request, self.found, self.message = None, found, ""
        return True

    def _ask(self, collection: bpy.types.Collection, source: Image) -> None:
        worker: Any = shared_worker(worker_python(), log_file())
        if worker.busy:  # with a run, which comes first
            return
        self._request = ErrorRequest(worker, source, read_drawing(collection))
        self._outdated = False
