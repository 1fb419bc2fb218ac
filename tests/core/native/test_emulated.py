# SPDX-License-Identifier: GPL-3.0-or-later
"""The libraries for other processors and systems, run by an emulator where there is one.

Debian has the emulators: qemu-user with libc6-arm64-cross (QEMU_LD_PREFIX, where that is
elsewhere than /usr/aarch64-linux-gnu), and wine64. test_platforms.py inspects the libraries
without running them.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from semvec.core.native import build

DRIVER = Path(__file__).parent / "emulated" / "driver.c"

pytestmark = [
    pytest.mark.skipif(
        sys.platform != "linux" or platform.machine() != "x86_64",
        reason="emulators are only looked for on Linux with an x86-64 processor",
    ),
    pytest.mark.skipif(
        sys.version_info[:2] != (3, 11), reason="the compiler is the same for both Pythons"
    ),
]


def results(platform_tag: str, folder: Path, *emulator: str) -> list[str]:
    """Compile library and driver for a platform, and return what the driver prints."""
    target = build.PLATFORMS[platform_tag]
    (folder / target.library).write_bytes(build.compile_library(platform_tag))
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-Wno-cast-function-type-mismatch"]
    libraries = [] if "windows" in target.triple else ["-ldl", "-lm"]
    compiler = [sys.executable, "-m", "ziglang", "cc", "-target", target.triple]
    program = folder / "driver.exe"
    subprocess.run([*compiler, *flags, DRIVER, "-o", program, *libraries], check=True)
    command = [*emulator, "./driver.exe", f"./{target.library}"]
    environment = {**os.environ, "WINEPREFIX": str(folder / "wine"), "WINEDEBUG": "-all"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[:-1]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Results of this machine's own library."""
    lines = results(build.host_platform(), tmp_path_factory.mktemp("host"))
    assert [line.split()[:2] for line in lines] == [
        [name, "0"] for name in ("render", "differentiate", "components", "strokes", "smooth")
    ]
    return lines


def test_linux_on_arm64_gives_the_same_bytes(expected: list[str], tmp_path: Path) -> None:
    qemu = shutil.which("qemu-aarch64") or shutil.which("qemu-aarch64-static")
    root = Path(os.environ.get("QEMU_LD_PREFIX", "/usr/aarch64-linux-gnu"))
    if qemu is None or not (root / "lib" / "ld-linux-aarch64.so.1").exists():
        pytest.skip("no emulator of ARM64: qemu-user and libc6-arm64-cross are not installed")
    assert results("manylinux_2_17_aarch64", tmp_path, qemu, "-L", str(root)) == expected


def test_windows_gives_the_same_bytes(expected: list[str], tmp_path: Path) -> None:
    wine = shutil.which("wine64") or shutil.which("wine")
    if wine is None:
        pytest.skip("no emulator of Windows: wine64 is not installed")
    lines = [line.rstrip("\r") for line in results("win_amd64", tmp_path, wine)]
    assert lines == expected
