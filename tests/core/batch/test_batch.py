# SPDX-License-Identifier: GPL-3.0-or-later
"""Batches on one machine: complete, repeatable, and not stopped by one image."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import PIL.Image
import pytest
from killing import kill_or_run

from semvec.core.batch import picture, process_pool
from semvec.core.batch.picture import Task, is_current, run_tasks
from semvec.core.batch.process_pool import run_in_processes
from semvec.core.cli.main import main as semvec
from semvec.core.settings import Settings

QUICK = ["--budget", "4", "--iterations", "2", "--mask-count", "8"]
SETTINGS = Settings(budget=4, iterations=2, mask_count=8)


@pytest.fixture
def frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of four frames, numbers 1, 2, 3 and 5, where the working directory is."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "frames"
    folder.mkdir()
    for number in (1, 2, 3, 5):
        pixels = np.random.default_rng(number).integers(0, 256, (16, 24, 3), np.uint8)
        PIL.Image.fromarray(pixels).save(folder / f"f_{number:04d}.png")
    return folder


def batch(*arguments: object) -> int:
    return semvec(["batch", "frames/*.png", "-o", "out", *QUICK, *map(str, arguments)])


def lines(path: str = "run.jsonl") -> list[dict]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def test_a_batch_gives_the_drawings_of_single_runs(frames: Path) -> None:
    assert batch("--report", "run.jsonl") == 0
    assert semvec(["frames/f_0001.png", "-o", "single.svg", *QUICK]) == 0
    assert Path("out/f_0001.svg").read_bytes() == Path("single.svg").read_bytes()
    assert {file.name for file in Path("out").iterdir()} == {
        f"f_000{number}.svg" for number in (1, 2, 3, 5)
    }
    assert all(line["status"] == "done" and line["psnr"] > 5.0 for line in lines())
    assert all(line["settings"]["budget"] == 4 and line["seconds"] > 0 for line in lines())


def test_a_second_run_does_only_what_has_changed(frames: Path) -> None:
    assert batch() == 0
    before = {file.name: file.stat().st_mtime_ns for file in Path("out").iterdir()}
    Path("out/f_0002.svg").unlink()
    future = time.time() + 100
    os.utime(frames / "f_0003.png", (future, future))
    assert batch("--report", "run.jsonl") == 0
    states = {Path(line["image"]).name: line["status"] for line in lines()}
    assert states == {
        "f_0001.png": "skipped", "f_0002.png": "done", "f_0003.png": "done", "f_0005.png": "skipped"
    }  # fmt: skip
    assert Path("out/f_0001.svg").stat().st_mtime_ns == before["f_0001.svg"]
    assert batch("--budget", "5", "--skip-existing", "--report", "again.jsonl") == 0
    assert {line["status"] for line in lines("again.jsonl")} == {"skipped"}
    assert batch("--budget", "5", "--report", "other.jsonl") == 0
    assert {line["status"] for line in lines("other.jsonl")} == {"done"}


def test_frames_chunks_and_gaps(frames: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert batch("--frames", "2-6", "--chunk", "2", "--jobs", "1") == 0
    assert sorted(file.name for file in Path("out").iterdir()) == [
        "f_0002.svg", "f_0003.svg", "f_0005.svg"
    ]  # fmt: skip
    assert capsys.readouterr().err == "semvec: There is no image of frame 4, 6.\n"


def test_a_bad_image_is_named_and_the_rest_goes_on(
    frames: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (frames / "f_0002.png").write_bytes(b"no image")
    assert batch("--report", "run.jsonl") == 1
    failed = [line for line in lines() if line["status"] == "failed"]
    assert len(failed) == 1 and "f_0002.png" in failed[0]["image"] and failed[0]["error"]
    assert capsys.readouterr().err.count("\n") == 1
    assert len(list(Path("out").iterdir())) == 3


def test_a_report_that_was_cut_off_is_continued(frames: Path) -> None:
    Path("run.jsonl").write_text('{"image": "cut o')
    assert batch("--report", "run.jsonl") == 0
    text = Path("run.jsonl").read_text().splitlines()
    assert len(text) == 5 and all(json.loads(line) for line in text[1:])


def test_the_contact_sheet_links_every_drawing(frames: Path) -> None:
    (frames / "f_0002.png").write_bytes(b"no image")
    (frames / "f_0001.png").rename(frames / "a & b <1>.png")
    assert batch("--contact-sheet", "sheets/sheet.html") == 1
    found: list[Path] = []

    class Links(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list) -> None:
            if tag == "img":
                found.append(Path("sheets", unquote(dict(attributes)["src"])))

    page = Path("sheets/sheet.html").read_text()
    Links().feed(page)
    assert len(found) == 3 and all(file.is_file() for file in found)
    assert "f_0002.png: This format" in page and "<1>" not in page


def test_nothing_found_is_an_error(frames: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert semvec(["batch", "nothing/*.png", "-o", "out"]) == 1
    assert "No image was found" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--chunk", "x"], ["--budget", "0"]])
def test_bad_options(frames: Path, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        batch(*arguments)
    assert raised.value.code == 2


def tasks(frames: Path) -> list[Task]:
    return [
        Task(str(image), str(image.with_suffix(".svg")), SETTINGS.to_dict())
        for image in sorted(frames.glob("*.png"))
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_an_image_that_kills_its_process_is_given_up_alone(
    frames: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_pool, "run_tasks", kill_or_run)
    records = list(run_in_processes([[task] for task in tasks(frames)], 2))
    states = {Path(record.image).stem: record.status for record in records}
    assert states == {"f_0001": "done", "f_0002": "failed", "f_0003": "done", "f_0005": "done"}


def test_an_error_that_passes_is_tried_again(frames: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = picture.vectorize, []

    def once(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise MemoryError
        return real(*arguments)

    monkeypatch.setattr(picture, "vectorize", once)
    (record,) = run_tasks(tasks(frames)[:1])
    assert (record.status, record.attempts) == ("done", 2) and record.error == ""


def test_an_output_of_the_same_image_and_settings_is_current(frames: Path) -> None:
    (task, other) = tasks(frames)[:2]
    assert not is_current(task)
    run_tasks([task])
    assert is_current(task) and not is_current(other)
    Path(task.svg).write_text("<svg/>")
    assert not is_current(task)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def _heed_interrupts() -> None:
    """Undo what a shell does to the processes that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_and_a_second_run(frames: Path) -> None:
    for number in range(6, 30):
        (frames / f"f_{number:04d}.png").write_bytes((frames / "f_0001.png").read_bytes())
    command = [sys.executable, "-m", "semvec.core", "batch", "frames", "-o", "out", *QUICK]
    process = subprocess.Popen(
        [*command, "--jobs", "2"], stderr=subprocess.PIPE, text=True, preexec_fn=_heed_interrupts
    )
    while len(list(Path("out").glob("*.svg") if Path("out").exists() else ())) < 2:
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and "run it again" in errors and "Traceback" not in errors
    done = {file.name for file in Path("out").iterdir()}
    assert 2 <= len(done) < 28 and all(name.endswith(".svg") for name in done)
    assert semvec(["batch", "frames", "-o", "out", *QUICK, "--report", "run.jsonl"]) == 0
    assert sum(line["status"] == "skipped" for line in lines()) == len(done)
    assert len(list(Path("out").iterdir())) == 28
