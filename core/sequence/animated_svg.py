# SPDX-License-Identifier: GPL-3.0-or-later
"""An animation as one SVG file with SMIL: a `<path>` for each slot, which `<animate>` moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.sax.saxutils import quoteattr

import numpy as np

from ..drawing import Path, Ramp
from ..svg.names import SVG
from ..svg.writing import decimals_of, hexadecimal, number, outline_data
from .animation import Animation, Track

Keys = Sequence[tuple[int, str]]


def to_animated_svg(animation: Animation) -> str:
    """Return the animation as SVG, which repeats for ever.

    Between frames, outlines and colors are interpolated linearly, as all shapes of a slot have the
    same nodes.
    """
    writer = _Writer(animation)
    width, height = number(animation.width), number(animation.height)
    lines = [
        f'<svg xmlns="{SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        ' fill-rule="nonzero">'
    ]
    for shot in sorted({track.shot for track in animation.tracks}):
        lines.append(f'<g id="shot-{shot + 1}">')
        lines += [writer.element(track) for track in animation.tracks if track.shot == shot]
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])


class _Writer:
    """Writer of the tracks of one animation."""

    def __init__(self, animation: Animation) -> None:
        self._length = animation.length
        self._unit = decimals_of(animation.width, animation.height)
        self._seconds = number(round(animation.length / animation.fps, 6))

    def element(self, track: Track) -> str:
        """Return one `<path>` with its animations, and its gradient before it."""
        identifier = f"shot-{track.shot + 1}-{track.name}"
        fill = track.values(lambda path: hexadecimal(path.fill[:3]))
        ramp = track.first.ramp
        before = ""
        if ramp is not None:
            before = self._ramp(track, f"{identifier}-ramp") + "\n"
            fill = [(0, f"url(#{identifier}-ramp)")]
        outlines = track.values(self._outline)
        opacities = track.values(lambda path: number(round(float(path.fill[3]), 3)))
        states = [(i, "inline" if shown else "none") for i, shown in track.visibility()]
        attributes = [
            ("fill", fill, "linear"),
            ("fill-opacity", opacities, "linear"),
            ("display", states, "discrete"),
            ("d", outlines, "linear"),
        ]
        return before + self._animated("path", f' id="{identifier}"', attributes)

    def _outline(self, path: Path) -> str:
        return "".join(outline_data(points, self._unit) for points in path.subpaths)

    def _ramp(self, track: Track, identifier: str) -> str:
        """Return a `<linearGradient>` or `<radialGradient>` whose axis and colors move."""
        ramp = track.first.ramp
        assert ramp is not None
        names = ("cx", "cy", "r") if ramp.kind == "radial" else ("x1", "y1", "x2", "y2")
        axis = [(name, track.values(_axis_reader(i)), "linear") for i, name in enumerate(names)]
        start = track.values(lambda path: hexadecimal(path.fill[:3]))
        end = track.values(lambda path: hexadecimal(_ramp_of(path).color))
        stops = "".join(
            self._animated("stop", f' offset="{offset}"', [("stop-color", colors, "linear")])
            for offset, colors in ((0, start), (1, end))
        )
        head = f' id="{identifier}" gradientUnits="userSpaceOnUse"'
        return self._animated(f"{ramp.kind}Gradient", head, axis, stops)

    def _animated(
        self,
        tag: str,
        head: str,
        attributes: Sequence[tuple[str, Keys, str]],
        content: str = "",
    ) -> str:
        """Return an element with attributes, of which those with several keys are animated."""
        usual = {"fill-opacity": "1", "display": "inline"}
        for name, keys, mode in attributes:
            if len(keys) == 1 and usual.get(name) == keys[0][1]:
                continue
            head += f" {name}={quoteattr(keys[0][1])}"
            if len(keys) > 1:
                content += self._animate(name, keys, mode)
        return f"<{tag}{head}>{content}</{tag}>" if content else f"<{tag}{head}/>"

    def _animate(self, name: str, keys: Keys, mode: str) -> str:
        keys = list(keys)
        if keys[0][0] > 0:
            keys.insert(0, (0, keys[0][1]))
        if mode != "discrete":  # linear animations must end at 1
            keys.append((self._length, keys[-1][1]))
        times = ";".join(number(round(index / self._length, 6)) for index, _ in keys)
        values = ";".join(value for _, value in keys)
        return (
            f'<animate attributeName="{name}" dur="{self._seconds}s" repeatCount="indefinite"'
            f' calcMode="{mode}" keyTimes="{times}" values={quoteattr(values)}/>'
        )


def _axis_reader(part: int) -> Callable[[Path], str]:
    """Return a function that reads one number of the axis of a path's ramp."""

    def read(path: Path) -> str:
        ramp = _ramp_of(path)
        axis = [*ramp.start, *ramp.end]
        if ramp.kind == "radial":
            axis = [*ramp.start, np.hypot(*(ramp.end - ramp.start))]
        return number(round(float(axis[part]), 3))

    return read


def _ramp_of(path: Path) -> Ramp:
    assert path.ramp is not None
    return path.ramp
