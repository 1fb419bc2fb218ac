# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny wheels and locks in place of the AI engine's gigabytes; pip itself is real."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

from semvec.core.engine.locks import Locks


def make_wheel(folder: Path, name: str, code: str = "", requires: str = "") -> Path:
    """A wheel of one module, version 1.0, that pip installs."""
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": metadata + (f"Requires-Dist: {requires}\n" if requires else ""),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text)}\n" for path, text in files.items())
    files[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel


def locked(wheel: Path) -> str:
    """The line of a lock for this wheel."""
    name = wheel.name.partition("-")[0]
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"


def make_locks(folder: Path, tools: str, packages: str, torch: str) -> Locks:
    """The three files of a lock."""
    folder.mkdir(exist_ok=True)
    locks = Locks(folder)
    for path, text in ((locks.tools, tools), (locks.packages, packages), (locks.torch, torch)):
        path.write_text(text)
    return locks


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
