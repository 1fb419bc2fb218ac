# SPDX-License-Identifier: GPL-3.0-or-later
"""Server side of the worker process, which vectorizes so that Blender's window never waits.

    python -m semvec.core.worker FOLDER

It reads requests from stdin and writes events to stdout, one JSON object a line. Arrays and
drawings are exchanged as files in FOLDER (see payloads.py), which the worker removes when it ends.
Every request has an `id`, which its events repeat:

    hello                  -> hello: version, python, numpy, pid
    vectorize              -> progress: stage, fraction, message
        image: file/object    preview: drawing (the drawing so far)
        alpha, saliency,      result: drawing, report, tree, levels: file
        masks: file or null
        settings: object
        previews: true or false
        cache: folder of a mask cache that outlives the process, or null
    refine                 -> progress, preview, and result: drawing, report, origins and changed,
        drawing: file         a number and a truth value for each path
        image, alpha,
        region: file or null
        changes: object
        previews
    sequence               -> progress, and for each frame a frame: index (in the request),
        frames: objects        drawing (null where it is left out), shot, slots (names) and note;
        with number, file,     then result: stopped
        movie, colorspace,
        alpha_mode and
        saliency: file or null
        reader: command of frame_reader.py
        masks, settings, cache
    saliency               -> progress, then saliency: map: file
        image, alpha,
        saliency, settings
    error_map              -> error_map: map: file
        image, alpha: files
        drawing: file
    level                  -> level: drawing (structural paths only)
        levels: file (of a result)
        regions, width, height: numbers
    task: name, subject    -> progress, then done: message (engine/tasks.py lists the tasks)
    cancel: job (an id)    -> no event of its own; the job ends with a result or an error
    shutdown               -> ends the worker, as the end of stdin does

An image is a file of its colors, with an optional file of its opacity, or an object that describes
how Blender stores it (PixelsFile in payloads.py).

Every failure is an event `error`: type (a class of errors.py), message, hint. The worker then
continues with the next request.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..drawing import Drawing
from ..errors import SemvecError, SettingsError, WorkerError
from ..image import Image
from ..pipeline.changes import TouchUp
from ..pipeline.progress import ProgressEvent, RunProgress
from ..settings import Settings
from ..system.disk_cache import CachedFiles
from ..version import VERSION
from .code_key import code_key
from .payloads import (
    load_array,
    load_drawing,
    load_pixels,
    remove_payload,
    save_array,
    save_drawing,
)
from .shared_folder import remove_folder

_REPORT = "Please report it, with the log file."

GRACE = 10.0  # seconds for a job to stop after stdin was closed
CACHED = 8  # partitions, SAM embeddings, saliency maps: 1, 4 and 1 MB each

Request = dict[str, Any]


class RecentItems(OrderedDict[Any, Any]):
    """Cache of the most recently used items."""

    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        self.move_to_end(key)
        return value

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        while len(self) > CACHED:
            self.popitem(last=False)


class Server:
    """Server for the requests of one client, answered one after the other.

    A thread reads ahead, so that a job can be cancelled.
    """

    def __init__(self, requests: Iterable[bytes], events: BinaryIO, folder: Path) -> None:
        self._requests = requests
        self._events = events
        self._folder = folder
        self._waiting: queue.Queue[Request | None] = queue.Queue()
        self._cancelled: set[Any] = set()
        self._closing = threading.Event()
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._cache = RecentItems()
        self._files = 0

    def serve(self) -> None:
        """Answer requests until the input ends."""
        threading.Thread(target=self._read, daemon=True).start()
        while (request := self._waiting.get()) is not None:
            with self._errors_sent(request):
                self._answer(request)
        self._ended.set()

    def _read(self) -> None:
        """Read requests until stdin ends, then make sure that the process ends as well."""
        for line in self._requests:
            with self._errors_sent({}):
                self._accept(_parsed(line))
            if self._closing.is_set():
                break
        self._closing.set()
        self._waiting.put(None)
        if not self._ended.wait(GRACE):
            remove_folder(self._folder)
            os._exit(1)

    def _accept(self, request: Request) -> None:
        """Act on a cancel or shutdown at once; queue other requests."""
        if request.get("request") == "cancel":
            self._cancelled.add(request.get("job"))
        elif request.get("request") == "shutdown":
            self._closing.set()
        else:
            self._waiting.put(request)

    def _answer(self, request: Request) -> None:
        handlers = {
            "hello": self._hello,
            "vectorize": self._vectorize,
            "refine": self._refine,
            "sequence": self._sequence,
            "saliency": self._saliency,
            "error_map": self._error_map,
            "level": self._level,
            "task": self._task,
        }
        name = str(request.get("request"))
        if name not in handlers:
            raise WorkerError(f"Unknown request: '{name}'.", f"Known are {', '.join(handlers)}.")
        handlers[name](request)

    def _hello(self, request: Request) -> None:
        self._send(
            request,
            "hello",
            version=VERSION,
            python=sys.version.split()[0],
            numpy=np.__version__,
            pid=os.getpid(),
        )

    def _vectorize(self, request: Request) -> None:
        from ..pipeline.vectorize import vectorize

        result = vectorize(
            self._image(request),
            _settings(request),
            saliency=self._optional(request, "saliency"),
            masks=self._optional(request, "masks"),
            on_progress=lambda progress: self._tell(request, progress),
            on_preview=self._previews(request),
            should_stop=lambda: self._stopped(request),
            cache=self._cache_of(request),
        )
        self._send(
            request,
            "result",
            drawing=self._save(result.drawing),
            report=result.report,
            tree=result.tree.to_dict(),
            levels=self._save_bytes(result.levels.to_bytes()),
        )

    def _refine(self, request: Request) -> None:
        from ..pipeline.touch_up import touch_up

        given = load_drawing(self._folder, request.get("drawing"))
        remove_payload(self._folder, request["drawing"])
        result = touch_up(
            given,
            self._image(request),
            _changes(request),
            region=self._optional(request, "region"),
            on_progress=lambda progress: self._tell(request, progress),
            on_preview=self._previews(request),
            should_stop=lambda: self._stopped(request),
        )
        self._send(
            request,
            "result",
            drawing=self._save(result.drawing),
            report=result.report,
            origins=result.origins,
            changed=result.changed(given),
        )

    def _sequence(self, request: Request) -> None:
        from ..sequence.run import FrameResult
        from .frame_reader import FrameReader
        from .sequence_server import SequenceTask

        def send(index: int, result: FrameResult | None, slots: list[str], note: str) -> None:
            file = None if result is None else self._save(result.drawing)
            shot = 0 if result is None else result.shot
            self._send(
                request, "frame", index=index, drawing=file, shot=shot, slots=slots, note=note
            )

        frames = list(request["frames"])
        task = SequenceTask(
            frames,
            _settings(request),
            lambda index: self._optional(frames[index], "saliency"),
            self._optional(request, "masks"),
            self._cache_of(request),
            send,
            lambda progress: self._tell(request, progress),
            lambda: self._stopped(request),
        )
        try:
            with FrameReader(request["reader"], self._folder, task.stopped) as reader:
                task.run(reader)
        finally:
            for frame in frames:  # after which a run was stopped
                self._optional(frame, "saliency")
        self._send(request, "result", stopped=self._stopped(request))

    def _previews(self, request: Request) -> Callable[[Drawing], None] | None:
        """Return what sends the drawing so far; None where the request wants no previews."""
        if not request.get("previews"):
            return None
        return lambda drawing: self._send(request, "preview", drawing=self._save(drawing))

    def _saliency(self, request: Request) -> None:
        from ..pipeline.saliency_map import saliency_map

        progress = RunProgress(
            on_progress=lambda progress: self._tell(request, progress),
            should_stop=lambda: self._stopped(request),
        )
        found = saliency_map(
            self._image(request),
            _settings(request),
            painted=self._optional(request, "saliency"),
            cache=self._cache,
            progress=progress,
        )
        self._files += 1
        file = save_array(self._folder, f"saliency-{self._files}", found)
        self._send(request, "saliency", map=file)

    def _error_map(self, request: Request) -> None:
        from ..pipeline.error_map import error_map

        drawing = load_drawing(self._folder, request.get("drawing"))
        remove_payload(self._folder, request["drawing"])
        found = error_map(self._image(request), drawing)
        self._files += 1
        self._send(
            request, "error_map", map=save_array(self._folder, f"error-{self._files}", found)
        )

    def _level(self, request: Request) -> None:
        from ..pipeline.levels_of_detail import LevelsOfDetail

        levels = LevelsOfDetail.from_bytes(self._required(request, "levels").tobytes())
        try:
            regions, width, height = (request[key] for key in ("regions", "width", "height"))
            drawing = levels.drawing(int(regions), float(width), float(height))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise WorkerError(f"A number of the request is invalid: {error}.") from error
        self._send(request, "level", drawing=self._save(drawing))

    def _task(self, request: Request) -> None:
        from ..engine.tasks import run_task

        message = run_task(
            str(request.get("name")),
            str(request.get("subject", "")),
            lambda fraction, text: self._tell(request, ProgressEvent("task", fraction, text)),
            lambda: self._stopped(request),
        )
        self._send(request, "done", message=message)

    def _tell(self, request: Request, progress: ProgressEvent) -> None:
        self._send(request, "progress", **progress._asdict())

    def _image(self, request: Request) -> Image:
        """Return the image of a request, from colors and opacity or from Blender's pixels."""
        sent = request.get("image")
        if not isinstance(sent, dict):
            return Image(self._required(request, "image"), self._optional(request, "alpha"))
        image = load_pixels(self._folder, sent)
        remove_payload(self._folder, sent["file"])
        return image

    def _cache_of(self, request: Request) -> MutableMapping[str, Any]:
        """Return the cache in memory, together with the folder that the request names, if any."""
        folder = request.get("cache")
        if not isinstance(folder, str):
            return self._cache
        return CachedFiles(self._cache, Path(folder), code_key())

    def _stopped(self, request: Request) -> bool:
        return self._closing.is_set() or request.get("id") in self._cancelled

    def _required(self, request: Request, key: str) -> np.ndarray:
        values = self._optional(request, key)
        if values is None:
            raise WorkerError(f"'{key}' is missing in the request.")
        return values

    def _optional(self, request: Request, key: str) -> np.ndarray | None:
        """Take the name of a file out of a request; return its array, and remove the file."""
        file = request.pop(key, None)
        if file is None:
            return None
        values = load_array(self._folder, file)
        remove_payload(self._folder, file)
        return values

    def _save(self, drawing: Drawing) -> str:
        self._files += 1
        return save_drawing(self._folder, f"drawing-{self._files}", drawing)

    def _save_bytes(self, data: bytes) -> str:
        self._files += 1
        return save_array(self._folder, f"bytes-{self._files}", np.frombuffer(data, np.uint8))

    @contextmanager
    def _errors_sent(self, request: Request) -> Iterator[None]:
        """Turn an exception into an event."""
        try:
            yield
        except SemvecError as error:
            self._send_error(request, error)
        except MemoryError:
            self._send_error(
                request, WorkerError("There is not enough memory.", "Lower the resolution.")
            )
        except Exception as error:  # a defect of ours
            traceback.print_exc()
            defect = f"{type(error).__name__}: {error}"
            self._send_error(request, WorkerError(f"Internal error: {defect}.", _REPORT))

    def _send_error(self, request: Request, error: SemvecError) -> None:
        self._send(
            request, "error", type=type(error).__name__, message=error.message, hint=error.hint
        )

    def _send(self, request: Request, event: str, **values: Any) -> None:
        """Write one event. A closed stdout has the same effect as the end of stdin."""
        message = {"event": event, "id": request.get("id"), **values}
        line = json.dumps(message, default=_plain).encode() + b"\n"
        try:
            with self._writing:
                self._events.write(line)
                self._events.flush()
        except OSError:
            self._closing.set()
            self._waiting.put(None)


def main(folder: Path) -> None:
    """Serve the client at the other end of stdin and stdout, then remove `folder`.

    Output of libraries to stdout goes to stderr, and nothing else can read from stdin.
    """
    requests, events = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    try:
        Server(requests, events, folder).serve()
    finally:
        remove_folder(folder)


def _settings(request: Request) -> Settings:
    """Return the settings of a request. Raises SettingsError."""
    settings = request.get("settings", {})
    if not isinstance(settings, dict):
        raise SettingsError("The settings must be a JSON object.")
    return Settings.from_dict(settings)


def _changes(request: Request) -> TouchUp:
    """Return the changes that a touch-up is to make. Raises SettingsError."""
    try:
        values = dict(request["changes"])
        return TouchUp(**{**values, "lock": tuple(values.get("lock", ()))})
    except (KeyError, TypeError, ValueError) as error:
        raise SettingsError(f"The changes are invalid: {error}.") from error


def _parsed(line: bytes) -> Request:
    """Return the request in a line. Raises WorkerError where it is invalid."""
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise WorkerError(f"This line is not JSON: {line[:80]!r}.") from error
    if not isinstance(request, dict) or not _simple(request.get("id")):
        raise WorkerError(f"This line is not a request: {line[:80]!r}.")
    return request


def _simple(identifier: Any) -> bool:
    return identifier is None or isinstance(identifier, (int, str))


def _plain(value: Any) -> Any:
    """Return numpy's numbers and arrays as JSON types."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} can't be written as JSON.")
