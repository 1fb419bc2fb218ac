# SPDX-License-Identifier: GPL-3.0-or-later
"""Path data, against svgpathtools' parser; and what is drawn of data with an error."""

from __future__ import annotations

import numpy as np
import pytest
import svgpathtools
from hypothesis import given, settings
from hypothesis import strategies as st

from semvec.core.svg.paths import chains_of, is_own_form

numbers = st.integers(-40, 40).map(lambda tenths: f"{tenths / 4:g}")
COUNTS = {"L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}


@st.composite
def path_data(draw) -> str:
    """Valid data of all commands but arcs, absolute and relative, with repeated arguments."""
    pieces = [f"M{draw(numbers)} {draw(numbers)}"]
    for _ in range(draw(st.integers(1, 6))):
        letter = draw(st.sampled_from("LHVCSQTZM"))
        count = COUNTS.get(letter, 2) * (draw(st.integers(1, 2)) if letter != "Z" else 0)
        arguments = draw(st.sampled_from([" ", ","])).join(draw(numbers) for _ in range(count))
        pieces.append((letter if draw(st.booleans()) else letter.lower()) + arguments)
    return "".join(pieces)


def sampled(cubic: np.ndarray) -> np.ndarray:
    t = np.linspace(0, 1, 5)
    a, b, c, d = cubic
    return (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d


@given(path_data())
@settings(max_examples=200, deadline=None)
def test_data_is_read_as_svgpathtools_reads_it(data):
    chains, is_whole = chains_of(data)
    assert is_whole
    ours = [sampled(p[i : i + 4]) for p, _ in chains for i in range(0, len(p) - 1, 3)]
    theirs = [
        np.array([segment.point(t) for t in np.linspace(0, 1, 5)])
        for segment in svgpathtools.parse_path(data)
    ]
    ours, theirs = (
        [line for line in lines if np.abs(np.diff(line)).max() > 1e-6] for lines in (ours, theirs)
    )
    assert len(ours) == len(theirs)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-9)


sizes = st.sampled_from([0.5, 1, 3, 10, 400])


@given(
    st.tuples(sizes, sizes, st.integers(-400, 400), st.booleans(), st.booleans()),
    st.tuples(st.integers(-30, 30), st.integers(-30, 30)).filter(any),
)
@settings(max_examples=150, deadline=None)
def test_arcs_are_where_svgpathtools_has_them(arc, end):
    rx, ry, turn, is_large, is_clockwise = arc
    data = f"M5 7A{rx} {ry} {turn} {int(is_large)} {int(is_clockwise)} {5 + end[0]} {7 + end[1]}"
    ((points, _),), is_whole = chains_of(data)
    assert is_whole
    (theirs,) = svgpathtools.parse_path(data)
    anchors = points[::3]
    slack = 1e-7 * (abs(theirs.radius) + 100.0)
    expected = [theirs.point(t) for t in np.linspace(0, 1, len(anchors))]
    np.testing.assert_allclose(anchors, expected, atol=slack)
    middles = [sampled(points[i : i + 4])[2] for i in range(0, len(points) - 1, 3)]
    halves = (np.arange(len(middles)) + 0.5) / len(middles)
    wanted = [theirs.point(each) for each in halves]
    np.testing.assert_allclose(middles, wanted, atol=5e-4 * abs(theirs.radius) + slack)


@pytest.mark.parametrize(
    ("data", "same_as"),
    [
        ("M0 0L5 5L7", "M0 0L5 5"),
        ("M0 0L5 5 NaN", "M0 0L5 5"),
        ("M0 0C1 1 2 2 3 3 4 4", "M0 0C1 1 2 2 3 3"),
        ("MM0 0h5", ""),
        ("L1 1", ""),
        ("M0 0h5#h5", "M0 0h5"),
        ("M0 0h5Z3", "M0 0h5Z"),
        ("M0 0A5 5 0 2 1 9 9", "M0 0"),
    ],
)
def test_data_with_an_error_is_drawn_up_to_it(data, same_as):
    chains, is_whole = chains_of(data)
    assert not is_whole
    expected, _ = chains_of(same_as)
    assert len(chains) == len(expected)
    assert all(np.array_equal(a.points, b.points) for a, b in zip(chains, expected, strict=True))


@pytest.mark.parametrize("data", ["", "none", "M1 1", "M50 50A20 20 0 1 1 50 50L9 9", "M.5.5-1-1z"])
def test_odd_data_without_an_error(data):
    assert chains_of(data)[1]


def test_many_lines_are_read_as_few_are():
    """Long runs take another way, all at once."""
    few = "".join(f"l{i} {i * i}" for i in range(60)) + "c1 2 3 4 5 6" * 60
    many = "l" + " ".join(f"{i} {i * i}" for i in range(60)) + "c" + " ".join(["1 2 3 4 5 6"] * 60)
    one, other = (chains_of("M1 2" + data + "s7 8 9 9")[0][0] for data in (few, many))
    np.testing.assert_allclose(one.points, other.points, rtol=1e-12)


def test_the_form_of_our_own_writer():
    assert is_own_form("M0 0C1 1 2-2.5 3 3Z") and is_own_form("M0 0C1 1 2 2 3 3ZM1 1C1 1 2 2 3 3Z")
    for other in ("", "M0 0", "m0 0C1 1 2 2 3 3Z", "M0 0C1 1 2 2 3 3", "M0,0C1 1 2 2 3 3Z"):
        assert not is_own_form(other)
