# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernels of one step in order, the buffers that each binds, and their compiled pipelines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .device import Device

_SOURCES = Path(__file__).parent / "kernels"

# By kernel: the files put before its own, and its buffers by binding.
_KERNELS = {
    "flatten": ("", "params points links segments"),
    "boxes": ("", "params points segments fills boxes"),
    "place_pairs": ("", "params boxes state speeds"),
    "rows": ("", "params boxes rows"),
    "coverage": ("", "params segments fills boxes winding"),
    "composite": (
        "ramps tile_paths",
        "params boxes fills rows winding transmittance goal image pair_sums",
    ),
    "sum_fills": ("", "params boxes pair_sums fill_gradients"),
    "chords_backward": ("", "params segments links boxes winding segment_gradients"),
    "points_backward": ("", "params segments links segment_gradients points gradients"),
    "step_fills": ("", "params state fill_gradients fills fill_moments"),
    "step_points": ("", "params state gradients rates points point_moments before"),
    "keep_simple": ("outlines", "params state links fills before points point_moments work"),
    "revert_crossings": (
        "outlines",
        "state links fills points point_moments work simple_points",
    ),
}

GRADIENTS = tuple(_KERNELS)[:9]
"""Kernels that draw, compare and differentiate, in order; nothing moves."""

MOVES = ("step_fills", "step_points")
"""Kernels that move fills and points along the gradients, in order."""


def buffers_of(kernel: str) -> list[str]:
    """Return the names of the buffers that a kernel binds, by binding."""
    return _KERNELS[kernel][1].split()


def source_of(kernel: str, sums: int) -> str:
    """Return the whole WGSL source of a kernel; sums: vectors of sums a pair, 1 or 3."""
    files = ["types", *_KERNELS[kernel][0].split(), kernel]
    sources = [(_SOURCES / f"{name}.wgsl").read_text(encoding="utf-8") for name in files]
    return "\n".join([f"const SUMS: u32 = {sums}u;", *sources])


def all_sources() -> str:
    """Return the sources of all kernels, which tell versions of them apart."""
    return "\n".join(source_of(kernel, 3) for kernel in _KERNELS)


def pipeline_of(device: Device, kernel: str, sums: int) -> Any:
    """Return the compiled pipeline of a kernel. Raises GpuError where the driver refuses it."""
    return device.pipeline(kernel, source_of(kernel, sums))
