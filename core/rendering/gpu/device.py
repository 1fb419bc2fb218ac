# SPDX-License-Identifier: GPL-3.0-or-later
"""Graphics processors that WebGPU can use, found and opened by name.

Everything that touches `wgpu` is in this module, and every failure of it leaves as GpuError.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ...errors import GpuError

# Seconds that one submission may take until the device counts as hung. A submission is meant to
# take 50 ms at most; only software drivers come near this.
TIMEOUT = 60.0

# Best first. On Windows Vulkan comes before Direct3D 12, whose older compiler is slow.
_KINDS = ("DiscreteGPU", "IntegratedGPU", "Unknown", "CPU")
_BACKENDS = ("Vulkan", "Metal", "D3D12")

# No structure of a kernel is larger, and a buffer must hold one.
_LEAST_BYTES = 256

_RAISED_LIMITS = ("max-storage-buffer-binding-size", "max-buffer-size")


@dataclass(frozen=True)
class DeviceInfo:
    """A device that WebGPU offers.

    name: as the driver calls it. kind: "DiscreteGPU", "IntegratedGPU", "Unknown" or "CPU", the
    last for software drivers. backend: "Vulkan", "Metal" or "D3D12". driver: its version.
    """

    name: str
    kind: str
    backend: str
    driver: str

    @property
    def is_real(self) -> bool:
        """True for a graphics processor, False for a software driver."""
        return self.kind != "CPU"

    def matches(self, name: str) -> bool:
        """Return whether a user or an SVG file means this device, whatever its driver then was."""
        return name == self.name or name.startswith(f"{self.name} [")

    def __str__(self) -> str:
        return f"{self.name} [{self.backend}{', ' + self.driver if self.driver else ''}]"


class Dispatch(NamedTuple):
    """One kernel to run: compute pipeline, bind group and number of workgroups (x, y)."""

    pipeline: Any
    group: Any
    workgroups: tuple[int, int]


class Fetch(NamedTuple):
    """An array on its way from the device."""

    buffer: Any
    promise: Any
    dtype: np.dtype
    shape: tuple[int, ...]


def list_devices() -> list[DeviceInfo]:
    """List the devices that WebGPU can use, best first; none without `wgpu` or a driver."""
    try:
        return [_info(adapter) for adapter in _adapters()]
    except GpuError:
        return []


@functools.cache
def open_device(name: str = "") -> Device:
    """Open the device of this name, or the best one for "". It stays open for later runs.

    Raises GpuError where `wgpu` or the device is missing.
    """
    adapters = [each for each in _adapters() if not name or _info(each).matches(name)]
    if not adapters:
        wanted = f"no device '{name}'" if name else "no device"
        raise GpuError(f"WebGPU finds {wanted} here.", "Update the graphics driver.")
    return Device(adapters[0])


class Device:
    """An open device: its buffers, pipelines and queue."""

    def __init__(self, adapter: Any) -> None:
        self.info = _info(adapter)
        with _failures():
            limits = {name: adapter.limits[name] for name in _RAISED_LIMITS}
            self._device = adapter.request_device_sync(required_limits=limits)
        self.largest_buffer: int = min(limits.values())
        self._pipelines: dict[str, Any] = {}

    def buffer(self, values: np.ndarray | int, is_uniform: bool = False) -> Any:
        """Make a buffer that holds this array, or one of so many bytes that holds zeros."""
        import wgpu

        kind = wgpu.BufferUsage.UNIFORM if is_uniform else wgpu.BufferUsage.STORAGE
        usage = kind | wgpu.BufferUsage.COPY_SRC | wgpu.BufferUsage.COPY_DST
        data = b"" if isinstance(values, int) else np.ascontiguousarray(values).tobytes()
        size = max(values if isinstance(values, int) else len(data), _LEAST_BYTES)
        if size > self.largest_buffer:
            raise GpuError(f"{self.info.name} has no room for {size / 2**20:.0f} MiB in one piece.")
        with _failures():
            buffer = self._device.create_buffer(size=size, usage=usage)
            if data:
                self._device.queue.write_buffer(buffer, 0, data)
            return buffer

    def write(self, buffer: Any, values: np.ndarray, offset: int = 0) -> None:
        """Overwrite part of a buffer, `offset` in bytes, after all that was submitted."""
        with _failures():
            self._device.queue.write_buffer(buffer, offset, np.ascontiguousarray(values).tobytes())

    def read(self, buffer: Any, dtype: Any, shape: tuple[int, ...], offset: int = 0) -> np.ndarray:
        """Read an array that lies `offset` bytes into a buffer, after all that was submitted."""
        if 0 in shape:
            return np.zeros(shape, dtype)
        return self.receive(self.fetch(buffer, dtype, shape, offset))

    def fetch(self, buffer: Any, dtype: Any, shape: tuple[int, ...], offset: int = 0) -> Fetch:
        """Enqueue the reading of an array; returns at once."""
        import wgpu

        size = np.dtype(dtype).itemsize * int(np.prod(shape))
        with _failures():
            usage = wgpu.BufferUsage.COPY_DST | wgpu.BufferUsage.MAP_READ
            target = self._device.create_buffer(size=size, usage=usage)
            encoder = self._device.create_command_encoder()
            encoder.copy_buffer_to_buffer(buffer, offset, target, 0, size)
            self._device.queue.submit([encoder.finish()])
            return Fetch(target, target.map_async(wgpu.MapMode.READ), np.dtype(dtype), shape)

    def receive(self, fetch: Fetch) -> np.ndarray:
        """Wait for an array. Raises GpuError where the device fails, or hangs for TIMEOUT."""
        failures: list[GpuError] = []

        def wait() -> None:
            try:
                with _failures():
                    fetch.promise.sync_wait()
            except GpuError as error:
                failures.append(error)

        # A lost device may never answer, and `wgpu` waits without a timeout.
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        thread.join(TIMEOUT)
        if thread.is_alive():
            raise GpuError(f"{self.info.name} did not answer for {TIMEOUT:g} seconds.")
        if failures:
            raise failures[0]
        with _failures():
            values = np.frombuffer(fetch.buffer.read_mapped(), fetch.dtype).reshape(fetch.shape)
            fetch.buffer.destroy()
            return values.copy()

    def pipeline(self, name: str, code: str) -> Any:
        """Compile a kernel with the entry point `main`, or return what was compiled before."""
        if code not in self._pipelines:
            with _failures():
                module = self._device.create_shader_module(label=name, code=code)
                stage = {"module": module, "entry_point": "main"}
                compiled = self._device.create_compute_pipeline(layout="auto", compute=stage)
            self._pipelines[code] = compiled
        return self._pipelines[code]

    def bind(self, pipeline: Any, buffers: Sequence[Any]) -> Any:
        """Bind buffers to a pipeline, by position."""
        entries = [{"binding": i, "resource": {"buffer": each}} for i, each in enumerate(buffers)]
        with _failures():
            layout = pipeline.get_bind_group_layout(0)
            return self._device.create_bind_group(layout=layout, entries=entries)

    def submit(self, dispatches: Sequence[Dispatch]) -> None:
        """Enqueue kernels in this order; returns at once."""
        with _failures():
            encoder = self._device.create_command_encoder()
            compute = encoder.begin_compute_pass()
            for pipeline, group, workgroups in dispatches:
                compute.set_pipeline(pipeline)
                compute.set_bind_group(0, group)
                compute.dispatch_workgroups(*workgroups)
            compute.end()
            self._device.queue.submit([encoder.finish()])

    def close(self) -> None:
        """Give the device back; for one that failed."""
        with contextlib.suppress(Exception):
            self._device.destroy()
        open_device.cache_clear()


def _adapters() -> list[Any]:
    """Return the adapters of each device by its best backend, best device first."""
    try:
        import wgpu
    except Exception as error:  # ImportError, or OSError of a library that can't be loaded
        raise GpuError(
            "The package wgpu is not installed.", "Install it with: pip install semvec[gpu]"
        ) from error
    logging.getLogger("wgpu").setLevel(logging.CRITICAL)  # what it logs reaches users as GpuError
    with _failures():
        found = wgpu.gpu.enumerate_adapters_sync()
    known = [each for each in found if each.info["backend_type"] in _BACKENDS]
    known.sort(key=lambda each: _BACKENDS.index(each.info["backend_type"]))
    by_name = {_info(each).name: each for each in reversed(known)}
    kinds = {kind: rank for rank, kind in enumerate(_KINDS)}
    return sorted(
        by_name.values(),
        key=lambda each: (kinds.get(each.info["adapter_type"], 2), _info(each).name),
    )


def _info(adapter: Any) -> DeviceInfo:
    info = adapter.info
    kind = info["adapter_type"]
    driver = info.get("description", "")
    return DeviceInfo(
        info["device"], kind if kind in _KINDS else "Unknown", info["backend_type"], driver
    )


@contextlib.contextmanager
def _failures() -> Iterator[None]:
    """Turn whatever `wgpu` raises into GpuError."""
    try:
        yield
    except GpuError:
        raise
    except MemoryError as error:
        raise GpuError("The GPU has not enough memory.") from error
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        if "memory" in type(error).__name__.lower() or "out of memory" in str(error).lower():
            raise GpuError("The GPU has not enough memory.") from error
        raise GpuError(f"The GPU failed: {lines[0].strip()}") from error
