# SPDX-License-Identifier: GPL-3.0-or-later
"""`semvec simplify`: an SVG drawing with fewer nodes or fewer shapes."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..drawing import Drawing
from ..errors import SemvecError
from ..simplification.simplify import simplify
from ..svg import load_svg, save_svg
from ..system.files import check_output
from .numbers import amount, count


def main(arguments: Sequence[str]) -> int:
    """Simplify a file; returns the exit code: 0, or 1 where it can't be read or written."""
    options = _parser().parse_args(arguments)
    tolerance = options.tolerance
    if tolerance is None:
        tolerance = 1.0 if options.nodes is None and options.shapes is None else 0.0
    output = options.output or options.svg.with_name(f"{options.svg.stem}_simple.svg")
    try:
        check_output(output)
        drawing = load_svg(options.svg)
        simple = simplify(drawing, tolerance, options.nodes, options.shapes)
        save_svg(simple, output)
    except SemvecError as error:
        print(f"semvec: {options.svg}: {error}", file=sys.stderr)
        return 1
    print(f"{output}: {_change(drawing, simple)}")
    if options.nodes is not None and _nodes(simple) > options.nodes:
        print("semvec: Fewer nodes would give another drawing.", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="semvec simplify",
        description="Write an SVG drawing with fewer nodes, fewer shapes, or both. Corners stay, "
        "and no outline gets a crossing.",
    )
    parser.add_argument("svg", type=Path, help="SVG file to read")
    parser.add_argument("-o", "--output", type=Path, help="SVG file to write")
    parser.add_argument(
        "--tolerance",
        type=amount,
        help="largest distance from the outlines in pixels; 1 unless --nodes or --shapes is given",
    )
    parser.add_argument("--nodes", type=count, help="most nodes of all shapes together")
    parser.add_argument("--shapes", type=count, help="most shapes; the least useful are left out")
    return parser


def _change(before: Drawing, after: Drawing) -> str:
    return (
        f"{len(after.paths)} of {len(before.paths)} shapes, "
        f"{_nodes(after)} of {_nodes(before)} nodes"
    )


def _nodes(drawing: Drawing) -> int:
    return sum(path.nodes for path in drawing.paths)
