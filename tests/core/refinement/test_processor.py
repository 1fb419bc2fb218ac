# SPDX-License-Identifier: GPL-3.0-or-later
"""Processor of Stage III: the choice, what is remembered, and the CPU wherever a GPU fails."""

from __future__ import annotations

import builtins
import importlib.util
import json
import threading
from dataclasses import replace
from pathlib import Path as File
from typing import Any

import numpy as np
import pytest
from skimage.data import astronaut

from semvec.core.errors import GpuError
from semvec.core.image import Image, resize
from semvec.core.pipeline.vectorize import Result, vectorize
from semvec.core.refinement import device_profile, processor
from semvec.core.refinement.device_profile import Speed, Speeds, failure_of, speeds_of
from semvec.core.refinement.processor import Processor, choose_processor
from semvec.core.rendering.gpu import device as gpu_device
from semvec.core.rendering.gpu.device import Device, DeviceInfo
from semvec.core.rendering.gpu.self_test import check_device
from semvec.core.settings import Settings
from semvec.core.svg import load_svg, save_svg

LARGE = {"size": (2040, 1344), "budget": 2048, "iterations": 500, "threads": 1}
SETTINGS = Settings(budget=24, resolution=64, iterations=24, threads=2)


@pytest.fixture(autouse=True)
def fresh_memory(tmp_path: File, monkeypatch: pytest.MonkeyPatch) -> File:
    """No test finds what another one remembered."""
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path))
    return tmp_path / "gpu_devices.json"


@pytest.fixture
def real(device: Device, monkeypatch: pytest.MonkeyPatch) -> Device:
    """The device, as if it were a graphics card."""
    info = replace(device.info, kind="DiscreteGPU")
    monkeypatch.setattr(device, "info", info)
    monkeypatch.setattr(processor, "list_devices", lambda: [info])
    monkeypatch.setattr(processor, "open_device", lambda name="": device)
    return device


def speeds(monkeypatch: pytest.MonkeyPatch, on_device: float, on_cpu: float) -> None:
    """Pretend these seconds a step and a million pixels."""
    measured = Speeds(Speed(0.0, 1e-6 * on_device), Speed(0.0, 1e-6 * on_cpu))
    monkeypatch.setattr(processor, "speeds_of", lambda device, threads: measured)


def drawn(compute: str) -> Result:
    picture = resize(Image(astronaut().astype(np.float32) / 255), 96)
    return vectorize(picture, replace(SETTINGS, compute=compute))


# -- choice


def test_the_cpu_is_used_on_request_and_for_small_runs(
    real: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds(monkeypatch, 0.0, 1.0)
    assert choose_processor("cpu", **LARGE).name == "CPU"
    assert choose_processor("auto", size=(64, 64), budget=8, iterations=50).name == "CPU"


def test_automatic_takes_a_real_device_that_is_faster(
    real: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds(monkeypatch, 0.001, 0.05)
    chosen = choose_processor("auto", **LARGE)
    assert chosen.name == chosen.device_name == str(real.info) and chosen.notes == []


def test_automatic_takes_the_cpu_where_it_is_as_fast(
    real: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    speeds(monkeypatch, 0.05, 0.05)
    chosen = choose_processor("auto", **LARGE)
    assert chosen.name == "CPU" and chosen.device_name == "" and chosen.notes == []


def test_a_software_driver_is_used_only_if_named(device: Device) -> None:
    if device.info.is_real:
        pytest.skip("this machine has a GPU")
    assert choose_processor("auto", **LARGE).notes == []
    assert choose_processor("auto", **LARGE).name == "CPU"
    assert len(choose_processor("gpu", **LARGE).notes) == 1
    small = {"size": (64, 64), "budget": 8, "iterations": 5}
    assert choose_processor(device.info.name, **small).device_name == str(device.info)
    assert choose_processor(str(device.info), **small).device_name == str(device.info)


def test_an_svg_file_names_a_device_whatever_its_driver_was() -> None:
    info = DeviceInfo("Card 3", "DiscreteGPU", "Vulkan", "driver 1")
    assert info.matches("Card 3") and info.matches(str(info))
    assert info.matches(str(replace(info, driver="driver 2", backend="D3D12")))
    assert not info.matches("Card 30") and not info.matches("Card")


@pytest.mark.parametrize("compute", ["gpu", "A card of another computer"])
def test_without_wgpu_one_sentence_says_so(compute: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "__import__", without_wgpu(builtins.__import__))
    gpu_device.open_device.cache_clear()
    chosen = choose_processor(compute, **LARGE)
    assert chosen.name == "CPU"
    assert chosen.notes == ["Shapes were refined on the CPU: The package wgpu is not installed."]


def test_without_wgpu_automatic_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    chosen = choose_processor("auto", **LARGE)
    assert chosen.name == "CPU" and chosen.notes == []


def without_wgpu(original: Any) -> Any:
    def wrapped(name: str, *arguments: Any, **options: Any) -> Any:
        if name == "wgpu":
            raise ImportError(name)
        return original(name, *arguments, **options)

    return wrapped


def test_too_large_a_run_for_the_device_goes_to_the_cpu(
    real: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real, "largest_buffer", 2**20)
    chosen = choose_processor("gpu", **LARGE)
    assert chosen.name == "CPU" and "not enough memory" in chosen.notes[0]


# -- self-test and what is remembered


def test_a_device_passes_the_self_test(device: Device) -> None:
    check_device(device)


FAULTS = {
    "coverage": ("0.5 * (start_x + end_x)", "0.45 * (start_x + end_x)"),
    "composite": ("above -= seen;", "above -= 0.999 * seen;"),
    "chords_backward": ("(integral.x - integral.y) * normal", "integral.x * normal"),
    "points_backward": ("segment_gradients[links[s].y].end", "segment_gradients[s].end"),
    "sum_fills": ("half = 32u", "half = 16u"),
    "flatten": ("end_of(polynomial_of(previous, chords_needed(previous)))", "start_of(f)"),
    "step_points": ("- (rates", "+ (rates"),
    "place_pairs": ("sums[lane] - sum", "sums[lane]"),
    "step_fills": ("-(state.speed", "(state.speed"),
    "boxes": ("tile_right = (end.x - 1)", "tile_right = (end.x - 17)"),
    "rows": ("1u << k", "2u << k"),
}


@pytest.mark.parametrize("kernel", FAULTS)
def test_a_driver_that_computes_wrong_is_refused(
    device: Device, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in a kernel stands for one of its compiler."""
    right, wrong = FAULTS[kernel]
    original = device.pipeline

    def pipeline(name: str, code: str) -> Any:
        assert name != kernel or right in code
        return original(name, code.replace(right, wrong) if name == kernel else code)

    monkeypatch.setattr(device, "pipeline", pipeline)
    with pytest.raises(GpuError, match="does not compute what the CPU does"):
        check_device(device)
    assert "does not compute" in failure_of(device)


def test_results_of_the_self_test_are_remembered(
    device: Device, monkeypatch: pytest.MonkeyPatch, fresh_memory: File
) -> None:
    calls = []
    monkeypatch.setattr(device_profile, "check_device", calls.append)
    assert failure_of(device) == failure_of(device) == "" and len(calls) == 1
    fresh_memory.write_bytes(b"\xff not json")
    assert failure_of(device) == "" and len(calls) == 2
    fresh_memory.write_text(json.dumps(["a list"]))
    assert failure_of(device) == "" and len(calls) == 3


def test_speeds_are_measured_once(
    device: Device, monkeypatch: pytest.MonkeyPatch, fresh_memory: File
) -> None:
    monkeypatch.setattr(device_profile, "_SMALL", (32, 4, 2))
    monkeypatch.setattr(device_profile, "_LARGE", (64, 8, 2))
    measured = speeds_of(device, 1)
    assert speeds_of(device, 1) == measured
    assert measured.device.seconds(1e6) >= 0 and measured.cpu.seconds(1e6) >= 0
    monkeypatch.setattr(device_profile, "_speed", lambda optimize: Speed(1.0, 2.0))
    assert speeds_of(device, 1) == measured
    for spoiled in ("{}", '{"device": 3, "cpu": null}', '"text"'):
        keys = json.loads(fresh_memory.read_text())
        fresh_memory.write_text(json.dumps({key: json.loads(spoiled) for key in keys}))
        assert speeds_of(device, 1).cpu == Speed(1.0, 2.0)


def test_the_least_work_is_where_both_take_as_long() -> None:
    measured = Speeds(Speed(0.004, 1e-9), Speed(0.001, 3e-8))
    work = measured.least_work
    assert measured.device.seconds(work) == pytest.approx(measured.cpu.seconds(work))
    assert Speeds(Speed(0.0, 3e-8), Speed(0.0, 1e-8)).least_work == np.inf


# -- whole runs


def test_a_run_says_what_it_ran_on(device: Device, tmp_path: File) -> None:
    result = drawn(device.info.name)
    assert result.report["refined_on"] == str(device.info) and result.report["notes"] == []
    assert result.drawing.settings["compute"] == str(device.info)
    save_svg(result.drawing, tmp_path / "drawing.svg")
    settings = Settings.from_dict(load_svg(tmp_path / "drawing.svg").settings)
    assert settings.compute == str(device.info)
    again = drawn(settings.compute)
    assert_same(again, result)


def test_a_run_on_the_cpu_leaves_no_trace_of_the_setting() -> None:
    automatic, chosen = drawn("auto"), drawn("cpu")
    assert "compute" not in automatic.drawing.settings
    assert automatic.drawing.settings == chosen.drawing.settings
    assert automatic.report["refined_on"] == "CPU"
    assert_same(automatic, chosen)


def assert_same(first: Result, second: Result) -> None:
    for one, other in zip(first.drawing.paths, second.drawing.paths, strict=True):
        assert all(map(np.array_equal, one.subpaths, other.subpaths))
        assert np.array_equal(one.fill, other.fill)


def failing_fetch(device: Device, monkeypatch: pytest.MonkeyPatch, after: int, error: Any) -> None:
    """Have the device fail from some reading on, after it was tested."""
    failure_of(device)
    original, count = device.fetch, iter(range(10**6))

    def fetch(*arguments: Any) -> Any:
        if next(count) >= after:
            raise error
        return original(*arguments)

    monkeypatch.setattr(device, "fetch", fetch)
    monkeypatch.setattr(device, "close", lambda: None)


@pytest.mark.parametrize("after", [0, 4, 15])
def test_a_device_that_is_lost_hands_over_to_the_cpu(
    real: Device, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    failing_fetch(real, monkeypatch, after, GpuError("The GPU was lost."))
    result = drawn("gpu")
    assert len(result.drawing.paths) == SETTINGS.budget
    assert result.report["refined_on"] == f"{real.info} and CPU"
    assert result.report["notes"] == ["Shapes were refined on the CPU: The GPU was lost."]


def test_a_device_out_of_memory_hands_over_to_the_cpu(
    real: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure_of(real)

    def create_buffer(**options: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(real._device, "create_buffer", create_buffer)
    monkeypatch.setattr(real, "close", lambda: None)
    result = drawn("gpu")
    assert len(result.drawing.paths) == SETTINGS.budget
    assert result.report["notes"] == [
        "Shapes were refined on the CPU: The GPU has not enough memory."
    ]


def test_a_device_that_hangs_hands_over_to_the_cpu(
    real: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure_of(real)
    original = real.fetch

    class Never:
        def sync_wait(self) -> None:
            threading.Event().wait(5)

    monkeypatch.setattr(gpu_device, "TIMEOUT", 0.05)
    monkeypatch.setattr(real, "fetch", lambda *array: original(*array)._replace(promise=Never()))
    monkeypatch.setattr(real, "close", lambda: None)
    result = drawn("gpu")
    assert len(result.drawing.paths) == SETTINGS.budget
    assert "did not answer" in result.report["notes"][0] and len(result.report["notes"]) == 1


def test_a_device_that_is_destroyed_hands_over_to_the_cpu(device: Device) -> None:
    """A device of its own, which is really gone in the middle of a run."""
    own = Device(gpu_device._adapters()[0])
    chosen = Processor(1, device=own)
    own._device.destroy()
    picture = resize(Image(astronaut().astype(np.float32) / 255), 96)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("semvec.core.pipeline.vectorize.choose_processor", lambda *a, **o: chosen)
        result = vectorize(picture, SETTINGS)
    assert len(result.drawing.paths) == SETTINGS.budget
    assert len(result.report["notes"]) == 1
