# SPDX-License-Identifier: GPL-3.0-or-later
"""Redraw scheduler of a run: alternates between updating curves and redrawing the panel.

No bpy here. Drawing changed curves is slow without a graphics card, and drawing the panel is
quick. They alternate, so that the window is redrawn at least as often as the curves allow.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PANEL_INTERVAL = 0.08  # seconds without any redraw after which the panel is drawn
REST = 0.3  # seconds without new curves for each second that drawing the last ones took


class RedrawScheduler:
    """Call `tick` once per timer event, after Blender has redrawn."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._changed: float | None = None  # when the curves that are being drawn were changed
        self._next_change = self._next_panel = clock()  # not before these times
        self._panels_turn = False

    def tick(self) -> None:
        """Begin a tick."""
        if self._changed is not None:
            now = self._clock()
            self._next_change = now + REST * (now - self._changed)
            self._next_panel = now + PANEL_INTERVAL
            self._changed = None

    @property
    def curves_may_change(self) -> bool:
        """True once the curves have rested long enough, and the panel was drawn since."""
        return self._rested and not self._panels_turn

    def curves_have_changed(self) -> None:
        """Note that Blender draws the curves now."""
        self._changed = self._clock()
        self._panels_turn = True

    @property
    def panel_is_due(self) -> bool:
        """True where the panel is to be redrawn now, unless curves change."""
        return (self._panels_turn and self._rested) or self._clock() >= self._next_panel

    def panel_is_drawn(self) -> None:
        """Note that Blender draws the panel now."""
        self._panels_turn = self._panels_turn and not self._rested
        self._next_panel = self._clock() + PANEL_INTERVAL

    @property
    def _rested(self) -> bool:
        return self._clock() >= self._next_change
