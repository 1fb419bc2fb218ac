# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch's task without its work: as large as a real one, for what carrying it costs.

It is a module of its own so that workers import it, as they import the real function.
"""

from __future__ import annotations

from typing import Any

from semvec.core.batch.picture import Record, Task

_REPORT: dict[str, Any] = {
    "version": "0.0.0", "kind": "photo", "paths": 8, "nodes": 64, "structural": 4, "detail": 4,
    "psnr": 20.0, "budget_used": 8, "notes": [], "refined_on": "cpu", "stopped": False,
    "transparency": "opaque", "seconds": dict.fromkeys(("tracing", "refinement", "finishing"), 0.1),
}  # fmt: skip
_DRAWING = bytes(range(256)) * 12  # bytes of a drawing with 8 shapes


def no_operation(tasks: list[Task]) -> list[Record]:
    """Return records of the usual size, with a drawing where the image came as bytes."""
    return [
        Record(
            task.image, task.svg, "done", report={**_REPORT, "settings": task.settings},
            data=None if task.content is None else _DRAWING,
        )
        for task in tasks
    ]  # fmt: skip
