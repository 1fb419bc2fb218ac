# SPDX-License-Identifier: GPL-3.0-or-later
"""The best ramps against a search through all directions, and Stage III that refines them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive_renderer import coverages, fills, ramp_position
from raster_scenes import blob

from semvec.core.bezier import circle, rectangle
from semvec.core.drawing import Path, Ramp, Scene, pack, unpack
from semvec.core.refinement.ramps import with_ramps

SIDE = 48


def shades(seed: int = 0) -> np.ndarray:
    """A picture whose channels change along different directions, within [0.2, 0.8]."""
    random = np.random.default_rng(seed)
    rows, columns = (np.mgrid[:SIDE, :SIDE] + 0.5) / SIDE - 0.5
    slopes = random.uniform(-0.25, 0.25, (2, 3))
    image = 0.5 + rows[..., None] * slopes[0] + columns[..., None] * slopes[1]
    return np.clip(image + random.normal(0, 0.02, image.shape), 0, 1).astype(np.float32)


def blobs(seed: int, count: int = 4) -> list[Path]:
    random = np.random.default_rng(seed)
    return [
        Path(
            [blob(random, random.uniform(8, SIDE - 8, 2), random.uniform(6, 14))],
            np.append(random.uniform(0, 1, 3), 1 if i % 2 else 0.6).astype(np.float32),
        )
        for i in range(count)
    ]


def visible(scene: Scene) -> np.ndarray:
    """Return the visible coverage of each path in each pixel: [N, H, W]."""
    opaque = coverages(scene, SIDE, SIDE) * scene.colors[:, 3, None, None].astype(np.float64)
    shown = opaque.copy()
    for i in range(len(opaque)):
        for above in opaque[i + 1 :]:
            shown[i] *= 1 - above
    return shown


def centers() -> np.ndarray:
    """Of all pixels, row by row: [H·W, 2]."""
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    return np.stack([columns.ravel(), rows.ravel()], axis=1)


def least_cost(share: np.ndarray, image: np.ndarray) -> float:
    """The squared error of the best line of colors along any of 720 directions."""
    pixels, weight = image.reshape(-1, 3).astype(np.float64), np.sqrt(share.ravel())[:, None]
    costs = []
    for angle in np.arange(720) * np.pi / 720:
        along = centers() @ [np.cos(angle), np.sin(angle)]
        system = weight * np.stack([np.ones_like(along), along], axis=1)
        found = np.linalg.lstsq(system, weight * pixels, rcond=None)[0]
        costs.append(np.square(system @ found - weight * pixels).sum())
    return min(costs)


def cost(path: Path, share: np.ndarray, image: np.ndarray) -> float:
    """The squared error of the path's own colors where it is seen."""
    scene = pack([path])
    colors = fills(scene.colors, scene.ramps, SIDE, SIDE)[0]
    return float((share[..., None] * np.square(colors[..., :3] - image)).sum())


@pytest.mark.parametrize("seed", range(5))
def test_no_other_direction_is_better(seed: int) -> None:
    image, paths = shades(seed), blobs(seed)
    weight = np.random.default_rng(seed).uniform(0.5, 1.5, (SIDE, SIDE)).astype(np.float32)
    ramped = with_ramps(paths, image, weight, threads=1)
    for path, share in zip(ramped, visible(pack(paths)) * weight, strict=True):
        if share.sum() > 40:
            assert path.ramp is not None
            assert cost(path, share, image) < 1.01 * least_cost(share, image)


def test_a_slope_is_found_to_a_quarter_of_a_level() -> None:
    rows, columns = np.mgrid[:SIDE, :SIDE] + 0.5
    along = ((2 * columns + rows) / (3 * SIDE))[..., None]
    image = (along * [0.9, 0.1, 0.5] + (1 - along) * [0.1, 0.6, 0.5]).astype(np.float32)
    square = Path([rectangle(0, 0, SIDE, SIDE)], np.array([1, 0, 1, 1], np.float32))
    (path,) = with_ramps([square], image, np.ones((SIDE, SIDE), np.float32), 1)
    assert path.ramp is not None
    axis = path.ramp.end - path.ramp.start
    assert abs(axis[0] * 1 - axis[1] * 2) < 0.02 * np.hypot(*axis)
    error = cost(path, np.ones((SIDE, SIDE)), image)
    assert np.sqrt(error / (3 * SIDE**2)) < 0.25 / 255


def test_what_shows_no_slope_stays_flat() -> None:
    image = np.full((SIDE, SIDE, 3), 0.3, np.float32)
    weight = np.ones((SIDE, SIDE), np.float32)
    flat = Path([circle((24, 24), 10)], np.array([0.3, 0.3, 0.3, 1], np.float32))
    speck = replace(flat, subpaths=[circle((5, 5), 1.0)])
    hidden = [flat, replace(flat, subpaths=[rectangle(0, 0, SIDE, SIDE)])]
    for paths in ([flat], [speck], hidden):
        assert with_ramps(paths, image, weight, 1)[0] is paths[0]
    ramp = Ramp("linear", np.float32([20, 24]), np.float32([30, 24]), np.float32([1, 0, 0]))
    (path,) = with_ramps([replace(flat, ramp=ramp)], image, weight, 1)
    assert path.ramp is None
    np.testing.assert_allclose(path.fill, flat.fill, atol=1e-3)


@given(st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=40, deadline=None)
def test_ramps_are_always_finite_and_within_the_gamut(seed: int, harsh: bool) -> None:
    random = np.random.default_rng(seed)
    image = random.uniform(0, 1, (SIDE, SIDE, 3)).astype(np.float32)
    image = np.round(image) if harsh else image
    weight = random.uniform(0, 2, (SIDE, SIDE)).astype(np.float32)
    paths = blobs(seed, 3)
    paths += [replace(paths[0], subpaths=[rectangle(10, 10, 40, 10.05)])]
    paths += [replace(paths[0], subpaths=[circle((200, 5), 9)])]
    paths += [replace(paths[0], subpaths=[rectangle(10, 10, 10, 10)])]
    for path in with_ramps(paths, image, weight, 1):
        assert ((path.fill >= 0) & (path.fill <= 1)).all()
        if path.ramp is not None:
            assert ((path.ramp.color >= 0) & (path.ramp.color <= 1)).all()
            assert np.isfinite([path.ramp.start, path.ramp.end]).all()
            assert np.hypot(*(path.ramp.end - path.ramp.start)) > 0


def test_ramps_are_laid_anew_whatever_they_were() -> None:
    image, weight = shades(), np.ones((SIDE, SIDE), np.float32)
    once = with_ramps(blobs(1), image, weight, 1)
    twice = with_ramps(unpack(pack(once), once), image, weight, 1)
    for path, again in zip(once, twice, strict=True):
        np.testing.assert_array_equal(path.fill, again.fill)
        points = np.float32([[4, 4], [20, 30]])
        if path.ramp is not None and again.ramp is not None:
            places = [
                ramp_position(1, np.concatenate([ramp.start, ramp.end]), points)
                for ramp in (path.ramp, again.ramp)
            ]
            np.testing.assert_array_equal(*places)


# Radial ramps


@pytest.mark.parametrize("middle", [(24.0, 24.0), (13.0, 20.0), (20.0, 36.0)])
def test_a_highlight_is_found_with_its_center(middle: tuple[float, float]) -> None:
    outline = circle((22, 26), 16)
    distance = np.hypot(*(centers() - middle).T).reshape(SIDE, SIDE, 1)
    image = (np.array([0.95, 0.9, 0.8]) - distance * [0.02, 0.015, 0.005]).clip(0, 1)
    disc = Path([outline], np.array([1, 0, 1, 1], np.float32))
    weight = np.ones((SIDE, SIDE), np.float32)
    (path,) = with_ramps([disc], image.astype(np.float32), weight, 1)
    assert path.ramp is not None and path.ramp.kind == "radial"
    assert np.hypot(*(path.ramp.start - middle)) < 0.5
    share = visible(pack([disc]))[0]
    assert cost(path, share, image) < 0.02 * least_cost(share, image)


def test_a_radial_ramp_is_taken_only_where_no_linear_one_is_as_good() -> None:
    """On pictures that are neither kind, against the best line of colors along any direction."""
    kinds = []
    for seed in range(4):
        random = np.random.default_rng(seed)
        waves = random.uniform(0.05, 0.16, (3, 2))
        image = 0.5 + 0.3 * np.sin(centers() @ waves.T + random.uniform(0, 6, 3))
        image = image.reshape(SIDE, SIDE, 3).astype(np.float32)
        paths, weight = blobs(seed, 6), np.ones((SIDE, SIDE), np.float32)
        ramped = with_ramps(paths, image, weight, threads=1)
        for path, share in zip(ramped, visible(pack(paths)), strict=True):
            if share.sum() > 250 and path.ramp is not None:
                kinds.append(path.ramp.kind)
                most = 1.0 if path.ramp.kind == "radial" else 1.03
                assert cost(path, share, image) < most * least_cost(share, image)
    assert set(kinds) == {"linear", "radial"}
