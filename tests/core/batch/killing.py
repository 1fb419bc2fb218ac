# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for run_tasks in another process: the image of frame 2 kills that process."""

from __future__ import annotations

import os
import signal

from semvec.core.batch.picture import Record, Task, run_tasks


def kill_or_run(chunk: list[Task]) -> list[Record]:
    if "0002" in chunk[0].image:
        os.kill(os.getpid(), signal.SIGKILL)
    return run_tasks(chunk)
