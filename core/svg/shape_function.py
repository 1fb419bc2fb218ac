# SPDX-License-Identifier: GPL-3.0-or-later
"""The `shape()` of CSS as path data: the same commands, with lengths and percentages (Shapes 2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .lengths import degrees

# Return x and y of two words, in user units: a place in the box, or a step.
Places = Callable[[str, str], tuple[float, float]]


def path_data(start: Sequence[str], commands: Sequence[Sequence[str]], at: Places, by: Places
              ) -> str:  # fmt: skip
    """Return the path data of a shape. start: two words. Raises ValueError for what is invalid."""
    x, y = start
    return " ".join(["M", _pair(at(x, y)), *(_command(words, at, by) for words in commands)])


def _command(words: Sequence[str], at: Places, by: Places) -> str:
    if list(words) == ["close"]:
        return "Z"
    name, way, *rest = words
    if way not in ("to", "by"):
        raise ValueError(way)
    place = at if way == "to" else by
    match name, rest:
        case (("move" | "line"), [x, y]):
            parts = [name[0].upper(), _pair(place(x, y))]
        case "hline", [x]:
            parts = ["H", f"{place(x, '0px')[0]!r}"]
        case "vline", [y]:
            parts = ["V", f"{place('0px', y)[1]!r}"]
        case "curve", [x, y, "with", a, b]:
            parts = ["Q", _pair(place(a, b)), _pair(place(x, y))]
        case "curve", [x, y, "with", a, b, "/", c, d]:
            parts = ["C", _pair(place(a, b)), _pair(place(c, d)), _pair(place(x, y))]
        case "smooth", [x, y]:
            parts = ["T", _pair(place(x, y))]
        case "smooth", [x, y, "with", a, b]:
            parts = ["S", _pair(place(a, b)), _pair(place(x, y))]
        case "arc", [x, y, "of", *options]:
            parts = ["A", _arc(options, by), _pair(place(x, y))]
        case _:
            raise ValueError(name)
    letter = parts[0] if way == "to" else parts[0].lower()
    return " ".join([letter, *parts[1:]])


def _arc(options: Sequence[str], by: Places) -> str:
    """Return the radii, the rotation and the flags of an arc."""
    words, angle = list(options), 0.0
    if "rotate" in words:
        number = words.index("rotate")
        turned = degrees(words[number + 1]) if number + 1 < len(words) else None
        if turned is None:
            raise ValueError("rotate")
        angle = turned
        del words[number : number + 2]
    flags = [word for word in words if word in ("cw", "ccw", "large", "small")]
    radii = [word for word in words if word not in flags]
    if not 1 <= len(radii) <= 2 or len(flags) != len(set(flags)):
        raise ValueError("arc")
    size = _pair(by(radii[0], radii[-1]))
    return f"{size} {angle!r} {int('large' in flags)} {int('cw' in flags)}"


def _pair(point: tuple[float, float]) -> str:
    return f"{point[0]!r} {point[1]!r}"
