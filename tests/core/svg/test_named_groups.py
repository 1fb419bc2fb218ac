# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of other programs' files as groups of paths."""

from __future__ import annotations

from semvec.core.svg import from_svg, to_svg

NAMESPACE = "http://www.inkscape.org/namespaces/inkscape"
FILE = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:inkscape="{NAMESPACE}" viewBox="0 0 9 9">
<rect width="9" height="9"/>
<g id="layer1" inkscape:label="Trees"><rect width="1" height="1" fill="#0a0"/>
 <g id="g1234"><rect width="2" height="2" fill="#0b0"/></g>
 <g id="birds"><circle cx="4" cy="4" r="2" fill="red"/></g>
 <path d="M1 1h3v3z" fill="#080"/>
</g>
<g id=""><rect width="3" height="1" fill="#00f"/></g>
</svg>"""
GROUPS = ["", "Trees", "Trees", "birds", "Trees", ""]


def test_paths_are_in_the_innermost_group_with_a_name() -> None:
    """Not in g1234, a name that Inkscape gave; those of layers are their labels."""
    assert [path.group for path in from_svg(FILE).paths] == GROUPS


def test_groups_are_written_and_read_again() -> None:
    again = from_svg(to_svg(from_svg(FILE)))
    assert [path.group for path in again.paths] == GROUPS


def test_our_own_layers_are_no_groups() -> None:
    plain = from_svg(FILE)
    for path in plain.paths:
        path.group = ""
    assert {path.group for path in from_svg(to_svg(plain)).paths} == {""}
