# SPDX-License-Identifier: GPL-3.0-or-later
"""The gradients of a fit step, against float64 central differences of a naive renderer."""

from __future__ import annotations

import itertools
from typing import Any

import naive_renderer as naive
import numpy as np
import pytest
from raster_scenes import random_scene, ring

from semvec.core.bezier import circle, polygon, rectangle
from semvec.core.drawing import Path, Ramp, Scene, pack
from semvec.core.rendering.native import Containment, FitStep, fit_step

SIZE = 24
SEEDS = range(3)


def random_target(seed: int, size: int = SIZE) -> np.ndarray:
    """A smooth picture and some noise: float32 [size, size, 3]."""
    random = np.random.default_rng(100 + seed)
    rows, columns = np.mgrid[:size, :size] / size
    waves = random.uniform(-3, 3, (3, 2))
    picture = [0.5 + 0.4 * np.sin(a * rows + b * columns) for a, b in waves]
    noise = random.normal(0.0, 0.1, (size, size, 3))
    return np.clip(np.stack(picture, axis=-1) + noise, 0, 1).astype(np.float32)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def assert_gradients_agree(step: FitStep, expected: naive.Gradients) -> None:
    """Direction and length of the points' gradient; each entry of the colors' and ramps'."""
    points = expected.point_gradient
    assert cosine(step.point_gradient, points) >= 0.9999
    assert np.linalg.norm(step.point_gradient) == pytest.approx(np.linalg.norm(points), rel=0.005)
    for name in ("color_gradient", "ramp_axis_gradient", "ramp_color_gradient"):
        ours, theirs = getattr(step, name), getattr(expected, name)
        assert (ours is None) == (theirs is None)
        if theirs is not None:
            assert np.abs(ours - theirs).max() <= 1e-3 * np.abs(theirs).max()


def check(scene: Scene, target: np.ndarray, **terms: Any) -> None:
    step = fit_step(scene, target, **terms)
    if containment := terms.pop("containment", None):
        terms |= {
            "regions": containment.regions,
            "path_regions": containment.path_regions,
            "containment": containment.strength,
        }
    assert_gradients_agree(step, naive.finite_differences(scene, target, **terms))


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("opaque", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_overlapping_blobs_with_holes(seed: int, opaque: bool, ramps: bool) -> None:
    check(random_scene(seed, SIZE, opaque=opaque, ramps=ramps), random_target(seed))


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_outlines_that_cross_themselves(seed: int, ramps: bool) -> None:
    check(random_scene(seed, SIZE, tangle=2.0, ramps=ramps), random_target(seed))


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_weight_and_background(seed: int, ramps: bool) -> None:
    random = np.random.default_rng(seed)
    check(
        random_scene(seed, SIZE, ramps=ramps),
        random_target(seed),
        weight=random.uniform(0, 3, (SIZE, SIZE)).astype(np.float32),
        background=random.uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32),
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("weighted", [False, True])
def test_sharpness(seed: int, weighted: bool) -> None:
    """On a canvas whose last blocks are cut off."""
    random = np.random.default_rng(seed)
    size = (SIZE - 3, SIZE - 6)
    weight = random.uniform(0, 3, size).astype(np.float32) if weighted else None
    target = random.uniform(0, 1, (*size, 3)).astype(np.float32)
    check(random_scene(seed, SIZE), target, weight=weight, sharpness=0.7)


def test_sharpness_passes_over_what_is_off_everywhere_alike() -> None:
    """A picture off by one color has no other gradient for it; removal costs are not known."""
    scene = random_scene(4, SIZE)
    target = fit_step(scene, random_target(4)).image + np.float32([0.1, -0.2, 0.05])
    plain, sharp = (fit_step(scene, target, sharpness=sharpness) for sharpness in (0.0, 5.0))
    assert sharp.squared_error == plain.squared_error
    np.testing.assert_allclose(sharp.point_gradient, plain.point_gradient, atol=1e-7)
    assert np.isnan(sharp.removal_cost).all() and np.isfinite(plain.removal_cost).all()


def random_containment(seed: int, paths: int) -> Containment:
    """Blocky regions with labels from -1 to 2; some paths free."""
    random = np.random.default_rng(seed)
    blocks = random.integers(-1, 3, (SIZE // 4, SIZE // 4))
    return Containment(
        blocks.repeat(4, axis=0).repeat(4, axis=1).astype(np.int32),
        random.integers(-1, 3, paths).astype(np.int32),
        random.uniform(0.0, 0.5, paths).astype(np.float32),
    )


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_containment(seed: int, ramps: bool) -> None:
    scene = random_scene(seed, SIZE, ramps=ramps)
    check(scene, random_target(seed), containment=random_containment(seed, 6))


def test_containment_alone() -> None:
    """With a picture that is right already, only the containment term is left."""
    scene = random_scene(1, SIZE)
    target = fit_step(scene, np.zeros((SIZE, SIZE, 3), np.float32)).image
    containment = random_containment(1, 6)
    step = fit_step(scene, target, containment=containment)
    expected = naive.finite_differences(
        scene,
        target,
        weight=np.zeros((SIZE, SIZE)),
        regions=containment.regions,
        path_regions=containment.path_regions,
        containment=containment.strength,
    )
    assert step.squared_error == 0.0
    assert not step.color_gradient.any()
    assert cosine(step.point_gradient, expected.point_gradient) >= 0.9999


def test_free_paths_and_those_at_home_cost_nothing() -> None:
    scene = random_scene(0, SIZE)
    target = random_target(0)
    plain = fit_step(scene, target)
    strong = np.full(6, 9.0, np.float32)
    regions = np.full((SIZE, SIZE), 4, np.int32)
    own, free = np.full(6, 4, np.int32), np.full(6, -1, np.int32)
    for containment in (
        Containment(regions, own, strong),
        Containment(regions, free, strong),
    ):
        step = fit_step(scene, target, containment=containment)
        assert np.array_equal(step.point_gradient, plain.point_gradient)


@pytest.mark.parametrize("ramps", [False, True])
def test_parts_off_the_canvas(ramps: bool) -> None:
    scene = random_scene(5, SIZE, ramps=ramps)
    outward = np.array([[-9.0, -7.0]], np.float32)
    check(scene._replace(points=scene.points + outward), random_target(5))


@pytest.mark.parametrize("box", [(4.3, 5.6, 17.2, 19.4), (8.4, 9.3, 9.5, 10.4)])
def test_horizontal_and_vertical_edges(box: tuple[float, ...]) -> None:
    """Horizontal chords add nothing to the winding, yet moving them moves the border.

    Those of the small box are short, and cut four at a time.
    """
    fill = np.array([0.9, 0.2, 0.1, 1.0], np.float32)
    check(pack([Path([rectangle(*box)], fill)]), random_target(6))


def test_thin_shapes() -> None:
    """Both borders of a sliver share pixels."""
    fill = np.array([0.1, 0.2, 0.9, 0.8], np.float32)
    sliver = circle((12, 12), 9.0) * np.array([1, 0.03]) + np.array([0.21, 11.4])
    check(pack([Path([sliver.astype(np.float32)], fill)]), random_target(7))


def test_a_hidden_path_has_no_gradient() -> None:
    random = np.random.default_rng(3)
    hidden = Path([circle((12, 12), 5)], np.array([1, 0, 0, 0.7], np.float32))
    cover = Path([rectangle(2, 2, 22, 22)], np.array([0, 0.5, 1, 1], np.float32))
    target = random.uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32)
    step = fit_step(pack([hidden, cover]), target)
    assert np.abs(step.point_gradient[:12]).max() <= 1e-6 * np.abs(step.point_gradient).max()
    assert np.abs(step.color_gradient[0]).max() <= 1e-6 * np.abs(step.color_gradient).max()
    assert abs(step.removal_cost[0]) <= 1e-6 * abs(step.removal_cost[1])


def covered_scene(side: int, ramps: bool) -> Scene:
    """Shapes beneath, across and above the borders of an opaque one that fills whole tiles."""
    ends = np.array([4, 4], np.float32), np.array([30, 20], np.float32)
    ramp = Ramp("linear", *ends, np.array([1, 0.4, 0], np.float32)) if ramps else None
    fill = np.array([0, 0.5, 1, 1], np.float32)
    cover = Path([rectangle(3, 5, side - 3, side - 7)], fill, ramp=ramp)
    return pack(
        [
            Path([circle((20, 20), 9)], np.array([1, 0, 0, 1], np.float32)),
            Path([circle((8, 20), 7)], np.array([0, 1, 0, 0.7], np.float32)),
            cover,
            Path([circle((30, 24), 12)], np.array([0.3, 0.3, 0, 1], np.float32)),
            Path([circle((12, 14), 8)], np.array([0.9, 0.9, 1, 0.6], np.float32)),
        ]
    )


@pytest.mark.parametrize("ramps", [False, True])
def test_gradients_alone_are_those_of_a_whole_step(ramps: bool) -> None:
    """Leaving out what lies beneath opaque cover changes no bit of them."""
    side, random = 40, np.random.default_rng(8)
    scene = covered_scene(side, ramps)
    target = random.uniform(0, 1, (side, side, 3)).astype(np.float32)
    containment = Containment(
        random.integers(0, 2, (side, side)).astype(np.int32),
        np.array([0, 1, -1, 0, 1], np.int32),
        np.full(5, 0.3, np.float32),
    )
    options: dict[str, Any] = {"sharpness": 0.5, "containment": containment}
    whole = fit_step(scene, target, **options)
    alone = fit_step(scene, target, gradient_only=True, **options)
    assert alone.squared_error == whole.squared_error
    np.testing.assert_array_equal(alone.point_gradient, whole.point_gradient)
    np.testing.assert_array_equal(alone.ramp_axis_gradient, whole.ramp_axis_gradient)
    np.testing.assert_array_equal(alone.ramp_color_gradient, whole.ramp_color_gradient)
    is_opaque = scene.colors[:, 3] == 1
    fixed = np.where(is_opaque[:, None] & [False, False, False, True], 0, whole.color_gradient)
    np.testing.assert_array_equal(alone.color_gradient, fixed)
    assert alone.image.size == 0 and np.isnan(alone.removal_cost).all()


@pytest.mark.parametrize("ramps", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_removal_cost_is_the_rise_of_the_error(seed: int, ramps: bool) -> None:
    paths = 6
    scene = random_scene(seed, SIZE, paths=paths, opaque=seed == 1, ramps=ramps)
    weight = np.random.default_rng(seed).uniform(0, 2, (SIZE, SIZE)).astype(np.float32)
    target = random_target(seed)
    step = fit_step(scene, target, weight=weight)
    for path in range(paths):
        colors = scene.colors.copy()
        colors[path, 3] = 0.0
        without = fit_step(scene._replace(colors=colors), target, weight=weight)
        rise = without.squared_error - step.squared_error
        assert step.removal_cost[path] == pytest.approx(rise, rel=1e-3, abs=1e-7)


def test_a_step_against_the_gradient_lowers_the_error() -> None:
    """Sign and scale, without any oracle: the fall is what the gradient promises."""
    scene, target = random_scene(11, SIZE), random_target(11)
    step = fit_step(scene, target)
    length = 1e-3 / np.abs(step.point_gradient).max()
    moved = scene._replace(points=scene.points - length * step.point_gradient)
    promised = length * float((step.point_gradient.astype(np.float64) ** 2).sum())
    fall = step.squared_error - fit_step(moved, target).squared_error
    assert fall == pytest.approx(promised, rel=0.02)


def test_gradients_of_a_ring_reach_the_hole() -> None:
    fill = np.array([0.3, 0.3, 0.3, 1.0], np.float32)
    scene = pack([Path(ring((12, 12), 9, 4), fill)])
    step = fit_step(scene, np.zeros((SIZE, SIZE, 3), np.float32))
    # On white, with black wanted: the outer border wants out, that of the hole wants in.
    from_center = scene.points - 12.0
    outward = -(step.point_gradient * from_center).sum(axis=1)
    assert (outward[:12] > 0).all() and (outward[12:] < 0).all()


# Ramps


def straightened(scene: Scene) -> Scene:
    """Straight cubics between the same anchors: there is nothing to flatten."""
    points = scene.points.copy()
    for start, end in itertools.pairwise(scene.subpath_starts):
        points[start:end] = polygon(points[start:end:3])
    return scene._replace(points=points)


@pytest.mark.parametrize("seed", range(6))
def test_ramps_are_exact_where_outlines_are(seed: int) -> None:
    """With all terms of the loss at once: only float32 rounding may differ."""
    random = np.random.default_rng(seed)
    scene = straightened(random_scene(seed, SIZE, ramps=True, tangle=seed % 2))
    target = random.uniform(0, 1, (SIZE - 3, SIZE, 3)).astype(np.float32)
    weight = random.uniform(0, 3, (SIZE - 3, SIZE)).astype(np.float32)
    containment = random_containment(seed, 6)
    containment = containment._replace(regions=containment.regions[3:])
    background = random.uniform(0, 1, target.shape).astype(np.float32)
    terms = {"weight": weight, "background": background, "sharpness": 0.7}
    step = fit_step(scene, target, containment=containment, **terms)
    expected = naive.finite_differences(
        scene,
        target,
        **terms,
        regions=containment.regions,
        path_regions=containment.path_regions,
        containment=containment.strength,
    )
    for name in ("color_gradient", "ramp_axis_gradient", "ramp_color_gradient"):
        ours, theirs = getattr(step, name), getattr(expected, name)
        assert np.abs(ours - theirs).max() <= 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize("kind", ["linear", "radial"])
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((2.3, 4.1), (21.7, 17.2)),  # along all of the shape
        ((11.2, 11.9), (13.4, 11.1)),  # most of it clamped
        ((60.3, -25.1), (10.2, 40.4)),  # neither end near it
        ((11.8, 12.3), (11.8, 19.9)),  # straight down
    ],
)
def test_axes_of_all_sorts(kind: str, start: tuple[float, float], end: tuple[float, float]) -> None:
    ramp = Ramp(kind, np.float32(start), np.float32(end), np.float32([0.9, 0.1, 0.4]))
    fill = np.array([0.1, 0.3, 0.6, 0.8], np.float32)
    scene = pack([Path([circle((12.3, 11.8), 8.6)], fill, ramp=ramp)])
    step = fit_step(scene, random_target(8))
    assert np.abs(step.ramp_axis_gradient).max() > 0
    check(scene, random_target(8))


@pytest.mark.parametrize("kind", ["linear", "radial"])
@pytest.mark.parametrize("way", [(0.0, 0.0), (1e-7, 0.0)])
def test_a_ramp_of_no_length_is_but_its_end(kind: str, way: tuple[float, float]) -> None:
    """Its axis and its first color move nothing; the other one is like a flat fill's."""
    start, color = np.float32([0.3, 0.2]), np.float32([0.9, 0.1, 0.4])
    ramp = Ramp(kind, start, start + np.float32(way), color)
    fill = np.array([0.1, 0.3, 0.6, 0.8], np.float32)
    flat = np.append(color, fill[3])
    scene, expected = (
        pack([Path([circle((12, 12), 9)], of, ramp=r)]) for of, r in ((fill, ramp), (flat, None))
    )
    step, alike = (fit_step(s, random_target(9)) for s in (scene, expected))
    assert not step.ramp_axis_gradient.any() and not step.color_gradient[0, :3].any()
    np.testing.assert_allclose(step.ramp_color_gradient[0], alike.color_gradient[0, :3], rtol=1e-5)
    np.testing.assert_allclose(step.point_gradient, alike.point_gradient, rtol=1e-4, atol=1e-8)


def test_where_both_colors_are_one_the_axis_moves_nothing() -> None:
    scene = random_scene(3, SIZE, ramps=True)
    ramps = scene.ramps._replace(colors=scene.colors[:, :3].copy())
    same, flat = (fit_step(scene._replace(ramps=r), random_target(3)) for r in (ramps, None))
    assert not same.ramp_axis_gradient.any()
    np.testing.assert_allclose(same.point_gradient, flat.point_gradient, rtol=1e-3, atol=1e-7)
    both = same.color_gradient[:, :3] + same.ramp_color_gradient
    np.testing.assert_allclose(both, flat.color_gradient[:, :3], rtol=1e-4, atol=1e-8)


def test_steps_against_the_gradient_lower_the_error() -> None:
    """Of axes and colors, without any oracle."""
    scene, target = random_scene(12, SIZE, ramps=True), random_target(12)
    step = fit_step(scene, target)
    for name, gradient in (("axes", step.ramp_axis_gradient), ("colors", step.ramp_color_gradient)):
        length = 1e-3 / np.abs(gradient).max()
        values = getattr(scene.ramps, name) - length * gradient
        moved = scene._replace(ramps=scene.ramps._replace(**{name: values}))
        promised = length * float((gradient.astype(np.float64) ** 2).sum())
        fall = step.squared_error - fit_step(moved, target).squared_error
        assert fall == pytest.approx(promised, rel=0.02)
