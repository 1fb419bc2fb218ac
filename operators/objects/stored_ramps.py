# SPDX-License-Identifier: GPL-3.0-or-later
"""Gradients that an object can't show, kept with it for other forms of the drawing. No bpy here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...core.bezier import bounds
from ...core.drawing import Path, Ramp
from .gradients import mean_fill

_SAME_COLOR = 2.0 / 255.0  # in a channel: more is another color, chosen by hand


def stored(paths: Sequence[Path]) -> str:
    """Return the gradients of paths as JSON, for `with_stored`; empty where there are none."""
    if all(path.ramp is None for path in paths):
        return ""
    return json.dumps([_packed(path) for path in paths])


def stored_of(text: str, chosen: Sequence[bool]) -> str:
    """Return the stored gradients of some of the paths."""
    items = json.loads(text or "[]")
    if len(items) != len(chosen):
        return text
    own = [item for item, wanted in zip(items, chosen, strict=True) if wanted]
    return json.dumps(own) if any(own) else ""


def with_stored(paths: Sequence[Path], text: str) -> list[Path]:
    """Return flat paths with the gradients that they had when `stored` was called.

    A gradient follows the box around its path. A path that got another color stays flat, and so
    do all where there are more or fewer than before.
    """
    items = json.loads(text or "[]")
    if len(items) != len(paths):
        return list(paths)
    return [_restored(path, item) for path, item in zip(paths, items, strict=True)]


def _packed(path: Path) -> dict[str, Any] | None:
    if path.ramp is None or not path.nodes:
        return None
    ramp = path.ramp
    numbers = (ramp.start, ramp.end, ramp.color, path.fill, mean_fill(path), *_box(path))
    names = ("start", "end", "color", "fill", "mean", "middle", "extent")
    packed = {name: np.asarray(each).tolist() for name, each in zip(names, numbers, strict=True)}
    return {"kind": ramp.kind, **packed}


def _restored(path: Path, item: dict[str, Any] | None) -> Path:
    if item is None or not path.nodes or np.abs(path.fill - item["mean"]).max() > _SAME_COLOR:
        return path
    (middle, extent), before = _box(path), np.array(item["extent"])
    factors = np.divide(extent, before, out=np.ones(2), where=before > 0.0)
    offset = middle - factors * item["middle"]
    names = ("start", "end", "color")
    ramp = Ramp(item["kind"], *(np.array(item[name], np.float32) for name in names))
    ramp = ramp.placed(np.column_stack([np.diag(factors), offset]))
    return replace(path, fill=np.array(item["fill"], np.float32), ramp=ramp)


def _box(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return middle and extent of a path's box: [2] each."""
    low, high = bounds(path.subpaths)
    return (low + high) / 2.0, high - low
