# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands `semvec engine` and `semvec models`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from ..engine import environment
from ..engine.install import DISK, DOWNLOAD, WITH_GRAPHICS_CARD, install
from ..engine.tasks import model_named
from ..engine.verify import check
from ..errors import SemvecError
from ..models import MODELS, Model, locate
from ..models.download import download, partial, remove
from ..models.location import find
from .progress_bar import ProgressBar


def main(arguments: Sequence[str]) -> int:
    """Run `engine ...` or `models ...`; returns the exit code: 0, 1 or 130."""
    options = _parser().parse_args(arguments)
    bar = ProgressBar(sys.stderr)
    try:
        action: Callable[[argparse.Namespace, ProgressBar], int] = options.action
        return action(options, bar)
    except SemvecError as error:
        bar.finish()
        print(f"semvec: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        bar.finish()
        print("semvec: interrupted; run it again to continue", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="semvec", allow_abbrev=False)
    groups = parser.add_subparsers(required=True)
    _add_engine(groups.add_parser("engine", help="manage the AI engine, for prompts and SAM"))
    _add_models(groups.add_parser("models", help="manage the checkpoints of SAM and CLIP"))
    return parser


def _add_engine(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action=_engine)
    parser.add_argument(
        "--python",
        metavar="PATH",
        help="use this Python, which has PyTorch, instead",
    )
    actions = parser.add_subparsers()
    for name, action, text in (
        ("install", _install, f"download and install it: {DOWNLOAD} to {WITH_GRAPHICS_CARD}"),
        ("status", _status, "show whether it is installed, and where"),
        ("remove", _remove, "remove it and its downloads"),
    ):
        actions.add_parser(name, help=text).set_defaults(action=action)


def _add_models(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action=_list)
    actions = parser.add_subparsers()
    actions.add_parser("list", help="list all known models").set_defaults(action=_list)
    for name, action, text in (
        ("download", _download, "download a model, or continue a download"),
        ("path", _path, "show the path of a model's file"),
        ("remove", _remove_model, "remove a model's file"),
    ):
        action_parser = actions.add_parser(name, help=text)
        action_parser.set_defaults(action=action)
        action_parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(MODELS)}")


def _engine(options: argparse.Namespace, bar: ProgressBar) -> int:
    """Run `semvec engine`, with or without --python."""
    if options.python:
        found = check(options.python)
        environment.choose_python(options.python)
        print(f"Using Python {found['python']}, PyTorch {found['torch']}, on {found['device']}")
        return 0
    return _status(options, bar)


def _install(options: argparse.Namespace, bar: ProgressBar) -> int:
    print(
        f"Installing into {environment.environment_folder()}: a download of {DOWNLOAD} to "
        f"{WITH_GRAPHICS_CARD}, {DISK / 1e9:.0f} GB or more on the disk.",
        flush=True,
    )
    found = install(on_progress=lambda fraction, text: bar.update("AI engine", fraction, text))
    bar.finish()
    print(found.message)
    return 0


def _status(options: argparse.Namespace, bar: ProgressBar) -> int:
    found = environment.status()
    print(found.message)
    if found.python:
        print(found.python)
    return 0 if found.usable else 1


def _remove(options: argparse.Namespace, bar: ProgressBar) -> int:
    environment.remove()
    print("The AI engine is removed.")
    return 0


def _list(options: argparse.Namespace, bar: ProgressBar) -> int:
    for model in MODELS.values():
        print(f"{model.name:22} {model.size:>7}  {model.license:11} {_state(model)}")
    return 0


def _download(options: argparse.Namespace, bar: ProgressBar) -> int:
    model = model_named(options.name)

    def on_progress(done: int, size: int) -> None:
        bar.update(model.name, done / size, f"{done / 1e6:.0f} of {size / 1e6:.0f} MB")

    path = download(model, on_progress)
    bar.finish()
    print(path)
    return 0


def _path(options: argparse.Namespace, bar: ProgressBar) -> int:
    print(locate(options.name))
    return 0


def _remove_model(options: argparse.Namespace, bar: ProgressBar) -> int:
    remove(model_named(options.name))
    return 0


def _state(model: Model) -> str:
    path = find(model)
    if path is not None:
        return str(path)
    begun = partial(model)
    if begun.exists():
        return f"downloaded: {begun.stat().st_size / model.bytes:.0%}"
    return "not downloaded"
