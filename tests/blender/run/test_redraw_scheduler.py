# SPDX-License-Identifier: GPL-3.0-or-later
"""Order of redraws, simulated with windows that draw quickly and slowly."""

from __future__ import annotations

from itertools import pairwise

import pytest

from semvec.operators.run.redraw_scheduler import PANEL_INTERVAL, REST, RedrawScheduler

TICK = 0.01
PANEL = 0.02  # seconds that drawing the panel takes


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def play(curves: float, seconds: float = 10.0, changes: bool = True) -> list[tuple[str, float]]:
    """Return each redraw with the time of its end. curves: seconds that drawing curves takes."""
    clock = Clock()
    pacing = RedrawScheduler(clock)
    start, drawn = clock.now, []
    while clock.now < start + seconds:
        clock.now += TICK
        pacing.tick()
        if changes and pacing.curves_may_change:
            pacing.curves_have_changed()
            clock.now += curves
            drawn.append(("curves", clock.now))
        elif pacing.panel_is_due:
            pacing.panel_is_drawn()
            clock.now += PANEL
            drawn.append(("panel", clock.now))
    return drawn


@pytest.mark.parametrize("curves", [0.0, 0.01, 0.1, 1.0])
def test_they_take_turns(curves: float) -> None:
    drawn = [what for what, _ in play(curves)]
    assert "curves" in drawn
    for before, what in pairwise(drawn):
        assert what != before or what == "panel", "never curves twice"


@pytest.mark.parametrize("curves", [0.0, 0.01, 0.1, 1.0])
def test_nobody_waits_longer_than_the_slowest_takes(curves: float) -> None:
    ends = [end for _, end in play(curves)]
    longest = max(later - sooner for sooner, later in pairwise(ends))
    assert longest <= max(curves + TICK, PANEL_INTERVAL + TICK + PANEL) + 1e-9


def test_slow_curves_leave_time_for_everything_else() -> None:
    changed = [end for what, end in play(0.2) if what == "curves"]
    shortest = min(later - sooner for sooner, later in pairwise(changed))
    assert shortest >= 0.2 * (1.0 + REST)


def test_without_new_curves_the_panel_is_drawn_now_and_then() -> None:
    drawn = play(0.1, changes=False)
    assert {what for what, _ in drawn} == {"panel"}
    assert 10.0 / (PANEL_INTERVAL + TICK + PANEL) - 2 < len(drawn) <= 10.0 / PANEL_INTERVAL + 1
