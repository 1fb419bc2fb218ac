# SPDX-License-Identifier: GPL-3.0-or-later
"""A server on loopback that serves one file, well or badly."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Behavior:
    """Answers of the server to requests; the defaults are those of a good server.

    breaks: bytes after which the connection is cut, for each request in turn; None is never.
    length: what Content-Length says instead of the truth. A `None` length isn't sent at all.
    """

    content: bytes
    status: int = 200
    kind: str = "application/octet-stream"
    ranges: bool = True
    breaks: list[int | None] = field(default_factory=list)
    length: Callable[[int], int | None] = lambda true: true
    content_range: str | None = None
    delay: float = 0.0  # seconds before each piece
    requests: list[str | None] = field(default_factory=list)  # the Range header of each


PIECE = 1 << 14


class _Handler(BaseHTTPRequestHandler):
    behavior: Behavior

    def do_GET(self) -> None:
        how = self.behavior
        asked = self.headers.get("Range")
        how.requests.append(asked)
        start = self._start(asked)
        if how.status != 200:
            self.send_error(how.status)
            return
        body = how.content[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Type", how.kind)
        length = how.length(len(body))
        if length is not None:
            self.send_header("Content-Length", str(length))
        if start:
            whole = f"bytes {start}-{len(how.content) - 1}/{len(how.content)}"
            self.send_header("Content-Range", how.content_range or whole)
        self.end_headers()
        self._send(body, how.breaks.pop(0) if how.breaks else None)

    def _start(self, asked: str | None) -> int:
        match = re.fullmatch(r"bytes=(\d+)-", asked or "")
        return int(match[1]) if match and self.behavior.ranges else 0

    def _send(self, body: bytes, cut: int | None) -> None:
        body = body if cut is None else body[:cut]
        try:
            for start in range(0, len(body), PIECE):
                time.sleep(self.behavior.delay)
                self.wfile.write(body[start : start + PIECE])
                self.wfile.flush()
        except OSError:  # the client has gone
            pass
        self.close_connection = True

    def log_message(self, *arguments: object) -> None:
        pass


@contextmanager
def serving(behavior: Behavior) -> Iterator[str]:
    """The address of a server that behaves so, while the context lasts."""
    handler = type("Handler", (_Handler,), {"behavior": behavior})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.005,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/model.pth"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
