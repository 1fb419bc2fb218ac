# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that are run with their output line by line, and ended with their children."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from semvec.core.errors import Cancelled, EngineError
from semvec.core.system.process import run


def test_lines_and_the_end_of_a_program() -> None:
    lines: list[str | None] = []
    program = "import sys; print('one\\rtwo', flush=True); print('three', file=sys.stderr)"
    run([sys.executable, "-c", program], lines.append, lambda: False)
    assert [line for line in lines if line] == ["one", "two", "three"]


def test_a_program_that_fails_has_the_last_word() -> None:
    with pytest.raises(EngineError, match="the reason"):
        run([sys.executable, "-c", "import sys; sys.exit('the reason')"], print, lambda: False)


@pytest.mark.skipif(os.name == "nt", reason="the environment's Python is in a job there")
def test_stopping_ends_grandchildren(tmp_path: Path) -> None:
    alive = tmp_path / "alive"
    grandchild = (
        f"import time, pathlib\nwhile True: pathlib.Path({str(alive)!r}).touch(); time.sleep(.05)"
    )
    program = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {grandchild!r}])"
    with pytest.raises(Cancelled):
        run([sys.executable, "-c", program], print, alive.exists)
    time.sleep(0.3)
    alive.unlink()
    time.sleep(0.3)
    assert not alive.exists()
