# SPDX-License-Identifier: GPL-3.0-or-later
"""The tool that makes releases: what it checks, and what it writes."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tools import release  # noqa: E402

CHANGELOG = """# Changelog

## 0.3.0 - 2027-01-31

- A thing.

## 0.2.0 - 2026-12-24

## 0.1.0

- First.
"""


def test_the_section_of_a_version_is_found() -> None:
    assert release.changes(CHANGELOG, "0.3.0") == "- A thing."


@pytest.mark.parametrize("version", ["0.2.0", "0.1.0", "0.4.0", "0.3"])
def test_a_version_without_dated_changes_is_refused(version: str) -> None:
    with pytest.raises(SystemExit, match="no section"):
        release.changes(CHANGELOG, version)


def test_only_the_version_of_the_manifest_changes() -> None:
    before = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    after = release.with_version(before, "9.8.7")
    changed = [pair for pair in zip(before.splitlines(), after.splitlines()) if pair[0] != pair[1]]
    assert [new for _, new in changed] == ['version = "9.8.7"']


@pytest.mark.parametrize("version", ["1.2", "v1.2.3", "1.2.3-beta", "", "1.2.3\n"])
def test_a_version_is_three_numbers(version: str) -> None:
    with pytest.raises(SystemExit, match="is no version"):
        release.check_version(version)


def test_checksums_are_those_that_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"b")
    (tmp_path / "a.zip").write_bytes(b"a")
    (tmp_path / "notes.txt").write_bytes(b"c")
    lines = release.checksums(tmp_path).splitlines()
    assert lines[0] == f"{hashlib.sha256(b'a').hexdigest()}  a.zip"
    assert len(lines) == 2


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_checkout_with_changes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(tmp_path)]
    (tmp_path / "file").write_text("1")
    for command in (["init", "-q"], ["add", "file"], ["commit", "-qm", "one"]):
        subprocess.run([*git, *command], check=True)
    monkeypatch.setattr(release, "ROOT", tmp_path)
    release.check_checkout()
    (tmp_path / "file").write_text("2")
    with pytest.raises(SystemExit, match="not committed"):
        release.check_checkout()


@pytest.mark.parametrize(
    "line",
    [
        'website = "https://semvec.example.org"',
        'maintainer = "Me <me@example.com>"',
        'website = "https://semvec.invalid/"',
        'website = "http://localhost:8000"',
    ],
)
def test_an_address_that_leads_nowhere_is_refused(line: str) -> None:
    with pytest.raises(SystemExit, match="placeholder"):
        release.check_addresses(f'id = "semvec"\n{line}\n')


def test_the_manifest_has_no_placeholder_and_what_it_lacks_is_named() -> None:
    text = (ROOT / "blender_manifest.toml").read_text(encoding="utf-8")
    release.check_addresses(text)
    sentence = release.missing_addresses('maintainer = "The authors"')
    assert "a website and an e-mail address" in sentence
    complete = 'maintainer = "Me <me@semvec.org>"\nwebsite = "https://semvec.org"'
    release.check_addresses(complete)
    assert release.missing_addresses(complete) == ""
