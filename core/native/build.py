# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the wheel `semvec_native` with the C compiler of the `ziglang` package.

    python -m semvec.core.native.build OUTPUT_FOLDER [PLATFORM ...]

zig cross-compiles for all platforms below. A release has the plain version of semvec. Between
releases the version of a wheel is a post-release with a hash of its inputs as its number, so an
existing wheel is up to date, and pip and Blender, which compare versions, replace an installed one
when the inputs change. Package indexes take both.

The platform `system` stands for this Linux machine and its own compiler, `cc`: for a first try
without the 0.4 GB of zig. Its wheel has a platform tag that no package index takes.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from ..version import VERSION

SOURCES = Path(__file__).parent


class Target(NamedTuple):
    """A platform to compile for: its name for the compiler, and the library's file name."""

    triple: str
    library: str


SYSTEM = f"linux_{platform.machine()}"

# The platforms that Blender runs on, by the platform tag of their wheels.
PLATFORMS = {
    "manylinux_2_17_x86_64": Target("x86_64-linux-gnu.2.17", "libsemvec.so"),
    "manylinux_2_17_aarch64": Target("aarch64-linux-gnu.2.17", "libsemvec.so"),
    "macosx_11_0_x86_64": Target("x86_64-macos.11.0", "libsemvec.dylib"),
    "macosx_11_0_arm64": Target("aarch64-macos.11.0", "libsemvec.dylib"),
    "win_amd64": Target("x86_64-windows-gnu", "semvec.dll"),
    "win_arm64": Target("aarch64-windows-gnu", "semvec.dll"),
}

# No fast-math (NaN is handled) and no fused multiply-add (same bytes on every processor).
FLAGS = ["-std=c11", "-O3", "-ffp-contract=off", "-fno-math-errno"]
WARNINGS = ["-Wall", "-Wextra", "-Werror"]
# Calls within the library bind to its own symbols, even if the program defines the same names.
UNIX_FLAGS = ["-fPIC", "-pthread", "-Wl,-Bsymbolic"]
# Blender itself asks for SSE 4.2 on Intel and AMD, which zig and other compilers name differently.
ZIG_X86_FLAGS = ["-mcpu=x86_64_v2"]
SYSTEM_X86_FLAGS = ["-march=x86-64-v2"]


def host_platform() -> str:
    """Return the wheel platform of this machine; exit with a message if it is not supported."""
    arm = platform.machine().lower() in ("arm64", "aarch64")
    name = {
        "linux": f"manylinux_2_17_{'aarch64' if arm else platform.machine()}",
        "darwin": f"macosx_11_0_{'arm64' if arm else 'x86_64'}",
        "win32": f"win_{'arm64' if arm else 'amd64'}",
    }.get(sys.platform)
    if name not in PLATFORMS:
        sys.exit(f"semvec has no native library for {sys.platform} on {platform.machine()}.")
    return name


def build_wheel(platform_tag: str, folder: Path, release: bool = False) -> Path:
    """Return the wheel for `platform_tag` in `folder`, which is built if it does not exist.

    release: whether it gets the plain version, whose file does not tell what it was built from;
    it is built in any case. Other wheels of the same platform are removed.
    """
    version = VERSION if release else native_version(platform_tag)
    wheel = folder / f"semvec_native-{version}-py3-none-{platform_tag}.whl"
    if release or not wheel.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            fresh = Path(temporary) / wheel.name
            _pack(fresh, wheel_files(platform_tag, version))
            os.replace(fresh, wheel)  # atomic: an existing wheel is complete
    for old in folder.glob(f"semvec_native-*-py3-none-{platform_tag}.whl"):
        if old != wheel:
            old.unlink(missing_ok=True)
    return wheel


def native_version(platform_tag: str) -> str:
    """Return the version between releases: semvec's own, and a number from `inputs_hash`."""
    return f"{VERSION}.post{int(inputs_hash(platform_tag)[:8], 16)}"


def inputs_hash(platform_tag: str) -> str:
    """Return a hash, in hex, of all inputs of the library: compiler, flags and sources."""
    digest = hashlib.sha256(_compiler_version(platform_tag).encode())
    digest.update(Path(__file__).read_bytes())
    for source in sorted(SOURCES.rglob("*.[ch]")):
        digest.update(source.relative_to(SOURCES).as_posix().encode() + source.read_bytes())
    return digest.hexdigest()


def wheel_files(platform_tag: str, version: str) -> dict[str, bytes]:
    """Return the files of the wheel: path in the archive -> content."""
    library = library_name(platform_tag)
    information = f"semvec_native-{version}.dist-info"
    files = {
        "semvec_native/__init__.py": (
            '"""The compiled part of semvec."""\n\nfrom pathlib import Path\n\n'
            f'LIBRARY = str(Path(__file__).with_name("{library}"))\n'
            f'INPUTS = "{inputs_hash(platform_tag)}"  # hash of compiler, flags and C sources\n'
        ).encode(),
        f"semvec_native/{library}": compile_library(platform_tag),
        f"{information}/METADATA": (
            f"Metadata-Version: 2.1\nName: semvec_native\nVersion: {version}\n"
            "Summary: The compiled part of semvec\nLicense: GPL-3.0-or-later\n"
            "Requires-Python: >=3.11\n\nThe C source is the folder core/native of semvec.\n"
        ).encode(),
        f"{information}/WHEEL": (
            "Wheel-Version: 1.0\nGenerator: semvec\nRoot-Is-Purelib: false\n"
            f"Tag: py3-none-{platform_tag}\n"
        ).encode(),
    }
    record = f"{information}/RECORD"
    lines = [f"{name},{_record_hash(data)},{len(data)}" for name, data in files.items()]
    return {**files, record: "\n".join([*lines, f"{record},,", ""]).encode()}


def library_name(platform_tag: str) -> str:
    """Return the file name of the library on a platform."""
    return "libsemvec.so" if platform_tag == SYSTEM else PLATFORMS[platform_tag].library


def compile_library(platform_tag: str) -> bytes:
    """Compile all C sources to the shared library for `platform_tag`."""
    library = library_name(platform_tag)
    sources = sorted(str(source.resolve()) for source in SOURCES.rglob("*.c"))
    libraries = [] if platform_tag.startswith("win") else ["-lm"]
    with tempfile.TemporaryDirectory() as folder:
        command = [*_compiler(platform_tag), "-shared", "-s", "-o", library, *sources, *libraries]
        # Run in the folder, because macOS libraries record the path that they are written to.
        subprocess.run(command, cwd=folder, check=True)
        return (Path(folder) / library).read_bytes()


def _compiler(platform_tag: str) -> list[str]:
    """Return the compiler of a platform with its flags."""
    if platform_tag == SYSTEM:
        x86 = SYSTEM_X86_FLAGS if platform_tag.endswith("x86_64") else []
        return ["cc", *FLAGS, *UNIX_FLAGS, *x86]
    triple = PLATFORMS[platform_tag].triple
    unix = [] if platform_tag.startswith("win") else UNIX_FLAGS
    x86 = ZIG_X86_FLAGS if triple.startswith("x86_64") else []
    return [
        sys.executable,
        "-m",
        "ziglang",
        "cc",
        "-target",
        triple,
        *FLAGS,
        *WARNINGS,
        *unix,
        *x86,
    ]


def _compiler_version(platform_tag: str) -> str:
    if platform_tag == SYSTEM:
        command = ["cc", "--version"]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return importlib.metadata.version("ziglang")


def _record_hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
    return f"sha256={digest.decode()}"


def _pack(wheel: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in files.items():
            # A fixed date, so that the same sources give the same wheel.
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED)


def main() -> None:
    """Build the wheels named on the command line, or that of this machine."""
    folder, *platforms = sys.argv[1:]
    try:
        for platform_tag in platforms or [host_platform()]:
            tag = SYSTEM if platform_tag == "system" else platform_tag
            print(build_wheel(tag, Path(folder)))
    except FileNotFoundError as error:
        sys.exit(f"There is no C compiler: {error}.")
    except subprocess.CalledProcessError as error:
        sys.exit(f"The native library does not compile (exit code {error.returncode}).")


if __name__ == "__main__":
    main()
