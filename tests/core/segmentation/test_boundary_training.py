# SPDX-License-Identifier: GPL-3.0-or-later
"""Training of a boundary network: its answers, its file, and where it goes on."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from semvec.core.models.network import Network

TRAINING = Path(__file__).resolve().parents[3] / "training"


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The training program, with batches small enough for a test."""
    pytest.importorskip("torch", reason="PyTorch is installed for one of the two Pythons only")
    monkeypatch.setattr(sys, "path", [str(TRAINING), *sys.path])
    import boundary_network

    monkeypatch.setattr(boundary_network, "BATCH", 2)
    monkeypatch.setattr(boundary_network, "CROP", 32)
    monkeypatch.setattr(boundary_network, "STEPS_BETWEEN_STATES", 2)
    monkeypatch.setattr(boundary_network, "HELD_OUT", 8)
    return boundary_network


def write_scenes(folder: Path, count: int, side: int = 40) -> None:
    """Squares of other colors than their surroundings, as scenes.py would write them."""
    random = np.random.default_rng(2)
    for number in range(count):
        labels = np.zeros((side, side), np.uint8)
        top, left = random.integers(4, side - 20, 2)
        labels[top : top + 14, left : left + 14] = 1
        image = random.integers(0, 256, (2, 3), np.uint8)[labels]
        np.savez(folder / f"{number:05}.npz", image=image, labels=labels)


@pytest.mark.parametrize("shape", [(1, 6, 8), (3, 8, 6), (2, 7, 9)])
def test_a_block_counts_the_persons_who_draw_a_border_through_it(training, shape) -> None:
    labels = np.random.default_rng(0).integers(0, 2, shape)
    persons, height, width = shape
    expected = np.zeros((height // 2, width // 2))
    for row, column in np.ndindex(*expected.shape):
        for own in labels:
            expected[row, column] += any(
                (x + 1 < width and own[y, x] != own[y, x + 1])
                or (y + 1 < height and own[y, x] != own[y + 1, x])
                for y in (2 * row, 2 * row + 1)
                for x in (2 * column, 2 * column + 1)
            )
    np.testing.assert_allclose(training.boundaries(labels), expected / persons, atol=1e-6)


def test_the_file_gives_numpy_the_answers_of_torch_within_the_limits(training, tmp_path) -> None:
    import torch

    torch.manual_seed(1)
    network = training.BoundaryNetwork()
    file = tmp_path / "boundary.npz"
    np.savez(file, **training.network_arrays(network))
    assert sum(weight.numel() for weight in network.parameters()) <= 150_000
    assert file.stat().st_size <= 300_000
    lab = np.random.default_rng(3).random((32, 48, 3), np.float32) - 0.5
    (found,) = Network.load(file).run(lab)
    with torch.no_grad():
        expected = network(torch.from_numpy(lab.transpose(2, 0, 1).copy())[None]).sigmoid()[0, 0]
    assert found.shape == (16, 24, 1)
    np.testing.assert_allclose(found[..., 0], expected, atol=1e-3)  # half precision


def test_training_goes_on_where_it_was_stopped(training, tmp_path) -> None:
    write_scenes(tmp_path, 5)
    scenes = training.load_scenes(tmp_path)
    assert len(scenes) == 5

    def trained(name: str, seed: int) -> np.ndarray:
        network = training.train(tmp_path / f"{name}.npz", scenes, [], 4, seed)
        return training.network_arrays(network)["weights"]

    at_once = trained("once", 0)

    class StoppedError(Exception):
        pass

    def stop_after(steps: int) -> None:
        real = training.batch

        def batch(scenes, human, random):
            nonlocal steps
            if steps == 0:
                raise StoppedError
            steps -= 1
            return real(scenes, human, random)

        training.batch = batch

    whole = training.batch
    stop_after(3)
    with pytest.raises(StoppedError):
        trained("twice", 0)
    training.batch = whole
    resumed = trained("twice", 0)
    assert np.array_equal(at_once, resumed)
    other_seed = trained("other", 1)
    assert not np.array_equal(at_once, other_seed)


def test_pasted_objects_hide_what_is_below_them(training) -> None:
    below = training.Example(np.zeros((32, 32, 3), np.uint8), np.zeros((1, 32, 32), int))
    labels = np.zeros((1, 32, 32), int)
    labels[0, 8:20, 10:22] = 1
    above = training.Example(np.full((32, 32, 3), 200, np.uint8), labels)
    for seed in range(8):  # the square, what is around it, or both
        image, found = training.pasted(below, above, np.random.default_rng(seed))
        shown = found[0] > 0
        assert np.array_equal(image[..., 0] > 100, shown)
        assert shown[labels[0] == 1].all() or not shown[labels[0] == 1].any()


def test_human_segmentations_of_several_persons_are_read(training, tmp_path) -> None:
    from PIL import Image

    picture = np.random.default_rng(0).integers(0, 256, (36, 40, 3), np.uint8)
    for name, labels in (
        ("one", np.zeros((36, 40), int)),
        ("two", np.arange(2 * 36 * 40).reshape(2, 36, 40)),
    ):
        Image.fromarray(picture).save(tmp_path / f"{name}.png")
        np.savez(tmp_path / f"{name}.npz", labels=labels)
    one, two = training.load_human(tmp_path)
    assert one.labels.shape == (1, 36, 40) and two.labels.shape == (2, 36, 40)
    assert np.array_equal(one.image, picture)
    pictures, answers = training.batch([], [one, two], np.random.default_rng(0))
    assert pictures.shape == (2, 3, 32, 32) and answers.shape == (2, 1, 16, 16)
    assert set(np.unique(answers)) <= {0.0, 1.0}


def test_the_program_is_refused_without_data(training, monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["boundary_network.py", str(tmp_path / "boundary.npz")])
    with pytest.raises(SystemExit):
        training.main()
    assert "nothing to train on" in capsys.readouterr().err


def test_the_program_writes_a_network_that_finds_plain_squares(
    training, monkeypatch, tmp_path
) -> None:
    monkeypatch.setattr(training, "STEPS_BETWEEN_STATES", 100)
    monkeypatch.setattr(training, "degraded", lambda image, random: image)
    write_scenes(tmp_path, training.HELD_OUT + 24)
    file = tmp_path / "boundary.npz"
    monkeypatch.setattr(
        sys, "argv", ["boundary_network.py", str(file), "--scenes", str(tmp_path), "--steps", "250"]
    )
    assert training.main() == 0
    program = json.loads(np.load(file)["program"].tobytes())
    assert program["outputs"] == ["boundaries"]
    scores = []
    for scene in training.load_scenes(tmp_path)[: training.HELD_OUT]:
        image, labels = scene.image[:32, :32], scene.labels[:, :32, :32]
        (found,) = Network.load(file).run(training.lab(image)[0].permute(1, 2, 0).numpy())
        truth = training.boundaries(labels) > 0
        scores.append(found[..., 0][truth].mean() - found[..., 0][~truth].mean())
    assert np.mean(scores) > 0.2
