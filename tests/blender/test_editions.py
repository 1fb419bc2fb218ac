# SPDX-License-Identifier: GPL-3.0-or-later
"""The standard edition and the full one: what is in them, and a repository that Blender reads."""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import re
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from semvec.core.native import build as native
from semvec.core.version import MANIFEST, VERSION
from semvec.wheels.extension import (
    PLATFORMS,
    STANDARD,
    build,
    make_repository,
    manifest,
    normalize,
    platforms_of,
)

NETWORK = re.compile(r"^\s*(?:import|from)\s+(?:requests|urllib\.request|http|socket|ssl|ftplib)\b")
LICENSES = re.compile(r"dist-info/(licenses/)?(LICEN[CS]E|COPYING)", re.IGNORECASE)


@pytest.fixture(scope="module")
def standard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(STANDARD, tmp_path_factory.mktemp("standard"))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    make_repository(folder)
    return folder


@pytest.fixture(scope="module")
def address(repository: Path) -> Iterator[str]:
    """The address of a web server with the repository."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *arguments: Any) -> None:
            pass

    handler = functools.partial(Quiet, directory=str(repository))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/index.json"
        server.shutdown()


def declared(package: Path) -> dict[str, Any]:
    """The manifest in a package."""
    with zipfile.ZipFile(package) as archive:
        return tomllib.loads(archive.read("blender_manifest.toml").decode())


def names(package: Path) -> list[str]:
    return zipfile.ZipFile(package).namelist()


def test_the_same_files_give_the_same_package(standard: Path, tmp_path: Path) -> None:
    """Neither the day nor the order, as a disk has them, are in it."""
    packages = [tmp_path / "first.zip", tmp_path / "second.zip"]
    names = ["b.py", "a/c.py"]
    for day, package in enumerate(packages, 1):
        with zipfile.ZipFile(package, "w") as archive:
            for name in names:
                entry = zipfile.ZipInfo(name, (2026, 1, day, 0, 0, 0))
                entry.external_attr = 0o600 + day << 16
                archive.writestr(entry, name * 100, zipfile.ZIP_DEFLATED)
        names.reverse()
        normalize(package)
    assert packages[0].read_bytes() == packages[1].read_bytes()
    with zipfile.ZipFile(packages[0]) as archive:
        assert archive.read("a/c.py") == b"a/c.py" * 100
    entries = zipfile.ZipFile(standard).infolist()
    assert {(entry.date_time[0], entry.external_attr) for entry in entries} == {(2020, 0o644 << 16)}


def test_only_the_full_edition_may_use_the_network(standard: Path, repository: Path) -> None:
    manifest = declared(standard)
    assert manifest["id"] == "semvec" and set(manifest["permissions"]) == {"files"}
    full = declared(repository / f"semvec_ai-{VERSION}.zip")
    assert full["id"] == "semvec_ai" and set(full["permissions"]) == {"files", "network"}
    for each in (manifest, full):
        assert each.get("website", "https://").startswith("https://")
        assert re.fullmatch(r"[^<>]+( <[^@<>\s]+@[^@<>\s]+>)?", each["maintainer"])
        assert "Grease Pencil" in each["tags"]


def test_nothing_in_the_standard_edition_opens_a_connection(standard: Path) -> None:
    with zipfile.ZipFile(standard) as archive:
        sources = {
            name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")
        }
    assert len(sources) > 150
    lines = {
        f"{name}: {line}"
        for name, text in sources.items()
        for line in text.splitlines()
        if NETWORK.match(line)
    }
    assert lines == set()


def test_the_source_of_the_native_library_is_beside_its_wheels(standard: Path) -> None:
    packed = names(standard)
    wheels = [Path(name).name for name in packed if name.startswith("wheels/semvec_native-")]
    # A package of `dev.py build` has all; in a checkout that was not built, there is one.
    assert declared(standard)["platforms"] == platforms_of(wheels) != []
    assert len(wheels) == len(platforms_of(wheels))
    assert sum(re.fullmatch(r"core/native/.*\.[ch]", name) is not None for name in packed) > 30
    assert "core/native/build.py" in packed


def test_a_package_is_for_the_platforms_that_it_has_the_library_for() -> None:
    assert {*PLATFORMS.values()} == {*native.PLATFORMS}
    wheels = [f"semvec_native-1.0-py3-none-{tag}.whl" for tag in native.PLATFORMS]
    others = ["tinycss2-1.0-py3-none-any.whl"]
    text = MANIFEST.read_text(encoding="utf-8")
    for some in (wheels, wheels[:2], wheels[-1:]):
        listed = tomllib.loads(manifest(text, STANDARD, others + some))
        tags = [PLATFORMS[name] for name in listed["platforms"]]
        assert sorted(tags) == sorted(name.rpartition("-")[2][:-4] for name in some)
        assert len(listed["wheels"]) == 1 + len(some)


def test_every_bundled_wheel_has_its_copyright_line(standard: Path) -> None:
    copyrights = declared(standard)["copyright"]
    assert all(re.fullmatch(r"\d{4}(-\d{4})? \S.*", line) for line in copyrights)
    with zipfile.ZipFile(standard) as archive:
        for name in archive.namelist():
            package = Path(name).name.partition("-")[0]
            if not name.endswith(".whl") or package == "semvec_native":
                continue
            assert any(f"({package})" in line for line in copyrights), package
            with zipfile.ZipFile(io.BytesIO(archive.read(name))) as wheel:
                assert any(LICENSES.search(file) for file in wheel.namelist()), package


def test_the_page_has_a_link_to_drop_on_blender(repository: Path) -> None:
    page = (repository / "index.html").read_text(encoding="utf-8")
    (link,) = re.findall(r'href="([^"]+\.zip[^"]*)"', page)
    assert link.startswith(f"./semvec_ai-{VERSION}.zip?repository=.%2Findex.json")
    assert "blender_version_min=4.3.0" in link and "platforms=linux-x64" in link
    (entry,) = json.loads((repository / "index.json").read_text())["data"]
    assert entry["archive_size"] == (repository / f"semvec_ai-{VERSION}.zip").stat().st_size


def test_blender_installs_from_the_repository(address: str, standard: Path, tmp_path: Path) -> None:
    script = Path(__file__).with_name("installed_from_repository.py")
    done = subprocess.run(
        [sys.executable, script, address, standard],
        env=os.environ | {"BLENDER_USER_RESOURCES": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("FOUND "))
    found = json.loads(line.removeprefix("FOUND "))

    assert found["installed"] == ["FINISHED"] and found["enabled"] and found["downloads"]
    assert found["result"] == ["FINISHED"] and found["curves"] == 6

    # Both at once would take each other's operators.
    assert "Another edition of Semvec is enabled" in found["both"] and not found["both_enabled"]

    # The standard edition says where the rest is, and needs nothing that it lacks.
    assert found["standard_alone"] == ["FINISHED"] and not found["standard_downloads"]
    assert "part of the full edition" in found["prompt"] and "semvec_ai" in found["prompt"]
    assert found["failed"] == []
    assert "PROMPT" in found["panel"]["off"] and "CONTRAST" not in found["panel"]["off"]
    assert "Prompts and SAM are part of the full" in found["panel"]["labels"]
    assert "PROMPT" not in found["panel_of_a_file"]["off"], "it can be turned off"
    assert "Turn off Prompt" in found["panel_of_a_file"]["labels"]
