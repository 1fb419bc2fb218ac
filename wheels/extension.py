# SPDX-License-Identifier: GPL-3.0-or-later
"""Packs the checkout and the wheels of this folder into dist/semvec-VERSION.zip.

Blender's own packer does the work, and its validator checks the result.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from semvec.core.version import MANIFEST, VERSION

WHEELS = Path(__file__).resolve().parent
ROOT = WHEELS.parent
DIST = ROOT / "dist"


def stage(folder: Path) -> None:
    """Copy the checkout into `folder`, with a manifest that lists the wheels.

    Which of the files belong to the extension is said in the manifest; what is left out
    here is only large.
    """
    left_out = shutil.ignore_patterns(".*", "__pycache__", DIST.name, "out")
    shutil.copytree(ROOT, folder, ignore=left_out, dirs_exist_ok=True)
    wheels = sorted(wheel.name for wheel in WHEELS.glob("*.whl"))
    listed = "".join(f'  "./wheels/{name}",\n' for name in wheels)
    head, permissions, tail = MANIFEST.read_text(encoding="utf-8").partition("[permissions]")
    manifest = f"{head}wheels = [\n{listed}]\n\n{permissions}{tail}"
    (folder / MANIFEST.name).write_text(manifest, encoding="utf-8")


def blender_extension_tool(*arguments: str | Path) -> None:
    """Run `blender_ext.py`, which comes with Blender and needs no running Blender."""
    bpy = importlib.util.find_spec("bpy")
    assert bpy is not None and bpy.origin is not None
    (tool,) = Path(bpy.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    subprocess.run([sys.executable, tool, *arguments], check=True)


def main() -> None:
    """Build the extension and validate it."""
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        blender_extension_tool("build", "--source-dir", folder, "--output-dir", DIST)
    blender_extension_tool("validate", DIST / f"semvec-{VERSION}.zip")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
