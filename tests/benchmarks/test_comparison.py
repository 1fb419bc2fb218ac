# SPDX-License-Identifier: GPL-3.0-or-later
"""The benchmark's own parts: the baselines' losses, the photographs, jobs and tables."""

from __future__ import annotations

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import quality
from comparison import free_fit, live, optimize_reduce, photographs, programs, sglive, tables
from comparison.jobs import Job, carry_out, is_done, read, run
from comparison.methods import EVERYTHING
from comparison.page import page
from comparison.task import Answer, Task
from comparison.tracers import most_paths_within
from comparison.xing import xing_gradient, xing_loss
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, pack
from semvec.core.drawing import Path as DrawingPath
from semvec.core.image import save_png
from semvec.core.pipeline import vectorize as pipeline
from semvec.core.rendering.native import render

# Programs of others, which need not be there.
INSTALLED = {"vtracer", "potrace", "autotrace"}


def blob(seed: int, segments: int) -> DrawingPath:
    points = np.random.default_rng(seed).uniform(0, 50, (3 * segments, 2)).astype(np.float32)
    return DrawingPath([points], np.ones(4, np.float32), "detail")


def naive_xing(paths: list[DrawingPath]) -> float:
    """A cubic at a time, by angles."""
    means = []
    for path in paths:
        points = [complex(*p) for p in path.subpaths[0].astype(float)]
        losses = []
        for i in range(0, len(points), 3):
            a, b, c, d = (points[(i + k) % len(points)] for k in range(4))
            turn = math.sin(np.angle((c - b) / (b - a)))
            sine = math.sin(np.angle((d - c) / (b - a)))
            losses.append(max(0, -sine) if turn >= 0 else max(0, sine))
        means.append(sum(losses) / len(losses))
    return 1e-3 * sum(means) / len(means)


@given(st.integers(0, 10**6))
def test_xing_loss_and_its_gradient(seed):
    paths = [blob(seed, 4), blob(seed + 1, 3)]
    scene = pack(paths)
    assert xing_loss(scene) == pytest.approx(naive_xing(paths), abs=1e-9)
    gradient = xing_gradient(scene)
    way = np.random.default_rng(seed).normal(0, 1, scene.points.shape)
    step = 1e-4
    there, back = (
        xing_loss(scene._replace(points=scene.points + sign * step * way)) for sign in (1, -1)
    )
    middle = 2 * xing_loss(scene)
    if abs(there + back - middle) < 1e-8:  # no kink in between
        assert (gradient * way).sum() == pytest.approx((there - back) / (2 * step), abs=3e-5)


@given(st.integers(1, 600))
def test_batches_make_up_the_budget(budget):
    for sizes in (live.batches(budget), sglive.batches(budget)):
        assert sum(sizes) == budget
        assert max(sizes) <= 32
        assert min(sizes) >= 1


def test_largest_components_are_found_in_order_of_area():
    error = np.zeros((60, 80))
    error[5:15, 5:15] = 1.0
    error[30:50, 40:70] = 2.0
    error[2:5, 70:75] = 3.0
    centers = live.largest_components(error, 3)
    np.testing.assert_allclose(centers, [(55, 40), (10, 10), (72.5, 3.5)], atol=0.6)
    assert len(live.largest_components(error, 9)) == 9
    assert len(live.largest_components(np.zeros((20, 20)), 4)) == 4


def test_outline_weight_falls_with_distance():
    scene = pack([DrawingPath([circle((50, 50), 20)], np.ones(4, np.float32), "detail")])
    weight = live.outline_weight(scene, 100, 100)
    assert weight.mean() == pytest.approx(1, rel=1e-5)
    rows, columns = np.indices((100, 100)) + 0.5
    distance = abs(np.hypot(rows - 50, columns - 50) - 20)
    assert (weight[distance > 11] == 0).all()
    expected = np.maximum(0, 1 - distance / 10)
    assert np.corrcoef(weight.ravel(), expected.ravel())[0, 1] > 0.99


def test_free_fit_finds_a_disc():
    image = np.ones((40, 40, 3), np.float32)
    rows, columns = np.indices((40, 40)) + 0.5
    image[np.hypot(rows - 22, columns - 18) < 10] = (0.8, 0.2, 0.1)
    start = [DrawingPath([circle((20, 20), 5)], np.array([0.5, 0.5, 0.5, 1], np.float32), "detail")]
    paths = free_fit.fit(start, image, 150, threads=1)
    assert free_fit.residual(paths, image).mean() < 0.05 * free_fit.residual(start, image).mean()
    assert paths[0].fill[3] == 1


def test_reduction_keeps_what_matters():
    image = np.zeros((30, 60, 3), np.float32)
    image[:, 30:] = 1
    fill = np.array([0, 0, 0, 1], np.float32)
    large = DrawingPath([circle((15, 15), 12)], fill, "detail")
    useless = DrawingPath([circle((45, 15), 3)], np.ones(4, np.float32), "detail")
    assert optimize_reduce.most_important([useless, large], image, 1) == [large]


def test_every_other_labeled_photograph_is_held_back(tmp_path):
    for name in "abcde":
        save_png(tmp_path / f"{name}.png", np.zeros((4, 6, 3)))
    for name in "abce":
        np.savez(tmp_path / f"{name}.npz", labels=np.zeros((4, 6), np.uint16))
    shown, held_back = photographs.halves(photographs.find([tmp_path]))
    assert [file.stem for file in shown] == ["a", "c", "d"]
    assert [file.stem for file in held_back] == ["b", "e"]


def test_labels_follow_the_picture_to_its_working_size(tmp_path):
    labels = np.repeat(np.arange(4, dtype=np.uint16), 10)[None].repeat(20, axis=0)
    save_png(tmp_path / "x.png", np.repeat(labels[..., None] / 4, 3, axis=2))
    np.savez(tmp_path / "x.npz", labels=labels)
    photograph = photographs.load(tmp_path / "x.png", 20)
    assert photograph.image.shape == (10, 20, 3)
    np.testing.assert_array_equal(photograph.labels[0], np.repeat(np.arange(4), 5))


def test_the_salient_segment_is_near_the_middle_and_of_a_fitting_size():
    labels = np.zeros((50, 50), int)
    labels[20:32, 20:32] = 1
    labels[:15, :15] = 2
    labels[25, 25] = 3
    np.testing.assert_array_equal(photographs.salient_segment(labels), labels == 1)
    assert photographs.salient_segment(np.zeros((9, 9), int)) is None


@given(st.integers(1, 40), st.integers(1, 60))
def test_tracers_come_as_near_to_the_budget_as_they_can(budget, coarsest):
    def traced(coarseness: int) -> Answer:
        count = 60 // coarseness
        return Answer(Drawing(1, 1, [blob(0, 1)] * count))

    found = len(most_paths_within(budget, traced, coarsest).drawing.paths)
    possible = [60 // c for c in range(1, coarsest + 1)]
    assert found == max([n for n in possible if n <= budget], default=min(possible))


def test_means_leave_out_what_was_not_measured():
    records = [
        {"method": "a", "psnr": 20.0},
        {"method": "a", "psnr": 30.0, "vec": 0.5},
        {"method": "b", "psnr": math.nan},
    ]
    columns = tuple(c for c in tables.COLUMNS if c.key in ("psnr", "vec"))
    table = tables.markdown(records, {"b": "B", "a": "A", "c": "C"}, columns)
    assert table.splitlines()[2:] == ["| B | 1 | – | – |", "| A | 2 | 25.00 | 50.0 |"]
    assert tables.best([3.0, math.nan, 1.0], -1) == 1.0
    assert math.isnan(tables.best([3.0], 0))


def test_a_job_is_kept_and_shown_and_a_failure_is_no_result(tmp_path):
    random = np.random.default_rng(0)
    image = np.repeat(np.repeat(random.random((4, 6, 3)), 8, axis=0), 8, axis=1)
    save_png(tmp_path / "x.png", image)
    save_png(tmp_path / "flat.png", np.ones((32, 48, 3)))
    np.savez(tmp_path / "x.npz", labels=np.arange(32 * 48).reshape(32, 48) % 48 // 24)
    job = Job(tmp_path / "out", "diffvg", tmp_path / "x.png", 5, 64, 0.02, None, 1)
    assert not is_done(job)
    carry_out(job)
    assert is_done(job)
    record = read(job)
    assert (record["paths"], record["method"], record["image"]) == (5, "diffvg", "x")
    assert 0 <= record["vec"] <= 1
    assert record["svg_bytes"] == job.result.with_suffix(".svg").stat().st_size
    unguided = job._replace(method="guidance=painted", file=tmp_path / "flat.png")
    carry_out(unguided)
    assert "no segment" in json.loads(unguided.result.read_text())["error"]
    assert not is_done(unguided)
    text = page([job, unguided], 2, "a <note>")
    assert "DiffVG" in text and "a &lt;note&gt;" in text and "no segment" in text
    assert "http://" not in text and "https://" not in text and "<script" not in text


def test_jobs_run_in_processes_of_their_own_and_go_on_after_a_failure(tmp_path):
    save_png(tmp_path / "x.png", np.random.default_rng(0).random((24, 24, 3)))
    job = Job(tmp_path / "out", "diffvg", tmp_path / "x.png", 3, 64, 0.01, None, 1)
    failing = job._replace(budget="too many")  # not a number: fails before anything is measured
    assert [done for done, _, _ in run([job, failing], 2, set())] == [1, 2]
    assert is_done(job) and not is_done(failing)
    assert list(run([job], 1, set())) == []
    before = job.result.stat().st_mtime_ns
    assert len(list(run([job], 1, {"diffvg"}))) == 1
    assert job.result.stat().st_mtime_ns > before


@pytest.mark.parametrize(
    "name", sorted(set(EVERYTHING) - {"vtracer", "potrace", "autotrace", "guidance=prompt"})
)
def test_every_method_keeps_to_the_budget(name):
    random = np.random.default_rng(1)
    image = np.repeat(np.repeat(random.random((4, 6, 3)), 8, axis=0), 8, axis=1)
    salient = np.zeros((32, 48), bool)
    salient[8:20, 8:20] = True
    task = Task(image.astype(np.float32), 6, salient, 1 * salient, effort=0.01, threads=1)
    drawing = EVERYTHING[name].draw(task).drawing
    assert 0 < len(drawing.paths) <= 6
    assert all(np.isfinite(points).all() for path in drawing.paths for points in path.subpaths)


@pytest.mark.parametrize("name", ["potrace", "autotrace"])
def test_a_program_draws_flat_areas_nearly_exactly_within_the_budget(name):
    if why := programs.why_missing(name):
        pytest.skip(f"{name}: {why}")
    image = np.full((40, 60, 3), 0.2, np.float32)
    image[8:32, 10:40] = (0.9, 0.4, 0.1)
    image[16:24, 20:30] = (0.95, 0.9, 0.8)
    drawing = EVERYTHING[name].draw(Task(image, 6, threads=1)).drawing
    assert 3 <= len(drawing.paths) <= 6
    shown = render(pack(drawing.paths), 60, 40, (1, 0, 1))
    assert np.abs(shown - image).mean() < 0.02


def test_a_missing_program_is_named_with_what_to_install(monkeypatch, capsys):
    monkeypatch.setattr(programs.shutil, "which", lambda name: None)
    monkeypatch.setattr(programs.importlib.util, "find_spec", lambda name: None)
    options = SimpleNamespace(methods=["potrace", "ours", "autotrace"], ablations=[])
    assert quality.chosen_methods(options) == ["ours"]
    said = capsys.readouterr().out
    assert "skipped: potrace" in said and "Debian's package potrace" in said
    assert "skipped: autotrace" in said and "pyautotrace" in said


def test_a_prompt_is_read_beside_the_photograph_and_asked_for(tmp_path, monkeypatch):
    save_png(tmp_path / "dog.png", np.zeros((20, 30, 3), np.uint8))
    (without,) = photographs.find([tmp_path])
    with pytest.raises(ValueError, match=r"\.txt"):
        draw_prompted(without)
    (tmp_path / "dog.txt").write_text("the dog, its ball\n", encoding="utf-8")
    asked = []

    def vectorize(image, settings, **given):
        asked.append(settings.prompt)
        return SimpleNamespace(drawing=Drawing(30, 20))

    monkeypatch.setattr(pipeline, "vectorize", vectorize)
    draw_prompted(tmp_path / "dog.png")
    assert asked == ["the dog, its ball"]


def draw_prompted(file):
    photograph = photographs.load(file, 30)
    task = Task(photograph.image, 6, prompt=photograph.prompt, threads=1)
    return EVERYTHING["guidance=prompt"].draw(task)
