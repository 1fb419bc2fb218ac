# SPDX-License-Identifier: GPL-3.0-or-later
"""One level of detail, asked of the worker process. No bpy here."""

from __future__ import annotations

import time

import numpy as np

from ..drawing import Drawing
from ..errors import WorkerError
from .job import HELLO_LIMIT, error_in, take_drawing
from .payloads import save_array
from .process import Worker


def request_level(
    worker: Worker, levels: bytes, regions: int, width: float, height: float
) -> Drawing:
    """The structural paths at the level of so many regions; waits for them, well under 1 s.

    levels: of a `Finished`. Raises WorkerError, where a job runs as well, and MaskError.
    """
    if worker.busy:
        raise WorkerError("An image is being vectorized.", "Wait until it is done, or cancel it.")
    file = save_array(worker.folder, "levels", np.frombuffer(levels, np.uint8))
    identifier = worker.send("level", levels=file, regions=regions, width=width, height=height)
    deadline = time.monotonic() + HELLO_LIMIT
    while time.monotonic() < deadline:
        message = worker.receive(0.1)
        if message is None or message.get("id") != identifier:
            continue
        if message["event"] == "error":
            raise error_in(message)
        if "drawing" in message:
            return take_drawing(worker, message)
    raise worker.failure("The worker process doesn't answer any more.")
