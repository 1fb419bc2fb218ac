# SPDX-License-Identifier: GPL-3.0-or-later
"""A sequence of frames to files: an SVG for each frame, and the whole as animations.

Each frame is on the disk before the next one begins, with the state of the run, so that a run
that was interrupted goes on from there and writes the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageError
from ..image import Image
from ..pipeline.progress import ProgressEvent
from ..saliency.maps import load_saliency
from ..segmentation.partition import load_masks
from ..settings import Settings
from ..svg import load_svg, save_svg
from ..system.files import make_folder, remove_file, write_output
from ..version import VERSION
from .animated_svg import to_animated_svg
from .animation import Drawn, animated
from .frames import Frame, Source, check_size
from .lottie import to_lottie
from .run import SequenceRun
from .smoothing import smoothed
from .state import State, load_state, save_state

_IRRELEVANT = ("compute", "threads")  # settings that don't change the drawings


FIRST = -1


@dataclass(frozen=True)
class Output:
    """Files of a sequence: FOLDER/NAME_0001.svg and so on, and those of the whole."""

    folder: Path
    name: str

    def frame(self, number: int) -> Path:
        """SVG file of a frame."""
        return self.folder / f"{self.name}_{number:04d}.svg"

    @property
    def animation(self) -> Path:
        """Animated SVG file."""
        return self.folder / f"{self.name}.svg"

    @property
    def lottie(self) -> Path:
        """Lottie file."""
        return self.folder / f"{self.name}.lottie.json"

    @property
    def index(self) -> Path:
        """List of frames, shots and slots."""
        return self.folder / f"{self.name}.json"

    @property
    def state(self) -> Path:
        """State of the run."""
        return self.folder / f".{self.name}.semvec-state.npz"


@dataclass(frozen=True)
class Options:
    """Options of a sequence.

    fps: frames a second of animations; 0 for that of the source. smooth: frames over which
    drawings are smoothed; 0 leaves them. guides: saliency files by frame number, FIRST for the
    first frame whatever its number. masks: mask files alike. anew: whether an
    earlier run is ignored.
    """

    fps: float = 0.0
    smooth: float = 0.0
    guides: Mapping[int, Path] = field(default_factory=dict)
    masks: Mapping[int, list[str]] = field(default_factory=dict)
    anew: bool = False


@dataclass(frozen=True)
class Record:
    """Result of one frame. status: "done", "kept" of an earlier run, or "failed".

    note: what a user should know, or the error.
    """

    number: int
    name: str
    status: str
    note: str = ""


class Conversion:
    """One run over a source. on_record: called with each frame that is finished."""

    def __init__(
        self,
        source: Source,
        settings: Settings,
        output: Output,
        options: Options,
        on_record: Callable[[Record], None],
        on_progress: Callable[[ProgressEvent], None] | None = None,
    ) -> None:
        self._source, self._settings = source, settings
        self._output, self._options = output, options
        self._on_record, self._on_progress = on_record, on_progress
        self._is_first = True

    def run(self) -> list[Record]:
        """Draw all frames and write all files.

        A frame that can't be read is left out; the drawing of the frame before it starts the next
        one. Raises OutputError, and the errors of `vectorize` other than ImageError.
        """
        make_folder(self._output.folder)
        state = self._earlier_state()
        run = SequenceRun(self._settings, state.memory, on_progress=self._on_progress)
        records, earlier = [], iter(list(state.records))
        for frame in self._source:
            known = next(earlier, None)
            if known is not None and known["stamp"] == _stamp_of(frame):
                record = Record(frame.number, frame.name, "kept", known["note"])
                if known["shot"] is None:
                    record = Record(frame.number, frame.name, "failed", known["note"])
            else:
                if known is not None:  # another frame than in the earlier run
                    remove_file(self._output.state)
                    return self.run()
                record = self._drawn(run, frame, state)
            records.append(record)
            self._on_record(record)
        self._finish(state)
        return records

    def _key(self) -> dict[str, Any]:
        settings = self._settings.to_dict()
        relevant = {name: settings[name] for name in settings if name not in _IRRELEVANT}
        files = [*self._options.guides.items(), *self._options.masks.items()]
        return {
            "version": VERSION,
            "settings": relevant,
            "smooth": self._options.smooth,
            "guides": sorted((number, str(names)) for number, names in files),
        }

    def _earlier_state(self) -> State:
        """Return the state to go on from, or an empty one."""
        state = None if self._options.anew else load_state(self._output.state, self._key())
        if state is None or state.is_smoothed:
            return State(self._key())
        numbers = [record["number"] for record in state.records if record["shot"] is not None]
        is_whole = all(self._output.frame(number).is_file() for number in numbers)
        return state if is_whole else State(self._key())

    def _drawn(self, run: SequenceRun, frame: Frame, state: State) -> Record:
        """Draw a frame, write its SVG file and the state."""
        shot, note = None, ""
        try:
            image = frame.load()
            self._is_first = state.size is None
            size = image.width, image.height
            check_size(size, state.size)
            result = run.add(image, self._painted(frame, image), self._masks(frame, image))
        except ImageError as error:
            note = str(error)
        else:
            shot, state.size = result.shot, size
            assert run.memory is not None
            note = run.note_on(image)
            save_svg(result.drawing, self._output.frame(frame.number))
            names = [slot.path.name for slot in run.memory.shot.slots]
            state.shots[result.shot :] = [names]
        stamp = _stamp_of(frame)
        state.records.append(
            {"number": frame.number, "name": frame.name, "stamp": stamp, "shot": shot, "note": note}
        )
        state.memory = run.memory
        save_state(self._output.state, state)
        return Record(frame.number, frame.name, "failed" if shot is None else "done", note)

    def _painted(self, frame: Frame, image: Image) -> np.ndarray | None:
        path = self._options.guides.get(self._key_of(frame, self._options.guides))
        return None if path is None else load_saliency(path, image.height, image.width)

    def _key_of(self, frame: Frame, files: Mapping[int, Any]) -> int:
        """Return the number under which files of a frame are given: FIRST for the first one."""
        if frame.number not in files and self._is_first:
            return FIRST
        return frame.number

    def _masks(self, frame: Frame, image: Image) -> np.ndarray | None:
        paths = self._options.masks.get(self._key_of(frame, self._options.masks))
        return load_masks(paths, (image.height, image.width)) if paths else None

    def _finish(self, state: State) -> None:
        """Write what takes all frames: smoothed drawings, animations and the index."""
        drawn = self._all_drawn(state)
        if not drawn:
            return
        if self._options.smooth > 0:
            state.is_smoothed = True
            save_state(self._output.state, state)
            drawn = self._all_smoothed(drawn, state)
        fps = self._options.fps or self._source.fps
        animation = animated(drawn, state.shots, fps)
        write_output(self._output.animation, to_animated_svg(animation).encode())
        write_output(self._output.lottie, to_lottie(animation).encode())
        write_output(self._output.index, json.dumps(self._index(state, fps), indent=1).encode())

    def _all_drawn(self, state: State) -> list[Drawn]:
        records = [record for record in state.records if record["shot"] is not None]
        return [
            Drawn(
                record["number"] - records[0]["number"],
                record["shot"],
                load_svg(self._output.frame(record["number"])),
            )
            for record in records
        ]

    def _all_smoothed(self, drawn: list[Drawn], state: State) -> list[Drawn]:
        first = next(r["number"] for r in state.records if r["shot"] is not None)
        result = []
        for shot in range(len(state.shots)):
            frames = [each for each in drawn if each.shot == shot]
            drawings = smoothed([each.drawing for each in frames], self._options.smooth)
            for each, drawing in zip(frames, drawings, strict=True):
                save_svg(drawing, self._output.frame(first + each.index))
                result.append(Drawn(each.index, shot, drawing))
        return result

    def _index(self, state: State, fps: float) -> dict[str, Any]:
        """Return frames, shots and slots in plain JSON types."""
        frames = [
            {
                "number": record["number"],
                "input": record["name"],
                "svg": self._output.frame(record["number"]).name if known else None,
                "shot": record["shot"] + 1 if known else None,
                "note": record["note"],
            }
            for record in state.records
            for known in [record["shot"] is not None]
        ]
        return {
            "version": VERSION,
            "fps": fps,
            "size": state.size,
            "settings": self._settings.to_dict(),
            "shots": [{"slots": names} for names in state.shots],
            "frames": frames,
        }


def _stamp_of(frame: Frame) -> list[Any]:
    """Return what tells whether a frame is the same as in an earlier run."""
    return [frame.number, frame.name, *frame.stamp]
