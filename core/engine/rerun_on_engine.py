# SPDX-License-Identifier: GPL-3.0-or-later
"""Repetition of a command line on the Python of the AI engine, where this one has no torch."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence

from ..saliency.sources import SOURCES
from ..settings import Settings
from ..system.launch import command
from .environment import engine_python


def needs_engine(settings: Settings) -> bool:
    """Return whether a run with these settings uses packages of the AI engine."""
    by_source = any(source.needs_engine and source.is_requested(settings) for source in SOURCES)
    return by_source or settings.segmenter == "sam" or settings.renderer == "diffvg"


def has_torch() -> bool:
    """Return whether the running Python has torch, without importing it."""
    return importlib.util.find_spec("torch") is not None


def run_on_engine(settings: Settings, arguments: Sequence[str]) -> int | None:
    """Run the same command line on the engine's Python; returns its exit code.

    Returns None where the running Python has torch or torch is not needed, and where there is no
    engine.
    """
    if not needs_engine(settings) or has_torch():
        return None
    python = engine_python()
    if not python or os.path.abspath(python) == os.path.abspath(sys.executable):
        return None
    process = subprocess.Popen(command(python, "core.__main__", *arguments), stderr=_own_stderr())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the terminal interrupts both processes; the other one reports it


def _own_stderr() -> int | None:
    """Return the descriptor of our stderr: 2 leads nowhere while the command line runs."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return None
