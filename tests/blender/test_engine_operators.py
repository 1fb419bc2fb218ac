# SPDX-License-Identifier: GPL-3.0-or-later
"""Operators of the AI engine: tasks in a separate process, and panels that list what is missing."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from semvec.core.engine import environment
from semvec.core.errors import Cancelled, EngineError, ModelMissingError
from semvec.core.models import MODELS
from semvec.core.models.location import target
from semvec.core.worker import background_task
from semvec.core.worker.background_task import BackgroundTask
from semvec.core.worker.process import Worker, close_shared_worker, shared_worker
from semvec.operators import ai_engine as engine
from semvec.operators.properties import (
    extension_directory as extension_directory,
)
from semvec.operators.properties import (
    preferences as worker_options,
)
from semvec.operators.properties.engine_status import engine_status, forget_engine_status
from semvec.operators.run import engine_tasks
from semvec.operators.run.engine_tasks import (
    current_task,
    failure,
    last_task,
    start_task,
    unregister,
    watch,
)
from semvec.panels import engine as panel
from semvec.panels import sidebar


@pytest.fixture(autouse=True)
def home(scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Homes of this test alone, and nothing that goes on after it."""
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    forget_engine_status()
    yield tmp_path / "home"
    unregister()
    close_shared_worker()
    forget_engine_status()


@pytest.fixture
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, True)


def allow(monkeypatch: pytest.MonkeyPatch, access: bool, override: bool = False) -> None:
    """A Blender that may go online, or may not."""
    app = SimpleNamespace(
        online_access=access,
        online_access_override=override,
        background=True,
        timers=bpy.app.timers,
    )
    monkeypatch.setattr(engine_tasks, "bpy", SimpleNamespace(app=app, context=bpy.context))
    monkeypatch.setattr(panel, "bpy", SimpleNamespace(app=app))


def scripted(monkeypatch: pytest.MonkeyPatch, *lines: str, then: str = "") -> None:
    """Tasks are done by a program that writes these lines, whatever it is asked for."""
    start = "import sys, time\nsys.stdin.readline()"  # nobody asks a program that has ended
    program = f"{start}\nfor line in {lines!r}: print(line, flush=True)\n{then}"
    command = [sys.executable, "-c", program]
    monkeypatch.setattr(background_task, "Worker", lambda log=None: Worker(command, log))


def watch_until(condition: Callable[[], Any], seconds: float = 60.0) -> None:
    """Call the function of Blender's timer until a condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        watch()
        time.sleep(0.01)


class Layout:
    """Writes down what is drawn."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.operators: list[str] = []

    def box(self, **options: Any) -> Layout:
        return self

    def row(self, **options: Any) -> Layout:
        return self

    def column(self, **options: Any) -> Layout:
        return self

    def label(self, text: str = "", icon: str = "") -> None:
        self.texts.append(text)

    def progress(self, factor: float, text: str) -> None:
        self.texts.append(text)

    def operator(self, name: str, **options: Any) -> SimpleNamespace:
        self.operators.append(name)
        return SimpleNamespace()

    @property
    def text(self) -> str:
        return " ".join(self.texts)


def drawn_hint(**settings: Any) -> Layout:
    layout = Layout()
    models = {"clip_model": "clip_vit_b_32", "sam_model": "sam_vit_b"}
    shown = {"guidance": set(), "segmenter": "builtin", **models, **settings}
    panel.draw_missing(layout, SimpleNamespace(**shown))
    return layout


def drawn_preferences() -> Layout:
    layout = Layout()
    panel.draw_engine(layout)
    return layout


PROGRESS = '{"event": "progress", "stage": "task", "fraction": 0.5, "message": "half way"}'
DONE = '{"event": "done", "message": "all is well"}'
ERROR = '{"event": "error", "type": "EngineError", "message": "No luck.", "hint": "Try."}'


# Online access


@pytest.mark.parametrize("operator", ["install_engine", "download_model"])
@pytest.mark.parametrize(
    ("override", "message"), [(False, "Preferences > System > Network"), (True, "--offline-mode")]
)
def test_nothing_is_downloaded_offline(
    monkeypatch: pytest.MonkeyPatch, operator: str, override: bool, message: str
) -> None:
    allow(monkeypatch, False, override)
    with pytest.raises(RuntimeError, match=message):
        getattr(bpy.ops.semvec, operator)()
    shown = drawn_preferences()
    assert message.split()[-1] in shown.text
    assert ("screen.userpref_show" in shown.operators) is not override
    assert bpy.ops.semvec.remove_model.poll(), "that needs no network"


# In background: wait until it is done


def test_waiting_for_a_task(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, PROGRESS, DONE)
    assert bpy.ops.semvec.install_engine() == {"FINISHED"}
    assert bpy.ops.semvec.download_model(model="sam_vit_h") == {"FINISHED"}
    scripted(monkeypatch, PROGRESS, ERROR)
    with pytest.raises(RuntimeError, match="No luck"):
        bpy.ops.semvec.install_engine()


def test_removing_for_real(online: None, home: Path) -> None:
    """Through the real process: engine and model are gone from the disk."""
    assert not bpy.ops.semvec.remove_engine.poll()
    python = environment.python_in(environment.environment_folder())
    python.parent.mkdir(parents=True)
    python.write_text("a program")
    (environment.environment_folder() / environment.MARKER).write_text('{"torch": "1"}')
    forget_engine_status()
    assert engine_status().usable and worker_options.worker_python() == str(python)
    assert bpy.ops.semvec.remove_engine() == {"FINISHED"}
    assert not python.exists() and worker_options.worker_python() == ""
    model = target(MODELS["sam_vit_b"])
    model.parent.mkdir(parents=True)
    model.write_bytes(b"weights")
    assert bpy.ops.semvec.remove_model(model="sam_vit_b") == {"FINISHED"}
    assert not model.exists()


def test_trying_the_chosen_python(home: Path) -> None:
    with pytest.raises(RuntimeError, match="choose a Python that has it"):
        bpy.ops.semvec.check_engine()
    python = home / "python"
    home.mkdir()
    python.write_text("#!/bin/sh\nexit 9\n")
    python.chmod(0o755)
    environment.choose_python(str(python))
    forget_engine_status()
    with pytest.raises(RuntimeError, match="AI features do not run"):
        bpy.ops.semvec.check_engine()


# With a window: beside everything else


def test_a_task_that_is_watched(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, PROGRESS, then=f"time.sleep(0.5); print('''{DONE}''', flush=True)")
    start_task("install")
    assert bpy.app.timers.is_registered(watch)
    watch_until(lambda: "half way" in drawn_preferences().text)
    assert "semvec.cancel_task" in drawn_preferences().operators
    for operator in ("install_engine", "remove_engine", "download_model"):
        assert not getattr(bpy.ops.semvec, operator).poll(), "one at a time"
    watch_until(lambda: current_task() is None)
    assert last_task().message == "all is well" and failure() == ("", "")
    assert "all is well" in drawn_preferences().text
    assert watch() is None, "the timer ends"


def test_a_task_that_fails(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, ERROR)
    start_task("install")
    watch_until(lambda: current_task() is None)
    assert failure() == ("No luck.", "Try.") and isinstance(last_task().error, EngineError)
    assert "No luck." in drawn_preferences().text
    assert bpy.ops.semvec.install_engine.poll(), "it can be tried again"


@pytest.mark.parametrize("line", ["rubbish", "[]", '{"event": "progress", "fraction": "x"}'])
def test_a_process_that_writes_rubbish(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    scripted(monkeypatch, line)
    start_task("install")
    watch_until(lambda: current_task() is None)
    assert failure()[0]


def test_cancelling_a_task(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not bpy.ops.semvec.cancel_task.poll()
    answer = '{"event": "error", "type": "Cancelled", "message": "Stopped.", "hint": "Again."}'
    wait = f"sys.stdin.readline(); print('''{answer}''', flush=True)"
    scripted(monkeypatch, PROGRESS, then=wait)
    start_task("download", "sam_vit_b")
    watch_until(lambda: current_task().fraction == 0.5)
    assert bpy.ops.semvec.cancel_task() == {"FINISHED"}
    watch_until(lambda: current_task() is None)
    assert isinstance(last_task().error, Cancelled) and failure() == ("", "")


def test_disabling_the_add_on_ends_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    scripted(monkeypatch, PROGRESS, then="sys.stdin.read()")
    worker = start_task("install")._worker
    unregister()
    assert not worker.alive and current_task() is None
    assert not bpy.app.timers.is_registered(watch)


def test_an_unknown_model_in_the_real_process() -> None:
    with pytest.raises(ModelMissingError):
        BackgroundTask("download", "nothing").wait()


def test_no_worker_stays_on_an_engine_that_goes(
    online: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = shared_worker()
    scripted(monkeypatch, DONE)
    bpy.ops.semvec.install_engine()
    assert not worker.alive


# What the sidebar says


def test_nothing_lacks_without_prompt_and_sam() -> None:
    assert drawn_hint().texts == []


def test_hints(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "has_torch", lambda: False)
    shown = drawn_hint(guidance={"PROMPT"})
    assert "Prompt needs the AI engine" in shown.text
    assert shown.operators == ["semvec.install_engine", "semvec.download_model"]
    assert "SAM needs the AI engine" in drawn_hint(segmenter="sam").text
    assert "Prompt and SAM need" in drawn_hint(guidance={"PROMPT"}, segmenter="sam").text
    monkeypatch.setattr(engine, "has_torch", lambda: True)
    assert drawn_hint(guidance={"PROMPT"}).operators == ["semvec.download_model"]
    own = {"clip_model": __file__}
    assert drawn_hint(guidance={"PROMPT"}, **own).texts == [], "a file of one's own"
    model = target(MODELS["clip_vit_b_32"])
    model.parent.mkdir(parents=True)
    with model.open("wb") as file:
        file.truncate(MODELS["clip_vit_b_32"].bytes)  # sparse: no space is used
    assert drawn_hint(guidance={"PROMPT"}).texts == []


def test_the_hint_shows_what_is_going_on(online: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "has_torch", lambda: False)
    scripted(monkeypatch, PROGRESS, then="sys.stdin.read()")
    start_task("install")
    watch_until(lambda: current_task().fraction == 0.5)
    shown = drawn_hint(guidance={"PROMPT"})
    assert "half way" in shown.text and shown.operators == ["semvec.cancel_task"]


def test_the_preferences_list_all_models() -> None:
    shown = drawn_preferences()
    for name in MODELS:
        assert any(text.startswith(f"{name},") for text in shown.texts), name
    assert shown.operators.count("semvec.download_model") == len(MODELS)
    assert hasattr(sidebar, "draw_missing")


# Where it goes


def test_an_installed_extension_has_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEMVEC_HOME")
    folder = SimpleNamespace(extension_path_user=lambda package: f"/files/of/{package}")
    monkeypatch.setattr(extension_directory, "bpy", SimpleNamespace(utils=folder))
    extension_directory.register()
    assert os.environ["SEMVEC_HOME"] == "/files/of/semvec"
    extension_directory.unregister()
    assert "SEMVEC_HOME" not in os.environ
    monkeypatch.setenv("SEMVEC_HOME", "/chosen")
    extension_directory.register()
    extension_directory.unregister()
    assert os.environ["SEMVEC_HOME"] == "/chosen"
