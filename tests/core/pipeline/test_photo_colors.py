# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs in a few colors, or in those of a palette."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from semvec.core.errors import PaletteError
from semvec.core.flat.photo_palette import oklab, photo_palette, posterized
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg


def photograph() -> Image:
    rows, columns = np.mgrid[:60, :80] / 80.0
    rgb = np.stack([0.2 + 0.6 * columns, 0.3 + 0.5 * rows, 0.7 - 0.4 * columns], axis=2)
    rgb[(rows - 0.3) ** 2 + (columns - 0.4) ** 2 < 0.03] += (0.25, -0.2, -0.2)
    rgb += np.random.default_rng(0).normal(0, 0.02, rgb.shape)
    return Image(rgb.clip(0, 1).astype(np.float32))


def colors_of(**values: object) -> tuple[set[str], list[str]]:
    """The colors in the SVG of the photograph, as hexadecimal numbers, and the notes."""
    options = {"kind": "photo", "budget": 24, "iterations": 40, "mask_count": 40, "threads": 1}
    result = vectorize(photograph(), Settings.from_dict({**options, **values}))
    fills = [np.rint(path.fill[:3] * 255) for path in from_svg(to_svg(result.drawing)).paths]
    assert all(path.ramp is None for path in result.drawing.paths)
    return {"".join(f"{int(value):02x}" for value in fill) for fill in fills}, result.report[
        "notes"
    ]


@pytest.mark.parametrize("count", [1, 2, 5, 12])
@pytest.mark.parametrize("fills", ["flat", "gradient"])
def test_a_photograph_has_exactly_as_many_colors_as_asked_for(count, fills):
    found, notes = colors_of(colors=count, fills=fills)
    assert len(found) == count
    assert any("Ignored" in note and "fills" in note for note in notes) == (fills == "gradient")


def test_colors_and_gradients_do_not_hide_what_else_is_asked_for():
    found, notes = colors_of(colors=3, fills="gradient", leave_out="#b37f5c")
    assert len(found) == 3
    assert [note for note in notes if "Ignored" in note] == [
        "Ignored, because the colors are given: fills"
    ]


def test_a_given_palette_has_all_colors():
    palette = {"203060", "e0c040", "a02020", "ffffff"}
    found, _ = colors_of(palette=" ".join(sorted(palette)))
    assert found <= palette and len(found) >= 3
    found, _ = colors_of(palette=" ".join(sorted(palette)), colors=2)
    assert found <= palette and len(found) <= 2


def test_a_palette_file_that_is_none_is_an_error(tmp_path):
    (tmp_path / "a.gpl").write_text("no palette")
    with pytest.raises(PaletteError) as caught:
        colors_of(palette=str(tmp_path / "a.gpl"))
    assert "\n" not in str(caught.value)


def test_a_picture_of_few_colors_keeps_them():
    values = np.array([[250, 20, 30], [10, 90, 200], [240, 240, 240]], np.uint8)
    numbers = np.repeat(np.repeat(np.array([[0, 1], [2, 0]]), 8, axis=0), 8, axis=1)
    rgb = (values[numbers] / 255.0).astype(np.float32)
    palette = photo_palette(rgb, np.ones((16, 16)), 8)
    assert {tuple(color) for color in palette} == {tuple(color) for color in values}
    same = np.abs(posterized(rgb, palette) - rgb).max(axis=2) < 1e-6
    assert same.mean() > 0.97  # all but corners, which are the neighbors'


def test_oklab_of_known_colors():
    """Of white, red and blue, from the article that defines OKLab."""
    found = oklab(np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    expected = [[1.0, 0.0, 0.0], [0.628, 0.225, 0.126], [0.452, -0.032, -0.312]]
    np.testing.assert_allclose(found, expected, atol=1e-3)


@given(st.integers(1, 9), st.integers(1, 12), st.integers(1, 9), st.integers(0, 99))
@hypothesis_settings(max_examples=40, deadline=None)
def test_any_picture_gives_a_palette(height, width, count, seed):
    random = np.random.default_rng(seed)
    rgb = random.random((height, width, 3)).astype(np.float32)
    weight = random.integers(0, 2, (height, width)).astype(np.float32)
    weight[0, 0] = 1
    palette = photo_palette(rgb, weight, count)
    assert 1 <= len(palette) <= count and palette.dtype == np.uint8
    shown = np.unique(posterized(rgb, palette).reshape(-1, 3) * 255.0, axis=0)
    assert {tuple(color) for color in np.rint(shown)} <= {tuple(color) for color in palette}
