# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that run our modules on another Python."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from semvec.core.engine.environment import python_in
from semvec.core.system.launch import command


def test_a_python_without_packages_imports_the_bundled_ones(tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    python = python_in(tmp_path / "bare")
    arguments = command(str(python), "core.version", "one", niceness=0)
    program = (
        "import sys\nassert sys.argv == ['core.version', 'one']\nimport filelock, platformdirs"
    )
    arguments[3] += f"\n{program}; print(filelock.FileLock.__name__, end='')"
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.stderr == "" and done.stdout.endswith("FileLock")
    assert subprocess.run([python, "-I", "-c", "import filelock"], capture_output=True).returncode


def test_the_package_is_found_under_its_own_name() -> None:
    arguments = command(sys.executable, "core.version")
    arguments[3] += "\nimport semvec.core.version; print(semvec.core.version.VERSION)"
    done = subprocess.run(arguments, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.strip()
