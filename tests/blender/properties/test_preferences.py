# SPDX-License-Identifier: GPL-3.0-or-later
"""Preferences reach the worker, and a chosen Python is checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np
import pytest

from semvec.core.errors import WorkerError
from semvec.core.settings import Settings
from semvec.core.worker.process import (
    Worker,
    close_shared_worker,
    own_command,
    shared_worker,
    worker_status,
)
from semvec.core.worker.python_check import check_python
from semvec.operators.mask_cache import cache_folder, cache_status
from semvec.operators.objects.collection import find_drawings, read_drawing
from semvec.operators.properties import preferences as worker_options
from semvec.operators.properties.report import REPORT
from semvec.operators.properties.settings import settings_from
from semvec.operators.vectorize import start_job, vectorize_image
from semvec.panels import preferences as preferences_panel


@pytest.fixture
def preferences(scene: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The add-on's preferences. It is registered by hand, so Blender keeps none for it."""
    addon = bpy.context.preferences.addons.new()
    addon.module = worker_options.EXTENSION
    yield addon.preferences
    bpy.context.preferences.addons.remove(addon)


@pytest.fixture
def no_worker() -> Iterator[None]:
    close_shared_worker()
    yield
    close_shared_worker()


def threads_used(collection: bpy.types.Collection) -> int:
    return json.loads(collection[REPORT])["settings"]["threads"]


def script(folder: Path, text: str) -> str:
    file = folder / "python"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return str(file)


def test_defaults_are_those_of_the_settings(preferences: Any) -> None:
    assert preferences.threads == Settings().threads
    assert preferences.resolution == Settings().resolution
    assert worker_options.worker_python() == ""


@pytest.mark.parametrize("website", ["", "https://semvec.example.org"])
def test_the_preferences_lead_to_the_manual_and_show_paths_whole(
    website: str, preferences: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publisher of the extension may state a website; without one, there are no links."""
    monkeypatch.setattr(preferences_panel, "WEBSITE", website)
    monkeypatch.setattr(preferences_panel, "MANUAL", f"{website}/docs/guide/")
    path = "/files of an artist/" + "long folder/" * 12 + "worker.log"
    monkeypatch.setattr(preferences_panel, "log_file", lambda: path)
    layout, links = MagicMock(), []
    column = layout.column.return_value.column.return_value
    layout.row.return_value.operator.side_effect = lambda *_, **options: (
        links.append((options.get("text"), SimpleNamespace())) or links[-1][1]
    )
    drawn = SimpleNamespace(layout=layout, python_choice="AUTOMATIC")
    preferences_panel.SemvecPreferences.draw(drawn, bpy.context)
    lines = [call.kwargs["text"] for call in column.label.mock_calls]
    assert f"Log: {path}" in " ".join(lines) and max(map(len, lines)) <= 90
    expected = [("Manual", f"{website}/docs/guide/"), ("Website", website)] if website else []
    assert [(name, link.url) for name, link in links] == expected


def test_the_default_resolution_is_that_of_the_panel(preferences: Any) -> None:
    preferences.resolution = 300
    assert settings_from(bpy.context.scene.semvec).resolution == 300
    bpy.context.scene.semvec.resolution = 200
    preferences.resolution = 400
    assert settings_from(bpy.context.scene.semvec).resolution == 200, "chosen in this scene"


def test_threads_of_the_preferences_count_where_none_are_set(
    preferences: Any, picture: Any
) -> None:
    preferences.threads = 1
    small = {
        "kind": "photo",
        "image": "photo",
        "budget": 4,
        "iterations": 5,
        "existing": "ADD",
    }
    bpy.ops.semvec.vectorize(**small)
    bpy.ops.semvec.vectorize(threads=2, **small)
    drawings = find_drawings(bpy.context.scene, "photo")
    assert sorted(threads_used(collection) for collection in drawings) == [1, 2]
    remembered = [read_drawing(collection).settings["threads"] for collection in drawings]
    assert sorted(remembered) == [0, 2], "another computer has other preferences"


@pytest.mark.parametrize(("processors", "used"), [(1, 1), (2, 1), (8, 7)])
def test_a_run_that_somebody_watches_leaves_a_processor_to_the_window(
    preferences: Any, picture: Any, monkeypatch: pytest.MonkeyPatch, processors: int, used: int
) -> None:
    monkeypatch.setattr(worker_options, "thread_count", lambda threads: processors)
    small = Settings(kind="photo", budget=4, iterations=5)
    finished = start_job(picture, small, previews=True).wait()
    assert finished.report["settings"]["threads"] == used
    assert finished.drawing.settings == small.recorded()
    preferences.threads = 3
    assert worker_options.default_threads(in_window=True) == 3, "somebody has chosen"


def test_a_chosen_python_runs_the_worker(
    preferences: Any, picture: Any, no_worker: None, tmp_path: Path
) -> None:
    used = tmp_path / "used"
    preferences.python = script(tmp_path, f'touch "{used}"; exec "{sys.executable}" "$@"')
    bpy.ops.semvec.vectorize(image="photo", kind="photo", budget=4, iterations=5)
    assert not used.exists(), "automatic"
    first = shared_worker()
    preferences.python_choice = "CHOSEN"
    bpy.ops.semvec.vectorize(image="photo", kind="photo", budget=4, iterations=5)
    assert used.exists() and not first.alive


def test_a_chosen_python_that_is_none(preferences: Any, picture: Any, no_worker: None) -> None:
    preferences.python_choice, preferences.python = "CHOSEN", "/no/such/python"
    with pytest.raises(RuntimeError, match="can't be started"):
        bpy.ops.semvec.vectorize(image="photo")
    with pytest.raises(RuntimeError, match="There is no program"):
        bpy.ops.semvec.check_python()
    preferences.python = sys.executable
    assert bpy.ops.semvec.check_python() == {"FINISHED"}


def test_checking_this_python() -> None:
    version = ".".join(map(str, sys.version_info[:3]))
    assert check_python(sys.executable).startswith(f"Python {version} with numpy ")


@pytest.mark.skipif(os.name == "nt", reason="scripts for a Unix shell")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo 3 9 1 1.26.4", "is Python 3.9.1"),
        ("echo hello", "is not Python"),
        ("echo no numpy here >&2; exit 1", "no numpy here"),
    ],
)
def test_checking_what_will_not_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(WorkerError, match=message):
        check_python(script(tmp_path, text))


def test_restarting_the_worker(scene: Any, no_worker: None) -> None:
    assert worker_status().startswith("Not running")
    worker = shared_worker()
    assert worker_status().startswith("Ready")
    assert bpy.ops.semvec.restart_worker() == {"FINISHED"}
    assert not worker.alive and worker_status().startswith("Not running")


def test_the_log_keeps_what_workers_say(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    for word in ("first", "second"):
        program = f"import sys; print({word!r}, file=sys.stderr); sys.exit(3)"
        worker = Worker([sys.executable, "-c", program], log)
        with pytest.raises(WorkerError, match=word) as raised:
            while True:
                worker.receive(5.0)
    assert "first" not in str(raised.value), "that was another process"
    assert log.read_text().split() == ["first", "second"]


def test_a_long_log_begins_anew(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_bytes(b"x" * (2 << 20))
    Worker([sys.executable, "-c", ""], log).close()
    assert log.stat().st_size == 0


def test_a_log_that_cannot_be_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    worker = Worker(own_command(), tmp_path / "no" / "folder" / "worker.log")
    assert worker.alive
    worker.close()


def test_a_log_is_kept_for_an_installed_extension_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert worker_options.log_file() is None
    folder = SimpleNamespace(extension_path_user=lambda package, create: f"/files/of/{package}")
    monkeypatch.setattr(worker_options.bpy, "utils", folder)
    assert worker_options.log_file() == Path("/files/of/semvec/worker.log")


def test_no_preset_folder_and_no_handler_stays_behind() -> None:
    """In a Blender of its own: as it was before, after enabling and disabling."""
    program = (
        "import bpy, semvec; handlers = bpy.app.handlers;"
        "names = [n for n in dir(handlers) if isinstance(getattr(handlers, n), list)];"
        "look = lambda: ([len(getattr(handlers, n)) for n in names],"
        " bpy.utils.preset_paths('semvec'), hasattr(bpy.types.WindowManager, 'semvec'));"
        "before = look(); semvec.register(); during = look(); semvec.unregister();"
        "assert len(during[1]) == len(before[1]) + 1 and during[2]; assert look() == before"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_masks_outlive_the_worker_and_can_be_cleared(
    preferences: Any, scene: Any, picture: Any, no_worker: None, tmp_path: Path
) -> None:
    def structural() -> int:
        collection = vectorize_image(
            scene, picture, Settings(kind="photo", budget=10, iterations=0)
        )
        return json.loads(collection[REPORT])["structural"]

    preferences.cache = str(tmp_path)
    (tmp_path / "mine.txt").write_text("not a mask")
    assert structural() == 4
    (file,) = tmp_path.glob("*.npz")
    one_mask = np.zeros((64, 96), np.int32)
    np.savez(file, values=one_mask, name=np.array(file.name))
    close_shared_worker()
    assert structural() == 1, "the next process has read what is there"
    assert str(tmp_path) in cache_status() and " 0 kB" not in cache_status()
    bpy.ops.semvec.clear_cache()
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
    assert " 0 kB" in cache_status()
    assert structural() == 4


def test_a_hand_registered_add_on_keeps_no_files(preferences: Any) -> None:
    assert cache_folder() is None and "installed" in cache_status()
    assert not bpy.ops.semvec.clear_cache.poll()
