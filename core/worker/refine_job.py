# SPDX-License-Identifier: GPL-3.0-or-later
"""Request for a touch-up of a finished drawing."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

from ..drawing import Drawing
from ..image import Image
from ..pipeline.changes import TouchUp
from .job import DrawingJob, Finished
from .payloads import PixelsFile, image_message, save_array, save_drawing
from .process import Message, Worker


@dataclass(frozen=True)
class Refined(Finished):
    """Result of a touch-up.

    origins: for each path, its position in the given drawing, -1 for a new one. changed: whether
    it is new or differs from that.
    """

    origins: list[int] = field(default_factory=list)
    changed: list[bool] = field(default_factory=list)


class RefineJob(DrawingJob):
    """One touch-up.

    Sent on creation. drawing, image, changes, region: as `touch_up` in core/pipeline takes them.
    previews: whether `poll` returns previews. Raises WorkerError where the worker is busy or has
    ended, or its folder is full.
    """

    def __init__(
        self,
        worker: Worker,
        drawing: Drawing,
        image: Image | PixelsFile,
        changes: TouchUp,
        *,
        region: np.ndarray | None = None,
        previews: bool = False,
    ) -> None:
        super().__init__(worker)
        mask = None if region is None else save_array(worker.folder, "region", region)
        self._begin(
            "refine",
            drawing=save_drawing(worker.folder, "given", drawing),
            changes=asdict(changes),
            region=mask,
            previews=previews,
            **image_message(worker.folder, "job", image),
        )

    def _result_in(self, message: Message) -> Refined:
        origins = [int(origin) for origin in message["origins"]]
        changed = [bool(each) for each in message["changed"]]
        drawing, report = self._drawing_in(message), dict(message["report"])
        if not len(origins) == len(changed) == len(drawing.paths):
            raise ValueError("not every path has an origin")
        return Refined(drawing, report, {}, b"", origins, changed)
