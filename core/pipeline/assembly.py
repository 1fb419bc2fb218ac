# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing put together from the paths of a window and from all that stayed as it was."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..drawing import Drawing, Path
from ..refinement.given import GivenPath, is_given
from ..refinement.repair import repair, straighten_crossings
from ..svg import quantized
from ..svg.names import identifier_of
from .window import Window, placed

# Rounding to the coordinates of the SVG may undo a repair.
_REPAIR_PASSES = 10

# A channel of a color, and a coordinate as a share of the long side, that count as the same: they
# differ by rounding.
_SAME_COLOR, _SAME_PLACE = 0.6 / 255, 6e-5


class Assembly:
    """Puts drawings together.

    given: the paths in the window, of the given drawing. bases: those that new paths lie on, by
    the new paths' regions.
    """

    def __init__(
        self,
        drawing: Drawing,
        window: Window,
        given: Sequence[GivenPath],
        bases: Sequence[GivenPath],
    ) -> None:
        self._drawing, self._window = drawing, window
        self._shown = {path.number for path in given}
        self._bases = list(bases)

    def drawing(self, paths: Sequence[Path], mend: bool = False) -> tuple[Drawing, list[int]]:
        """Return the drawing with these paths in the window, and the origin of each path.

        Given paths that are missing are removed, new ones lie on top of all. The origin is the
        position in the given drawing, -1 for a new path. A path that looks as it did is the very
        object of the given drawing. mend: whether changed paths are freed of crossings.
        """
        present = {path.number: path for path in paths if isinstance(path, GivenPath)}
        origins = [
            number
            for number in range(len(self._drawing.paths))
            if number not in self._shown or number in present
        ]
        old = [number for number in origins if number in present]
        finished = dict(zip(old, self._finished([present[i] for i in old], mend), strict=True))
        new = self._named([path for path in paths if not is_given(path)])
        added = self._finished(new, mend)
        kept = [finished.get(number, self._drawing.paths[number]) for number in origins]
        drawing = replace(self._drawing, paths=[*kept, *added])
        return drawing, [*origins, *(-1 for _ in added)]

    def _finished(self, paths: Sequence[Path], mend: bool) -> list[Path]:
        """Return paths of the window on the drawing's canvas, as its SVG says them."""
        before = [
            self._drawing.paths[path.number] if isinstance(path, GivenPath) else None
            for path in paths
        ]
        moved = [self._window.leave(path) for path in paths]
        moved = [_like(path, old) for path, old in zip(moved, before, strict=True)]
        moved = self._rounded(moved)
        same = [
            old is not None and self._is_same(path, old)
            for path, old in zip(moved, before, strict=True)
        ]
        if mend:
            changed = [i for i, is_same in enumerate(same) if not is_same]
            mended = self._mended([moved[i] for i in changed], [before[i] is None for i in changed])
            for i, path in zip(changed, mended, strict=True):
                moved[i] = path
        return [
            old if old is not None and is_same else path
            for path, old, is_same in zip(moved, before, same, strict=True)
        ]

    def _rounded(self, paths: list[Path]) -> list[Path]:
        return quantized(replace(self._drawing, settings={}, paths=paths)).paths

    def _mended(self, paths: list[Path], is_new: Sequence[bool]) -> list[Path]:
        """Return paths without crossings, checked on the coordinates of the SVG.

        New ones are no slivers either. Sizes are those in pixels of the image.
        """
        pixel, nothing = self._window.pixel, np.zeros(2)
        for done in range(_REPAIR_PASSES):
            large = [placed(path, pixel, nothing) for path in paths]
            straight = straighten_crossings(large, skipped=done)
            sound = [
                repair([path], skipped=done)[0] if new else path
                for path, new in zip(straight, is_new, strict=True)
            ]
            if all(path is same for path, same in zip(sound, large, strict=True)):
                break
            paths = self._rounded(
                [
                    old if path is same else placed(path, 1 / pixel, nothing)
                    for path, same, old in zip(sound, large, paths, strict=True)
                ]
            )
        return paths

    def _named(self, paths: list[Path]) -> list[Path]:
        """Return new paths with free names, and region and group of the shape that they lie on."""
        taken = {path.name for path in self._drawing.paths}
        named = []
        for path in paths:
            region, group = -1, ""
            if self._bases:
                base = self._drawing.paths[self._bases[path.region].number]
                region, group = base.region, base.group
            name = self._free_name(group, taken)
            taken.add(name)
            named.append(replace(path, name=name, region=region, group=group))
        return named

    def _free_name(self, group: str, taken: set[str]) -> str:
        """Return the next free name of a detail path: of its group, where it belongs to one."""
        start = identifier_of(group) if group else "detail"
        alike = [
            path
            for path in self._drawing.paths
            if (path.group == group if group else path.kind == "detail")
        ]
        numbers = itertools.count(len(alike))
        return next(name for n in numbers if (name := f"{start}.{n:03d}") not in taken)

    def _is_same(self, path: Path, old: Path) -> bool:
        """Return whether two paths look the same."""
        far = _SAME_PLACE * max(self._drawing.width, self._drawing.height)
        if [len(points) for points in path.subpaths] != [len(points) for points in old.subpaths]:
            return False
        if (path.ramp and path.ramp.kind) != (old.ramp and old.ramp.kind):
            return False
        places, colors = zip(*(_values(each) for each in (path, old)), strict=True)
        moved, recolored = (np.abs(pair[0] - pair[1]).max() for pair in (places, colors))
        return bool(moved <= far and recolored <= _SAME_COLOR)


def _like(path: Path, old: Path | None) -> Path:
    """Return a path as drawings hold it; only shape and fill are not those of the given one."""
    named = path if old is None else old
    return replace(named, subpaths=path.subpaths, fill=path.fill, ramp=path.ramp, stroke=None)


def _values(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return all coordinates and all channels of colors of a path, flat."""
    places, colors = [np.concatenate(path.subpaths).ravel()], [path.fill]
    if path.ramp is not None:
        places += [path.ramp.start, path.ramp.end]
        colors.append(path.ramp.color)
    return np.concatenate(places), np.concatenate(colors)
