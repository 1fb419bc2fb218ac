# SPDX-License-Identifier: GPL-3.0-or-later
"""An animation as Lottie JSON (lottie.github.io/lottie-spec), for web pages and apps.

A writer of our own: of what is on PyPI, `lottie` is large and AGPL, and no other one writes shapes.
A drawing needs four kinds of items: paths, fills, groups and their transforms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..drawing import Path
from .animation import Animation, Track

_LINEAR = {"i": {"x": [1], "y": [1]}, "o": {"x": [0], "y": [0]}}


def to_lottie(animation: Animation) -> str:
    """Return the animation as JSON: a layer for each shot, a group for each slot."""
    shots = sorted({track.shot for track in animation.tracks})
    layers = [_layer(animation, shot) for shot in reversed(shots)]
    document = {
        "v": "5.7.0", "fr": animation.fps, "ip": 0, "op": animation.length,
        "w": round(animation.width), "h": round(animation.height), "nm": "semvec", "ddd": 0,
        "assets": [], "layers": layers,
    }  # fmt: skip
    return json.dumps(document, separators=(",", ":"))


def _layer(animation: Animation, shot: int) -> dict[str, Any]:
    tracks = [track for track in animation.tracks if track.shot == shot]
    groups = [_group(track) for track in reversed(tracks)]  # the uppermost comes first
    return {
        "ddd": 0, "ind": shot + 1, "ty": 4, "nm": f"Shot {shot + 1}", "sr": 1,
        "ks": _transform(), "ao": 0, "shapes": groups, "ip": 0, "op": animation.length,
        "st": 0, "bm": 0,
    }  # fmt: skip


def _group(track: Track) -> dict[str, Any]:
    outlines = [_outline(track, i) for i in range(len(track.first.subpaths))]
    shown = [(index, [100 if is_shown else 0]) for index, is_shown in track.visibility()]
    transform = {"ty": "tr", **_transform(), "o": _property(shown, is_held=True)}
    items = [*outlines, _fill(track), transform]
    return {"ty": "gr", "nm": track.name, "np": len(items), "it": items}


def _outline(track: Track, part: int) -> dict[str, Any]:
    """Return one sub-path, whose handles are relative to their anchors."""
    keys = [(i, [_bezier(points)]) for i, points in track.values(lambda p: p.subpaths[part])]
    return {"ty": "sh", "ks": _property(keys, is_shape=True)}


def _bezier(points: np.ndarray) -> dict[str, Any]:
    exact = points.astype(np.float64)
    anchors = exact[::3]
    outgoing, incoming = exact[1::3] - anchors, np.roll(exact[2::3], 1, axis=0) - anchors
    return {
        "c": True,
        "v": _rounded(anchors),
        "o": _rounded(outgoing),
        "i": _rounded(incoming),
    }


def _fill(track: Track) -> dict[str, Any]:
    opacity = _property(_keys(track, lambda path: [100 * float(path.fill[3])]))
    if track.first.ramp is None:
        color = _property(_keys(track, lambda path: [*path.fill[:3].tolist(), 1]))
        return {"ty": "fl", "c": color, "o": opacity, "r": 1}
    stops = _property(_keys(track, _stops))
    return {
        "ty": "gf", "o": opacity, "r": 1, "g": {"p": 2, "k": stops},
        "s": _property(_keys(track, lambda path: _end(path, "start"))),
        "e": _property(_keys(track, lambda path: _end(path, "end"))),
        "t": 1 if track.first.ramp.kind == "linear" else 2,
    }  # fmt: skip


def _stops(path: Path) -> list[float]:
    assert path.ramp is not None
    return [0.0, *path.fill[:3].tolist(), 1.0, *path.ramp.color.tolist()]


def _end(path: Path, name: str) -> list[float]:
    return list(np.asarray(getattr(path.ramp, name), np.float64))


def _keys(track: Track, read: Callable[[Path], list[float]]) -> list[tuple[int, list[float]]]:
    return [(index, [round(value, 4) for value in values]) for index, values in track.values(read)]


def _property(
    keys: Sequence[tuple[int, list[Any]]], *, is_held: bool = False, is_shape: bool = False
) -> dict[str, Any]:
    """Return a property of one value, or of keyframes."""
    if len(keys) == 1:
        value = keys[0][1]
        return {"a": 0, "k": value[0] if is_shape or len(value) == 1 else value}
    easing = {"h": 1} if is_held else _LINEAR
    frames: list[dict[str, Any]] = [{"t": at, "s": value, **easing} for at, value in keys[:-1]]
    # rlottie shows nothing from a last keyframe on that eases to another.
    at, value = keys[-1]
    frames.append({"t": at, "s": value, **({"h": 1} if is_held else {})})
    return {"a": 1, "k": frames}


def _transform() -> dict[str, Any]:
    values = {"a": [0, 0], "p": [0, 0], "s": [100, 100], "r": 0, "o": 100}
    return {name: {"a": 0, "k": value} for name, value in values.items()}


def _rounded(points: np.ndarray) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points]
