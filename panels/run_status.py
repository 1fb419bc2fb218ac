# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress of a run, and the outcome of the last one."""

from __future__ import annotations

from typing import Any

from ..operators.properties.report import quality_of
from ..operators.properties.run_inputs import fingerprint
from .wrapped_text import draw_text


def draw_progress(layout: Any, state: Any) -> None:
    """Draw the stage, the bar, the time left, and the button that stops the run."""
    column = layout.column()
    column.progress(factor=state.fraction, text=f"{state.message}   {state.fraction:.0%}")
    column.row().label(text=_time_left(state))
    row = column.row()
    row.scale_y = 1.6
    row.operator("semvec.cancel", text="Stop Now" if state.stopping else "Cancel", icon="CANCEL")


def draw_failure(layout: Any, state: Any, scene: Any) -> None:
    """Draw the error of the last run, and what to do about it, until its inputs change."""
    if not state.error or state.failed_inputs != fingerprint(scene):
        return
    box = layout.box().column(align=True)
    draw_text(box, state.error, "ERROR")
    draw_text(box, state.hint, "BLANK1")


def draw_report(layout: Any, report: dict[str, Any]) -> None:
    """Draw the outcome of a run: shapes, nodes and quality, whose tooltip has the figures."""
    if report["stopped"]:
        layout.label(text="Stopped early", icon="INFO")
    column = layout.column(align=True)
    column.label(text=f"{report['paths']} shapes, {report['nodes']} nodes")
    column.operator("semvec.quality", text=f"Quality: {quality_of(report['psnr'])}", emboss=False)


def _time_left(state: Any) -> str:
    if state.stopping:
        return "Stopping"
    if state.seconds_left < 0.0:
        return f"{state.seconds:.0f} s so far"
    return f"About {max(1.0, state.seconds_left):.0f} s left"
