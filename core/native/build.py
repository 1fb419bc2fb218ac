# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the wheel `semvec_native` with the C compiler that `ziglang` brings along.

    python -m semvec.core.native.build OUTPUT_FOLDER [PLATFORM ...]

One machine builds for all: zig is a cross-compiler for every platform below.
"""

from __future__ import annotations

import hashlib
import base64
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

VERSION = "0.1.0"
SOURCES = Path(__file__).parent

# wheel platform -> (zig target, name of the shared object)
PLATFORMS = {
    "manylinux_2_17_x86_64": ("x86_64-linux-gnu.2.17", "libsemvec.so"),
    "manylinux_2_17_aarch64": ("aarch64-linux-gnu.2.17", "libsemvec.so"),
    "macosx_11_0_x86_64": ("x86_64-macos.11.0", "libsemvec.dylib"),
    "macosx_11_0_arm64": ("aarch64-macos.11.0", "libsemvec.dylib"),
    "win_amd64": ("x86_64-windows-gnu", "semvec.dll"),
    "win_arm64": ("aarch64-windows-gnu", "semvec.dll"),
}

# No fast-math (NaN is handled) and no fused multiply-add (same bytes on every processor).
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno", "-Wall", "-Wextra", "-Werror"]


def host_platform() -> str:
    """The wheel platform of this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(
        name := sysconfig.get_platform().rsplit("-", 1)[-1].lower(), name
    )
    if sys.platform == "win32":
        return "win_arm64" if machine == "aarch64" else "win_amd64"
    if sys.platform == "darwin":
        return "macosx_11_0_arm64" if machine == "aarch64" else "macosx_11_0_x86_64"
    return f"manylinux_2_17_{machine}"


def compile_library(platform: str, output: Path) -> None:
    """Compile all C sources for `platform` into the shared object `output`."""
    target, _ = PLATFORMS[platform]
    sources = sorted(str(source) for source in SOURCES.glob("*.c"))
    command = [sys.executable, "-m", "ziglang", "cc", "-target", target, *FLAGS, "-shared", "-s"]
    if "windows" not in target:
        command += ["-fPIC", "-pthread", "-lm"]
    subprocess.run([*command, "-o", str(output), *sources], check=True)


def build_wheel(platform: str, folder: Path) -> Path:
    """Build `semvec_native-VERSION-py3-none-PLATFORM.whl` in `folder` and return its path."""
    _, library_name = PLATFORMS[platform]
    with tempfile.TemporaryDirectory() as temporary:
        library = Path(temporary) / library_name
        compile_library(platform, library)
        content = library.read_bytes()
    information = f"semvec_native-{VERSION}.dist-info"
    files = {
        "semvec_native/__init__.py": (
            '"""The compiled part of semvec."""\n\nfrom pathlib import Path\n\n'
            f'LIBRARY = str(Path(__file__).with_name("{library_name}"))\n'
        ).encode(),
        f"semvec_native/{library_name}": content,
        f"{information}/METADATA": (
            f"Metadata-Version: 2.1\nName: semvec_native\nVersion: {VERSION}\n"
            "Summary: The compiled part of semvec\nLicense: GPL-3.0-or-later\n"
        ).encode(),
        f"{information}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: semvec\nRoot-Is-Purelib: false\n"
            f"Tag: py3-none-{platform}\n"
        ).encode(),
    }
    record = f"{information}/RECORD"
    lines = [f"{name},{_record_hash(data)},{len(data)}" for name, data in files.items()]
    files[record] = "\n".join([*lines, f"{record},,", ""]).encode()
    folder.mkdir(parents=True, exist_ok=True)
    wheel = folder / f"semvec_native-{VERSION}-py3-none-{platform}.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            # A fixed date, so that the same sources give the same wheel.
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return wheel


def _record_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


if __name__ == "__main__":
    for name in sys.argv[2:] or [host_platform()]:
        print(build_wheel(name, Path(sys.argv[1])))
