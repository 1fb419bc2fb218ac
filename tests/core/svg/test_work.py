# SPDX-License-Identifier: GPL-3.0-or-later
"""Work that a document takes: estimated before the walk, counted in it, and limited."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import pytest
from foreign_svg import SVG

from semvec.core.errors import SvgError
from semvec.core.svg import from_svg, operations, tree
from semvec.core.svg.document import Document, Notes
from semvec.core.svg.effort import Effort
from semvec.core.svg.estimate import Estimate
from semvec.core.svg.jobs import Job, Operand
from semvec.core.svg.lengths import Frame
from semvec.core.svg.markup import parse_markup
from semvec.core.svg.work import MOST_WORK, Work

DEFINITIONS = (
    '<clipPath id="c"><circle cx="4" cy="4" r="3"/></clipPath>'
    '<clipPath id="o" clipPathUnits="objectBoundingBox"><path d="M0 0h1v1z"/></clipPath>'
    '<mask id="k"><circle cx="4" cy="4" r="3" fill="#fff"/><rect width="4" height="4"/></mask>'
    '<linearGradient id="g"><stop/><stop offset=".3" stop-color="red"/>'
    '<stop offset="1" stop-color="#00f"/></linearGradient><radialGradient id="h" href="#g"/>'
    '<symbol id="s" viewBox="0 0 8 8"><circle cx="8" cy="4" r="3"/></symbol>'
    '<symbol id="f" opacity=".5" clip-path="url(#c)"><circle r="3"/></symbol>'
    '<pattern id="p" width=".5" height=".5"><circle cx="4" cy="2" r="1.5"/></pattern>'
    '<marker id="m" markerWidth="2"><path d="M0 0h2v2z"/></marker><path id="b" d="M0 0h9v9z"/>'
)
FULL = {
    "shapes": '<rect width="8" height="8"/>',
    "path data": '<path d="M1 1h5v5q2 2 3 3T5 5C1 2 3 4 5 6a5 5 0 0 1 4 4z"/>',
    "strokes": '<path d="M0 0h8v8" stroke="red" fill="none"/>',
    "outlined strokes": '<path d="M0 0h8v8" stroke="red" fill="none" stroke-linejoin="bevel"/>',
    "gradients": '<path d="M0 0h8v8z" fill="url(#g)"/>',
    "clip paths": '<g clip-path="url(#c)" transform="translate(1)"><circle r="8"/></g>',
    "clip paths of boxes": '<g clip-path="url(#o)"><rect width="8" height="8"/></g>',
    "basic shapes": '<rect width="8" height="8" clip-path="circle(40%)"/>',
    "masks": '<g mask="url(#k)"><rect width="8" height="8"/></g>',
    "translucent groups": '<g opacity=".5"><rect width="8" height="8"/></g>',
    "copies": '<use href="#b" x="3"/>',
    "symbols": '<use href="#s" width="8" height="8"/>',
    "symbols with effects": '<use href="#f" width="8" height="8"/>',
    "markers": '<path d="M0 0h8v8" marker-start="url(#m)"/>',
    "patterns": '<rect width="8" height="8" fill="url(#p)"/>',
    "boxes": '<path d="M0 0h8v8z" style="transform-box:fill-box" transform="rotate(9)"/>',
}


def documented(content: str) -> str:
    return f'<svg {SVG} width="99" height="99"><defs>{DEFINITIONS}</defs>{content}</svg>'


def estimated(text: str) -> int:
    return Estimate(Document(parse_markup(text).root, Frame(99.0, 99.0), Notes())).of_all()


def counted(text: str) -> int:
    """Return the work that a walk counts."""
    document = Document(parse_markup(text).root, Frame(99.0, 99.0), Notes())
    walk = tree.Tree(document, False, Effort(-1.0))  # Boolean operations are left out
    walk.shapes(Frame(99.0, 99.0))
    return walk._operations.work.done


@pytest.mark.parametrize("name", FULL)
def test_a_document_just_above_the_limit_is_refused_before_its_walk(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files are read by the thousand elements; an eighth more than the limit is seen at once."""
    one, two = counted(documented(FULL[name])), counted(documented(FULL[name] * 2))
    monkeypatch.setattr(tree.Tree, "element", lambda *_arguments: pytest.fail("was walked"))
    several = f"<g>{FULL[name] * 50}</g>"
    count = int(1.12 * MOST_WORK / (two - one) / 50)
    with pytest.raises(SvgError, match=r"too many shapes, strokes|than 50000 shapes") as refused:
        from_svg(documented(several * count))
    assert "ivide" in refused.value.hint


PAINTS = ("none", "red", "url(#g)", "url(#h)", "url(#p)", "url(#missing) blue", "currentColor")
SHAPES = (
    '<rect width="7" height="5" rx="1"{}/>', '<circle r="4"{}/>', '<line x2="8" y2="3"{}/>',
    '<path d="M1 1L8 8"{}/>', '<path d="M0 0h8v8m-3 1a3 3 0 0 1 2 2"{}/>', '<use href="#b"{}/>',
    '<path d="M0 0C1 1 9 0 9 9S3 3 1 1"{}/>', '<polyline points="1,1 5,2 8 8"{}/>', "<g{}/>",
    '<use href="#s" width="9"{}/>', '<text{}>a</text>', '<svg width="5" viewBox="0 0 9 9"{}/>',
)  # fmt: skip
OTHER = (
    'stroke-dasharray="2 1"', 'stroke-linejoin="bevel"', 'stroke-width="0"', 'opacity=".5"',
    'clip-path="url(#c)"', 'clip-path="url(#o)"', 'mask="url(#k)"', 'clip-path="inset(1px)"',
    'marker-end="url(#m)"', 'style="marker:url(#m)"', 'visibility="hidden"', 'display="none"',
    'transform="translate(2 3)"', 'style="transform-box:fill-box"',
    'systemLanguage="de"', 'vector-effect="non-scaling-stroke"',
)  # fmt: skip


def element(chance: random.Random) -> str:
    """Return an element with two paints or less, and two other attributes or less."""
    chosen = {name: f'{name}="{chance.choice(PAINTS)}"'
              for name in ("fill", "stroke") if chance.random() < 0.5}  # fmt: skip
    for text in chance.sample(OTHER, chance.randrange(3)):
        chosen.setdefault(text.split("=")[0], text)
    return chance.choice(SHAPES).format("".join(f" {text}" for text in chosen.values()))


@pytest.mark.parametrize("seed", range(4))
def test_the_estimate_is_not_more_than_the_walk_counts(seed: int) -> None:
    """An outline may turn out to be empty, which saves an effect now and then, but not many."""
    chance = random.Random(seed)
    elements = [element(chance) for _ in range(60)]
    groups = "".join(f'<g opacity=".9">{a}{b}</g>' for a, b in pairwise(elements))
    text = documented("".join(elements) + groups)
    count = counted(text)
    assert 0.5 * count <= estimated(text) <= count


def test_endless_copies_are_refused_before_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = "".join(
        f'<g id="l{i + 1}"><use href="#l{i}"/><use href="#l{i}" x="1"/></g>' for i in range(40)
    )
    monkeypatch.setattr(tree.Tree, "element", lambda *_arguments: pytest.fail("was walked"))
    with pytest.raises(SvgError, match="too many shapes"):
        from_svg(f'<svg {SVG}><defs><g id="l0"><path d="M1 1h5v5z"/></g>{levels}</defs>'
                 '<use href="#l40"/></svg>')  # fmt: skip


def test_what_refers_to_itself_has_an_estimate() -> None:
    text = (
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/><path d="M1 1h5v5z"/></g>'
        '<mask id="m" mask="url(#m)"><rect mask="url(#m)" width="5" height="5"/></mask>'
        '<rect mask="url(#m)" width="9" height="9"/>'
    )
    assert 0 < estimated(documented(text)) < 1000


def test_scribbles_use_up_the_effort_by_what_is_compared() -> None:
    """Crossings, not lengths, take the time."""
    corners = np.random.default_rng(0).uniform(0.0, 100.0, (200, 2))
    scribble = np.repeat(corners, 3, axis=0)
    comb = np.repeat(np.stack([np.arange(200) // 2, 9.0 * (np.arange(200) // 2 % 2)], 1), 3, axis=0)
    spent = []
    for outline in (scribble, comb):
        effort = Effort(1e6)
        operations.combine([Job([Operand([outline])])], effort)
        spent.append(1e6 - effort.left)
    assert spent[0] > 5.0 * spent[1]
    assert Work().done == 0
