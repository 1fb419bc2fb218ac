# SPDX-License-Identifier: GPL-3.0-or-later
"""The networks that ship with semvec, against torch and TensorFlow Lite's own runtime."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from semvec.core.models import network
from semvec.core.models.network import OPERATIONS, Network, is_available, load_network

DATA = Path(__file__).resolve().parents[2] / "data"
RANDOM = np.random.default_rng(3)
needs_networks = pytest.mark.skipif(
    not (is_available("face") and is_available("person")),
    reason="the packages with the networks could not be downloaded",
)


def some(*shape: int) -> np.ndarray:
    return RANDOM.standard_normal(shape).astype(np.float32)


def by_torch(function: Callable[..., Any], image: np.ndarray, *weights: np.ndarray) -> np.ndarray:
    """Apply a function of torch that takes [1, C, H, W] and weights as they are."""
    torch = pytest.importorskip("torch", reason="the AI engine's packages are not installed here")
    batch = torch.from_numpy(image).permute(2, 0, 1)[None]
    result = function(torch.nn.functional, batch, *map(torch.from_numpy, weights))
    return np.asarray(result[0].permute(1, 2, 0))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("padding", [(0, 0, 0, 0), (1, 1, 1, 1), (0, 1, 2, 0)])
@pytest.mark.parametrize("depthwise", [False, True])
def test_convolutions_are_torch_s(stride: int, padding: Any, depthwise: bool) -> None:
    image, bias = some(9, 11, 4), some(4 if depthwise else 5)
    kernel = some(3, 3, 4) if depthwise else some(3, 3, 4, 5)
    operation = OPERATIONS["depthwise" if depthwise else "convolution"]
    found = operation(image, kernel, bias, stride=stride, padding=list(padding), rectified=False)
    weights = kernel.transpose(2, 0, 1)[:, None] if depthwise else kernel.transpose(3, 2, 0, 1)
    top, bottom, left, right = padding
    expected = by_torch(
        lambda torch, x, w, b: torch.conv2d(
            torch.pad(x, (left, right, top, bottom)), w, b, stride, groups=4 if depthwise else 1
        ),
        image, weights, bias,
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_transposed_convolutions_are_torch_s() -> None:
    image, kernel, bias = some(5, 4, 3), some(2, 2, 3, 1), some(1)
    found = OPERATIONS["transposed"](image, kernel, bias)
    expected = by_torch(
        lambda torch, x, w, b: torch.conv_transpose2d(x, w, b, stride=2),
        image, kernel.transpose(2, 3, 0, 1), bias,
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("size", [[12, 14], [9, 7], [3, 5]])
def test_resizing_is_torch_s(size: list[int]) -> None:
    image = some(6, 7, 2)
    found = OPERATIONS["resize"](image, size=size, half_pixel=True)
    expected = by_torch(lambda torch, x: torch.interpolate(x, size, mode="bilinear"), image)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_resizing_without_half_pixels_keeps_the_first_one() -> None:
    found = OPERATIONS["resize"](np.arange(4.0).reshape(1, 4, 1), size=[1, 8], half_pixel=False)
    np.testing.assert_allclose(found.ravel(), [0, 0.5, 1, 1.5, 2, 2.5, 3, 3])


def test_activations_and_blocks() -> None:
    values = np.array([[[-4.0, -1.0, 0.0, 5.0]]], np.float32)
    assert OPERATIONS["relu"](values).ravel().tolist() == [0, 0, 0, 5]
    np.testing.assert_allclose(OPERATIONS["hard_swish"](values).ravel(), [0, -1 / 3, 0, 5])
    np.testing.assert_allclose(
        OPERATIONS["sigmoid"](values).ravel(), [0.01799, 0.26894, 0.5, 0.99331], atol=1e-5
    )
    blocks = OPERATIONS["depth_to_space"](values, block=2)
    assert blocks[..., 0].tolist() == [[-4, -1], [0, 5]]
    assert OPERATIONS["mean"](np.ones((3, 5, 2))).shape == (1, 1, 2)


def test_a_network_is_a_file_of_steps_and_weights(tmp_path: Path) -> None:
    program = (
        b'{"shape": [1, 2, 1], "outputs": ["b"], "weights": {"w": [1, 1, 1, 2], "v": [2]},'
        b'"steps": [["convolution", ["input", "w", "v"], "a",'
        b'{"stride": 1, "padding": [0, 0, 0, 0], "rectified": true}], ["relu", ["a"], "b", {}]]}'
    )
    weights = np.array([2, -1, 0.5, 0.25], np.float16)
    file = tmp_path / "network.npz"
    np.savez(file, program=np.frombuffer(program, np.uint8), weights=weights)
    (found,) = Network.load(file).run(np.array([[[1.0], [0.0]]], np.float32))
    assert found.tolist() == [[[2.5, 0.0], [0.5, 0.25]]]


def test_a_network_that_was_not_converted_is_not_available(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "FOLDER", tmp_path)
    assert not is_available("face")


@pytest.fixture(scope="module")
def references() -> dict[str, np.ndarray]:
    """Outputs of TensorFlow Lite's runtime, see tests/data/make_network_references.py."""
    with np.load(DATA / "network_references.npz") as archive:
        return dict(archive)


def picture(name: str, side: int) -> np.ndarray:
    if name == "noise":
        return np.random.default_rng(0).random((side, side, 3), np.float32)
    from skimage.data import astronaut
    from skimage.transform import resize

    return resize(astronaut(), (side, side), anti_aliasing=True).astype(np.float32)


@needs_networks
@pytest.mark.parametrize("name", ["portrait", "noise"])
def test_faces_are_those_of_the_original_runtime(name: str, references: Any) -> None:
    values, scores = load_network("face").run(2.0 * picture(name, 192) - 1.0)
    probabilities = 1.0 / (1.0 + np.exp(-scores.reshape(-1, 1).clip(-80, 80)))
    np.testing.assert_allclose(probabilities, references[f"{name}_faces"], atol=1e-2)
    boxes = values.reshape(-1, 16)[references[f"{name}_cells"]]
    np.testing.assert_allclose(boxes, references[f"{name}_boxes"], atol=1e-2)


@needs_networks
@pytest.mark.parametrize("name", ["portrait", "noise"])
def test_person_masks_are_those_of_the_original_runtime(name: str, references: Any) -> None:
    (mask,) = load_network("person").run(picture(name, 256))
    np.testing.assert_allclose(mask[::4, ::4], references[f"{name}_mask"], atol=1e-2)


@needs_networks
def test_the_networks_are_small() -> None:
    sizes = [(network.FOLDER / f"{name}.npz").stat().st_size for name in ("face", "person")]
    assert sum(sizes) <= 700_000
