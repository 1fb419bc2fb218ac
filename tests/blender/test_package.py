# SPDX-License-Identifier: GPL-3.0-or-later
"""The built zip, in a Blender of its own: installs, works, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from semvec.core.version import VERSION
from semvec.wheels.extension import blender_extension_tool, stage


def build(folder: Path) -> Path:
    """The zip of this checkout, with the wheels that are there."""
    stage(folder / "source")
    blender_extension_tool("build", "--source-dir", folder / "source", "--output-dir", folder)
    zip_file = folder / f"semvec-{VERSION}.zip"
    blender_extension_tool("validate", zip_file)
    return zip_file


def try_out(zip_file: Path, resources: Path) -> dict[str, Any]:
    """Return the findings of installed_extension.py in a Blender without semvec."""
    resources.mkdir()
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("installed_extension.py"), zip_file],
        env=os.environ | {"BLENDER_USER_RESOURCES": str(resources)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("FOUND "))
    return json.loads(line.removeprefix("FOUND "))


def test_the_zip_installs_works_and_leaves_nothing(tmp_path: Path) -> None:
    resources = tmp_path / "resources"
    found = try_out(build(tmp_path), resources)

    assert found["before"] == [] and found["enabled"]
    own = {Path(name).parts[2] for name in found["installed"] if name.startswith("user_default")}
    assert "__init__.py" in own
    sources = {"tests", "benchmarks", "docs", "training", "dev.py", "demo.py", ".venv", ".git"}
    assert not own & sources

    # It works, with its own code and its own native library.
    assert found["result"] == ["FINISHED"] and found["curves"] == 6
    origins = {name: Path(path) for name, path in json.loads(found["command"][4]).items()}
    folder = resources / "extensions" / "user_default" / "semvec"
    assert origins["semvec"] == folder / "__init__.py"
    assert str(origins["semvec_native"]) == found["native"]
    assert origins["semvec_native"].is_relative_to(resources / "extensions" / ".local")
    assert "There is no image 'nothing'" in found["error"]

    # Disabling ends the worker; enabling brings it back.
    assert not found["worker_alive"] and found["curves_again"] == 5

    assert found["after"] == [] and not found["operator_left"]
    assert not found["worker_alive_after"] and not found["worker_folder_after"]
