# SPDX-License-Identifier: GPL-3.0-or-later
"""Standard streams of the command line: closed ones, narrow code pages, output of libraries."""

from __future__ import annotations

import codecs
import logging
import os
import sys
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_ERRORS = "semvec.transliterate"


@contextmanager
def own_streams() -> Iterator[None]:
    """Prepare the standard streams for the program's own text while the context lasts.

    Closed streams lead nowhere. Characters that the code page lacks are replaced. Warnings, log
    messages and whatever C libraries write to stderr are dropped, unless Python was asked for
    warnings (python -W, -X dev).
    """
    _open_closed_streams()
    for stream in (sys.stdout, sys.stderr):
        _accept_all_characters(stream)
    if sys.warnoptions or sys.flags.dev_mode:
        yield
        return
    handler = logging.NullHandler()  # otherwise logging writes warnings to stderr
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(), _stderr_of_our_own():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.getLogger().removeHandler(handler)


def flush_output() -> bool:
    """Flush stdout; returns False where its reader has gone or its disk is full."""
    try:
        sys.stdout.flush()
    except OSError:
        with open(os.devnull, "wb") as nothing:  # for the flush at the end of the process
            os.dup2(nothing.fileno(), sys.stdout.fileno())
        return False
    return True


def _open_closed_streams() -> None:
    """Open the null device in place of each closed stream, so that no file gets its number."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(descriptor, "w", encoding="utf-8", closefd=False))


def _accept_all_characters(stream: Any) -> None:
    if hasattr(stream, "reconfigure"):
        codecs.register_error(_ERRORS, _transliterated)
        stream.reconfigure(errors=_ERRORS)


def _transliterated(error: UnicodeError) -> tuple[str, int]:
    """Return the part that can't be encoded without accents: é as e, and ? for other scripts."""
    assert isinstance(error, UnicodeEncodeError)
    part = unicodedata.normalize("NFKD", error.object[error.start : error.end])
    plain = "".join(letter for letter in part if not unicodedata.combining(letter))
    return plain.encode("ascii", "replace").decode(), error.end


@contextmanager
def _stderr_of_our_own() -> Iterator[None]:
    """Move sys.stderr to another descriptor, and let descriptor 2 lead nowhere.

    A stderr that was replaced, as tests do, is left alone.
    """
    stream = sys.__stderr__
    if stream is None or stream is not sys.stderr or stream.fileno() != 2:
        yield
        return
    stream.flush()
    original = os.dup(2)
    with (
        open(original, "w", 1, stream.encoding, stream.errors) as own,
        open(os.devnull, "wb") as nothing,
    ):
        os.dup2(nothing.fileno(), 2)
        sys.stderr = own
        try:
            yield
        finally:
            own.flush()
            sys.stderr = stream
            os.dup2(original, 2)
