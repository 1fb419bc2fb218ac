# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run goes, and how the last one went, drawn."""

from __future__ import annotations

import textwrap
from typing import Any

import bpy

_LINE = 38  # characters that fit into a sidebar of usual width


def draw_progress(layout: Any, state: Any) -> None:
    """Stage, bar, time left, and the button that stops."""
    column = layout.column()
    column.progress(factor=state.fraction, text=f"{state.message} {state.fraction:.0%}")
    row = column.row()
    row.label(text=_time_left(state), icon="TIME")
    row = column.row()
    row.scale_y = 1.6
    row.operator("semvec.cancel", text="Stop Now" if state.stopping else "Cancel", icon="CANCEL")


def draw_last_run(layout: Any, state: Any) -> None:
    """What came out, or what went wrong, and what to do next."""
    if state.error:
        _draw_error(layout, state)
    elif state.result and state.result in bpy.data.collections:
        _draw_result(layout, state)


def _draw_error(layout: Any, state: Any) -> None:
    column = layout.column(align=True)
    for number, line in enumerate(textwrap.wrap(state.error, _LINE)):
        column.label(text=line, icon="BLANK1" if number else "ERROR")
    for line in textwrap.wrap(state.hint, _LINE):
        column.label(text=line, icon="BLANK1")


def _draw_result(layout: Any, state: Any) -> None:
    column = layout.column()
    title = f"{state.result} (stopped early)" if state.stopped else state.result
    column.label(text=title, icon="CHECKMARK")
    grid = column.grid_flow(columns=2, even_columns=True, align=True)
    for text in (
        f"{state.paths} paths",
        f"{state.nodes} nodes",
        f"{state.psnr:.1f} dB PSNR",
        f"{state.seconds:.1f} s",
    ):
        grid.label(text=text)
    row = column.row(align=True)
    row.operator("semvec.frame_result")
    row.operator("semvec.export_svg", text="Export SVG").drawing = state.result


def _time_left(state: Any) -> str:
    if state.stopping:
        return "Stopping"
    if state.seconds_left < 0.0:
        return f"{state.seconds:.0f} s so far"
    return f"About {max(1.0, state.seconds_left):.0f} s left"
