# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls into the compiled library: errors come out typed, Ctrl-C comes out at all."""

from __future__ import annotations

import ctypes
import os
import sys
import types

import numpy as np
import pytest

from semvec.core.errors import NativeError
from semvec.core.native import library


class Interrupted:
    """An argument type at which somebody presses Ctrl-C."""

    @classmethod
    def from_param(cls, value):
        raise KeyboardInterrupt


@pytest.fixture
def fresh_library():
    """The library is loaded once; these tests load it anew and leave it as it was."""
    library.load.cache_clear()
    yield
    library.load.cache_clear()


def test_ctrl_c_during_a_call_interrupts():
    call = library.function("semvec_parallel_for", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        call(1)


def test_arrays_of_another_type_are_refused():
    call = library.function("semvec_parallel_for", library.array(np.float32))
    for wrong in (np.zeros(3, np.float64), np.zeros((4, 4), np.float32)[:, ::2], [0.0]):
        with pytest.raises(ctypes.ArgumentError):
            call(wrong)


@pytest.mark.parametrize(("code", "meaning"), [(-1, "memory"), (-2, "not valid"), (7, "code 7")])
def test_failures_say_what_failed(monkeypatch, code, meaning):
    native = types.SimpleNamespace(semvec_thing=lambda: code)
    monkeypatch.setattr(library, "load", lambda: native)
    with pytest.raises(NativeError, match=f"semvec_thing.*{meaning}"):
        library.function("semvec_thing")()


def test_success_returns_nothing(monkeypatch):
    monkeypatch.setattr(library, "load", lambda: types.SimpleNamespace(semvec_thing=lambda: 0))
    assert library.function("semvec_thing")() is None


def test_a_missing_library_says_what_to_do(monkeypatch, fresh_library):
    monkeypatch.setitem(sys.modules, "semvec_native", None)
    with pytest.raises(NativeError) as caught:
        library.load()
    assert "dev.py build" in caught.value.hint


def test_a_broken_library_says_what_to_do(monkeypatch, fresh_library, tmp_path):
    broken = tmp_path / "libsemvec.so"
    broken.write_bytes(b"not a library")
    monkeypatch.setitem(sys.modules, "semvec_native", types.SimpleNamespace(LIBRARY=str(broken)))
    with pytest.raises(NativeError) as caught:
        library.load()
    assert "processor" in caught.value.hint


def test_thread_count():
    assert library.thread_count(3) == 3
    assert 1 <= library.thread_count(0) <= os.cpu_count()
