# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `semvec refine`: its files, its locks and its errors."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from semvec.core.bezier import circle, rectangle
from semvec.core.cli.main import main
from semvec.core.drawing import Drawing
from semvec.core.drawing import Path as DrawnPath
from semvec.core.image import save_png
from semvec.core.svg import load_svg, save_svg

BLUE, RED = (np.array([*color, 1], np.float32) for color in ([0, 0, 0.8], [0.9, 0, 0]))
OPTIONS = ["--iterations", "60", "--threads", "1"]


@pytest.fixture(autouse=True)
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A photo with two discs, a drawing of one of them, and a mask around the other."""
    monkeypatch.chdir(tmp_path)
    y, x = np.mgrid[:40, :60] + 0.5
    pixels = np.full((40, 60, 3), BLUE[:3])
    pixels[(np.hypot(x - 15, y - 20) < 8) | (np.hypot(x - 45, y - 20) < 8)] = RED[:3]
    save_png("photo.png", pixels)
    save_png("mask.png", (np.hypot(x - 45, y - 20) < 12).astype(float))
    save_png("black.png", np.zeros((40, 60)))
    canvas = DrawnPath([rectangle(0, 0, 60, 40)], BLUE, name="background")
    dot = DrawnPath([circle((17, 21), 7)], RED, "detail", name="dot", region=0)
    save_svg(Drawing(60, 40, [canvas, dot]), "drawing.svg")


def complaint(arguments: list[str], capsys: pytest.CaptureFixture) -> str:
    """The one line that a run that fails prints."""
    assert main(["refine", *arguments]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].startswith("semvec: ")
    return lines[0]


def test_shapes_are_added_in_the_mask_and_locked_ones_stay() -> None:
    arguments = ["drawing.svg", "photo.png", "--add", "1", "--region", "mask.png"]
    outputs = ["-o", "out.svg", "--report", "out.json", "--preview", "out.png"]
    assert main(["refine", *arguments, "--lock", "structural,dot", *outputs, *OPTIONS]) == 0
    lines, before = Path("out.svg").read_text(), Path("drawing.svg").read_text()
    for line in before.splitlines():
        assert not line.startswith("<path") or line in lines
    new = load_svg("out.svg").paths[-1]
    assert np.allclose(new.subpaths[0][::3].mean(axis=0), [45, 20], atol=2)
    assert np.allclose(new.fill, RED, atol=0.05)
    report = json.loads(Path("out.json").read_text())
    assert report["added"] == 1 and report["region_psnr"] > report["region_psnr_before"]
    assert PIL.Image.open("out.png").size == (60, 40)


def test_without_options_the_curves_are_moved() -> None:
    assert main(["refine", "drawing.svg", "photo.png", *OPTIONS]) == 0
    dot = load_svg("drawing-refined.svg").paths[1]
    assert np.allclose(dot.subpaths[0][::3].mean(axis=0), [15, 20], atol=0.5)


def test_shapes_are_removed() -> None:
    assert main(["refine", "drawing.svg", "photo.png", "--remove", "1", "--hold", *OPTIONS]) == 0
    assert [path.name for path in load_svg("drawing-refined.svg").paths] == ["background"]


def test_errors_name_the_file_and_the_way_out(capsys: pytest.CaptureFixture) -> None:
    pair = ["drawing.svg", "photo.png"]
    save_png("square.png", np.zeros((40, 40)))
    assert "photo.png: This is not an SVG" in complaint(["photo.png", "photo.png"], capsys)
    assert "there.svg: There is no such file" in complaint(["there.svg", "photo.png"], capsys)
    assert "shapes differ. (Choose" in complaint(["drawing.svg", "square.png"], capsys)
    assert "The region is empty. (" in complaint([*pair, "--region", "black.png"], capsys)
    assert "The region is 40 x 40 pixels, the image 60 x 40. (" in complaint(
        [*pair, "--region", "square.png"], capsys
    )
    assert "no shape 'sky' to lock. (" in complaint([*pair, "--lock", "sky"], capsys)
    assert "not 2. (Remove fewer" in complaint([*pair, "--remove", "2"], capsys)


@pytest.mark.parametrize(
    "options", [["--add", "-1"], ["-o", "drawing.svg"], ["-o", "out.png"], ["--add", "x"]]
)
def test_a_wrong_command_line_leaves_at_once(
    options: list[str], capsys: pytest.CaptureFixture
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["refine", "drawing.svg", "photo.png", *options])
    assert caught.value.code == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
