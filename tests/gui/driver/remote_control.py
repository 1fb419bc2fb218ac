# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests of a test, carried out inside Blender between two events of its window.

A timer looks for `request.json` in a folder, {"code", "evaluate", "answer"}, and writes the
file named by `answer`: {"value"} or {"error"}. The code sees the functions below.
"""

from __future__ import annotations

import importlib
import json
import os
import time
import traceback
from bisect import bisect
from itertools import pairwise
from pathlib import Path
from typing import Any

import bpy
from mathutils import Vector

INTERVAL = 0.01  # seconds between two looks

_folder = Path()
_ticks: list[float] = []
_draws: list[float] = []
_sidebar_draws: list[float] = []
_other_draws: list[float] = []
_watched: dict[str, list[tuple[float, Any]]] = {}
_names: dict[str, Any] = {}


def start(folder: str) -> None:
    """Listen to requests in `folder` until Blender ends."""
    global _folder
    _folder = Path(folder)
    _names.update(globals())
    preferences = bpy.context.preferences
    preferences.view.show_splash = False
    preferences.view.smooth_view = 0  # turn the view at once
    preferences.system.viewport_aa = "OFF"  # or each change is drawn eight times, in software
    preferences.view.use_save_prompt = False
    draw_handler_add = bpy.types.SpaceView3D.draw_handler_add
    draw_handler_add(_note, (_draws,), "WINDOW", "POST_PIXEL")
    draw_handler_add(_note, (_sidebar_draws,), "UI", "POST_PIXEL")
    for space in (bpy.types.SpaceImageEditor, bpy.types.SpacePreferences):
        space.draw_handler_add(_note, (_other_draws,), "WINDOW", "POST_PIXEL")
    bpy.app.timers.register(_look, persistent=True)


# What a request may call


def view3d() -> Any:
    """A context in which operators act in the 3D viewport."""
    window, area = _area("VIEW_3D")
    return bpy.context.temp_override(window=window, area=area, region=_region(area, "WINDOW"))


def area(area_type: str) -> Any:
    """The largest area of this type."""
    return _area(area_type)[1]


def region(area_type: str, region_type: str) -> Any:
    """A region of that area."""
    return _region(_area(area_type)[1], region_type)


def region_box(area_type: str, region_type: str) -> tuple[int, int, int, int]:
    """A region on the screen: left, top, right, bottom, in pixels from the top left."""
    window, area = _area(area_type)
    region = _region(area, region_type)
    top = window.height - region.y - region.height
    return region.x, top, region.x + region.width, top + region.height


def screen_position(location: tuple[float, float, float]) -> tuple[float, float]:
    """Return the position of a scene point in the 3D viewport, in pixels from the top left."""
    from bpy_extras.view3d_utils import location_3d_to_region_2d

    window, area = _area("VIEW_3D")
    region = _region(area, "WINDOW")
    x, y = location_3d_to_region_2d(region, area.spaces[0].region_3d, Vector(location))
    return region.x + x, window.height - region.y - y


def image_position(x: float, y: float) -> tuple[float, float]:
    """Return the position of an image point in the Image Editor, from (0, 0) at the lower left."""
    window, area = _area("IMAGE_EDITOR")
    region = _region(area, "WINDOW")
    column, row = region.view2d.view_to_region(x, y, clip=False)
    return region.x + column, window.height - region.y - row


def hovered(area_type: str, region_type: str) -> str:
    """The button under the pointer: its operator call, the path of its property, or nothing."""
    window, area = _area(area_type)
    region = _region(area, region_type)
    with bpy.context.temp_override(window=window, area=area, region=region):
        if bpy.ops.ui.copy_python_command_button.poll():
            bpy.ops.ui.copy_python_command_button()
        elif bpy.ops.ui.copy_data_path_button.poll():
            bpy.ops.ui.copy_data_path_button(full_path=True)
        else:
            return ""
    return bpy.context.window_manager.clipboard


def extension(module: str) -> Any:
    """A module of the installed extension."""
    return importlib.import_module(f"bl_ext.user_default.semvec_ai.{module}")


def redraw() -> None:
    """Have everything drawn again."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            area.tag_redraw()


def draws() -> int:
    """Return the redraws of 3D viewports, Image Editors and preferences since `forget_pauses`."""
    return len(_draws) + len(_other_draws)


def time_calls(owner: Any, name: str) -> list[float]:
    """From now on, seconds of processor time that each call of a method takes."""
    method = getattr(owner, name)
    spent: list[float] = []

    def timed(*arguments: Any) -> Any:
        start = time.thread_time()
        try:
            return method(*arguments)
        finally:
            spent.append(time.thread_time() - start)

    setattr(owner, name, timed)
    return spent


def forget_pauses() -> None:
    """Start measuring anew."""
    for times in (_ticks, _draws, _sidebar_draws, _other_draws):
        times.clear()


def pauses() -> dict[str, list[float]]:
    """Seconds between two redraws of the viewport, and of anything.

    What is drawn between two looks of the timer is one redraw of the window.
    """
    everything = {bisect(_ticks, drawn): drawn for drawn in sorted((*_draws, *_sidebar_draws))}
    return {
        name: [round(later - sooner, 4) for sooner, later in pairwise(times)]
        for name, times in (("viewport", _draws), ("window", everything.values()))
    }


def watch(expression: str) -> None:
    """Note from now on when the value of a Python expression changes."""
    _watched[expression] = []


def changes(expression: str) -> list[tuple[float, Any]]:
    """Return the values of a watched expression with their times in seconds; stop watching."""
    return _watched.pop(expression)


# How requests are answered


def _note(times: list[float]) -> None:
    times.append(time.perf_counter())


def _look() -> float:
    _note(_ticks)
    for expression, values in _watched.items():
        value = eval(expression, _names)
        if not values or values[-1][1] != value:
            values.append((time.perf_counter(), value))
    request = _folder / "request.json"
    if request.exists():
        asked = json.loads(request.read_text(encoding="utf-8"))
        request.unlink()
        unfinished = _folder / "answer.part"
        answer = _answer(asked["code"], asked["evaluate"])
        unfinished.write_text(json.dumps(answer, default=_plain), encoding="utf-8")
        os.replace(unfinished, _folder / asked["answer"])
    return INTERVAL


def _answer(code: str, evaluate: bool) -> dict[str, Any]:
    try:
        if evaluate:
            return {"value": eval(code, _names)}
        exec(code, _names)
        return {"value": None}
    except Exception:
        return {"error": traceback.format_exc()}


def _plain(value: Any) -> Any:
    """Vectors, colors and arrays as lists, anything else as text."""
    try:
        return list(value)
    except TypeError:
        return repr(value)


def _area(kind: str) -> tuple[Any, Any]:
    """The largest area of this type, with its window."""
    areas = [
        (area.width * area.height, window, area)
        for window in bpy.context.window_manager.windows
        for area in window.screen.areas
        if area.type == kind
    ]
    _, window, area = max(areas, key=lambda found: found[0])
    return window, area


def _region(area: Any, kind: str) -> Any:
    return next(region for region in area.regions if region.type == kind)
