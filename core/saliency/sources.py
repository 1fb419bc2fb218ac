# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry of saliency sources: the methods that find what matters in an image.

Painting is no source, because its map is given and not found. The command line, Blender's
guidance and the panel are generated from `SOURCES`; docs/saliency.md, "Add a saliency source",
has the recipe.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..version import FULL_EDITION
from .automatic import BACKGROUND, automatic_saliency, why_unavailable
from .contrast import contrast_saliency
from .prompt import prompt_saliency


@dataclass(frozen=True)
class Source:
    """A method that finds what matters, and the settings that it takes.

    name: identifier in lower case; title, description: as Blender's interface shows them.
    settings: names of the settings that determine the map. The first one requests the source:
    text that is not empty, or a check box. resources: names of settings without an influence on
    the map, such as the device.
    find: called with the image, the values of `settings`, those of `resources`, and a function
    for progress (fraction, message) that may raise to cancel; returns float32 [H, W] in [0, 1],
    or None where the source finds nothing in the image.
    background: saliency of the pixels that the source leaves at 0; of several sources, the lowest
    counts. needs_engine: whether `find` needs the AI engine. model: the setting, one
    of `settings`, with the name of the model to download; empty for none. why_unavailable:
    returns the reason why the source can't find anything in this installation, or "".
    is_default: whether Blender's guidance contains the source from the start, where it is
    available. (The command line and scripts request every source themselves.)
    """

    name: str
    title: str
    description: str
    settings: tuple[str, ...]
    find: Callable[..., np.ndarray | None]
    resources: tuple[str, ...] = ()
    background: float = 0.0
    needs_engine: bool = False
    model: str = ""
    why_unavailable: Callable[[], str] = str
    is_default: bool = False

    @property
    def switch(self) -> str:
        """The name of the setting that requests the source."""
        return self.settings[0]

    def is_requested(self, settings: Any) -> bool:
        """Return whether `settings`, any object with the source's settings, request it."""
        value = getattr(settings, self.switch)
        return bool(value.strip()) if isinstance(value, str) else bool(value)

    def switched(self, value: Any, on: bool) -> Any:
        """Return the value of the switch with the source turned on or off.

        value: what the user has set; text is kept while the source is on.
        """
        if isinstance(value, bool):
            return on
        return value if on else ""

    def request(self, settings: Any) -> Request:
        """Return the request for a map with the values in `settings`."""
        return Request(
            self,
            tuple(getattr(settings, name) for name in self.settings),
            tuple(getattr(settings, name) for name in self.resources),
        )


@dataclass(frozen=True)
class Request:
    """A source and the values of its settings and resources."""

    source: Source
    values: tuple[Any, ...]
    resources: tuple[Any, ...] = ()


def requests_in(settings: Any) -> list[Request]:
    """Return a request for each source that `settings` ask for."""
    return [source.request(settings) for source in SOURCES if source.is_requested(settings)]


def is_guidance_chosen(settings: Any) -> bool:
    """Return whether `settings` ask for a source that is not on by default.

    Only then do they say that a picture is to be drawn as a photograph.
    """
    return any(not request.source.is_default for request in requests_in(settings))


# Only append: .blend files store guidance by the position in this list.
SOURCES = (
    Source(
        "prompt",
        "Prompt",
        "What you describe in words matters",
        settings=("prompt", "clip_model"),
        find=prompt_saliency,
        resources=("device", "threads"),
        needs_engine=True,
        model="clip_model",
        why_unavailable=lambda: FULL_EDITION,
    ),
    Source(
        "automatic",
        "Automatic",
        "Faces matter most, then the people; found by small built-in networks",
        settings=("automatic",),
        find=automatic_saliency,
        background=BACKGROUND,
        why_unavailable=why_unavailable,
        is_default=True,
    ),
    Source(
        "contrast",
        "Contrast",
        "What differs in color from the borders of the image matters",
        settings=("contrast",),
        find=contrast_saliency,
        background=0.3,
    ),
)
