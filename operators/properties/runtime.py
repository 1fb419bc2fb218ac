# SPDX-License-Identifier: GPL-3.0-or-later
"""State of this Blender session that no file remembers. No bpy here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # not part of the standard edition
    from ...core.engine.environment import Status
    from ...core.worker.background_task import BackgroundTask


@dataclass
class Runtime:
    """Everything that lives from `register` to `unregister`.

    session: the run that goes on, a run.session.Session. arranged_views: views that were arranged
    for drawings, by the session-wide number of the drawing's collection. engine_status: with the
    time of the query. wanted_levels: numbers of regions that sliders are set to, by collection.
    search: of sources' saliency, an inputs.found_saliency._Search. overlays: of the saliency
    preview while that is on. comparison: of a drawing with its source while that is shown.
    thumbnails: of tiles and frames, a collection of previews. owns_directory: whether the
    extension has set the variable of the data directory.
    """

    session: Any = None
    arranged_views: dict[int, Any] = field(default_factory=dict)
    task: BackgroundTask | None = None
    last_task: BackgroundTask | None = None
    engine_status: tuple[float, Status] | None = None
    wanted_levels: dict[int, int] = field(default_factory=dict)
    search: Any = None
    overlays: Any = None
    comparison: Any = None
    thumbnails: Any = None
    owns_directory: bool = False


RUNTIME = Runtime()


def unregister() -> None:
    """Forget everything."""
    RUNTIME.__dict__.update(Runtime().__dict__)
