# SPDX-License-Identifier: GPL-3.0-or-later
"""The native library for all six platforms: reproducible, complete, and modest in its demands."""

from __future__ import annotations

import os
import re
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from semvec.core.native import build

lief = pytest.importorskip("lief")

pytestmark = pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="the compiler is the same for both Pythons"
)

ROOT = Path(__file__).resolve().parents[3]
BOUND = re.compile(r'function\(\s*"(semvec_\w+)"')  # core.native.library.function

# What the oldest systems that Blender 4.3 runs on have: glibc 2.28, Windows 8.1, macOS 11.
GLIBC = (2, 17)
MACOS = [11, 0, 0]
WINDOWS = (6, 2)
SYSTEM_LIBRARIES = re.compile(
    r"libc\.so\.6|libm\.so\.6|libpthread\.so\.0|ld-linux-[\w-]+\.so\.\d"
    r"|/usr/lib/libSystem\.B\.dylib|kernel32\.dll|api-ms-win-crt-[\w-]+\.dll",
    re.IGNORECASE,
)


def build_all(cache: Path) -> dict[str, bytes]:
    """Compile for every platform with an empty cache of objects; the C library's is shared."""
    before = os.environ.get("ZIG_LOCAL_CACHE_DIR")
    os.environ["ZIG_LOCAL_CACHE_DIR"] = str(cache)
    try:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(build.PLATFORMS, pool.map(build.compile_library, build.PLATFORMS)))
    finally:
        if before is None:
            del os.environ["ZIG_LOCAL_CACHE_DIR"]
        else:
            os.environ["ZIG_LOCAL_CACHE_DIR"] = before


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return build_all(tmp_path_factory.mktemp("cache"))


def parsed(content: bytes) -> Any:
    library = lief.parse(list(content))
    assert library is not None
    return library


def test_another_folder_and_another_run_give_the_same_bytes(
    libraries: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "a folder elsewhere"
    shutil.copytree(build.SOURCES, elsewhere, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(build, "SOURCES", elsewhere)
    assert build_all(tmp_path / "cache") == libraries


@pytest.mark.parametrize("platform", build.PLATFORMS)
def test_every_function_that_python_calls_is_exported(
    libraries: dict[str, bytes], platform: str
) -> None:
    sources = (path.read_text(encoding="utf-8") for path in (ROOT / "core").rglob("*.py"))
    bound = {name for source in sources for name in BOUND.findall(source)}
    assert len(bound) > 10
    library = parsed(libraries[platform])
    symbols = library.exported_functions if "win" in platform[:3] else library.exported_symbols
    assert bound <= {symbol.name.removeprefix("_") for symbol in symbols}


@pytest.mark.parametrize("platform", build.PLATFORMS)
def test_no_other_libraries_than_the_systems_are_needed(
    libraries: dict[str, bytes], platform: str
) -> None:
    library = parsed(libraries[platform])  # lief's lists are part of it
    needed = [getattr(item, "name", item) for item in library.libraries]
    foreign = [name for name in needed if not SYSTEM_LIBRARIES.fullmatch(name)]
    own = [build.PLATFORMS[platform].library] if platform.startswith("macos") else []
    assert foreign == own, "a library of macOS lists its own name first"


@pytest.mark.parametrize("platform", build.PLATFORMS)
def test_the_oldest_system_is_old_enough(libraries: dict[str, bytes], platform: str) -> None:
    library = parsed(libraries[platform])
    if platform.startswith("manylinux"):
        versions = [
            tuple(int(part) for part in version.name.removeprefix("GLIBC_").split("."))
            for requirement in library.symbols_version_requirement
            for version in requirement.get_auxiliary_symbols()
        ]
        assert versions and max(versions) <= GLIBC
    elif platform.startswith("macosx"):
        assert list(library.build_version.minos) == MACOS
    else:
        header = library.optional_header
        assert (header.major_subsystem_version, header.minor_subsystem_version) <= WINDOWS


@pytest.mark.parametrize("platform", build.PLATFORMS)
def test_the_processor_is_that_of_the_tag(libraries: dict[str, bytes], platform: str) -> None:
    library = parsed(libraries[platform])
    header = library.header
    machine = str(getattr(header, "machine_type", getattr(header, "cpu_type", None)) or
                  header.machine)  # fmt: skip
    is_arm = "AARCH64" in machine or "ARM64" in machine
    assert is_arm == platform.endswith(("aarch64", "arm64")) and ("64" in machine)
