# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of a batch: patterns, frames, and names that never collide."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.batch.inputs import (
    find_images,
    frame_number,
    output_names,
    parse_frames,
    select_frames,
)
from semvec.core.errors import SettingsError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("f_1.png", "f_2.png", "f_10.png", "g_1.jpg", "notes.txt"):
        (tmp_path / name).touch()
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("f_*.png", ["f_1.png", "f_2.png", "f_10.png"]),
        ("f_####.png", ["f_1.png", "f_2.png", "f_10.png"]),
        ("f_%04d.png", ["f_1.png", "f_2.png", "f_10.png"]),
        (".", ["f_1.png", "f_2.png", "f_10.png", "g_1.jpg"]),
        ("*_1.*", ["f_1.png", "g_1.jpg"]),
        ("missing.png", ["missing.png"]),
        ("missing_*.png", []),
    ],
)
def test_patterns(folder: Path, pattern: str, names: list[str]) -> None:
    found = find_images([str(folder / pattern), str(folder / pattern)])
    assert [path.name for path in found] == names


@pytest.mark.parametrize(
    ("text", "frames"),
    [("5", [5]), ("1-4", [1, 2, 3, 4]), ("1-9x4", [1, 5, 9]), ("3,1-2, 2", [1, 2, 3]), ("4-2", [])],
)
def test_ranges_of_frames(text: str, frames: list[int]) -> None:
    assert parse_frames(text) == frames


@pytest.mark.parametrize("text", ["", "a", "1-", "1..4", "1-2-3"])
def test_what_is_no_range_is_an_error(text: str) -> None:
    with pytest.raises(SettingsError):
        parse_frames(text)


def test_the_frame_is_the_last_number_of_the_name() -> None:
    names = {"shot2_0010.png": 10, "7.jpg": 7, "cover.png": None, "a1b": 1}
    assert {name: frame_number(Path(name)) for name in names} == names


def test_gaps_are_named() -> None:
    images = [Path(f"f_{number:04d}.png") for number in (1, 2, 5, 9)]
    selected, missing = select_frames(images, range(2, 7))
    assert selected == images[1:3] and missing == [3, 4, 6]


def test_equal_stems_get_distinct_names() -> None:
    images = [Path(name) for name in ("a.png", "same.png", "same.jpg", "x/b.png", "y/b.png")]
    names = output_names(images)
    assert names == ["a.svg", "same.png.svg", "same.jpg.svg", "x-b.png.svg", "y-b.png.svg"]


@given(
    st.lists(
        st.tuples(
            *[st.sampled_from(["", "a", "A", "b"])] * 2, st.sampled_from(["s", "S.p", "t.q"])
        ),
        unique=True,
    ),
    st.randoms(),
)
def test_names_are_distinct_and_independent_of_the_order(parts, source) -> None:
    images = [Path(*(part for part in each if part)) for each in dict.fromkeys(parts)]
    images = list(dict.fromkeys(images))
    names = dict(zip(images, output_names(images), strict=True))
    assert len(set(names.values())) == len(images)
    shuffled = list(images)
    source.shuffle(shuffled)
    assert dict(zip(shuffled, output_names(shuffled), strict=True)) == names
