# SPDX-License-Identifier: GPL-3.0-or-later
"""What a network runs on, and how it gets by where memory runs out."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

from ..errors import OutOfMemoryError, SettingsError
from .import_torch import import_torch

T = TypeVar("T")


def choose_device(name: str = "auto") -> str:
    """ "cuda", "mps" or "cpu": the one named, or with "auto" the first of these there is.

    "cuda" stands for AMD's ROCm as well. Raises SettingsError for a device that this
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
    """Have torch use `count` processor threads on the CPU; 0 is all processors."""
    import torch

    torch.set_num_threads(count or os.cpu_count() or 1)


class Compute:
    """A device and the number of items that it works on at once; both shrink when needed."""

    def __init__(
        self,
        device: str,
        batch: int = 1,
        say: Callable[[str], None] | None = None,
        cpu_batch: int | None = None,
    ) -> None:
        """`say` is called with a message for people whenever something shrinks.

        cpu_batch: where to start on the CPU after another device; None is `batch`.
        """
        self.device = device
        self.batch = batch
        self._cpu_batch = cpu_batch or batch
        self._say = say or (lambda message: None)

    def run(self, operation: Callable[[str, int], T], *, divisible: bool = True) -> T:
        """What `operation(device, batch)` returns, in the largest way that memory allows.

        Out of memory, it is called again with half the batch, and so on; at last on the CPU,
        with as many as that starts with. What isn't `divisible` goes to the CPU at once. Later
        runs start from what worked. Raises OutOfMemoryError where even the CPU has too little.
        """
        while True:
            try:
                return operation(self.device, self.batch)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
            # Out here nothing holds on to the tensors of the failed call any more.
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
    """The error for where nothing helps any more."""
    return OutOfMemoryError(
        "There is not enough memory for this model.",
        "Close other programs, or choose a smaller model.",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out: Python's, the CPU's or a GPU's."""
    text = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and ("out of memory" in text or "can't allocate memory" in text)
    )


def _available_devices() -> list[str]:
    """Best first; the CPU is always there."""
    torch = import_torch()
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [*(name for name, there in found.items() if there), "cpu"]


def _free_unused_memory(device: str) -> None:
    """Give what torch keeps for later back to the device."""
    if device == "cpu":
        return
    import torch

    getattr(torch, device).empty_cache()
