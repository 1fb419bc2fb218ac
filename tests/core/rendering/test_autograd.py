# SPDX-License-Identifier: GPL-3.0-or-later
"""The renderer as a function of torch: gradients of any loss, against float64 differences."""

from __future__ import annotations

import sys
from typing import Any

import naive_renderer as naive
import numpy as np
import pytest
from raster_scenes import random_scene, ring

from semvec.core.bezier import polygon
from semvec.core.drawing import Path, Ramps, Scene, pack
from semvec.core.errors import EngineMissingError, NativeError
from semvec.core.rendering import autograd, native

torch = pytest.importorskip("torch", reason="torch is not installed")
from torch.autograd.gradcheck import GradcheckError  # noqa: E402

SIZE = 24


def tensors(scene: Scene, dtype: Any = None) -> tuple[Any, Any]:
    """Points and colors of a scene as leaves that ask for gradients."""
    return tuple(
        torch.tensor(array, dtype=dtype, requires_grad=True)
        for array in (scene.points, scene.colors)
    )


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def test_the_picture_is_that_of_the_native_renderer() -> None:
    scene = random_scene(0, SIZE)
    background = np.random.default_rng(0).random((SIZE, SIZE + 3, 3), np.float32)
    image = autograd.render(*tensors(scene), scene, SIZE + 3, SIZE, background)
    assert image.requires_grad and image.dtype == torch.float32
    expected = native.render(scene, SIZE + 3, SIZE, background)
    assert np.array_equal(image.detach().numpy(), expected)


@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_any_loss(seed: int) -> None:
    """One that is neither a square nor the same everywhere, and weighs channels differently."""
    scene = random_scene(seed, SIZE, opaque=seed == 1, tangle=1.0 if seed == 2 else 0.0)
    random = np.random.default_rng(seed)
    upstream = random.normal(0.0, 1.0, (SIZE, SIZE, 3))
    background = random.random((SIZE, SIZE, 3), np.float32)

    points, colors = tensors(scene)
    image = autograd.render(points, colors, scene, SIZE, SIZE, background)
    (torch.tensor(upstream) * torch.sin(3 * image)).sum().backward()

    def loss_of(coverage_of: np.ndarray, colors: np.ndarray) -> float:
        picture = naive.composite(coverage_of, colors, background)
        return float((upstream * np.sin(3 * picture)).sum())

    expected = naive.differences_of(loss_of, scene, (SIZE, SIZE))
    by_points, by_colors = points.grad.numpy(), colors.grad.numpy()
    assert cosine(by_points, expected.point_gradient) >= 0.9995
    length = np.linalg.norm(expected.point_gradient)
    assert np.linalg.norm(by_points) == pytest.approx(length, rel=0.01)
    largest = np.abs(expected.color_gradient).max()
    assert np.abs(by_colors - expected.color_gradient).max() <= 2e-3 * largest


def polygons() -> Scene:
    """A triangle under a translucent quadrilateral that reaches out of an 8 x 7 canvas."""
    triangle = np.array([[1.3, 5.8], [6.2, 4.9], [3.1, 0.7]])
    quadrilateral = np.array([[3.4, 2.2], [3.9, 9.1], [9.2, 6.1], [7.3, 1.6]])
    return pack(
        [
            Path([polygon(triangle)], np.array([0.9, 0.2, 0.1, 1.0], np.float32)),
            Path([polygon(quadrilateral)], np.array([0.1, 0.5, 0.8, 0.6], np.float32)),
        ]
    )


def gradcheck(scene: Scene) -> bool:
    """torch's own check, entry by entry of the Jacobian; steps and bounds as float32 allows."""
    points, colors = tensors(scene, torch.float64)
    # Opacity is clamped to [0, 1], so it is stepped from inside.
    colors = (colors.detach() * 0.98 + 0.01).requires_grad_()
    return torch.autograd.gradcheck(
        lambda points, colors: autograd.render(points, colors, scene, 8, 7),
        (points, colors),
        eps=2e-3,
        atol=4e-3,
        rtol=0.0,
        nondet_tol=0.0,
    )


def test_gradcheck() -> None:
    assert gradcheck(polygons())


def test_gradcheck_of_a_ring() -> None:
    fill = np.array([0.3, 0.4, 0.9, 0.8], np.float32)
    assert gradcheck(pack([Path(ring((4.1, 3.6), 3.0, 1.4), fill)]))


@pytest.mark.parametrize("factor", [0.97, -1.0])
def test_gradcheck_finds_a_wrong_formula(factor: float, monkeypatch: pytest.MonkeyPatch) -> None:
    right = native.render_backward

    def wrong(*arguments: Any) -> native.SceneGradient:
        gradient = right(*arguments)
        return gradient._replace(points=gradient.points * np.float32(factor))

    monkeypatch.setattr(native, "render_backward", wrong)
    with pytest.raises(GradcheckError, match="Jacobian mismatch"):
        gradcheck(polygons())


def test_gradients_come_back_as_the_tensors_are() -> None:
    """Here float64, and a view of something larger that is not contiguous."""
    scene = polygons()
    wide = torch.zeros(len(scene.points), 4, dtype=torch.float64)
    wide[:, ::2] = torch.tensor(scene.points)
    wide.requires_grad_()
    _, colors = tensors(scene)
    image = autograd.render(wide[:, ::2], colors, scene, 8, 7)
    assert image.dtype == torch.float64
    image.sum().backward()
    assert wide.grad.dtype == torch.float64 and colors.grad.dtype == torch.float32
    assert wide.grad[:, ::2].abs().max() > 0 and not wide.grad[:, 1::2].any()


def ramped(scene: Scene) -> Scene:
    """A linear ramp on the first path, a radial one on the second."""
    return scene._replace(
        ramps=Ramps(
            np.array([1, 2], np.int32),
            np.array([[0.7, 1.1, 5.2, 6.3], [4.1, 3.3, 8.4, 6.9]], np.float32),
            np.array([[0.2, 0.8, 0.4], [0.9, 0.1, 0.6]], np.float32),
        )
    )


def ramp_tensors(scene: Scene, dtype: Any = None) -> dict[str, Any]:
    return {
        f"ramp_{name}": torch.tensor(getattr(scene.ramps, name), dtype=dtype, requires_grad=True)
        for name in ("axes", "colors")
    }


def test_ramps_of_the_scene_are_drawn_and_tensors_take_their_place() -> None:
    scene = ramped(polygons())
    expected = native.render(scene, 8, 7)
    image = autograd.render(*tensors(scene), scene, 8, 7)
    assert np.array_equal(image.detach().numpy(), expected)
    other = {name: tensor.detach() + 0.1 for name, tensor in ramp_tensors(scene).items()}
    image = autograd.render(*tensors(scene), scene, 8, 7, **other)
    moved = Ramps(scene.ramps.kinds, other["ramp_axes"].numpy(), other["ramp_colors"].numpy())
    assert np.array_equal(image.detach().numpy(), native.render(scene._replace(ramps=moved), 8, 7))
    assert not np.array_equal(image.detach().numpy(), expected)


def test_gradients_of_any_loss_reach_ramps() -> None:
    scene = ramped(polygons())
    upstream = np.random.default_rng(0).normal(0.0, 1.0, (7, 8, 3))
    of_ramps = ramp_tensors(scene)
    points, colors = tensors(scene)
    image = autograd.render(points, colors, scene, 8, 7, **of_ramps)
    (torch.tensor(upstream) * torch.sin(3 * image)).sum().backward()

    def loss_of(coverage_of: np.ndarray, fill_of: np.ndarray) -> float:
        picture = naive.composite(coverage_of, fill_of, np.ones((7, 8, 3)))
        return float((upstream * np.sin(3 * picture)).sum())

    expected = naive.differences_of(loss_of, scene, (8, 7))
    for ours, theirs in (
        (colors, expected.color_gradient),
        (of_ramps["ramp_axes"], expected.ramp_axis_gradient),
        (of_ramps["ramp_colors"], expected.ramp_color_gradient),
    ):
        assert np.abs(ours.grad.numpy() - theirs).max() <= 1e-4 * np.abs(theirs).max()


def test_ramps_for_a_scene_without_any_are_refused() -> None:
    scene = polygons()
    with pytest.raises(ValueError, match="no ramps"):
        autograd.render(*tensors(scene), scene, 8, 7, **ramp_tensors(ramped(scene)))


def test_only_what_asks_for_a_gradient_gets_one() -> None:
    scene = polygons()
    points, colors = tensors(scene)
    autograd.render(points, colors.detach(), scene, 8, 7).sum().backward()
    assert points.grad is not None and colors.grad is None
    assert not autograd.render(points.detach(), colors.detach(), scene, 8, 7).requires_grad


def test_the_example_of_the_documentation_learns() -> None:
    """A shape in the wrong place, size and color finds the right ones under torch's Adam."""
    wanted = native.render(polygons(), 8, 7)
    scene = polygons()
    points, colors = tensors(scene._replace(points=scene.points + 0.7, colors=scene.colors * 0.8))
    optimizer = torch.optim.Adam([{"params": [points], "lr": 0.05}, {"params": [colors]}], lr=0.01)
    losses = []
    for _ in range(100):
        optimizer.zero_grad()
        image = autograd.render(points, colors, scene, 8, 7)
        loss = (image - torch.from_numpy(wanted)).abs().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.2 * losses[0]


def test_odd_input_is_refused_as_by_the_native_renderer() -> None:
    scene = polygons()
    points, colors = tensors(scene)
    with pytest.raises(NativeError):
        autograd.render(points, colors * torch.nan, scene, 8, 7)
    with pytest.raises(NativeError):
        autograd.render(points, colors[:1], scene, 8, 7)
    with pytest.raises(NativeError):
        native.render_backward(scene, np.zeros((7, 8, 4), np.float32))


def test_no_paths() -> None:
    points, colors = tensors(pack([]))
    image = autograd.render(points, colors, pack([]), 8, 7)
    image.sum().backward()
    assert bool((image == 1).all()) and points.grad.shape == (0, 2) and colors.grad.shape == (0, 4)


def test_missing_torch_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    autograd._function.cache_clear()
    monkeypatch.setitem(sys.modules, "torch", None)
    scene = polygons()
    with pytest.raises(EngineMissingError, match="torch"):
        autograd.render(scene.points, scene.colors, scene, 8, 7)
