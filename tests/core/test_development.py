# SPDX-License-Identifier: GPL-3.0-or-later
"""The two commands for a fresh machine, `dev.py demo` and `dev.py test`: what they do without."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from lengths import LONGEST

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import (  # noqa: E402
    blender_module,
    environment,
    native_library,
    photograph,
    preparation,
    pythons,
)
from tools.pythons import BLENDERS, running_version  # noqa: E402

RUN_WITHOUT_BLENDER = """
import sys
sys.modules["bpy"] = None
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


@pytest.fixture
def stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing was done yet."""
    monkeypatch.setattr(environment, "folder", lambda: tmp_path)


def test_a_failed_download_of_python_is_not_tried_again_at_each_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def failing(command: object, **_options: object) -> None:
        calls.append(command)
        raise OSError

    monkeypatch.setattr(pythons, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(pythons, "find_python", lambda _version: None)
    monkeypatch.setattr(pythons, "running_version", lambda: "3.12")
    monkeypatch.setattr(pythons.venv, "create", lambda *_arguments, **_options: None)
    monkeypatch.setattr(pythons.subprocess, "run", failing)
    assert pythons.choose_python(None) == sys.executable
    assert pythons.choose_python(None) == sys.executable
    assert len(calls) == 1
    with pytest.raises(SystemExit):
        pythons.choose_python("3.11")
    assert len(calls) == 2
    (marker,) = (tmp_path / "cache").iterdir()
    os.utime(marker, (0, 0))
    assert pythons.choose_python(None) == sys.executable
    assert len(calls) == 3


def test_a_run_begins_with_the_files_that_take_longest() -> None:
    def order_of(*files: str) -> list[str]:
        command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *files]
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        names = [line.partition("::")[0] for line in found.stdout.splitlines() if "::" in line]
        return list(dict.fromkeys(names))

    long = [f"tests/{file}" for file in LONGEST]
    assert all((ROOT / file).is_file() for file in long)
    short = ["tests/core/test_adam.py", "tests/core/native/test_sources.py"]
    assert order_of(*short, long[2], long[0]) == [long[0], long[2], *short]


def test_the_demo_needs_neither_zig_nor_scipy() -> None:
    names = [
        name
        for group in ("base", "alone", *preparation.GROUPS["demo"])
        for name in environment.group_packages(group)
    ]
    assert "numpy" in " ".join(names)
    assert not {"ziglang", "scipy", "scikit-image", "torch"} & {*names}
    assert "svgpathtools" not in environment.group_packages("base")


def test_a_library_of_the_same_sources_is_not_compiled_again(
    stamps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    monkeypatch.setattr(native_library, "_compile_and_install", lambda: made.append("any"))
    monkeypatch.setattr(native_library, "_install", lambda wheel: made.append("shipped"))
    monkeypatch.setattr(native_library, "_build", lambda folder: Path("library.whl"))
    native_library.install_any_library()
    native_library.install_any_library()
    native_library.install_shipped_library()
    native_library.install_shipped_library()
    native_library.install_any_library()
    assert made == ["any", "shipped"]
    monkeypatch.setattr(native_library, "_sources_hash", lambda: "other")
    native_library.install_any_library()
    assert made == ["any", "shipped", "any"]


@pytest.mark.parametrize("has_compiler", [False, True])
def test_zig_stands_in_where_the_compiler_fails(
    has_compiler: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is installed beside the environment, and only for as long as it compiles."""
    packages: list[Path | None] = []

    def build(folder: Path, *platforms: str, **named: Path) -> Path:
        if platforms == ("system",):
            raise subprocess.CalledProcessError(1, "cc")
        packages.append(named["packages"])
        return folder / "library.whl"

    def install(*arguments: str) -> None:
        Path(arguments[arguments.index("--target") + 1]).mkdir()

    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/cc" if has_compiler else None)
    monkeypatch.setattr(environment, "install", install)
    monkeypatch.setattr(native_library, "_build", build)
    monkeypatch.setattr(native_library, "_install", lambda wheel: None)
    native_library._compile_and_install()
    (zig,) = packages
    assert zig is not None and not zig.exists()


def test_only_the_photograph_is_kept_of_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(package: str, folder: Path) -> Path:
        wheel = folder / "package.whl"
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr(photograph.MEMBER, b"photograph")
            archive.writestr("skimage/other.py", b"code")
        return wheel

    monkeypatch.setattr(photograph, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(environment, "download", download)
    for _ in range(2):
        assert photograph.sample_photograph().read_bytes() == b"photograph"
        monkeypatch.setattr(environment, "download", lambda *_: pytest.fail("downloaded again"))
    assert len(list((tmp_path / "cache").iterdir())) == 1


@pytest.mark.skipif(running_version() not in BLENDERS, reason="no Blender for this Python")
def test_a_missing_library_of_the_system_is_named(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ImportError: libX11.so.6: no such file' >&2\nexit 1\n")
    python.chmod(0o755)
    problem = blender_module.find_problem(str(python))
    assert "libX11.so.6" in problem and "apt install" in problem
    python.write_text("#!/bin/sh\nexit 0\n")
    assert blender_module.find_problem(str(python)) == ""


@pytest.mark.parametrize("in_ci", [False, True])
def test_the_other_tests_run_without_blender(in_ci: bool) -> None:
    """Those that need it are named; in CI that is a failure."""
    files = ["tests/blender", "tests/core/test_srgb.py"]
    variables = {name: value for name, value in os.environ.items() if name != "CI"}
    run = subprocess.run(
        [sys.executable, "-c", RUN_WITHOUT_BLENDER, *files, "-q", "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=variables | ({"CI": "true"} if in_ci else {}),
        capture_output=True,
        text=True,
    )
    assert ("all tests in tests/blender" in run.stdout) and (run.returncode == 0) != in_ci
    assert "passed" in run.stdout or in_ci
