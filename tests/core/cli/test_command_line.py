# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `semvec`: its options, its files, its exit codes, and one real run."""

from __future__ import annotations

import functools
import io
import json
import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import PIL.Image
import pytest

from semvec.core.bezier import circle
from semvec.core.cli import main as command_line
from semvec.core.cli.arguments import parse
from semvec.core.cli.progress_bar import ProgressBar
from semvec.core.drawing import Drawing
from semvec.core.drawing import Path as DrawnPath
from semvec.core.errors import MaskError
from semvec.core.pipeline.vectorize import ProgressEvent
from semvec.core.settings import Settings
from semvec.core.svg import load_svg, to_svg
from semvec.core.version import VERSION

DRAWING = Drawing(
    24, 16, [DrawnPath([circle((8, 8), 6)], np.array([1, 0, 0, 1], np.float32), name="dot")]
)
REPORT = {
    "paths": 1,
    "budget_used": "1 path",
    "nodes": 4,
    "psnr": 27.25,
    "seconds": {"tracing": 1.5},
    "settings": {},
    "notes": [],
}


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names on the command line mean files in a folder where nothing is."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture with something in it: 24 x 16 pixels."""
    y, x = np.mgrid[0:16, 0:24]
    values = np.stack([x * 10, y * 15, np.where(x > 12, 255, 0)], axis=-1).astype(np.uint8)
    PIL.Image.fromarray(values).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def calls(monkeypatch) -> list[SimpleNamespace]:
    """Replaces the pipeline by one that is done at once, and keeps what it was asked."""
    asked = []

    def vectorize(image, settings, **options):
        asked.append(SimpleNamespace(image=image, settings=settings, **options))
        options["on_progress"](ProgressEvent("tracing", 0.5, "Tracing regions"))
        return SimpleNamespace(drawing=DRAWING, report=REPORT)

    monkeypatch.setattr(command_line, "vectorize", vectorize)
    return asked


def leaves(arguments: list[str], capsys: pytest.CaptureFixture) -> str:
    """The one line that a bad command line gets."""
    with pytest.raises(SystemExit) as caught:
        parse(arguments)
    assert caught.value.code == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("semvec: ")
    return lines[0]


# Options


def test_no_options_are_the_default_settings():
    request = parse(["a.jpg"])
    assert request.settings == Settings()
    assert (request.saliency, request.masks, request.quiet) == (None, [], False)


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_every_setting_has_an_option(item):
    flags = item.metadata["flags"] or ("--" + item.name.replace("_", "-"),)
    value = {bool: not item.default, str: "words", float: 0.75, int: 77}[type(item.default)]
    if item.metadata["choices"]:
        value = list(item.metadata["choices"])[-1]
    for flag in flags:
        given = [flag] if value is True else [flag, str(value)]
        assert parse(["a.jpg", *given]).settings == Settings.from_dict({item.name: value})


def test_options_of_version_0_1_are_still_understood_but_not_listed(capsys):
    line = "a.jpg --ratio 0.7 --structure 0.5 --schedule paper --clustering adam"
    expected = Settings(
        structural_ratio=0.7, containment=0.5, refinement="published", clustering="recolor"
    )
    assert parse(line.split()).settings == expected
    with pytest.raises(SystemExit):
        parse(["--help"])
    listed = capsys.readouterr().out
    assert "--structural-ratio" in listed
    assert not any(flag in listed for flag in ("--ratio", "--structure", "--schedule"))


def test_the_options_of_the_design():
    line = (
        "photo.jpg -o out.svg --budget 128 --rounds 20 --structural-ratio 0.4 --saliency mask.png "
        "--masks labels.png --seed 0 --preview out.png --report out.json"
    )
    request = parse(line.split())
    assert request.settings == Settings(budget=128, rounds=20, structural_ratio=0.4, seed=0)
    assert (request.saliency, request.masks) == ("mask.png", ["labels.png"])
    assert [str(path) for path in request.jobs[0].outputs] == ["out.svg", "out.png", "out.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "IMAGE"),
        (["a.jpg", "--budget", "many"], "many"),
        (["a.jpg", "--budget", "0"], "between 1 and 16384"),
        (["a.jpg", "--structural-ratio", "nan"], "between"),
        (["a.jpg", "--clustering", "magic"], "magic"),
        (["a.jpg", "--color", "red"], "--color"),
        (["a.jpg", "-o", "out.png"], "must end in .svg"),
        (["a.jpg", "--preview", "out"], "must end in .png"),
        (["a.png", "--preview", "./a.png"], "read and written"),
        (["a.jpg", "--saliency", "m.png", "--preview", "m.png"], "read and written"),
        (["a.jpg", "./a.jpg", "-o", "out"], "written twice"),
        (["a.jpg", "a.jpg"], "written twice"),
    ],
)
def test_a_bad_command_line_gets_one_line(arguments, said, capsys):
    assert said in leaves(arguments, capsys)


@pytest.mark.parametrize(
    ("arguments", "outputs"),
    [
        (["a.jpg"], ["a.svg"]),
        (["in/a.b.jpg"], ["in/a.b.svg"]),
        (["a"], ["a.svg"]),
        (["a.jpg", "-o", "b.SVG"], ["b.SVG"]),
        (["a.jpg", "-o", "out/"], ["out/a.svg"]),
        (["in/a.jpg", "b.png"], ["in/a.svg", "b.svg"]),
        (["in/a.jpg", "b.png", "-o", "out"], ["out/a.svg", "out/b.svg"]),
        (["a.jpg", "b.jpg", "--preview", "p"], ["a.svg", "p/a.png", "b.svg", "p/b.png"]),
        (
            ["a.jpg", "--preview", "p/", "--save-saliency", "p/"],
            ["a.svg", "p/a.png", "p/a-saliency.png"],
        ),
    ],
)
def test_where_drawings_go(arguments, outputs):
    jobs = parse(arguments).jobs
    assert [str(path) for job in jobs for path in job.outputs] == outputs


def test_an_existing_folder_is_a_folder(tmp_path):
    assert parse(["a.jpg", "-o", str(tmp_path)]).jobs[0].svg == tmp_path / "a.svg"


def test_version_and_help(capsys):
    for flag, said in (("--version", f"semvec {VERSION}"), ("--help", "--mask-count")):
        with pytest.raises(SystemExit) as caught:
            parse([flag])
        assert caught.value.code == 0
        assert said in capsys.readouterr().out


# Files and exit codes


def test_all_outputs_are_written_and_nothing_is_said(photo, calls, capsys):
    names = [str(photo.with_name(name)) for name in ("x.svg", "x.png", "x.json")]
    arguments = [str(photo), "-o", names[0], "--preview", names[1], "--report", names[2]]
    assert command_line.main([*arguments, "--budget", "9"]) == 0
    assert calls[0].settings == Settings(budget=9)
    assert Path(names[0]).read_text() == to_svg(DRAWING)
    with PIL.Image.open(names[1]) as preview:
        assert (preview.size, preview.mode) == ((24, 16), "RGB")
        assert preview.getpixel((8, 8)) == (255, 0, 0)
        assert preview.getpixel((20, 2)) == (255, 255, 255)
    report = json.loads(Path(names[2]).read_text())
    assert report["psnr"] == 27.25
    assert report["seconds"] == {"tracing": 1.5}
    assert report["versions"]["semvec"] == VERSION
    assert report["size"] == [24, 16]
    assert capsys.readouterr() == ("", "")


def test_a_transparent_picture_has_a_transparent_preview(tmp_path, calls):
    values = np.full((16, 24, 4), 255, np.uint8)
    values[:, 12:, 3] = 0
    PIL.Image.fromarray(values).save(tmp_path / "a.png")
    arguments = [str(tmp_path / "a.png"), "--preview", str(tmp_path / "b.png")]
    assert command_line.main(arguments) == 0
    with PIL.Image.open(tmp_path / "b.png") as preview:
        assert preview.getpixel((8, 8)) == (255, 0, 0, 255)
        assert preview.getpixel((20, 2))[3] == 0


def test_one_failure_does_not_stop_the_others(photo, calls, capsys):
    (photo.parent / "bad.jpg").write_text("no picture")
    missing = photo.parent / "missing.jpg"
    images = [str(photo.parent / "bad.jpg"), str(missing), str(photo)]
    assert command_line.main([*images, "-o", str(photo.parent / "new" / "out")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[1] == (
        f"semvec: {missing}: There is no such file. (Check the name and the folder.)"
    )
    written = [path.name for path in (photo.parent / "new" / "out").iterdir()]
    assert written == ["photo.svg"]


def test_errors_of_the_pipeline_are_one_line(photo, monkeypatch, capsys):
    for error in (MaskError("Bad\nmasks.", "Hint."), MemoryError()):

        def fail(*_arguments, error=error, **_options):
            raise error

        monkeypatch.setattr(command_line, "vectorize", fail)
        assert command_line.main([str(photo)]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert not photo.with_suffix(".svg").exists()


def test_outputs_that_cannot_be_written_fail_before_the_work(photo, calls, capsys):
    assert command_line.main([str(photo), "-o", str(photo.parent / "none" / "a.svg")]) == 1
    assert command_line.main([str(photo), "-o", f"{photo}/a/"]) == 1
    assert calls == []
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_existing_drawings_are_replaced(photo, calls):
    photo.with_suffix(".svg").write_text("old")
    assert command_line.main([str(photo)]) == 0
    assert photo.with_suffix(".svg").read_text() == to_svg(DRAWING)


def test_interruption(photo, monkeypatch, capsys):
    def interrupted(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "vectorize", interrupted)
    assert command_line.main([str(photo), "--report", str(photo.with_suffix(".json"))]) == 130
    assert capsys.readouterr().err == "semvec: interrupted\n"
    assert os.listdir(photo.parent) == ["photo.png"]


def test_saliency_and_masks_reach_the_pipeline(photo, calls, tmp_path):
    left = np.zeros((16, 24), np.uint8)
    left[:, :12] = 255
    PIL.Image.fromarray(left).save(tmp_path / "left.png")
    mask = str(tmp_path / "left.png")
    assert command_line.main([str(photo), "--saliency", mask, "--masks", mask]) == 0
    np.testing.assert_allclose(calls[0].saliency, left / 255.0, atol=1e-6)
    assert calls[0].masks.shape[-2:] == (16, 24)
    assert command_line.main([str(photo), "--saliency", "noise", "--seed", "3"]) == 0
    assert command_line.main([str(photo), "--saliency", "noise", "--seed", "4"]) == 0
    assert calls[1].saliency.shape == (16, 24)
    assert not np.array_equal(calls[1].saliency, calls[2].saliency)


# The terminal


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_what_matters_is_written_before_the_drawing(photo, tmp_path, monkeypatch):
    painted = np.zeros((16, 24), np.uint8)
    painted[4:8, 6:18] = 200
    PIL.Image.fromarray(painted).save(tmp_path / "painted.png")
    found = []

    def vectorize(image, settings, **options):
        with PIL.Image.open(tmp_path / "map.png") as written:
            found.append(np.array(written))
        raise MaskError("It ends here.")

    monkeypatch.setattr(command_line, "vectorize", vectorize)
    options = ["--saliency", "painted.png", "--save-saliency", "map.png", "-q"]
    assert command_line.main([str(photo), *options]) == 1
    np.testing.assert_array_equal(found[0], painted)


def test_progress_is_shown_on_a_terminal_only(photo, calls, monkeypatch):
    for terminal, flags, shown in ((Terminal(), [], True), (Terminal(), ["-q"], False)):
        monkeypatch.setattr(sys, "stderr", terminal)
        assert command_line.main([str(photo), *flags]) == 0
        text = terminal.getvalue()
        assert ("Tracing regions |" in text and "50%" in text) is shown
        assert ("1 path, 4 nodes, 27.2 dB, 1.5 s" in text) is shown
        assert text.endswith("\n") is shown


@pytest.fixture
def bar(monkeypatch):
    """A bar on a terminal of 40 columns, updated with odd fractions, then finished."""
    monkeypatch.setenv("COLUMNS", "40")
    bar = ProgressBar(Terminal())
    for fraction in (-1.0, 0.0, 0.5, 0.5, 2.0):
        bar.update("a long name of an image.jpg", fraction, "a message that is long")
    bar.finish("done")
    return bar


def test_the_bar_stays_on_one_line(bar):
    text = bar.stream.getvalue()
    assert text.count("\n") == 1 and text.endswith("\rdone\n")
    assert "100%" in text and "-" not in text.replace("--", "")


def test_without_tqdm_there_are_lines(monkeypatch, request):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    lines = request.getfixturevalue("bar").stream.getvalue().splitlines()
    assert [line.split(": ")[1].split()[0] for line in lines[:-1]] == ["0%", "50%", "100%"]
    assert lines[-1] == "done"


# The real thing

QUICK = ["--kind", "photo", "--budget", "12", "--iterations", "5", "--threads", "1"]


def semvec(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "semvec.core", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_real_run(shared, tmp_path):
    photo = shared / "images" / "ski_coffee.png"
    outputs = [tmp_path / name for name in ("a.svg", "a.png", "a.json")]
    options = ["-o", outputs[0], "--preview", outputs[1], "--report", outputs[2]]
    run = semvec(photo, *options, *QUICK, "--resolution", 96)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    drawing = load_svg(outputs[0])
    with PIL.Image.open(photo) as picture, PIL.Image.open(outputs[1]) as preview:
        assert (drawing.width, drawing.height) == picture.size == preview.size
    assert len(drawing.paths) == 12
    assert drawing.settings["budget"] == 12
    report = json.loads(outputs[2].read_text())
    assert (report["paths"], report["settings"]["resolution"]) == (12, 96)
    assert report["nodes"] == sum(path.nodes for path in drawing.paths)
    first = outputs[0].read_bytes()
    assert semvec(photo, *options, *QUICK, "--resolution", 96).returncode == 0
    assert outputs[0].read_bytes() == first


def test_real_exit_codes(tmp_path):
    assert semvec("--version").returncode == 0
    assert semvec(tmp_path / "missing.jpg").returncode == 1
    assert semvec("--budget", "x").returncode == 2


def test_ctrl_c_leaves_nothing_behind(photo):
    command = [sys.executable, "-m", "semvec.core", str(photo), "--iterations", "10000"]
    terminal, end = os.openpty()
    # Jobs in the background of a shell ignore Ctrl C, and so would what they start.
    listening = functools.partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    with subprocess.Popen(
        [*command, "--resolution", "512"], stderr=end, preexec_fn=listening
    ) as process:
        os.close(end)  # so that reading ends with the process
        seen = b""
        while b"%" not in seen:  # the first progress: it is at work
            seen += os.read(terminal, 1000)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    os.close(terminal)
    assert os.listdir(photo.parent) == ["photo.png"]
