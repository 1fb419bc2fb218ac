# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of the extension, in two editions: dist/semvec-VERSION.zip and semvec_ai-VERSION.zip.

The standard edition has all it needs, and nothing in it downloads: what Blender's extensions
platform asks for. The full edition adds prompts and SAM. With --all, there is also a package a
platform. With --repository, dist/repository becomes a static repository of the full edition.
Blender's own tool does the packing, validating and listing. The same files give the same bytes.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from semvec.core.version import MANIFEST, VERSION

WHEELS = Path(__file__).resolve().parent
ROOT = WHEELS.parent
DIST = ROOT / "dist"
REPOSITORY = DIST / "repository"

# Blender's names of the platforms that the native library is built for, with those of wheels.
PLATFORMS = {
    "linux-x64": "manylinux_2_17_x86_64",
    "linux-arm64": "manylinux_2_17_aarch64",
    "macos-x64": "macosx_11_0_x86_64",
    "macos-arm64": "macosx_11_0_arm64",
    "windows-x64": "win_amd64",
    "windows-arm64": "win_arm64",
}


class Edition(NamedTuple):
    """An edition: what its manifest says, and which files of the checkout it does without.

    permissions: those of blender_manifest.toml that it keeps. left_out: folders and files.
    """

    id: str
    name: str
    permissions: tuple[str, ...]
    left_out: tuple[str, ...] = ()


# What downloads or runs downloaded code, and the command line, which is for checkouts.
_NOT_STANDARD = (
    "core/__main__.py",
    "core/batch",
    "core/cli",
    "core/engine",
    "core/models/download.py",
    "core/models/transfer.py",
    "core/worker/background_task.py",
    "operators/ai_engine.py",
    "operators/properties/engine_status.py",
    "operators/run/engine_tasks.py",
    "panels/engine.py",
)
STANDARD = Edition("semvec", "Semvec", ("files",), _NOT_STANDARD)
FULL = Edition("semvec_ai", "Semvec AI", ("files", "network"))
EDITIONS = (STANDARD, FULL)


def stage(folder: Path, edition: Edition = STANDARD) -> None:
    """Copy what belongs to an edition into `folder`, with its manifest.

    The manifest itself says which files of a checkout don't belong to the extension; of these,
    only large folders are left out here.
    """
    shutil.copytree(ROOT, folder, ignore=_ignored(edition), dirs_exist_ok=True)
    wheels = sorted(wheel.name for wheel in WHEELS.glob("*.whl"))
    text = manifest(MANIFEST.read_text(encoding="utf-8"), edition, wheels)
    (folder / MANIFEST.name).write_text(text, encoding="utf-8")


def platforms_of(wheels: list[str]) -> list[str]:
    """Return the platforms that there is a native library for among wheels, by file names."""
    native = [name for name in wheels if name.startswith("semvec_native-")]
    return [
        name
        for name, tag in PLATFORMS.items()
        if any(wheel.endswith(f"-{tag}.whl") for wheel in native)
    ]


def manifest(text: str, edition: Edition, wheels: list[str]) -> str:
    """Return the manifest of an edition, given that of the checkout and the wheels' file names."""
    text = re.sub(r"(?m)^id = .*$", f'id = "{edition.id}"', text)
    text = re.sub(r"(?m)^name = .*$", f'name = "{edition.name}"', text)
    text = re.sub(r"(?m)^#.*\n", "", text)
    head, permissions, rest = re.split(r"(?m)^\[(?:permissions|build)\]\n", text)
    kept = [
        line
        for line in permissions.splitlines(keepends=True)
        if line.partition(" ")[0] in edition.permissions
    ]
    platforms = ", ".join(f'"{name}"' for name in platforms_of(wheels))
    listed = "".join(f'  "./wheels/{name}",\n' for name in wheels)
    return (
        f"{head.rstrip()}\nplatforms = [{platforms}]\nwheels = [\n{listed}]\n\n"
        f"[permissions]\n{''.join(kept)}\n[build]\n{rest}"
    )


def _ignored(edition: Edition) -> Callable[[str, list[str]], set[str]]:
    """Return the function that tells `copytree` what to leave out."""
    general = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", DIST.name, "out")
    left_out = {ROOT / name for name in edition.left_out}

    def ignore(folder: str, names: list[str]) -> set[str]:
        return general(folder, names) | {n for n in names if Path(folder, n) in left_out}

    return ignore


def blender_extension_tool(*arguments: str | Path) -> None:
    """Run `blender_ext.py`, which comes with Blender and needs no running Blender."""
    bpy = importlib.util.find_spec("bpy")
    assert bpy is not None and bpy.origin is not None
    (tool,) = Path(bpy.origin).parent.glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    subprocess.run([sys.executable, tool, *arguments], check=True)


def build(edition: Edition, folder: Path, split: bool = False) -> Path:
    """Pack and validate an edition into `folder`; return the package for all platforms.

    split: whether to make a package a platform as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as source:
        stage(Path(source), edition)
        command = ("build", "--source-dir", source, "--output-dir", folder)
        blender_extension_tool(*command)
        if split:
            blender_extension_tool(*command, "--split-platforms")
    for package in sorted(folder.glob(f"{edition.id}-{VERSION}*.zip")):
        normalize(package)
        blender_extension_tool("validate", package)
    return folder / f"{edition.id}-{VERSION}.zip"


def normalize(package: Path) -> None:
    """Leave the names and contents of a zip file only: no dates, permissions or order of a disk."""
    fresh = package.with_suffix(".part")
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(fresh, "w") as new:
        for entry in sorted(old.infolist(), key=lambda entry: entry.filename):
            plain = zipfile.ZipInfo(entry.filename, (2020, 1, 1, 0, 0, 0))
            plain.create_system, plain.external_attr = 3, 0o644 << 16  # as on Unix
            new.writestr(plain, old.read(entry), entry.compress_type)
    fresh.replace(package)


def make_repository(folder: Path) -> None:
    """Make a static repository of the full edition: any web server can offer these files.

    index.json is what Blender reads; index.html is for people, and has a link to drop on Blender.
    """
    shutil.rmtree(folder, ignore_errors=True)
    build(FULL, folder)
    blender_extension_tool("server-generate", "--repo-dir", folder, "--html")


def main() -> None:
    """Build what the command line asks for. Exits where a platform has no native library."""
    missing = {*PLATFORMS} - {*platforms_of([wheel.name for wheel in WHEELS.glob("*.whl")])}
    if missing:
        sys.exit(
            f"There is no native library for {', '.join(sorted(missing))}: run 'dev.py build'."
        )
    if "--repository" in sys.argv[1:]:
        make_repository(REPOSITORY)
        return
    for edition in EDITIONS:
        build(edition, DIST, split="--all" in sys.argv[1:])


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
