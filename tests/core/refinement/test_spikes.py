# SPDX-License-Identifier: GPL-3.0-or-later
"""Needles are cut off where that is better, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from metrics.shapes import crosses_itself

from semvec.core.bezier import circle, flattened, polygon, rectangle
from semvec.core.drawing import Path, pack
from semvec.core.refinement.refine import CLEAN, PUBLISHED, Refinement
from semvec.core.refinement.spikes import prune_spikes
from semvec.core.refinement.target import Target
from semvec.core.rendering.native import render

SIZE = 64


def shape(*subpaths: np.ndarray, color: tuple[float, ...] = (1, 0, 0, 1)) -> Path:
    return Path(list(subpaths), np.array(color, np.float32), region=0, name="a")


def drawn(*paths: Path) -> np.ndarray:
    return render(pack(paths), SIZE, SIZE)


def target(image: np.ndarray) -> Target:
    weight = np.ones((SIZE, SIZE), np.float32)
    regions = np.zeros((SIZE, SIZE), np.int32)
    return Target(image, weight, np.ones(3, np.float32), regions, np.zeros(1, np.int32))


def cost(paths: list[Path], image: np.ndarray) -> float:
    return float(np.square(drawn(*paths) - image).sum())


BODY = [(10, 10), (10, 40), (40, 40), (40, 10)]


def body_with_spike(width: float) -> np.ndarray:
    """A square with something 20 px long on its right side."""
    return polygon(np.array([*BODY[:3], (40, 26), (60, 25), (40, 26 - width), BODY[3]], float))


def test_a_spike_goes_and_the_rest_stays() -> None:
    body = shape(polygon(np.array(BODY, float)))
    spoilt = shape(body_with_spike(2.0))
    image = drawn(body)
    (mended,) = prune_spikes([spoilt], target(image))
    assert cost([mended], image) < 0.1 * cost([spoilt], image)
    assert flattened(mended.subpaths[0])[:, 0].max() < 44
    assert (mended.name, mended.region) == ("a", 0)
    np.testing.assert_array_equal(mended.fill, spoilt.fill)


def test_one_that_is_in_the_image_stays() -> None:
    path = shape(body_with_spike(2.0))
    assert prune_spikes([path], target(drawn(path)))[0] is path


def test_one_that_nobody_sees_stays() -> None:
    """Beneath another shape it can't be wrong."""
    below, above = (
        shape(body_with_spike(2.0)),
        shape(rectangle(40, 10, 62, 40), color=(0, 0, 1, 1)),
    )
    image = drawn(shape(polygon(np.array(BODY, float))), above)
    assert prune_spikes([below, above], target(image))[0] is below


def test_what_is_wide_stays_though_it_is_wrong() -> None:
    path = shape(body_with_spike(12.0))
    image = drawn(shape(polygon(np.array(BODY, float))))
    assert flattened(prune_spikes([path], target(image))[0].subpaths[0])[:, 0].max() > 45


def test_spikes_of_holes_and_of_several_paths_at_once() -> None:
    hole = body_with_spike(2.0)[::-1].copy()
    hole = np.roll(hole, 1, axis=0) * np.float32(0.6) + np.float32(10)
    plate = shape(rectangle(2, 2, 62, 62), hole)
    spike = shape(body_with_spike(4.0) * np.float32(0.4), color=(0, 1, 0, 1))
    clean = drawn(
        shape(rectangle(2, 2, 62, 62), polygon(np.array(BODY[::-1], float) * 0.6 + 10)),
        shape(polygon(np.array(BODY, float) * 0.4), color=(0, 1, 0, 1)),
    )
    paths = prune_spikes([plate, spike], target(clean))
    assert cost(paths, clean) < 0.3 * cost([plate, spike], clean)
    assert len(paths[0].subpaths) == 2


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_it_never_does_harm(seed: int) -> None:
    """Against shapes that were simple and are no slivers; the image is another drawing."""
    rng = np.random.default_rng(seed)

    def spiky(count: int) -> Path:
        center, angles = rng.uniform(15, 49, 2), np.sort(rng.uniform(0, 2 * np.pi, count))
        radii = rng.uniform(4, 25, count)[:, None]
        corners = center + radii * np.stack([np.cos(angles), -np.sin(angles)], axis=1)
        return shape(polygon(corners), color=(*rng.random(3), 1.0))

    paths = [spiky(rng.integers(3, 9)) for _ in range(3)]
    image = drawn(*(shape(circle(rng.uniform(10, 54, 2), 12.0, 6)) for _ in range(3)))
    after = prune_spikes(paths, target(image))
    assert cost(after, image) <= cost(paths, image) + 1e-6
    for before, path in zip(paths, after, strict=True):
        assert len(path.subpaths[0]) >= 9
        assert np.isfinite(path.subpaths[0]).all()
        assert path is before or not crosses_itself(path)


@pytest.mark.parametrize(("schedule", "prunes_spikes"), [(CLEAN, True), (PUBLISHED, False)])
def test_only_clean_shapes_that_are_refined_are_prune_spikes(schedule, prunes_spikes: bool) -> None:
    spoilt = shape(body_with_spike(2.0))
    image = drawn(shape(polygon(np.array(BODY, float))))
    labels = np.zeros((SIZE, SIZE), np.int32)
    for iterations in (0, 2):
        refinement = Refinement(target(image), labels, schedule=schedule, iterations=iterations)
        (path,) = refinement.run([spoilt], 0, 0)
        short = flattened(path.subpaths[0])[:, 0].max() < 50
        assert short == (prunes_spikes and iterations > 0)
