# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP request for a file from a given byte on, with typed errors (requests)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import DownloadError
from ..version import VERSION

CHUNK = 1 << 18  # bytes
PATIENCE = 30.0  # seconds without a byte


class BrokenConnection(DownloadError):
    """The connection failed; another request, from the last byte on, may succeed."""


@dataclass(frozen=True)
class Transfer:
    """An answer that has begun.

    start: position of its first byte in the file. size: of the whole file, None where the server
    does not state it.
    """

    start: int
    size: int | None
    chunks: Iterator[bytes]


@contextmanager
def opened(address: str, start: int) -> Iterator[Transfer]:
    """Request a file from byte `start` on; a server that can't do that starts at 0.

    Raises DownloadError, and BrokenConnection where another request may succeed.
    """
    import requests

    headers = {"User-Agent": f"semvec/{VERSION}", "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        response = requests.get(address, headers=headers, stream=True, timeout=PATIENCE)
    except requests.exceptions.SSLError as error:
        raise DownloadError(
            f"The server of {address} can't be trusted: {_reason(error)}.",
            "Check this computer's clock. Behind a company's proxy, set REQUESTS_CA_BUNDLE to the "
            "file of its certificates.",
        ) from None
    except requests.RequestException as error:
        raise BrokenConnection(
            f"{address} can't be reached: {_reason(error)}.",
            "Check the connection to the internet.",
        ) from None
    with response:
        _check_status(response, address)
        _check_kind(response)
        place, size = _extent(response)
        yield Transfer(place, size, _chunks(response))


def _chunks(response: Any) -> Iterator[bytes]:
    import requests

    try:
        yield from response.iter_content(CHUNK)
    except requests.RequestException as error:
        raise BrokenConnection(f"The connection broke off: {_reason(error)}.") from None


def _check_status(response: Any, address: str) -> None:
    """Raise the error for an answer other than the file."""
    if response.ok:
        return
    answer = f"The server answered {response.status_code} {response.reason} for {address}."
    if response.status_code in (408, 429) or response.status_code >= 500:
        raise BrokenConnection(answer, "Try again later.")
    raise DownloadError(answer, "The file may have moved: look for a newer semvec.")


def _check_kind(response: Any) -> None:
    """Raise DownloadError for a web page: networks with a login send it for every address."""
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise DownloadError(
            "The server sent a web page instead of the file.",
            "If your network asks for a login, log in with a browser first.",
        )


def _extent(response: Any) -> tuple[int, int | None]:
    """Return the position of the first byte, and the size of the whole file."""
    length = response.headers.get("Content-Length", "")
    if response.status_code != 206:
        return 0, int(length) if length.isdigit() else None
    span = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
    if span is None:
        raise BrokenConnection("The server does not say which part of the file it sent.")
    return int(span[1]), None if span[2] == "*" else int(span[2])


def _reason(error: BaseException) -> str:
    """Return the first cause of an error, without the layers of libraries around it."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return str(getattr(error, "verify_message", "") or getattr(error, "strerror", "") or error)
