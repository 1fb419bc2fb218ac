# SPDX-License-Identifier: GPL-3.0-or-later
"""Equality of two drawings, to the bit."""

from __future__ import annotations

import numpy as np

from semvec.core.drawing import Drawing, Ramp


def same(a: Drawing, b: Drawing) -> bool:
    """Tell whether canvas, settings and every path are equal; NaN equals NaN."""
    return (
        (a.width, a.height, a.settings) == (b.width, b.height, b.settings)
        and len(a.paths) == len(b.paths)
        and all(
            (p.kind, p.name, p.region) == (q.kind, q.name, q.region)
            and np.array_equal(p.fill, q.fill)
            and len(p.subpaths) == len(q.subpaths)
            and all(map(np.array_equal, p.subpaths, q.subpaths))
            and same_ramps(p.ramp, q.ramp)
            for p, q in zip(a.paths, b.paths, strict=True)
        )
    )


def same_ramps(a: Ramp | None, b: Ramp | None) -> bool:
    """Tell whether both are None, or equal."""
    if a is None or b is None:
        return a is b
    return a.kind == b.kind and all(
        map(np.array_equal, (a.start, a.end, a.color), (b.start, b.end, b.color))
    )


def assert_same(actual: Drawing, expected: Drawing) -> None:
    """The same of two drawings, for their types as well; says what differs."""
    assert (actual.width, actual.height) == (expected.width, expected.height)
    assert actual.settings == expected.settings
    assert len(actual.paths) == len(expected.paths)
    for ours, theirs in zip(actual.paths, expected.paths, strict=True):
        assert (ours.kind, ours.name, ours.region) == (theirs.kind, theirs.name, theirs.region)
        np.testing.assert_array_equal(ours.fill, theirs.fill)
        assert ours.fill.dtype == theirs.fill.dtype == np.float32
        assert len(ours.subpaths) == len(theirs.subpaths)
        assert same_ramps(ours.ramp, theirs.ramp)
        for a, b in zip(ours.subpaths, theirs.subpaths, strict=True):
            assert a.dtype == b.dtype == np.float32
            np.testing.assert_array_equal(a, b)
