# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes from an address, from a place on: one request over HTTP, with errors that a user
understands."""

from __future__ import annotations

import http.client
import importlib.util
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import DownloadError
from ..version import VERSION

CHUNK = 1 << 18  # bytes
PATIENCE = 30.0  # seconds without a byte


class BrokenConnection(DownloadError):
    """The connection failed; asking again, from where it broke off, may help."""


@dataclass(frozen=True)
class Transfer:
    """An answer that has begun. start: the place of its first byte in the file; size: of the
    whole file as the server says it, None where it doesn't."""

    start: int
    size: int | None
    chunks: Iterator[bytes]


@contextmanager
def opened(address: str, start: int) -> Iterator[Transfer]:
    """Ask for the file from byte `start` on. A server may not be able to, and start at 0.

    Raises DownloadError; BrokenConnection where trying again may help.
    """
    headers = {"User-Agent": f"semvec/{VERSION}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(address, headers=headers)
        response = urllib.request.urlopen(request, timeout=PATIENCE, context=_certificates())
    except urllib.error.HTTPError as error:
        raise _refused(error, address) from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _unreachable(error, address) from None
    with response:
        _check_kind(response)
        place, size = _extent(response)
        yield Transfer(place, size, _chunks(response))


def _chunks(response: Any) -> Iterator[bytes]:
    try:
        while chunk := response.read(CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise BrokenConnection(
            f"The connection broke off: {error or type(error).__name__}."
        ) from None


def _certificates() -> ssl.SSLContext:
    """The system's; those that Blender brings where its Python doesn't find the system's."""
    paths = ssl.get_default_verify_paths()
    found = paths.cafile or paths.capath or hasattr(ssl, "enum_certificates")  # on Windows
    if found or importlib.util.find_spec("certifi") is None:
        return ssl.create_default_context()
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _check_kind(response: Any) -> None:
    """A network that wants a login answers every address with its own page."""
    if response.headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise DownloadError(
            "The server sent a web page instead of the file.",
            "If your network asks for a login, log in with a browser first.",
        )


def _extent(response: Any) -> tuple[int, int | None]:
    """Where the answer starts, and the whole file's size."""
    length = response.headers.get("Content-Length", "")
    if response.status != 206:
        return 0, int(length) if length.isdigit() else None
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if span is None:
        raise BrokenConnection("The server's answer doesn't say which part of the file it is.")
    return int(span[1]), None if span[2] == "*" else int(span[2])


def _refused(error: urllib.error.HTTPError, address: str) -> DownloadError:
    with error:
        answer = f"The server answered {error.code} {error.reason} for {address}."
    if error.code in (408, 429) or error.code >= 500:
        return BrokenConnection(answer, "Try again later.")
    return DownloadError(answer, "The file may have moved: look for a newer semvec.")


def _unreachable(error: Exception, address: str) -> DownloadError:
    reason = getattr(error, "reason", None) or error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return DownloadError(
            f"The server of {address} can't be trusted: {reason.verify_message}.",
            "Check this computer's clock and its certificates.",
        )
    return BrokenConnection(
        f"{address} can't be reached: {reason}.", "Check the connection to the internet."
    )
