# SPDX-License-Identifier: GPL-3.0-or-later
"""Request for the saliency map of an image, before a run."""

from __future__ import annotations

import time

import numpy as np

from ..errors import WorkerError
from ..image import Image
from ..settings import Settings
from .payloads import PixelsFile, image_message
from .process import Message, Worker
from .request import Request


class SaliencyRequest(Request):
    """A saliency map that is computed by the worker; sent on creation, then polled.

    A later request to the same worker ends the wait: `lost` is then true. Raises WorkerError
    where the worker is busy or has ended.
    """

    def __init__(self, worker: Worker, image: Image | PixelsFile, settings: Settings) -> None:
        super().__init__(worker)
        name = f"saliency-of-{worker.last_id + 1}"  # an earlier request may not be read yet
        files = image_message(worker.folder, name, image)
        self._send("saliency", settings=settings.to_dict(), **files)
        self.message = "Waiting for the worker process"
        self._found: np.ndarray | None = None

    @property
    def lost(self) -> bool:
        """True where the answer can no longer be received."""
        return not self._worker.alive or self._is_replaced

    def poll(self, seconds: float = 0.0) -> np.ndarray | None:
        """Return the map, float32 [H, W] in [0, 1]; None if it has not arrived.

        Waits at most `seconds`. Raises the worker's error, and WorkerError where the worker has
        ended, does not answer, or has received another request since.
        """
        if self._is_replaced:
            raise WorkerError("The worker process has received another request.", "Ask again.")
        end = time.monotonic() + seconds
        while self._found is None:
            self._read(max(0.0, end - time.monotonic()))
            if time.monotonic() >= end:
                break
        return self._found

    def wait(self) -> np.ndarray:
        """Return the map; waits for it. Raises as `poll` does."""
        while (found := self.poll(0.1)) is None:
            pass
        return found

    def cancel(self) -> None:
        """Stop the worker's computation, if it still runs; do not poll afterwards."""
        if not self.lost:
            self._send_cancel()

    def _handle(self, message: Message) -> bool:
        if message["event"] == "saliency":
            self._found = self._array(message["map"])
            return True
        self.message = str(message["message"])
        return False

    @property
    def _is_replaced(self) -> bool:
        return self._worker.busy or self._worker.last_id != self._id
