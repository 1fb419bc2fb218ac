# SPDX-License-Identifier: GPL-3.0-or-later
"""DiffVG as a renderer: beside the native one, and everything that it must not be given.

Where pydiffvg is missing, as it has to be built from its sources, a stand-in with its interface
takes its place (oracles/stand_ins/pydiffvg.py); torch is needed for both.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

import naive_renderer as naive
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raster_scenes import random_scene, reversed_subpath

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Path, Scene, pack
from semvec.core.errors import NativeError, RendererError
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering import diffvg, native
from semvec.core.rendering.diffvg import DiffVG, block_means, largest_overlap
from semvec.core.settings import Settings

STAND_INS = FilePath(__file__).parents[1] / "oracles" / "stand_ins"

needs_diffvg = pytest.mark.usefixtures("pydiffvg")


@pytest.fixture(scope="module")
def pydiffvg() -> Iterator[None]:
    """Make `import pydiffvg` succeed, with the stand-in where the real one is missing."""
    pytest.importorskip("torch", reason="torch is not installed for this Python")
    if importlib.util.find_spec("pydiffvg") is not None:
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(STAND_INS)
        patch.setitem(sys.modules, "pydiffvg", importlib.import_module("pydiffvg"))
        yield


SIZE = 64
RED = np.array([1, 0, 0, 1], np.float32)


def smooth_picture(seed: int, size: int = SIZE) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] / size
    waves = np.random.default_rng(seed).uniform(-4, 4, (3, 2))
    picture = [0.5 + 0.4 * np.sin(a * rows + b * columns) for a, b in waves]
    return np.stack(picture, axis=-1).astype(np.float32)


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a.ravel().astype(np.float64), b.ravel().astype(np.float64)
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def photograph() -> Image:
    """Two discs on a slope of gray: enough to find regions in."""
    rows, columns = np.mgrid[:48, :48]
    rgb = np.repeat((0.3 + columns / 100)[..., None], 3, axis=2)
    rgb[(rows - 16) ** 2 + (columns - 16) ** 2 < 90] = (0.9, 0.1, 0.1)
    rgb[(rows - 32) ** 2 + (columns - 33) ** 2 < 60] = (0.1, 0.2, 0.9)
    return Image(rgb.astype(np.float32))


# Where pydiffvg is missing


def test_missing_pydiffvg_is_said_before_any_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydiffvg", None)
    steps: list[Any] = []
    with pytest.raises(RendererError, match="pydiffvg") as caught:
        vectorize(photograph(), Settings(renderer="diffvg"), on_progress=steps.append)
    assert "native" in caught.value.hint and steps == []


def test_ramps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffvg, "_import_pydiffvg", lambda: (None, None))
    scene = random_scene(0, SIZE, ramps=True)
    renderer = DiffVG()
    for use in (
        lambda: renderer.render(scene, SIZE, SIZE),
        lambda: renderer.fit_step(scene, smooth_picture(0)),
    ):
        with pytest.raises(RendererError, match="flat fills only") as caught:
            use()
        assert "native" in caught.value.hint


# Counting overlaps


@st.composite
def box_lists(draw: st.DrawFn) -> list[np.ndarray]:
    corners = st.one_of(st.floats(-9, 40), st.integers(-9, 40).map(float), st.just(1e6))
    pairs = st.tuples(corners, corners, corners, corners)
    return [
        np.sort(np.array(values).reshape(2, 2), axis=0)
        for values in draw(st.lists(pairs, max_size=12))
    ]


@given(box_lists(), st.integers(1, 25), st.integers(1, 25))
@settings(max_examples=150, deadline=None)
def test_the_number_of_overlaps_is_never_too_small(
    boxes: list[np.ndarray], width: int, height: int
) -> None:
    """At every corner of every box, and so at the places where most of them meet."""
    counted = largest_overlap(boxes, width, height)
    places = [np.array([box[i, 0], other[j, 1]]) for box in boxes for other in boxes
              for i in (0, 1) for j in (0, 1)]  # fmt: skip
    near = [p for p in places if (p >= -1.5).all() and p[0] <= width + 0.5 and p[1] <= height + 0.5]
    most = max((sum(bool((b[0] <= p).all() and (p <= b[1]).all()) for b in boxes) for p in near),
               default=0)  # fmt: skip
    assert most <= counted <= len(boxes)


def test_boxes_side_by_side_do_not_overlap() -> None:
    boxes = [np.array([[4 * i + 0.5, 0.5], [4 * i + 2.5, 9.5]]) for i in range(8)]
    assert largest_overlap(boxes, 32, 10) == 1
    assert largest_overlap([np.array([[90.0, 0.0], [95.0, 5.0]])] * 9, 32, 10) == 0


def stack(count: int) -> Scene:
    """Shapes one over the other, all of them over the middle of an 8 x 8 canvas."""
    random = np.random.default_rng(0)
    colors = random.uniform(0, 1, (count, 4)).astype(np.float32) * np.array([1, 1, 1, 0.05])
    return pack([Path([circle((4, 4), 2.0 + i / count)], fill) for i, fill in enumerate(colors)])


@needs_diffvg
def test_too_many_overlaps_are_an_error_and_not_the_end_of_the_process() -> None:
    target = np.zeros((8, 8, 3), np.float32)
    renderer = DiffVG()
    most = renderer.fit_step(stack(256), target)
    assert np.abs(most.image - native.render(stack(256), 8, 8)).mean() < 0.05  # edges fall together
    with pytest.raises(RendererError, match="257") as caught:
        renderer.fit_step(stack(257), target)
    assert "native" in caught.value.hint
    with pytest.raises(RendererError):
        renderer.render(stack(300), 8, 8)


@needs_diffvg
def test_many_shapes_that_do_not_overlap_are_drawn() -> None:
    places = [(4 + 8 * (i % 20), 4 + 8 * (i // 20)) for i in range(400)]
    scene = pack([Path([circle(place, 3)], RED) for place in places])
    image = DiffVG().render(scene, 160, 160)
    assert np.abs(image - native.render(scene, 160, 160)).mean() < 0.03


# Beside the native renderer


@needs_diffvg
@pytest.mark.parametrize("opaque", [True, False])
@pytest.mark.parametrize("seed", range(2))
def test_agrees_with_the_native_renderer(seed: int, opaque: bool) -> None:
    """4 x 4 samples: the picture within 2/255 on average, gradients in the same direction."""
    scene = random_scene(seed, SIZE, paths=16, opaque=opaque)
    random = np.random.default_rng(seed)
    terms = {
        "background": random.uniform(0, 1, (SIZE, SIZE, 3)).astype(np.float32),
        "weight": random.uniform(0, 2, (SIZE, SIZE)).astype(np.float32),
    }
    target = smooth_picture(seed)
    ours = native.fit_step(scene, target, **terms)
    theirs = DiffVG(samples=4, seed=seed).fit_step(scene, target, **terms)
    assert np.abs(theirs.image - ours.image).mean() <= 2 / 255
    assert theirs.squared_error == pytest.approx(ours.squared_error, rel=0.01)
    assert cosine(theirs.point_gradient, ours.point_gradient) >= 0.99
    assert cosine(theirs.color_gradient, ours.color_gradient) >= 0.999
    norms = [np.linalg.norm(step.point_gradient) for step in (theirs, ours)]
    assert norms[0] == pytest.approx(norms[1], rel=0.1)
    assert np.array_equal(theirs.removal_cost, ours.removal_cost)
    for ours_array, theirs_array in zip(ours[:5], theirs[:5], strict=True):
        assert np.shape(theirs_array) == np.shape(ours_array)
        assert np.asarray(theirs_array).dtype == np.asarray(ours_array).dtype


@needs_diffvg
def test_sharpness_is_that_of_the_native_renderer() -> None:
    scene, target = random_scene(2, SIZE, paths=16, opaque=True), smooth_picture(2)
    weight = np.random.default_rng(2).uniform(0, 2, (SIZE, SIZE)).astype(np.float32)
    ours, theirs = (
        fit_step(scene, target, weight=weight, sharpness=3.0)
        for fit_step in (native.fit_step, DiffVG(samples=4).fit_step)
    )
    assert theirs.squared_error == pytest.approx(ours.squared_error, rel=0.01)
    assert cosine(theirs.point_gradient, ours.point_gradient) >= 0.99
    assert cosine(theirs.color_gradient, ours.color_gradient) >= 0.999


def test_block_means_are_those_of_plain_loops() -> None:
    """Blocks that the border cuts off, and one that weighs nothing, included."""
    torch = pytest.importorskip("torch", reason="torch is not installed for this Python")
    random = np.random.default_rng(1)
    values, weights = random.normal(size=(13, 21, 3)), random.uniform(0, 2, (13, 21, 1))
    weights[8:, 16:] = 0
    means = block_means(torch.from_numpy(values), torch.from_numpy(weights)).numpy()
    expected = values - naive.within_blocks(values, weights)
    np.testing.assert_allclose(means, expected, atol=1e-12)


@needs_diffvg
def test_sub_paths_follow_the_non_zero_rule() -> None:
    """A hole runs the other way; one that runs the same way is no hole; nor is a twist."""
    disc, inner = circle((20, 20), 15), circle((20, 20), 8)
    double = np.concatenate([circle((20, 20), 12), circle((20, 20), 9)])
    for subpaths in ([disc, reversed_subpath(inner)], [disc, inner], [double]):
        scene = pack([Path(subpaths, RED)])
        polygons = [naive.flatten(points, 64) for points in subpaths]
        expected = naive.nonzero_coverage(polygons, 40, 40, samples=16)
        drawn = 1.0 - DiffVG(samples=4).render(scene, 40, 40)[..., 1]
        assert np.abs(drawn - expected).mean() < 2 / 255


@needs_diffvg
def test_containment_is_that_of_the_native_renderer() -> None:
    scene, target = random_scene(3, SIZE), smooth_picture(3)
    regions = np.zeros((SIZE, SIZE), np.int32)
    regions[:, SIZE // 2 :] = 1
    containment = native.Containment(
        regions, np.array([0, 1, 0, 1, -1, 0], np.int32), np.full(6, 5.0, np.float32)
    )
    steps = [
        [fit(scene, target, **terms).point_gradient for terms in ({}, {"containment": containment})]
        for fit in (native.fit_step, DiffVG(seed=1).fit_step, DiffVG(seed=1).fit_step)
    ]
    ours, theirs = (contained - free for free, contained in steps[:2])
    assert np.abs(ours).max() > 0
    # The seeds of the two steps differ, so the difference is not exact.
    assert cosine(ours, theirs) > 0.95


@needs_diffvg
def test_refinement_with_diffvg_ends_where_ours_does() -> None:
    """The whole pipeline, on a picture small enough to wait for."""
    options = {"kind": "photo", "budget": 8, "mask_count": 10, "iterations": 30}
    drawn = {
        renderer: vectorize(photograph(), Settings(renderer=renderer, **options))
        for renderer in ("native", "diffvg")
    }
    ours, theirs = drawn["native"], drawn["diffvg"]
    assert len(theirs.drawing.paths) == 8
    assert theirs.report["psnr"] > ours.report["psnr"] - 1.5
    assert any(
        not np.array_equal(a, b)
        for p, q in zip(ours.drawing.paths, theirs.drawing.paths, strict=True)
        for a, b in zip(p.subpaths, q.subpaths, strict=True)
    )


# Odd input: DiffVG would end the process


coordinates = st.one_of(
    st.floats(-20, 40, width=32),
    st.integers(-3, 20).map(float),
    st.sampled_from([1e6, 1e30, -3.4e38, 1e-38, -1e-45, 0.0, np.nan, np.inf, -np.inf]),
)


@st.composite
def odd_scenes(draw: st.DrawFn) -> Scene:
    """Up to four paths of up to two sub-paths, some empty, some a point, some not finite."""
    paths = []
    for _ in range(draw(st.integers(0, 4))):
        subpaths = []
        for _ in range(draw(st.integers(0, 2))):
            count = 6 * draw(st.integers(0, 3))
            values = draw(st.lists(coordinates, min_size=count, max_size=count))
            if draw(st.booleans()):
                values = [7.5] * count
            subpaths.append(np.array(values, np.float32).reshape(-1, 2))
        fill = draw(st.lists(st.floats(-0.5, 1.5, width=32), min_size=4, max_size=4))
        paths.append(Path(subpaths, np.array(fill, np.float32)))
    return pack(paths)


@needs_diffvg
@given(odd_scenes())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_odd_scenes_give_finite_results(scene: Scene) -> None:
    step = DiffVG().fit_step(scene, smooth_picture(0, 12))
    for values in step[:5]:
        assert np.isfinite(values).all()
    for path in range(len(scene.colors)):
        begin, end = scene.subpath_starts[scene.path_starts[path : path + 2]]
        if not np.isfinite(scene.points[begin:end]).all():
            assert not step.point_gradient[begin:end].any()


@needs_diffvg
@pytest.mark.parametrize("place", [1e6, -1e6, 4e4, 0.0])
def test_shapes_of_hardly_any_length(place: float) -> None:
    """Alone in their scene: the lengths of all outlines together must not be 0."""
    points = np.full((6, 2), place, np.float32)
    points[1] = np.nextafter(points[1], np.float32(0.5))
    scene = pack([Path([points], RED)])
    for by in (0.0, 0.011):
        points[2] += np.float32(by)
        moved = scene._replace(points=points)
        assert np.allclose(DiffVG().render(moved, 8, 8), 1.0, atol=0.01)
        assert np.isfinite(DiffVG().fit_step(moved, smooth_picture(0, 8)).point_gradient).all()


@needs_diffvg
def test_enormous_colors() -> None:
    fill = np.array([3e38, -3e38, 0, 1], np.float32)
    scene = pack([Path([rectangle(1, 1, 5, 5)], fill)])
    with pytest.raises(RendererError, match="finite"):
        DiffVG().fit_step(scene, smooth_picture(0, 8))
    assert np.isfinite(DiffVG().render(scene, 8, 8)).all()


@needs_diffvg
def test_what_is_not_finite_is_refused() -> None:
    scene = pack([Path([rectangle(1, 1, 5, 5)], RED)])
    target = np.zeros((8, 8, 3), np.float32)
    renderer = DiffVG()
    with pytest.raises(RendererError, match="finite"):
        renderer.fit_step(scene, target * np.nan)
    with pytest.raises(RendererError, match="finite"):
        renderer.render(scene, 8, 8, np.full((8, 8, 3), np.inf, np.float32))
    with pytest.raises(NativeError):
        renderer.fit_step(scene._replace(colors=scene.colors * np.nan), target)
    with pytest.raises(NativeError):
        renderer.render(scene, 0, 8)
