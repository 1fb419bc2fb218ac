# SPDX-License-Identifier: GPL-3.0-or-later
"""Job descriptions for render farms: their commands are run as a farm's worker runs them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

EXTRAS = Path(__file__).resolve().parents[3] / "extras"
FLAMENCO = EXTRAS / "flamenco" / "semvec_vectorize.js"
OPENJD = EXTRAS / "openjd" / "semvec_vectorize.json"
NODE = shutil.which("node")
TYPES = {"string": str, "int32": int, "float": float, "bool": bool}


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for number in range(1, 6):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 12, 3), np.uint8)
        PIL.Image.fromarray(pixels).save(tmp_path / "in" / f"shot_{number:04d}.png")
    return tmp_path / "in"


def run_semvec(arguments: list[str]) -> None:
    run = subprocess.run([sys.executable, "-m", "semvec.core", *arguments], capture_output=True)
    assert run.returncode == 0, run.stderr


def compiled(settings: dict[str, Any]) -> dict[str, Any]:
    """Return Flamenco's job type and the tasks of a job, by Node."""
    if NODE is None:
        pytest.skip("Node is not installed")
    model = Path(__file__).with_name("flamenco_model.js")
    command = [NODE, model, FLAMENCO, json.dumps(settings)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def test_flamenco_runs_one_command_a_chunk(frames: Path, tmp_path: Path) -> None:
    settings = {
        "images": str(frames / "shot_####.png"), "output_folder": str(tmp_path / "out"),
        "frames": "1-5", "chunk_size": 2, "budget": 4, "fills": "gradient",
        "options": "--iterations 1 --mask-count 8", "semvec": "semvec",
    }  # fmt: skip
    tasks = compiled(settings)["tasks"]
    assert [task["name"] for task in tasks] == ["vectorize-1-2", "vectorize-3-4", "vectorize-5"]
    for task in tasks:
        (command,) = task["commands"]
        assert command["name"] == "exec" and command["parameters"]["exe"] == "semvec"
        run_semvec(command["parameters"]["args"])
    assert len(list((tmp_path / "out").glob("*.svg"))) == 5


def test_flamenco_gets_settings_it_can_show() -> None:
    settings = {"frames": "1", "chunk_size": 1, "images": "", "output_folder": ""}
    job_type = compiled({**settings, "budget": 1, "fills": "flat", "semvec": "semvec"})["jobType"]
    assert job_type["label"] and job_type["description"]
    assert len({setting["key"] for setting in job_type["settings"]}) == len(job_type["settings"])
    for setting in job_type["settings"]:
        assert re.fullmatch(r"[a-z_]+", setting["key"]) and setting["description"]
        assert setting.get("required") or isinstance(setting["default"], TYPES[setting["type"]])


def test_openjd_runs_one_command_a_frame(frames: Path, tmp_path: Path) -> None:
    template = json.loads(OPENJD.read_text())
    values = {
        f"Param.{item['name']}": str(item.get("default", ""))
        for item in template["parameterDefinitions"]
    }
    values |= {
        "Param.Images": str(frames), "Param.OutputFolder": str(tmp_path / "out"),
        "Param.Budget": "4", "Task.Param.Frame": "3",
    }  # fmt: skip
    (step,) = template["steps"]
    run = step["script"]["actions"]["onRun"]
    arguments = [
        re.sub(r"\{\{(.*?)\}\}", lambda match: values[match[1]], argument)
        for argument in run["args"]
    ]
    run_semvec([*arguments, "--iterations", "1"])
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["shot_0003.svg"]
