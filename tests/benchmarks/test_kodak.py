# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark on Kodak's photographs: what it measures, and that it goes on where it was."""

from __future__ import annotations

from pathlib import Path

import kodak
import numpy as np
import pytest
from metrics.image import psnr

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Ramp, pack
from semvec.core.drawing import Path as DrawnPath
from semvec.core.image import load_image, save_png
from semvec.core.rendering.native import render
from semvec.core.svg import load_svg


@pytest.fixture
def jobs(tmp_path: Path) -> list[kodak.Job]:
    random = np.random.default_rng(0)
    found = []
    for name in ("a", "b"):
        rgb = np.repeat(np.repeat(random.uniform(0, 1, (4, 6, 3)), 8, axis=0), 8, axis=1)
        file = tmp_path / f"{name}.png"
        save_png(file, rgb)
        found += [kodak.Job(file, 6, fills, 48) for fills in ("flat", "gradient")]
    return found


def test_a_stopped_run_goes_on_and_a_finished_one_does_nothing(
    jobs: list[kodak.Job], tmp_path: Path
) -> None:
    folder = tmp_path / "results"
    running = kodak.run(jobs, folder, tmp_path / "no backbone")
    assert next(running)[:2] == (1, 4)
    running.close()
    with (folder / kodak.RESULTS).open("a", encoding="utf-8") as file:
        file.write('{"key": "a-6-grad')  # killed while it wrote
        file.write("\n")
    first = (folder / kodak.RESULTS).read_text(encoding="utf-8")
    rest = list(kodak.run(jobs, folder, tmp_path / "no backbone"))
    assert [done for done, _, _ in rest] == [1, 2, 3]
    assert (folder / kodak.RESULTS).read_text(encoding="utf-8").startswith(first)
    assert not list(kodak.run(jobs, folder, None))
    record = kodak.read(folder)[jobs[0].key]
    drawing, image = load_svg(folder / f"{jobs[0].key}.svg"), load_image(jobs[0].file)
    picture = render(pack(drawing.paths), image.width, image.height)
    assert record["psnr"] == pytest.approx(psnr(picture, image.rgb), abs=1e-6)
    assert record["paths"] == len(drawing.paths) and record["crossing_paths"] == 0


def test_coordinates_are_those_of_outlines_and_ramps() -> None:
    points = np.zeros(2, np.float32), np.ones(2, np.float32)
    path = DrawnPath([circle((9, 9), 5, 4)], np.ones(4, np.float32))
    ramped = DrawnPath(path.subpaths * 2, path.fill, ramp=Ramp("linear", *points, np.ones(3)))
    assert kodak.coordinates(Drawing(20, 20, [path, ramped])) == 24 + 48 + 4


def test_published_figures_stand_beside_ours_and_are_marked() -> None:
    jobs = [kodak.Job(Path(f"{name}.png"), 512, "flat", 768) for name in "ab"]
    record = {
        "psnr": 27.0,
        "ssim": 0.7,
        "paths": 500,
        "crossing_paths": 1,
        "coordinates": 20000,
        "svg_bytes": 90000,
        "seconds": 8.0,
    }
    other = {**record, "psnr": 28.0, "crossing_paths": 0}
    rows = list(kodak.rows(jobs, {jobs[0].key: record, jobs[1].key: other}))
    assert rows[0].startswith("| 512 | Bézier Splatting (second-hand) | 25.61 |")
    assert rows[-1] == (
        "| 512 | semvec, flat fills | 27.50 | 0.700 | – | 1 of 1000 | 40.0 | 90.0 | 8.0 |"
    )
    assert all(row.count("|") == kodak.HEAD.splitlines()[0].count("|") for row in rows)


def test_drawings_of_equal_coordinates_stand_beside_the_published_ones(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    file = tmp_path / "a.png"
    save_png(file, random.uniform(0, 1, (40, 60, 3)))
    jobs = [kodak.Job(file, 600, fills, 60, True) for fills in ("flat", "gradient")]
    assert len(list(kodak.run(jobs, tmp_path / "results", tmp_path / "none"))) == 2
    records = kodak.read(tmp_path / "results")
    for job in jobs:
        assert 400 < records[job.key]["coordinates"] <= 600
    known = [kodak.Job(Path("a.png"), 10240, "flat", 768, True)]
    rows = list(kodak.rows(known, {known[0].key: records[jobs[0].key]}))
    assert rows[1].startswith("| 10240 | Vector Scaffolding (second-hand) | 26.68 |")
    assert rows[2].startswith("| 10240 | semvec, flat fills |")
