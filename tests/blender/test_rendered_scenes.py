# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenes for the training of a boundary network, rendered by Blender in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np
import pytest

if bpy.app.version >= (5, 0):
    pytest.skip("scenes for training are rendered by Blender 4", allow_module_level=True)

PROGRAM = Path(__file__).resolve().parents[2] / "training" / "scenes.py"


def render(folder: Path, *options: str) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Run the program and return pictures and labels by the files' names."""
    command = [sys.executable, PROGRAM, folder, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr
    scenes = {}
    for file in sorted(folder.iterdir()):
        with np.load(file) as archive:
            scenes[file.name] = archive["image"], archive["labels"]
    return scenes


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return render(tmp_path_factory.mktemp("scenes"), "--count", "3", "--seed", "5")


def test_scenes_have_objects_and_borders_where_their_colors_change(scenes) -> None:
    assert [*scenes] == ["00000.npz", "00001.npz", "00002.npz"]
    across, elsewhere = [], []
    for image, labels in scenes.values():
        assert image.dtype == labels.dtype == np.uint8
        assert image.shape == (*labels.shape, 3)
        assert len(np.unique(labels)) >= 3
        change = np.abs(np.diff(image.astype(int), axis=1)).sum(axis=2)
        border = labels[:, 1:] != labels[:, :-1]
        across.append(change[border].mean())
        elsewhere.append(change[~border].mean())
    assert np.mean(across) > 2.0 * np.mean(elsewhere)


def test_a_scene_depends_on_the_seed_and_its_number_alone(scenes, tmp_path) -> None:
    again = render(tmp_path, "--count", "3", "--seed", "5", "--first", "1", "--step", "2")
    assert [*again] == ["00001.npz"]
    for found, expected in zip(again["00001.npz"], scenes["00001.npz"], strict=True):
        assert np.array_equal(found, expected)
