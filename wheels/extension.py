# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of the extension: dist/semvec-VERSION.zip, and one a platform with --all.

Blender's own packer does the work, and its validator checks the results.
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


# Blender's names of the platforms that the native library is built for.
PLATFORMS = (
    "linux-x64", "linux-arm64", "macos-x64", "macos-arm64", "windows-x64", "windows-arm64",
)  # fmt: skip


def stage(folder: Path) -> None:
    """Copy the checkout into `folder`, with a manifest that lists platforms and wheels.

    The manifest itself says which files belong to the extension; only large folders are left
    out here.
    """
    left_out = shutil.ignore_patterns(".*", "__pycache__", DIST.name, "out")
    shutil.copytree(ROOT, folder, ignore=left_out, dirs_exist_ok=True)
    wheels = sorted(wheel.name for wheel in WHEELS.glob("*.whl"))
    listed = "".join(f'  "./wheels/{name}",\n' for name in wheels)
    head, permissions, tail = MANIFEST.read_text(encoding="utf-8").partition("[permissions]")
    platforms = ", ".join(f'"{name}"' for name in PLATFORMS)
    manifest = f"{head}platforms = [{platforms}]\nwheels = [\n{listed}]\n\n{permissions}{tail}"
    (folder / MANIFEST.name).write_text(manifest, encoding="utf-8")


def blender_extension_tool(*arguments: str | Path) -> None:
    """Run `blender_ext.py`, which comes with Blender and needs no running Blender."""
    bpy = importlib.util.find_spec("bpy")
    assert bpy is not None and bpy.origin is not None
    (tool,) = Path(bpy.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    subprocess.run([sys.executable, tool, *arguments], check=True)


def main() -> None:
    """Build the extension and validate it; with --all, for each platform, too."""
    DIST.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        build = ("build", "--source-dir", folder, "--output-dir", DIST)
        blender_extension_tool(*build)
        if "--all" in sys.argv[1:]:
            blender_extension_tool(*build, "--split-platforms")
    for package in sorted(DIST.glob(f"semvec-{VERSION}*.zip")):
        blender_extension_tool("validate", package)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
