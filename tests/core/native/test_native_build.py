# SPDX-License-Identifier: GPL-3.0-or-later
"""The wheel of the native library: what pip and Blender rely on."""

from __future__ import annotations

import base64
import csv
import ctypes
import hashlib
import re
import shutil
import sys
import zipfile

import pytest

from semvec.core.native import build
from semvec.core.version import VERSION


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build.build_wheel(build.host_platform(), tmp_path_factory.mktemp("wheels"))


def test_the_record_holds_every_file_and_its_hash(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (record,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
        rows = {row[0]: row[1:] for row in csv.reader(archive.read(record).decode().splitlines())}
        assert set(rows) == set(archive.namelist())
        assert rows.pop(record) == ["", ""]
        for name, (digest, size) in rows.items():
            content = archive.read(name)
            expected = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()
            assert digest == "sha256=" + expected.rstrip("=")
            assert int(size) == len(content)


def test_the_library_in_the_wheel_loads_and_exports(wheel, tmp_path):
    library = build.PLATFORMS[build.host_platform()].library
    with zipfile.ZipFile(wheel) as archive:
        extracted = archive.extract(f"semvec_native/{library}", tmp_path)
    native = ctypes.CDLL(extracted)
    assert native.semvec_render and native.semvec_differentiate


def test_the_name_tells_version_and_platform(wheel):
    name, version, python, abi, platform = wheel.stem.split("-")
    assert (name, python, abi, platform) == ("semvec_native", "py3", "none", build.host_platform())
    assert re.fullmatch(rf"{re.escape(VERSION)}\.post\d+", version)


def test_a_release_has_the_plain_version_and_is_always_built(tmp_path, monkeypatch):
    contents = iter([b"one", b"two"])
    monkeypatch.setattr(build, "compile_library", lambda platform: next(contents))
    for content in (b"one", b"two"):
        wheel = build.build_wheel("win_amd64", tmp_path, release=True)
        assert wheel.name == f"semvec_native-{VERSION}-py3-none-win_amd64.whl"
        with zipfile.ZipFile(wheel) as archive:
            assert archive.read("semvec_native/semvec.dll") == content
            assert (
                build.inputs_hash("win_amd64") in archive.read("semvec_native/__init__.py").decode()
            )


def test_a_wheel_that_is_there_is_not_built_again(wheel, monkeypatch):
    monkeypatch.setattr(build, "compile_library", lambda platform: pytest.fail("compiled"))
    assert build.build_wheel(build.host_platform(), wheel.parent) == wheel


def test_other_sources_give_another_version_and_replace_the_old_wheel(monkeypatch, tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "one.c").write_text("int semvec_one(void) { return 1; }\n")
    monkeypatch.setattr(build, "SOURCES", sources)
    host, folder = build.host_platform(), tmp_path / "wheels"
    first = build.build_wheel(host, folder)
    (sources / "one.c").write_text("int semvec_one(void) { return 2; }\n")
    second = build.build_wheel(host, folder)
    assert first.name != second.name
    assert list(folder.glob("*.whl")) == [second]
    (sources / "one.c").write_text("int semvec_one(void) { return 1; }\n")
    assert build.build_wheel(host, folder).name == first.name


def test_the_same_sources_give_the_same_bytes(monkeypatch, tmp_path):
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "one.c").write_text("int semvec_one(void) { return 1; }\n")
    monkeypatch.setattr(build, "SOURCES", sources)
    host = build.host_platform()
    first = build.build_wheel(host, tmp_path / "first")
    second = build.build_wheel(host, tmp_path / "second")
    assert first.read_bytes() == second.read_bytes()


def test_the_compiler_of_this_machine_makes_a_library_that_loads(tmp_path):
    if not (sys.platform == "linux" and shutil.which("cc")):
        pytest.skip("no C compiler of its own on this machine")
    wheel = build.build_wheel(build.SYSTEM, tmp_path)
    assert wheel.stem.endswith(f"-py3-none-{build.SYSTEM}")
    with zipfile.ZipFile(wheel) as archive:
        extracted = archive.extract("semvec_native/libsemvec.so", tmp_path)
    native = ctypes.CDLL(extracted)
    assert native.semvec_render and native.semvec_differentiate
