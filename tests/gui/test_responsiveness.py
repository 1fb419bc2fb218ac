# SPDX-License-Identifier: GPL-3.0-or-later
"""Responsiveness of the window, and the delay of the first curves.

The figures are printed, with how busy the machine was: Blender draws in software here, on
the processors that the worker wants as well. What is asserted is the order
of events, never seconds.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from panel import Panel
from screen import HEIGHT, WIDTH
from window import Window

STATE = "bpy.context.window_manager.semvec"
SETTINGS = "bpy.context.scene.semvec"
RUNNING, STAGE = f"{STATE}.running", f"{STATE}.message"
CURVES = "sum(len(c.all_objects) for c in bpy.data.collections if 'semvec_preview' in c) > 1"
REPORT = "__import__('json').loads(bpy.data.collections['coffee']['semvec_report'])"
WORKER = "extension('core.worker.process').shared_worker().pid"
TICK = "extension('operators.run.drawing_session').DrawingSession, 'tick'"


@pytest.fixture
def panel(window: Window, photograph: Path) -> Panel:
    """The panel in the startup scene, with a photograph chosen."""
    window.do(f"image = bpy.data.images.load({str(photograph)!r})")
    window.do(f"{SETTINGS}.image = image")
    return Panel(window)


def waits(window: Window, panel: Panel, **settings: Any) -> dict[str, float]:
    """Seconds from the start of a run to the first curves, and to refinement."""
    for name, value in settings.items():
        window.do(f"{SETTINGS}.{name} = {value!r}")
    for expression in (RUNNING, STAGE, CURVES):
        window.do(f"watch({expression!r})")
    panel.press("semvec.vectorize")
    window.wait_until(f"{STATE}.fraction > 0.3 and ({CURVES})", 120)
    when = {name: window.ask(f"changes({name!r})") for name in (RUNNING, STAGE, CURVES)}
    (start,) = (seconds for seconds, running in when[RUNNING] if running)
    refined = next(seconds for seconds, stage in when[STAGE] if "Refining" in stage)
    seen = next(seconds for seconds, curves in when[CURVES] if curves)
    return {"curves": round(seen - start, 2), "refinement": round(refined - start, 2)}


def wait_for_end(window: Window) -> None:
    window.wait_until(f"not {RUNNING}", 180)


def show(title: str, figures: dict[str, Any]) -> None:
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    print(f"{title} (load {load:.1f} a processor):", figures)


def test_curves_come_soon_and_sooner_again(window: Window, panel: Panel) -> None:
    window.do("extension('core.worker.process').close_shared_worker()")
    first = waits(window, panel, iterations=1000)
    wait_for_end(window)
    process = window.ask(WORKER)
    second = waits(window, panel, budget=100)
    wait_for_end(window)
    show("seconds from the click, first run", first)
    show("seconds from the click, second run", second)
    assert window.ask(WORKER) == process, "the second run needs no process of its own"


@pytest.mark.parametrize("budget", [128, 512])
def test_a_run_leaves_the_window_its_time(window: Window, panel: Panel, budget: int) -> None:
    window.do(f"{SETTINGS}.budget = {budget}")
    spent = spent_while_refining(window, f"{budget} paths")
    assert len(spent) >= 5


def test_so_it_does_with_a_quarter_of_the_pixels(
    open_window: Callable[..., Window], photograph: Path
) -> None:
    """Drawing costs less here, as it does on a graphics card: what else is there to wait for?"""
    window = open_window("quarter", size=(WIDTH // 2, HEIGHT // 2))
    window.do(f"image = bpy.data.images.load({str(photograph)!r})")
    window.do(f"{SETTINGS}.image = image")
    spent = spent_while_refining(window, "128 paths, a quarter of the pixels")
    assert len(spent) >= 5
    window.quit()


def spent_while_refining(window: Window, title: str) -> list[float]:
    """Show what the window waits for in a run; returns processor seconds of each tick."""
    window.do(f"spent = time_calls({TICK})")
    window.do(f"{SETTINGS}.iterations = 1000")
    window.do("with view3d(): bpy.ops.semvec.vectorize('INVOKE_DEFAULT')")
    window.wait_until(f"{STATE}.fraction > 0.3", 120)
    window.do("forget_pauses(); spent.clear()")
    window.wait_until(f"{STATE}.fraction > 0.9", 120)
    figures = {"tick (processor)": window.ask("spent"), **window.ask("pauses()")}
    wait_for_end(window)
    quantiles = {
        name: np.quantile(seconds, [0.5, 0.95, 1.0]).round(3).tolist()
        for name, seconds in figures.items()
    }
    job = window.ask(f"sum({REPORT}['seconds'].values())")
    show(f"{title}, seconds: median, 95 %, longest", {**quantiles, "job": round(job, 2)})
    return figures["tick (processor)"]
