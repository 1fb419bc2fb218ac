# SPDX-License-Identifier: GPL-3.0-or-later
"""`semvec devices`: the processors that can refine shapes, by the names that --compute takes."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from ..errors import GpuError
from ..refinement.device_profile import failure_of
from ..rendering.gpu.device import DeviceInfo, list_devices, open_device

_KINDS = {
    "DiscreteGPU": "graphics card",
    "IntegratedGPU": "integrated graphics processor",
    "CPU": "software driver; used only if named",
    "Unknown": "graphics processor",
}


def main(arguments: Sequence[str]) -> int:
    """List the devices, and test each; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="semvec devices",
        description="List the processors that --compute can name. Each graphics processor is "
        "compared with the CPU once, and the result is remembered.",
    )
    parser.parse_args(arguments)
    print("cpu")
    devices = list_devices()
    for info in devices:
        print(f"{info.name}\n    {_KINDS[info.kind]}, {info.backend}, {info.driver}")
        print(f"    {_state(info)}")
    if not devices:
        print(_why_none())
    return 0


def _state(info: DeviceInfo) -> str:
    try:
        failure = failure_of(open_device(info.name))
    except GpuError as error:
        failure = error.message
    return failure or "passes the self-test"


def _why_none() -> str:
    try:
        open_device()
    except GpuError as error:
        return str(error)
    return ""
