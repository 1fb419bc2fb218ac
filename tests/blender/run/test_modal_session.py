# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in the scene with a real worker process; ticks by hand, as Blender's timer gives them."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from sample_drawings import random_drawing

import semvec
from semvec.core.settings import Settings
from semvec.core.svg import to_svg
from semvec.core.worker import request as request_module
from semvec.core.worker.job import Job
from semvec.core.worker.process import Worker, own_command, shared_worker
from semvec.operators.inputs.pixels import read_image
from semvec.operators.objects.collection import find_drawings, read_drawing
from semvec.operators.objects.placement import Placement
from semvec.operators.objects.root import root_of
from semvec.operators.properties.report import REPORT
from semvec.operators.run import preview
from semvec.operators.run.drawing_session import DrawingSession
from semvec.operators.run.session import current_session
from semvec.operators.vectorize import place_result, start_job, vectorize_image

SMALL = Settings(kind="photo", budget=10, iterations=30, mask_count=12, threads=1)
LONG = Settings(kind="photo", budget=10, iterations=10000, mask_count=12, threads=1)


def start(
    scene: Any, image: Any, settings: Settings, keep: bool = True, worker: Any = None
) -> DrawingSession:
    if worker is None:
        job = start_job(image, settings, previews=True)
    else:
        job = Job(worker, read_image(image), settings, previews=True)
    return DrawingSession(scene, image, job, place_result, Placement(), keep)


def tick_until(
    session: DrawingSession, condition: Callable[[], Any], seconds: float = 60.0
) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, session.status
        session.tick()
        time.sleep(0.01)


def run_until_curves(session: DrawingSession) -> None:
    tick_until(session, lambda: len(bpy.data.curves) >= 3 or session.over)
    assert not session.over


def names() -> list[str]:
    """Everything in the file that a run could leave behind."""
    kinds = (bpy.data.objects, bpy.data.curves, bpy.data.collections)
    return sorted(item.name for kind in kinds for item in kind)


def state() -> Any:
    return bpy.context.window_manager.semvec


def test_the_result_is_that_of_the_function(scene: Any, picture: Any) -> None:
    expected = to_svg(read_drawing(vectorize_image(scene, picture, SMALL)))
    session = start(scene, picture, SMALL)
    assert state().running and current_session() is session
    tick_until(session, lambda: session.over)
    (collection,) = find_drawings(scene, "photo")
    assert session.result == collection and session.error is None
    assert to_svg(read_drawing(collection)) == expected
    assert not state().running and current_session() is None
    assert (state().result, state().error) == ("photo", "")
    report = json.loads(collection[REPORT])
    assert report["nodes"] == sum(path.nodes for path in read_drawing(collection).paths)


def test_curves_come_early_and_move(scene: Any, picture: Any) -> None:
    session = start(scene, picture, LONG)
    run_until_curves(session)
    (collection,) = find_drawings(scene, "photo")
    first = to_svg(read_drawing(collection))
    tick_until(session, lambda: to_svg(read_drawing(collection)) != first)
    assert len(find_drawings(scene, "photo")) == 1
    session.abort()


def test_stopping_keeps_what_there_is(scene: Any, picture: Any) -> None:
    session = start(scene, picture, LONG)
    run_until_curves(session)
    session.stop()
    assert state().stopping
    tick_until(session, lambda: session.over)
    (collection,) = find_drawings(scene, "photo")
    assert session.result == collection and 3 <= len(read_drawing(collection).paths) <= 10
    assert (
        json.loads(collection[REPORT])["stopped"]
        and not state().stopping
        and not shared_worker().busy
    )


def test_stopping_discards_where_asked_to(scene: Any, picture: Any) -> None:
    vectorize_image(scene, picture, SMALL)
    before = names()
    (old,) = find_drawings(scene, "photo")
    session = start(scene, picture, LONG, keep=False)
    tick_until(session, lambda: len(find_drawings(scene, "photo")) == 2)
    assert old.hide_viewport, "only one of both is seen"
    session.stop()
    assert names() == before and not old.hide_viewport, "at once"
    tick_until(session, lambda: session.over)
    assert names() == before and session.result is None and session.error is None
    assert vectorize_image(scene, picture, SMALL)


def test_aborting_ends_the_worker_and_leaves_nothing(scene: Any, picture: Any) -> None:
    before = names()
    session = start(scene, picture, LONG)
    run_until_curves(session)
    worker = shared_worker()
    session.abort()
    assert names() == before and not worker.alive and not worker.folder.exists()
    session.abort()
    session.tick()
    assert names() == before


def kill(worker: Any) -> None:
    os.kill(worker.pid, signal.SIGKILL)


def hang(worker: Any) -> None:
    os.kill(worker.pid, signal.SIGSTOP)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals on Windows")
@pytest.mark.parametrize(
    ("harm", "message"), [(kill, "has ended"), (hang, "does not answer")], ids=["kill", "hang"]
)
def test_a_harmed_worker_is_reported_and_replaced(
    scene: Any, picture: Any, harm: Any, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = names()
    monkeypatch.setattr(request_module, "SILENCE_LIMIT", 6.0)
    session = start(scene, picture, LONG)
    run_until_curves(session)
    harm(shared_worker())
    tick_until(session, lambda: session.over)
    assert message in session.error.message and message in state().error
    assert state().hint and names() == before and not state().running
    assert vectorize_image(scene, picture, SMALL), "the next run is fine"


@pytest.mark.parametrize(
    "line", ["rubbish", "[1, 2]", '{"event": "progress", "stage": 1, "fraction": "x"}', "\\xff"]
)
def test_a_worker_that_prints_rubbish(scene: Any, picture: Any, line: str) -> None:
    program = f"import sys; print({line!r}, flush=True); sys.stdin.read()"
    worker = Worker([sys.executable, "-c", program])
    session = start(scene, picture, SMALL, worker=worker)
    tick_until(session, lambda: session.over)
    assert "worker process" in session.error.message and not worker.alive
    assert current_session() is None


@pytest.mark.skipif(sys.platform != "linux", reason="memory can't be limited elsewhere")
def test_too_little_memory_is_told_and_the_worker_goes_on(scene: Any, new_image: Any) -> None:
    limited = 'ulimit -v 900000; export OPENBLAS_NUM_THREADS=1; exec "$@"'  # kB
    worker = Worker(["sh", "-c", limited, "sh", *own_command()])
    image = new_image("large", np.ones((3600, 3600, 4)))
    session = start(scene, image, replace(SMALL, resolution=3600), worker=worker)
    tick_until(session, lambda: session.over)
    assert "memory" in session.error.message and worker.alive
    session = start(scene, image, replace(SMALL, resolution=64), worker=worker)
    tick_until(session, lambda: session.over)
    assert session.error is None and session.result is not None
    worker.close()


def test_removing_the_image(scene: Any, picture: Any) -> None:
    before = names()
    session = start(scene, picture, LONG)
    run_until_curves(session)
    worker = shared_worker()
    bpy.data.images.remove(picture)
    session.tick()
    assert session.over and "removed" in session.error.message
    assert names() == before and not worker.alive


def test_renaming_the_image_is_no_harm(scene: Any, picture: Any) -> None:
    session = start(scene, picture, SMALL)
    picture.name = "other"
    tick_until(session, lambda: session.over)
    assert session.result.name == "other"


def test_another_file_ends_the_run(scene: Any, picture: Any) -> None:
    session = start(scene, picture, LONG)
    run_until_curves(session)
    worker = shared_worker()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    assert session.over and not worker.alive and current_session() is None
    assert list(bpy.data.curves) == [] and not state().running and state().error == ""


def test_disabling_the_add_on_ends_the_run(scene: Any, picture: Any) -> None:
    before = names()
    session = start(scene, picture, LONG)
    run_until_curves(session)
    worker = shared_worker()
    semvec.unregister()
    semvec.register()
    assert session.over and not worker.alive and names() == before


def test_undo_while_running(scene: Any, picture: Any) -> None:
    """The preview vanishes with the step before it, and comes again."""
    bpy.ops.ed.undo_push(message="before")
    session = start(scene, picture, LONG)
    run_until_curves(session)
    bpy.ops.ed.undo_push(message="an edit meanwhile")
    bpy.ops.ed.undo()
    assert list(bpy.data.curves) == []
    run_until_curves(session)
    session.stop()
    tick_until(session, lambda: session.over)
    assert len(find_drawings(bpy.context.scene, "photo")) == 1


def test_the_preview_stands_where_the_drawing_does_that_it_replaces(
    scene: Any, picture: Any
) -> None:
    root_of(vectorize_image(scene, picture, SMALL)).location.x = 5.0
    session = start(scene, picture, LONG)
    tick_until(session, lambda: len(find_drawings(scene, "photo")) == 2)
    assert [root_of(collection).location.x for collection in find_drawings(scene, "photo")] == [
        5.0,
        5.0,
    ]
    bpy.data.collections.remove(find_drawings(scene, "photo")[1])  # as undo may do
    tick_until(session, lambda: len(find_drawings(scene, "photo")) == 2)
    assert [root_of(collection).location.x for collection in find_drawings(scene, "photo")] == [
        5.0,
        5.0,
    ]
    finish(session)
    assert root_of(session.result).location.x == 5.0


def finish(session: DrawingSession) -> None:
    session.stop()
    tick_until(session, lambda: session.over)


def test_an_undo_step_made_meanwhile_brings_no_preview_back(scene: Any, picture: Any) -> None:
    vectorize_image(scene, picture, SMALL)
    bpy.ops.ed.undo_push(message="before")
    session = start(scene, picture, LONG)
    tick_until(session, lambda: len(find_drawings(scene, "photo")) == 2)
    bpy.ops.ed.undo_push(message="an edit in the sidebar")
    finish(session)
    bpy.ops.ed.undo_push(message="the result")
    bpy.ops.ed.undo()
    (collection,) = find_drawings(bpy.context.scene, "photo")
    assert not collection.hide_viewport and len(read_drawing(collection).paths) == 10, (
        "the one before the run"
    )
    assert len(bpy.data.curves) == 10
    bpy.ops.ed.redo()
    assert len(find_drawings(bpy.context.scene, "photo")) == 1


def test_a_file_saved_meanwhile_holds_what_was_there_before(
    scene: Any, picture: Any, tmp_path: Path
) -> None:
    picture.pack()
    vectorize_image(scene, picture, SMALL)
    file = str(tmp_path / "meanwhile.blend")
    session = start(scene, picture, LONG)
    tick_until(session, lambda: len(find_drawings(scene, "photo")) == 2)
    bpy.ops.wm.save_as_mainfile(filepath=file, copy=True)
    assert not session.over
    tick_until(session, lambda: len(find_drawings(scene, "photo")) == 2)
    finish(session)
    assert session.result is not None, "the run goes on"
    bpy.ops.wm.open_mainfile(filepath=file)
    (collection,) = find_drawings(bpy.context.scene, "photo")
    assert not collection.hide_viewport and len(read_drawing(collection).paths) == 10
    assert len(bpy.data.curves) == 10


def test_a_preview_saved_by_blender_itself_is_cleared(
    scene: Any, picture: Any, tmp_path: Path
) -> None:
    """Automatic saves ask nobody."""
    file = str(tmp_path / "automatic.blend")
    session = start(scene, picture, LONG)
    run_until_curves(session)
    handlers = bpy.app.handlers.save_pre[:]
    bpy.app.handlers.save_pre.clear()
    bpy.ops.wm.save_as_mainfile(filepath=file, copy=True)
    bpy.app.handlers.save_pre.extend(handlers)
    session.abort()
    bpy.ops.wm.open_mainfile(filepath=file)
    assert not find_drawings(bpy.context.scene, "photo") and not len(bpy.data.curves)


def test_a_large_preview_is_shown_in_slices(
    scene: Any, picture: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "TIME_SLICE", 1e-9)  # one part at a time
    drawing = random_drawing(100, 1.0)
    shown = preview.Preview(Placement(), arrange=False)
    shown.show(drawing)
    counts = []
    while shown.advance(scene, picture):
        counts.append(len(bpy.data.curves))
    assert counts[-1] == 100
    assert min(np.diff(counts)) >= 0 and max(np.diff([0, *counts])) <= preview.PART
    fewer = replace(drawing, paths=drawing.paths[:30])
    shown.show(fewer)
    while shown.advance(scene, picture):
        pass
    (collection,) = find_drawings(scene, "photo")
    assert len(read_drawing(collection).paths) == 30
    for path, expected in zip(read_drawing(collection).paths, fewer.paths, strict=True):
        np.testing.assert_allclose(path.subpaths[0], expected.subpaths[0], atol=1e-3)
    shown.remove()
    assert not len(bpy.data.curves)


def test_the_next_run_has_the_same_worker(scene: Any, new_image: Any) -> None:
    rng = np.random.default_rng(0)
    image = new_image("noise", np.dstack([rng.random((256, 256, 3)), np.ones((256, 256))]))
    pids = []
    for budget in (10, 12):
        session = start(scene, image, Settings(kind="photo", budget=budget, iterations=5))
        tick_until(session, lambda session=session: session.over)
        pids.append(shared_worker().pid)
    assert pids[0] == pids[1]


def test_one_run_at_a_time(scene: Any, picture: Any) -> None:
    session = start(scene, picture, LONG)
    with pytest.raises(RuntimeError, match="being vectorized"):
        bpy.ops.semvec.vectorize(image="photo")
    bpy.ops.semvec.cancel()
    tick_until(session, lambda: session.over)
    assert not bpy.ops.semvec.cancel.poll()
    assert bpy.ops.semvec.vectorize.poll()
