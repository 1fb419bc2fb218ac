# SPDX-License-Identifier: GPL-3.0-or-later
"""Tiny wheels and locks in place of the AI engine's gigabytes; pip itself is real."""

from __future__ import annotations

import base64
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from semvec.core.engine.lock_files import Locks


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


@contextmanager
def index(wheels: Path) -> Iterator[tuple[str, list[str]]]:
    """A package index of these wheels on loopback: its address, and the files asked for."""
    asked: list[str] = []

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.strip("/").split("/")[-1]
            if name.endswith(".whl"):
                asked.append(name)
                self.path = "/" + name
                super().do_GET()
                return
            found = wheels.glob(f"{name}-*.whl")
            page = "".join(f'<a href="/{file.name}">{file.name}</a>' for file in found).encode()
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page)

        def end_headers(self) -> None:
            self.send_header("Cache-Control", "max-age=3600")
            super().end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(wheels)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/simple", asked
    finally:
        server.shutdown()
        server.server_close()


def _digest(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256=" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
