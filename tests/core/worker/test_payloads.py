# SPDX-License-Identifier: GPL-3.0-or-later
"""Files between the worker and its client: exact, private, and never trusted."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from same_drawing import same

from semvec.core import errors
from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Ramp, Stroke
from semvec.core.drawing import Path as DrawnPath
from semvec.core.worker.payloads import (
    load_array,
    load_drawing,
    save_drawing,
)
from semvec.core.worker.shared_folder import SharedFolder


@pytest.fixture
def folder() -> Iterator[Path]:
    shared = SharedFolder()
    yield shared.path
    shared.remove()


numbers = st.floats(-1e6, 1e6, width=32)
subpaths = st.integers(1, 4).flatmap(
    lambda segments: st.lists(
        st.tuples(numbers, numbers), min_size=3 * segments, max_size=3 * segments
    ).map(lambda points: np.array(points, np.float32))
)
arrays = {
    count: st.tuples(*[numbers] * count).map(lambda values: np.array(values, np.float32))
    for count in (2, 3)
}
ramps = st.builds(Ramp, st.sampled_from(["linear", "radial"]), arrays[2], arrays[2], arrays[3])


@st.composite
def drawn_strokes(draw: st.DrawFn) -> Stroke:
    nodes = draw(st.integers(2, 4))
    points = draw(st.lists(numbers, min_size=6 * nodes - 4, max_size=6 * nodes - 4))
    widths = draw(st.lists(st.floats(0, 99, width=32), min_size=nodes, max_size=nodes))
    pen = draw(st.booleans()), draw(st.sampled_from(["round", "butt"]))
    join = draw(st.sampled_from(["round", "miter"]))
    line = np.array(points, np.float32).reshape(-1, 2)
    return Stroke(line, np.array(widths, np.float32), *pen, join, draw(st.floats(1, 9)))


paths = st.builds(
    DrawnPath,
    st.lists(subpaths, max_size=3),
    st.tuples(*[st.floats(0, 1, width=32)] * 4).map(lambda fill: np.array(fill, np.float32)),
    st.sampled_from(["structural", "detail"]),
    st.text(max_size=8),
    st.integers(-1, 1000),
    st.none() | ramps,
    st.none() | drawn_strokes(),
)
drawings = st.builds(
    Drawing,
    st.floats(1, 9000),
    st.floats(1, 9000),
    st.lists(paths, max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers() | st.booleans() | st.text(max_size=3)),
)


@given(drawings)
def test_drawings_pass_exactly(drawing: Drawing) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        back = load_drawing(folder, save_drawing(folder, "a", drawing))
        assert same(back, drawing)
        for found, wanted in zip(back.paths, drawing.paths, strict=True):
            assert (found.stroke is None) == (wanted.stroke is None)
            if found.stroke is not None and wanted.stroke is not None:
                assert np.array_equal(found.stroke.points, wanted.stroke.points)
                assert np.array_equal(found.stroke.widths, wanted.stroke.widths)
                names = ("closed", "cap", "join", "miter_limit")
                pens = [[getattr(s, n) for n in names] for s in (found.stroke, wanted.stroke)]
                assert pens[0] == pens[1]


@pytest.mark.parametrize("name", ["../a.npy", "/etc/passwd", "a/b.npy", "", "..", "a\0", None, 3])
def test_messages_name_files_in_the_folder_only(name: object, folder: Path) -> None:
    for load in (load_array, load_drawing):
        with pytest.raises(errors.WorkerError):
            load(folder, name)


@given(st.binary(max_size=200))
def test_damaged_files_are_errors(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = folder / save_drawing(
            folder, "b", Drawing(1, 1, [DrawnPath([circle((0, 0), 1)], np.ones(4))])
        )
        for damaged in (content, whole.read_bytes()[: len(content) * 7]):
            (folder / "a").write_bytes(damaged)
            for load in (load_array, load_drawing):
                with pytest.raises(errors.WorkerError):
                    load(folder, "a")
