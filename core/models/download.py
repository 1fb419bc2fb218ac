# SPDX-License-Identifier: GPL-3.0-or-later
"""Download of published checkpoints, resumed after interruptions.

Data received so far is in a file NAME.part, from which an interrupted download continues. Only a
file of the right size and hash is renamed to its final name, atomically.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ..errors import Cancelled, DownloadError
from ..system.files import check_output, make_folder, remove_file
from ..system.lock import held
from .location import find, target
from .registry import Model
from .transfer import BrokenConnection, Transfer, opened

# Called with the number of bytes received and that of the whole file.
OnProgress = Callable[[int, int], None]
ShouldStop = Callable[[], bool]

ATTEMPTS = 4  # in a row without progress
PAUSE = 1.0  # seconds before the second attempt; twice as long before each further one
SPARE = 1 << 26  # bytes that are left free on the disk

_BLOCK = 1 << 20


def download(
    model: Model, on_progress: OnProgress | None = None, should_stop: ShouldStop | None = None
) -> Path:
    """Download a model unless it is there, check it, and return its file.

    should_stop: called after every chunk; if it returns True, Cancelled is raised, and the data
    received so far is kept for the next call. Also raises DownloadError and OutputError. A file
    under the final name is always the complete model.
    """
    path = target(model)
    make_folder(path.parent)
    check_output(path)
    with held(partial(model).with_suffix(".lock"), _busy(model)):
        present = _checked(model)
        if present is None:
            _Download(model, path, on_progress, should_stop).run()
    return present or path


def partial(model: Model) -> Path:
    """Return the file for the data received so far, which need not exist."""
    return target(model).with_name(model.file + ".part")


def remove(model: Model) -> None:
    """Remove the model's file and that of an interrupted download. Raises OutputError."""
    with suppress(FileNotFoundError), held(partial(model).with_suffix(".lock"), _busy(model)):
        remove_file(target(model))
        remove_file(partial(model))


class _Download:
    """One download, over as many connections as needed."""

    def __init__(
        self,
        model: Model,
        path: Path,
        on_progress: OnProgress | None,
        should_stop: ShouldStop | None,
    ) -> None:
        self.model, self.path = model, path
        self.part = partial(model)
        self.on_progress = on_progress or (lambda done, total: None)
        self.should_stop = should_stop or (lambda: False)

    def run(self) -> None:
        """Fetch what is missing, check the whole file, and rename it."""
        try:
            if self.done > self.model.bytes:
                self.part.unlink()
            self._check_space()
            self._fetch_all()
            self._check_content()
            os.replace(self.part, self.path)
        except OSError as error:
            reason = error.strerror or error
            raise DownloadError(
                f"'{self.part}' can't be written: {reason}.", "Check the disk and its free space."
            ) from None

    @property
    def done(self) -> int:
        """Number of bytes received so far."""
        return self.part.stat().st_size if self.part.exists() else 0

    def _check_space(self) -> None:
        missing = self.model.bytes - self.done
        free = shutil.disk_usage(self.path.parent).free
        if free < missing + SPARE:
            raise DownloadError(
                f"There is not enough space for '{self.model.name}' in {self.path.parent}: "
                f"{_megabytes(missing)} are needed, {_megabytes(free)} are free.",
                "Make space on this disk.",
            )

    def _fetch_all(self) -> None:
        """Retry with growing pauses while the connection breaks."""
        failures, furthest = 0, self.done
        while self.done < self.model.bytes:
            try:
                with opened(self.model.address, self.done) as transfer:
                    self._fetch(transfer)
            except BrokenConnection as error:
                failures = 1 if self.done > furthest else failures + 1
                furthest = max(furthest, self.done)
                if failures >= ATTEMPTS:
                    raise self._given_up(error) from None
                self._pause(PAUSE * 2.0 ** (failures - 1))

    def _fetch(self, transfer: Transfer) -> None:
        """Append the chunks; start again if the server can't continue in the middle of the file."""
        size = self.model.bytes
        if transfer.size not in (None, size):
            raise _wrong(self.model, f"the file there has {transfer.size} bytes, not {size}")
        if transfer.start not in (0, self.done):
            raise BrokenConnection("The server sent another part of the file than asked for.")
        with self.part.open("ab" if transfer.start else "wb") as file:
            for chunk in transfer.chunks:
                file.write(chunk)
                self.on_progress(min(file.tell(), size), size)
                self._check_stop()
                if file.tell() > size:
                    raise _wrong(self.model, f"more than {size} bytes came")
        if self.done < size:
            raise BrokenConnection("The connection broke off.")

    def _check_content(self) -> None:
        self._check_stop()
        if _sha256(self.part) != self.model.sha256:
            self.part.unlink()
            raise _wrong(self.model, "its SHA-256 is another one, so nothing was kept")

    def _check_stop(self) -> None:
        if self.should_stop():
            raise Cancelled(
                f"Stopped downloading '{self.model.name}'.", "Download it again to go on."
            )

    def _pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._check_stop()
            time.sleep(min(0.1, seconds))

    def _given_up(self, error: BrokenConnection) -> DownloadError:
        kept = f"{_megabytes(self.done)} of {_megabytes(self.model.bytes)} are kept"
        hint = f"{error.hint} Download '{self.model.name}' again to go on: {kept}."
        return DownloadError(error.message, hint.strip())


def _checked(model: Model) -> Path | None:
    """Return the model's file if it is complete; remove a damaged one that we downloaded."""
    path = find(model)
    if path is None or _sha256(path) == model.sha256:
        return path
    if path == target(model):
        remove_file(path)
    return None


def _wrong(model: Model, reason: str) -> DownloadError:
    return DownloadError(
        f"What {model.address} gave is not '{model.name}': {reason}.",
        "Try again later, or download it with another program.",
    )


def _busy(model: Model) -> DownloadError:
    return DownloadError(
        f"'{model.name}' is being downloaded by another process.", "Wait until it is done."
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"
