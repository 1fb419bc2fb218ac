# SPDX-License-Identifier: GPL-3.0-or-later
"""Choice of a device, and fallback where memory runs out."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.errors import EngineMissingError, OutOfMemoryError, SettingsError
from semvec.core.models import devices
from semvec.core.models.devices import DeviceRunner, choose_device, is_out_of_memory


def out_of_memory() -> Exception:
    """Return the error of a graphics processor without memory."""
    return RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")


def fitting(largest: dict[str, int], tried: list[tuple[str, int]]) -> Callable[[str, int], str]:
    """An operation that needs more memory than there is for batches above the largest."""

    def operation(device: str, batch: int) -> str:
        tried.append((device, batch))
        if batch > largest[device]:
            raise out_of_memory()
        return f"{batch} on {device}"

    return operation


@pytest.fixture
def no_cache_to_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine may have no graphics processor whose memory could be freed."""
    monkeypatch.setattr(devices, "_free_unused_memory", lambda device: None)


@pytest.mark.parametrize(
    ("there", "best"),
    [(("cuda", "mps"), "cuda"), (("mps",), "mps"), (("cuda",), "cuda"), ((), "cpu")],
)
def test_the_best_device_is_taken(
    there: tuple[str, ...], best: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in there)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in there)
    assert choose_device() == choose_device("auto") == best
    for name in (*there, "cpu"):
        assert choose_device(name) == name
    for name in {"cuda", "mps"} - set(there):
        with pytest.raises(SettingsError, match=name):
            choose_device(name)


def test_without_torch_the_engine_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineMissingError) as caught:
        choose_device("cpu")
    assert "semvec engine install" in caught.value.hint


def test_batches_shrink_and_then_the_cpu_takes_over(no_cache_to_empty: None) -> None:
    tried: list[tuple[str, int]] = []
    said: list[str] = []
    runner = DeviceRunner("cuda", 4, said.append)
    assert runner.run(fitting({"cuda": 0, "cpu": 2}, tried)) == "2 on cpu"
    assert tried == [("cuda", 4), ("cuda", 2), ("cuda", 1), ("cpu", 4), ("cpu", 2)]
    assert len(said) == 4 and "CPU" in said[2] and "2 at a time" in said[3]


def test_the_cpu_may_start_with_another_batch(no_cache_to_empty: None) -> None:
    tried: list[tuple[str, int]] = []
    DeviceRunner("cuda", 2, cpu_batch=16).run(fitting({"cuda": 0, "cpu": 99}, tried))
    assert tried == [("cuda", 2), ("cuda", 1), ("cpu", 16)]


def test_what_worked_is_where_the_next_run_starts(no_cache_to_empty: None) -> None:
    tried: list[tuple[str, int]] = []
    runner = DeviceRunner("cuda", 64)
    operation = fitting({"cuda": 20, "cpu": 64}, tried)
    runner.run(operation)
    runner.run(operation)
    assert tried == [("cuda", 64), ("cuda", 32), ("cuda", 16), ("cuda", 16)]


def test_what_cannot_be_divided_goes_to_the_cpu_at_once(no_cache_to_empty: None) -> None:
    tried: list[tuple[str, int]] = []
    runner = DeviceRunner("mps", 64)
    assert runner.run(fitting({"mps": 1, "cpu": 64}, tried), divisible=False) == "64 on cpu"
    assert tried == [("mps", 64), ("cpu", 64)]


@given(st.integers(1, 300), st.integers(0, 300))
def test_it_ends_with_a_batch_that_fits_or_a_typed_error(batch: int, cpu: int) -> None:
    runner = DeviceRunner("cpu", batch)
    if cpu == 0:
        with pytest.raises(OutOfMemoryError):
            runner.run(fitting({"cpu": cpu}, []))
    else:
        runner.run(fitting({"cpu": cpu}, []))
        assert runner.batch <= cpu and (runner.batch == batch or 2 * runner.batch + 1 > cpu)


def test_memory_that_really_runs_out() -> None:
    torch = pytest.importorskip("torch")
    said: list[str] = []
    with pytest.raises(OutOfMemoryError):
        DeviceRunner("cpu", 2, said.append).run(
            lambda device, batch: torch.empty(10**16, device=device)
        )
    assert said == ["Out of memory: continuing with 1 at a time"]


def test_other_errors_pass(no_cache_to_empty: None) -> None:
    def operation(device: str, batch: int) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        DeviceRunner("cuda", 8).run(operation)


def test_what_counts_as_out_of_memory() -> None:
    torch = pytest.importorskip("torch")
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 5 GB)"))
    assert not is_out_of_memory(RuntimeError("shapes don't fit"))
    assert not is_out_of_memory(OSError("out of memory"))
