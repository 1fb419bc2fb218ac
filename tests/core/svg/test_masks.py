# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks: their regions, levels of light and gradients, as resvg draws them."""

from __future__ import annotations

import pytest
from foreign_svg import SVG, looks_the_same

FRAME = 'viewBox="0 0 100 100" width="200" height="200"'
CONTENT = (
    '<rect mask="url(#m)" x="10" y="10" width="80" height="80" fill="#08c"/>'
    '<circle mask="url(#m)" cx="70" cy="30" r="25" fill="#c30"/>'
)
WHITE = '<rect width="100" height="100" fill="#fff"/>'
EXACT = {
    "region": f'<mask id="m" x=".25" y=".25" width=".5" height=".5">{WHITE}</mask>{CONTENT}',
    "region in user space": '<mask id="m" maskUnits="userSpaceOnUse" x="30" y="20" width="40"'
    f' height="50%">{WHITE}</mask>{CONTENT}',
    "region that cuts a stroke": f'<mask id="m">{WHITE}</mask><rect mask="url(#m)" x="30" y="30"'
    ' width="40" height="40" stroke="#000" stroke-width="30"/>',
    "mask of a mask": '<mask id="n"><rect width="50" height="100" fill="#fff"/></mask><mask id="m"'
    f' mask="url(#n)"><circle cx="50" cy="50" r="30" fill="#fff"/></mask>{CONTENT}',
    "gray": f'<mask id="m"><rect width="100" height="100" fill="#777"/></mask>{CONTENT}',
    "colors": '<mask id="m"><rect width="50" height="100" fill="#0f0"/><rect x="50" width="50"'
    f' height="100" fill="#00f"/></mask>{CONTENT}',
    "grays over each other": f'<mask id="m"><rect width="60" height="100" fill="#fff"/><rect x="30"'
    f' width="70" height="100" opacity=".5"/><circle cx="50" cy="50" r="20" fill="#888"/></mask>'
    f"{CONTENT}",
    "group": f'<mask id="m"><rect width="100" height="100" fill="#888"/></mask><g mask="url(#m)">'
    f"{CONTENT.replace('mask=', 'data-mask=')}</g>",
}
STOPS = {
    "light": '<stop stop-color="#fff"/><stop offset="1"/>',
    "opacity": '<stop stop-color="#fff"/><stop offset="1" stop-color="#fff" stop-opacity="0"/>',
    "three": '<stop/><stop offset=".4" stop-color="#fff"/><stop offset="1" stop-color="#222"/>',
}


def document(content: str) -> str:
    return f"<svg {SVG} {FRAME}>{content}</svg>"


@pytest.mark.parametrize("name", EXACT)
def test_masks_of_plain_colors_are_exact(name: str) -> None:
    drawing = looks_the_same(document(EXACT[name]), 1.0)
    assert "notes" not in drawing.settings


@pytest.mark.parametrize("kind", ["linear", "radial"])
@pytest.mark.parametrize("stops", STOPS)
def test_masks_of_gradients_fade_in_steps(kind: str, stops: str) -> None:
    tag = f"{kind}Gradient"
    drawing = looks_the_same(
        document(
            f'<{tag} id="g">{STOPS[stops]}</{tag}><mask id="m"><rect width="100" height="100"'
            f' fill="url(#g)"/></mask>{CONTENT}'
        ),
        4.0,
    )
    assert drawing.settings["notes"]
