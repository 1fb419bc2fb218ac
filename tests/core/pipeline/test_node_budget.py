# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings with a bounded number of nodes."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import Phase, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from metrics.image import psnr
from metrics.shapes import crosses_itself
from soft_photograph import photograph, picture_of

from semvec.core.errors import SettingsError
from semvec.core.image import Image
from semvec.core.pipeline.allocation import allocated
from semvec.core.pipeline.vectorize import Result, vectorize
from semvec.core.settings import Settings
from semvec.core.svg import to_svg

QUICK = Settings(kind="photo", budget=1000, iterations=40, mask_count=40, threads=1)


def run(image: Image | None = None, **values: object) -> Result:
    settings = Settings.from_dict({**QUICK.to_dict(), **values})
    return vectorize(photograph() if image is None else image, settings)


def nodes_in(svg: str) -> int:
    """Count the anchors in the path data of an SVG: each curve or line back ends in one."""
    outlines = re.findall(r" d=\"([^\"]*)\"", svg)
    starts = sum(data.count("M") for data in outlines)
    ends = [len(re.findall(r"-?[\d.]+(?:e-?\d+)?", data)) for data in outlines]
    return (sum(ends) // 2 - starts) // 3


@pytest.mark.parametrize("options", [
    {},
    {"exact": True},
    {"structural_ratio": 0.0},
    {"structural_ratio": 1.0},
    {"refinement": "published"},
    {"fills": "gradient", "group_by": "object"},
])  # fmt: skip
@pytest.mark.parametrize("nodes", [4, 61, 240])
def test_no_drawing_has_more_nodes_than_asked_for(nodes: int, options: dict[str, object]) -> None:
    result = run(nodes=nodes, **options)
    svg = to_svg(result.drawing)
    assert 4 <= nodes_in(svg) <= nodes
    assert result.report["nodes"] == nodes_in(svg)
    assert f'nodes="{nodes_in(svg)}"' in svg.split("</metadata>")[0]


@given(
    st.integers(4, 80),
    st.integers(1, 30),
    st.sampled_from(["automatic", "always", "opaque"]),
    st.sampled_from([None, 0.5, 1.0]),
    st.integers(0, 3),
)
@example(12, 10, "automatic", 1.0, 0)  # traced shapes of two nodes
@hypothesis_settings(max_examples=10, deadline=None, phases=[Phase.explicit, Phase.generate])
def test_both_budgets_hold_for_any_small_image(
    nodes: int, budget: int, transparency: str, alpha: float | None, seed: int
) -> None:
    random = np.random.default_rng(seed)
    rgb = random.uniform(0, 1, (18, 23, 3)).astype(np.float32)
    opacity = None if alpha is None else (alpha * random.uniform(0, 1, (18, 23)) > 0.2)
    image = Image(rgb, None if opacity is None else opacity.astype(np.float32) * np.float32(0.9))
    result = run(image, nodes=nodes, budget=budget, transparency=transparency, iterations=4)
    assert nodes_in(to_svg(result.drawing)) <= nodes
    assert len(result.drawing.paths) <= budget


def test_soft_shadows_take_no_more_nodes_than_asked_for() -> None:
    rows, columns = np.mgrid[:48, :64]
    alpha = np.clip(1 - np.hypot(rows - 24, columns - 32) / 24, 0, 1).astype(np.float32)
    image = Image(np.zeros((48, 64, 3), np.float32), alpha)
    assert nodes_in(to_svg(run(image, nodes=40).drawing)) <= 40


def test_the_nodes_are_used_up() -> None:
    result = run(nodes=240, exact=True)
    assert 240 - result.report["nodes"] < 24
    assert result.report["budget_used"] == f"{result.report['paths']} paths"


def test_fewer_nodes_on_more_paths_are_nearer_to_a_photograph() -> None:
    image = photograph(96, 128)
    without = run(image, budget=24, iterations=120)
    with_bound = run(image, nodes=without.report["nodes"], iterations=120)
    assert with_bound.report["nodes"] <= without.report["nodes"]
    assert with_bound.report["paths"] > 1.3 * without.report["paths"]
    shown = [picture_of(r.drawing, (1, 0, 1)) for r in (without, with_bound)]
    assert psnr(shown[1], image.rgb) > psnr(shown[0], image.rgb) + 0.3
    assert not any(crosses_itself(path) for path in with_bound.drawing.paths)


def test_a_bound_beyond_what_the_paths_need_changes_nothing() -> None:
    free, bound = run(budget=24).drawing, run(budget=24, nodes=2000).drawing
    free.settings["nodes"] = 2000
    assert to_svg(free) == to_svg(bound)


def test_paths_have_fewer_nodes_the_fewer_there_are() -> None:
    rows = [allocated(replace(QUICK, budget=100, nodes=nodes)) for nodes in range(4, 3000)]
    for before, after in itertools.pairwise(rows):
        assert before.detail_nodes <= after.detail_nodes
        assert before.structural_nodes <= after.structural_nodes
    assert all(r.structural * r.structural_nodes <= max(r.nodes, 4) for r in rows)
    assert (rows[-1].structural, rows[-1].structural_nodes, rows[-1].detail_nodes) == (40, 24, 6)


def test_without_a_budget_there_are_as_many_paths_as_the_nodes_allow() -> None:
    assert Settings.from_dict({"nodes": 600}).budget == 200
    assert Settings.from_dict({"nodes": 600, "budget": 50}).budget == 50
    assert Settings.from_dict({}).budget == Settings().budget
    assert Settings.from_dict({"nodes": 1_000_000}).budget == 16384


@pytest.mark.parametrize("nodes", [1, 3, -1])
def test_too_few_nodes_for_any_drawing_are_refused(nodes: int) -> None:
    with pytest.raises(SettingsError, match=f"'nodes' is {nodes}"):
        Settings(nodes=nodes)


def test_what_does_not_follow_the_bound_is_said() -> None:
    flat = run(nodes=40, kind="flat")
    assert "Ignored, because it applies to photographs only: nodes" in flat.report["notes"]
    cut = run(nodes=200, layering="cut-out")
    added = cut.report["nodes"]
    assert added > 200
    assert f"Cutting out added nodes: there are {added} of 200" in cut.report["notes"]
