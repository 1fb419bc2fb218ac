# SPDX-License-Identifier: GPL-3.0-or-later
"""`semvec simplify`: files in, simpler files out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from semvec.core.bezier import circle
from semvec.core.cli.main import main
from semvec.core.drawing import Drawing
from semvec.core.drawing import Path as DrawnPath
from semvec.core.svg import load_svg, save_svg


@pytest.fixture
def svg(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    paths = [
        DrawnPath([circle(rng.uniform(0, 99, 2), rng.uniform(4, 30), 16)], rng.random(4))
        for _ in range(12)
    ]
    save_svg(Drawing(100, 100, paths, {"budget": 12}), tmp_path / "a.svg")
    return tmp_path / "a.svg"


def nodes(path: Path) -> int:
    return sum(each.nodes for each in load_svg(path).paths)


def test_by_default_nodes_are_merged_within_a_pixel(svg: Path) -> None:
    assert main(["simplify", str(svg)]) == 0
    simple = svg.with_name("a_simple.svg")
    assert nodes(simple) < nodes(svg) / 2 and len(load_svg(simple).paths) == 12
    assert load_svg(simple).settings == {"budget": 12}


def test_numbers_of_nodes_and_shapes_are_kept(svg: Path) -> None:
    output = svg.with_name("b.svg")
    assert main(["simplify", str(svg), "-o", str(output), "--nodes", "50", "--shapes", "6"]) == 0
    assert nodes(output) <= 50 and len(load_svg(output).paths) == 6


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simplify", str(tmp_path / "none.svg")]) == 1
    assert "There is no such file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["simplify", "a.svg", "--nodes", "0"])
