# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect exactly the wheels that the extension ships in this folder.

The native library is built for all platforms; pure-Python wheels are downloaded and
checked against the hashes in locked.txt. Existing wheels are kept. With --release, the native
library gets the plain version of semvec.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from semvec.core.native.build import PLATFORMS, build_wheel

FOLDER = Path(__file__).resolve().parent
LOCK = FOLDER / "locked.txt"


def native_wheels(release: bool = False) -> list[Path]:
    """Build the native library's wheels for all platforms in parallel."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda platform: build_wheel(platform, FOLDER, release), PLATFORMS))


def locked_wheels() -> list[Path]:
    """Return the wheels of locked.txt; missing ones are downloaded."""
    hashes = re.findall(r"--hash=sha256:([0-9a-f]{64})", LOCK.read_text(encoding="utf-8"))
    found = _by_hash()
    if not set(hashes) <= set(found):
        options = ["-qq", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        command: list[str | Path] = [sys.executable, "-m", "pip", "download", *options]
        command += ["-r", LOCK, "-d", FOLDER]
        subprocess.run(command, check=True)
        found = _by_hash()
    return [found[digest] for digest in hashes]


def _by_hash() -> dict[str, Path]:
    return {hashlib.sha256(wheel.read_bytes()).hexdigest(): wheel for wheel in FOLDER.glob("*.whl")}


def main() -> None:
    """Build and download wheels, then remove all others."""
    shipped = {*native_wheels("--release" in sys.argv[1:]), *locked_wheels()}
    for wheel in set(FOLDER.glob("*.whl")) - shipped:
        wheel.unlink()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
