# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run goes, and how the last one went, drawn."""

from __future__ import annotations

from typing import Any

from .wrapped_text import draw_text


def draw_progress(layout: Any, state: Any) -> None:
    """Stage, bar, time left, and the button that stops."""
    column = layout.column()
    column.progress(factor=state.fraction, text=f"{state.message}   {state.fraction:.0%}")
    column.row().label(text=_time_left(state))
    row = column.row()
    row.scale_y = 1.6
    row.operator("semvec.cancel", text="Stop Now" if state.stopping else "Cancel", icon="CANCEL")


def draw_failure(layout: Any, state: Any) -> None:
    """What went wrong in the last run, if anything did, and what to do about it."""
    if not state.error:
        return
    box = layout.box().column(align=True)
    draw_text(box, state.error, "ERROR")
    draw_text(box, state.hint, "BLANK1")


def draw_report(layout: Any, report: dict[str, Any]) -> None:
    """What a run has given: numbers of paths and nodes, likeness, time."""
    column = layout.column(align=True)
    column.scale_y = 0.8
    if report["stopped"]:
        column.label(text="Stopped early", icon="INFO")
    seconds = sum(report["seconds"].values())
    grid = column.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    for text in (
        f"{report['paths']} paths",
        f"{report['psnr']:.1f} dB PSNR",
        f"{report['nodes']} nodes",
        f"{seconds:.1f} s",
    ):
        grid.label(text=text)


def _time_left(state: Any) -> str:
    if state.stopping:
        return "Stopping"
    if state.seconds_left < 0.0:
        return f"{state.seconds:.0f} s so far"
    return f"About {max(1.0, state.seconds_left):.0f} s left"
