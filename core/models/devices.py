# SPDX-License-Identifier: GPL-3.0-or-later
"""Device selection, and fallback to smaller batches or the CPU when out of memory."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from ..errors import OutOfMemoryError, SettingsError
from .import_torch import import_torch

T = TypeVar("T")


def choose_device(name: str = "auto") -> str:
    """Return "cuda", "mps" or "cpu": the one named, or for "auto" the first that is available.

    "cuda" includes AMD's ROCm. Raises SettingsError for a device that this
    machine or this torch lacks, EngineMissingError without torch.
    """
    available = _available_devices()
    if name == "auto":
        return available[0]
    if name not in available:
        raise SettingsError(
            f"PyTorch finds no device '{name}' here.",
            f"Available are auto, {', '.join(available)}; other devices need another torch.",
        )
    return name


def limit_threads(count: int) -> None:
    """Let torch use `count` threads on the CPU; 0 is one for each processor."""
    import torch

    torch.set_num_threads(count or os.cpu_count() or 1)


class DeviceRunner:
    """A device and its batch size; both fall back when memory runs out."""

    def __init__(
        self,
        device: str,
        batch: int = 1,
        say: Callable[[str], None] | None = None,
        cpu_batch: int | None = None,
    ) -> None:
        """Store where to start; `say` is called with a message at every fallback.

        cpu_batch: batch size to start with on the CPU after another device; None is `batch`.
        """
        self.device = device
        self.batch = batch
        self._cpu_batch = cpu_batch or batch
        self._say = say or (lambda message: None)

    def run(self, operation: Callable[[str, int], T], *, divisible: bool = True) -> T:
        """Return `operation(device, batch)` for the largest batch that memory allows.

        When out of memory, it is called again with half the batch, and so on; finally on the CPU,
        starting with its own batch size. An operation that isn't `divisible` moves to the CPU at
        once. Later runs start from what worked. Raises OutOfMemoryError if the CPU has too little
        memory, too.
        """
        while True:
            try:
                return operation(self.device, self.batch)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Outside of the handler, so that the tensors of the failed call are freed.
            self._shrink(divisible)

    def _shrink(self, divisible: bool) -> None:
        _free_unused_memory(self.device)
        if divisible and self.batch > 1:
            self.batch //= 2
            self._say(f"Out of memory: continuing with {self.batch} at a time")
        elif self.device != "cpu":
            self._say(f"Out of memory on '{self.device}': continuing on the CPU")
            self.device, self.batch = "cpu", self._cpu_batch
        else:
            raise not_enough_memory()


def not_enough_memory() -> OutOfMemoryError:
    """Return the error for a model that doesn't fit into memory."""
    return OutOfMemoryError(
        "There is not enough memory for this model.",
        "Close other programs, or choose a smaller model.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether memory ran out: Python's, the CPU's or a GPU's."""
    text = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in text or "can't allocate memory" in text)
    )


def _available_devices() -> list[str]:
    """Return the available devices, the best first; the CPU is always one."""
    torch = import_torch()
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [*(name for name, there in found.items() if there), "cpu"]


def _free_unused_memory(device: str) -> None:
    """Return memory that torch has reserved to the device."""
    if device == "cpu":
        return
    import torch

    getattr(torch, device).empty_cache()
