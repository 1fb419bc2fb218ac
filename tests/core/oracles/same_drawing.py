# SPDX-License-Identifier: GPL-3.0-or-later
"""When two drawings are equal, to the bit."""

from __future__ import annotations

import numpy as np

from semvec.core.drawing import Drawing


def same(a: Drawing, b: Drawing) -> bool:
    """Whether canvas, settings and every path are equal, NaN aside."""
    return (
        (a.width, a.height, a.settings) == (b.width, b.height, b.settings)
        and len(a.paths) == len(b.paths)
        and all(
            (p.kind, p.name, p.region) == (q.kind, q.name, q.region)
            and np.array_equal(p.fill, q.fill)
            and len(p.subpaths) == len(q.subpaths)
            and all(map(np.array_equal, p.subpaths, q.subpaths))
            for p, q in zip(a.paths, b.paths, strict=True)
        )
    )
