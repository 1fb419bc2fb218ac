# SPDX-License-Identifier: GPL-3.0-or-later
"""A release: version, changelog, packages, checksums, API page, commit and tag.

python3 dev.py release VERSION
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NUMBER = re.compile(r"\d+\.\d+\.\d+")
PLACEHOLDER = re.compile(r"[\w.@-]*(example\.(org|com|net)|\.(example|invalid|test)|localhost)\b")


def changes(changelog: str, version: str) -> str:
    """Return the changelog's section of a version; exits where there is none or it is empty."""
    pattern = rf"^## {re.escape(version)} - \d{{4}}-\d{{2}}-\d{{2}}\n(.*?)(?=^## |\Z)"
    found = re.search(pattern, changelog, re.MULTILINE | re.DOTALL)
    if found is None or not found[1].strip():
        sys.exit(
            f'CHANGELOG.md has no section "## {version} - YEAR-MONTH-DAY" with the changes. '
            'Rename "## Unreleased".'
        )
    return found[1].strip()


def with_version(manifest: str, version: str) -> str:
    """Return the text of blender_manifest.toml with another version."""
    text, count = re.subn(r'(?m)^version = "[^"]*"$', f'version = "{version}"', manifest)
    assert count == 1, "the manifest has one line with the version"
    return text


def checksums(folder: Path) -> str:
    """Return a line for each zip file of a folder, as `sha256sum --check` reads them."""
    files = sorted(folder.glob("*.zip"))
    digests = (hashlib.sha256(file.read_bytes()).hexdigest() for file in files)
    return "".join(f"{digest}  {file.name}\n" for digest, file in zip(digests, files))


def check_checkout() -> None:
    """Exit where the checkout has changes that are not committed."""
    if _output("git", "status", "--porcelain", "--untracked-files=no"):
        sys.exit("There are changes that are not committed. Commit them first.")


def check_version(version: str) -> None:
    """Exit where a version is no number, or has been released."""
    if not NUMBER.fullmatch(version):
        sys.exit(f'"{version}" is no version. Use three numbers, such as 0.2.0.')
    if _output("git", "tag", "--list", f"v{version}"):
        sys.exit(f"Version {version} has been released: there is a tag v{version}.")


def check_addresses(manifest: str) -> None:
    """Exit where the manifest has an address that leads nowhere, by RFC 2606 and RFC 6761."""
    found = PLACEHOLDER.search(manifest)
    if found is not None:
        sys.exit(
            f'blender_manifest.toml has the placeholder "{found[0]}". '
            "Put in the real address, or leave it out."
        )


def missing_addresses(manifest: str) -> str:
    """Return what Blender's extensions platform asks for and the manifest lacks, as a sentence."""
    declared = tomllib.loads(manifest)
    missing = []
    if "website" not in declared:
        missing.append("a website")
    if "@" not in declared["maintainer"]:
        missing.append("an e-mail address of its maintainer")
    if not missing:
        return ""
    return f"Blender's extensions platform also asks for {' and '.join(missing)} in the manifest."


def build(dist: Path) -> None:
    """Build all packages, their checksums and the API page."""
    for file in dist.glob("*.zip"):
        file.unlink()
    _run(sys.executable, "wheels/build.py", "--release")
    _run(sys.executable, "wheels/extension.py", "--all")
    (dist / "SHA256SUMS").write_text(checksums(dist), encoding="utf-8")
    _run(sys.executable, "tools/api_page.py")


def main() -> None:
    """Make the release named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python3 dev.py release VERSION")
    version = sys.argv[1]
    check_version(version)
    check_checkout()
    text = changes((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version)
    manifest = ROOT / "blender_manifest.toml"
    before = manifest.read_text(encoding="utf-8")
    check_addresses(before)
    manifest.write_text(with_version(before, version), encoding="utf-8")
    try:
        build(ROOT / "dist")
    except BaseException:
        manifest.write_text(before, encoding="utf-8")
        raise
    _run("git", "commit", "--quiet", "--allow-empty", "-m", f"Release {version}", manifest.name)
    _run("git", "tag", "--annotate", f"v{version}", "-m", f"semvec {version}\n\n{text}")
    print(f"Tagged v{version}. Now push the commit and the tag, and upload dist/.")
    print(missing_addresses(before))


def _run(*command: str) -> None:
    subprocess.run(command, cwd=ROOT, check=True)


def _output(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
