# SPDX-License-Identifier: GPL-3.0-or-later
"""Request for the remaining error of a drawing."""

from __future__ import annotations

import numpy as np

from ..drawing import Drawing
from ..image import Image
from .payloads import image_message, save_drawing
from .process import Message, Worker
from .request import Request


class ErrorRequest(Request):
    """The error map of a drawing; sent on creation, then polled.

    Raises WorkerError where the worker is busy or has ended.
    """

    def __init__(self, worker: Worker, image: Image, drawing: Drawing) -> None:
        super().__init__(worker)
        name = f"error-of-{worker.last_id + 1}"  # an earlier request may not be read yet
        files = image_message(worker.folder, name, image)
        file = save_drawing(worker.folder, f"{name}-drawing", drawing)
        self._send("error_map", drawing=file, **files)
        self._found: np.ndarray | None = None

    @property
    def lost(self) -> bool:
        """True where the answer can no longer be received."""
        replaced = self._worker.busy or self._worker.last_id != self._id
        return self._found is None and (replaced or not self._worker.alive)

    def poll(self, seconds: float = 0.0) -> np.ndarray | None:
        """Return the map, float32 [H, W] in [0, 1]; None if it has not arrived.

        Waits at most `seconds`. Raises the worker's error.
        """
        if self._found is None:
            self._read(seconds)
        return self._found

    def _handle(self, message: Message) -> bool:
        self._found = self._array(message["map"])
        return True
