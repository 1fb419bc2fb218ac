# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to the compiled library, which is loaded at the first call.

The library is plain C behind ctypes and comes as the wheel `semvec_native`, which
holds nothing but the shared object. ctypes releases the GIL during a call.
"""

from __future__ import annotations

import ctypes
import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NativeError

_REPORT = "Please report this, with the image and the settings."
_FAILURES = {
    -1: ("not enough memory", "Close other programs, or choose a lower resolution."),
    -2: ("the input is not valid", _REPORT),
}


def array(dtype: Any, dimensions: Any = None) -> Any:
    """Return a ctypes argument type for a C-contiguous array of this dtype."""
    return np.ctypeslib.ndpointer(dtype, ndim=dimensions, flags="C_CONTIGUOUS")


def library_file() -> Path:
    """Return the path of the library. Raises NativeError where it is missing."""
    try:
        import semvec_native
    except ImportError as error:
        raise NativeError(
            "The native library (semvec_native) is not installed.",
            "Reinstall the extension; from a checkout, run: python3 dev.py build",
        ) from error
    return Path(semvec_native.LIBRARY)


@functools.cache
def load() -> ctypes.CDLL:
    """Load the library. Raises NativeError where it is missing or cannot be loaded."""
    try:
        return ctypes.CDLL(str(library_file()))
    except OSError as error:
        raise NativeError(
            f"The native library cannot be loaded: {error}.",
            "Reinstall the extension built for this operating system and processor.",
        ) from error


def function(name: str, *argument_types: Any) -> Callable[..., None]:
    """Wrap a C function that returns a status as a Python function that raises NativeError.

    The library is loaded at the first call, so declaring functions costs nothing.
    """

    @functools.cache
    def bound() -> Any:
        native = getattr(load(), name)
        native.argtypes = argument_types
        native.restype = ctypes.c_int
        return native

    def call(*arguments: Any) -> None:
        try:
            code = bound()(*arguments)
        except ctypes.ArgumentError as error:
            # ctypes turns exceptions raised during conversion into this one, Ctrl-C included.
            if "KeyboardInterrupt" in str(error):
                raise KeyboardInterrupt from None
            raise
        if code != 0:
            message, hint = _FAILURES.get(code, (f"code {code}", _REPORT))
            raise NativeError(f"{name} failed: {message}.", hint)

    call.__name__ = name
    return call


def thread_count(threads: int) -> int:
    """Return the number of threads to use; 0 means all processors available to the process."""
    if threads > 0:
        return threads
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
