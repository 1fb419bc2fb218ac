# SPDX-License-Identifier: GPL-3.0-or-later
"""What matters in an image, asked of the worker process before a run. No bpy here."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from ..errors import WorkerError
from ..image import Image
from ..settings import Settings
from .job import SILENCE_LIMIT, error_in
from .payloads import PixelsFile, image_message, load_array
from .process import Message, Worker


class SaliencyRequest:
    """Asks when it is made; poll it until the map is there.

    A job has the worker for itself: whatever is asked of it later ends the wait, and `lost`
    says so. Raises WorkerError where the worker is busy or has ended.
    """

    def __init__(self, worker: Worker, image: Image | PixelsFile, settings: Settings) -> None:
        if worker.busy:
            raise WorkerError("An image is being vectorized.", "Wait until it is done.")
        self._worker = worker
        name = f"saliency-of-{worker.last_id + 1}"  # an earlier request may wait for its own
        files = image_message(worker.folder, name, image)
        self._id = worker.send("saliency", settings=settings.to_dict(), **files)
        self._deadline = time.monotonic() + SILENCE_LIMIT
        self.message = "Waiting for the worker process"

    @property
    def lost(self) -> bool:
        """Whether the answer can't be received any more."""
        return self._worker.busy or not self._worker.alive or self._worker.last_id != self._id

    def poll(self, seconds: float = 0.0) -> np.ndarray | None:
        """The map float32 [H, W] in [0, 1], waited for at most `seconds`; None until it is there.

        Raises the worker's error, and WorkerError where it has ended, hangs or is `lost`.
        """
        if self._worker.busy or self._worker.last_id != self._id:
            raise WorkerError("Something else was asked of the worker process.", "Ask again.")
        while (message := self._worker.receive(seconds)) is not None:
            self._deadline = time.monotonic() + SILENCE_LIMIT
            if message.get("id") != self._id:
                continue  # left over from earlier
            if message["event"] == "error":
                raise error_in(message)
            if message["event"] == "saliency":
                return self._take(message)
            self.message = str(message.get("message", self.message))
        if time.monotonic() > self._deadline:
            raise self._worker.failure("The worker process doesn't answer any more.")
        return None

    def wait(self) -> np.ndarray:
        """The map; waits for it. Raises as `poll` does."""
        while True:
            found = self.poll(0.1)
            if found is not None:
                return found

    def cancel(self) -> None:
        """Have the worker stop, where it still can; the answer is not wanted any more."""
        if not self.lost:
            self._worker.send("cancel", job=self._id)

    def _take(self, message: Message) -> np.ndarray:
        file: Any = message.get("map")
        try:
            found = load_array(self._worker.folder, file)
        except WorkerError as error:
            raise self._worker.failure(error.message) from error
        (self._worker.folder / file).unlink()
        return found
