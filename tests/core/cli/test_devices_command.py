# SPDX-License-Identifier: GPL-3.0-or-later
"""`semvec devices` lists what --compute can name."""

from __future__ import annotations

import pytest

from semvec.core.cli import devices_command
from semvec.core.cli.main import main
from semvec.core.errors import GpuError
from semvec.core.rendering.gpu.device import Device


def test_devices_are_listed_by_name(device: Device, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["devices"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "cpu" and device.info.name in lines
    assert "    passes the self-test" in lines


def test_where_there_are_none_it_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing() -> None:
        raise GpuError("The package wgpu is not installed.", "Install it.")

    monkeypatch.setattr(devices_command, "list_devices", list)
    monkeypatch.setattr(devices_command, "open_device", missing)
    assert main(["devices"]) == 0
    assert capsys.readouterr().out == "cpu\nThe package wgpu is not installed. (Install it.)\n"
