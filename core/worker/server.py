# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker: a process that vectorizes, so that Blender's window never waits.

    python -m semvec.core.worker.server FOLDER

It reads requests from stdin and writes events to stdout, one JSON object a line. Arrays
and drawings pass as files in FOLDER (see exchange.py), which the worker removes when it
ends. Every request has an `id`, and its events carry it:

    hello                  -> hello: version, python, numpy, pid
    vectorize              -> progress: stage, fraction, message
        image: file/object    preview: drawing (the drawing so far)
        alpha, saliency,      result: drawing, report, tree, levels: file
        masks: file or null
        settings: object
        previews: true or false
        cache: folder that keeps masks for other processes, or null
    saliency               -> progress, then saliency: map: file (what matters, before a run)
        image, alpha,
        saliency, settings
    level                  -> level: drawing, of structural paths alone
        levels: file (of a result)
        regions, width, height: numbers
    task: name, subject    -> progress, then done: message (of the AI engine or a model, see
                              engine/tasks.py)
    cancel: job (an id)    -> no event of its own; the job ends with a result or an error
    shutdown               -> ends the worker, as the end of stdin does

A picture is a file of its colors, perhaps with one of its opacity, alpha, or an object that says
how Blender keeps it (PixelsFile in exchange.py).

Whatever goes wrong is an event `error`: type (a class of errors.py), message, hint. The
worker then goes on with the next request.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from collections import OrderedDict
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ..drawing import Drawing
from ..errors import SemvecError, SettingsError, WorkerError
from ..image import Image
from ..pipeline.progress import ProgressEvent, RunProgress
from ..segmentation.code_key import code_key
from ..settings import Settings
from ..system.disk_cache import CachedFiles
from ..version import VERSION
from .payloads import load_array, load_pixels, remove_folder, save_array, save_drawing

GRACE = 10.0  # seconds that a job may take to stop once stdin is closed
CACHED = 8  # partitions, images as SAM sees them, maps of prompts: 1, 4 and 1 MB each

Request = dict[str, Any]


class RecentItems(OrderedDict[Any, Any]):
    """A cache that holds the items used last."""

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
    """Answers the requests of one client, one after the other, until there are no more.

    A thread reads ahead, so that a cancel is seen while a job runs.
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
        """Answer requests until the last."""
        threading.Thread(target=self._read, daemon=True).start()
        while (request := self._waiting.get()) is not None:
            with self._errors_sent(request):
                self._answer(request)
        self._ended.set()

    def _read(self) -> None:
        """Take requests apart until stdin ends; make sure that the process ends as well."""
        for line in self._requests:
            with self._errors_sent({}):
                self._sort_in(_parsed(line))
            if self._closing.is_set():
                break
        self._closing.set()
        self._waiting.put(None)
        if not self._ended.wait(GRACE):
            remove_folder(self._folder)
            os._exit(1)

    def _sort_in(self, request: Request) -> None:
        """Act on what can't wait; queue the rest."""
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
            "saliency": self._saliency,
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

        def on_preview(drawing: Drawing) -> None:
            self._send(request, "preview", drawing=self._save(drawing))

        result = vectorize(
            self._image(request),
            _settings(request),
            saliency=self._optional(request, "saliency"),
            masks=self._optional(request, "masks"),
            on_progress=lambda progress: self._tell(request, progress),
            on_preview=on_preview if request.get("previews") else None,
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

    def _level(self, request: Request) -> None:
        from ..pipeline.levels_of_detail import LevelsOfDetail

        levels = LevelsOfDetail.from_bytes(self._required(request, "levels").tobytes())
        try:
            regions, width, height = (request[key] for key in ("regions", "width", "height"))
            drawing = levels.drawing(int(regions), float(width), float(height))
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise WorkerError(f"The request lacks a number: {error}.") from error
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
        """The picture of a request: colors and opacity, or pixels as Blender keeps them."""
        sent = request.get("image")
        if not isinstance(sent, dict):
            return Image(self._required(request, "image"), self._optional(request, "alpha"))
        picture = load_pixels(self._folder, sent)
        (self._folder / sent["file"]).unlink()
        return picture

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
            raise WorkerError(f"The request lacks '{key}'.")
        return values

    def _optional(self, request: Request, key: str) -> np.ndarray | None:
        """The array that the request names under this key, read once: its file is removed."""
        if request.get(key) is None:
            return None
        values = load_array(self._folder, request[key])
        (self._folder / request[key]).unlink()
        return values

    def _save(self, drawing: Drawing) -> str:
        self._files += 1
        return save_drawing(self._folder, f"drawing-{self._files}", drawing)

    def _save_bytes(self, data: bytes) -> str:
        self._files += 1
        return save_array(self._folder, f"bytes-{self._files}", np.frombuffer(data, np.uint8))

    @contextmanager
    def _errors_sent(self, request: Request) -> Iterator[None]:
        """Whatever is raised inside becomes an event."""
        try:
            yield
        except SemvecError as error:
            self._send_error(request, error)
        except MemoryError:
            self._send_error(
                request, WorkerError("There is not enough memory.", "Lower the resolution.")
            )
        except Exception as error:  # a defect of ours: say what it was, and go on
            traceback.print_exc()
            defect = f"{type(error).__name__}: {error}"
            self._send_error(request, WorkerError(f"Something went wrong inside: {defect}."))

    def _send_error(self, request: Request, error: SemvecError) -> None:
        self._send(
            request, "error", type=type(error).__name__, message=error.message, hint=error.hint
        )

    def _send(self, request: Request, event: str, **values: Any) -> None:
        """Write one event. Nobody reading any more is the same as the end of stdin."""
        message = {"event": event, "id": request.get("id"), **values}
        line = json.dumps(message, default=_plain).encode() + b"\n"
        try:
            with self._writing:
                self._events.write(line)
                self._events.flush()
        except OSError:
            self._closing.set()


def main(folder: Path) -> None:
    """Serve the client at the other end of stdin and stdout, then remove `folder`.

    stdout belongs to the events: whatever else is printed goes to stderr, and nothing
    else can read from stdin.
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
    """The settings that come with a request. Raises SettingsError."""
    settings = request.get("settings", {})
    if not isinstance(settings, dict):
        raise SettingsError("The settings must be a JSON object.")
    return Settings.from_dict(settings)


def _parsed(line: bytes) -> Request:
    """The request in a line. Raises WorkerError where there is none."""
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
    """numpy's numbers and arrays as JSON has them."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} can't be written as JSON.")
