# SPDX-License-Identifier: GPL-3.0-or-later
"""Random documents of style sheets, transforms, groups and paths, as resvg draws them."""

from __future__ import annotations

import numpy as np
from foreign_svg import rendered_by_resvg
from hypothesis import HealthCheck, event, given, settings
from random_documents import SIZE, documents

from semvec.core.drawing import pack
from semvec.core.rendering.native import render
from semvec.core.svg import from_svg

LARGEST_MEAN = 1.5 / 255.0  # edges: resvg's coverage has fewer steps


@given(documents())
@settings(max_examples=100, suppress_health_check=list(HealthCheck))
def test_documents_look_as_resvg_draws_them(text):
    drawing = from_svg(text)
    theirs = rendered_by_resvg(text)
    expected = theirs[..., :3] * theirs[..., 3:] + 1.0 - theirs[..., 3:]
    ours = render(pack(drawing.paths), SIZE, SIZE, background=np.ones(3))
    notes = drawing.settings.get("notes", [])
    event("with notes" if notes else "without a note")
    is_simplified = any(note.startswith("Simplified") for note in notes)
    assert is_simplified or np.abs(ours - expected).mean() <= LARGEST_MEAN
