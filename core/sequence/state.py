# SPDX-License-Identifier: GPL-3.0-or-later
"""State of a run over a sequence in one file, from which an interrupted run goes on."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..drawing import Path, Ramps, Scene, pack, unpack
from ..system.files import write_output
from .run import Memory
from .slots import Shot, Slot

_IMAGES = ("frame", "reference", "expected", "painted")


@dataclass
class State:
    """Frames that are done, and the memory for the next one.

    key: what the run depends on besides its frames. records: of the frames done, in order. shots:
    names of the slots of each shot, in painting order. size: of all frames, None before the first.
    memory: of the last frame. is_smoothed: whether the drawings on the disk are smoothed ones.
    """

    key: dict[str, Any]
    records: list[dict[str, Any]] = field(default_factory=list)
    shots: list[list[str]] = field(default_factory=list)
    size: tuple[int, int] | None = None
    memory: Memory | None = None
    is_smoothed: bool = False


def save_state(path: str | os.PathLike[str], state: State) -> None:
    """Write a state, whole or not at all. Raises OutputError."""
    arrays: dict[str, np.ndarray] = {}
    text: dict[str, Any] = {
        "key": state.key,
        "records": state.records,
        "shots": state.shots,
        "size": state.size,
        "is_smoothed": state.is_smoothed,
    }
    if state.memory is not None:
        shot = state.memory.shot
        images = {name: getattr(state.memory, name) for name in _IMAGES}
        arrays = {name: image for name, image in images.items() if image is not None}
        arrays |= _arrays_of(shot)
        text["has_alpha"] = state.memory.has_alpha
        text["shot"] = {"number": shot.number, "settings": shot.settings}
        text["slots"] = [_described(slot) for slot in shot.slots]
    data = io.BytesIO()
    np.savez(data, text=np.array(json.dumps(text)), **arrays)
    write_output(path, data.getvalue())


def load_state(path: str | os.PathLike[str], key: dict[str, Any]) -> State | None:
    """Read a state; None where there is none, it is damaged, or has another key."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            text = json.loads(str(stored["text"]))
            if text["key"] != json.loads(json.dumps(key)):
                return None
            memory = _memory(text, stored) if "slots" in text else None
        size = text["size"] and tuple(text["size"])
        return State(key, text["records"], text["shots"], size, memory, text["is_smoothed"])
    except Exception:  # damaged files raise many types
        return None


def _described(slot: Slot) -> dict[str, Any]:
    return {
        "name": slot.path.name,
        "kind": slot.path.kind,
        "region": slot.path.region,
        "visible": slot.visible,
        "worthless": slot.worthless,
        "ramp": slot.path.ramp and slot.path.ramp.kind,
    }


def _arrays_of(shot: Shot) -> dict[str, np.ndarray]:
    scene = pack([slot.path for slot in shot.slots])
    arrays = {name: getattr(scene, name) for name in scene._fields if name != "ramps"}
    if scene.ramps is not None:
        arrays |= {f"ramp_{name}": values for name, values in scene.ramps._asdict().items()}
    arrays["motions"] = np.array([slot.motion for slot in shot.slots]).reshape(-1, 2, 3)
    arrays["parents"] = shot.parents
    return arrays


def _memory(text: Mapping[str, Any], stored: Mapping[str, np.ndarray]) -> Memory:
    ramps = None
    if "ramp_kinds" in stored:
        ramps = Ramps(*(stored[f"ramp_{name}"] for name in Ramps._fields))
    geometry = {name: stored[name] for name in Scene._fields if name != "ramps"}
    scene = Scene(**geometry, ramps=ramps)
    empty = [
        Path([], np.zeros(4, np.float32), each["kind"], each["name"], each["region"])
        for each in text["slots"]
    ]
    slots = [
        Slot(path, each["visible"], each["worthless"], motion)
        for path, each, motion in zip(
            unpack(scene, empty), text["slots"], stored["motions"], strict=True
        )
    ]
    shot = Shot(text["shot"]["number"], slots, stored["parents"], text["shot"]["settings"])
    frame, reference, expected = (stored[name] for name in _IMAGES[:3])
    painted = stored.get("painted")
    return Memory(shot, frame, reference, expected, painted, text["has_alpha"])
