# SPDX-License-Identifier: GPL-3.0-or-later
"""Request for one level of detail of a finished drawing."""

from __future__ import annotations

import numpy as np

from ..drawing import Drawing
from .payloads import save_array
from .process import Message, Worker
from .request import Request


class LevelRequest(Request):
    """A level of detail; sent on creation. `drawing` is None until it has arrived.

    levels: the `levels` of a `Finished`. Raises WorkerError where the worker is busy or has ended.
    """

    def __init__(
        self, worker: Worker, levels: bytes, regions: int, width: float, height: float
    ) -> None:
        super().__init__(worker)
        self.drawing: Drawing | None = None
        file = save_array(worker.folder, "levels", np.frombuffer(levels, np.uint8))
        self._send("level", levels=file, regions=regions, width=width, height=height)

    def wait(self) -> Drawing:
        """Return the structural paths; takes well under 1 s.

        Raises WorkerError, and MaskError for damaged levels.
        """
        while self.drawing is None:
            self._read(0.1)
        return self.drawing

    def _handle(self, message: Message) -> bool:
        self.drawing = self._drawing(message["drawing"])
        return True


def request_level(
    worker: Worker, levels: bytes, regions: int, width: float, height: float
) -> Drawing:
    """Return the structural paths at the level of `regions` regions. Raises as `LevelRequest`."""
    return LevelRequest(worker, levels, regions, width, height).wait()
