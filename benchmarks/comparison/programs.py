# SPDX-License-Identifier: GPL-3.0-or-later
"""Potrace and AutoTrace, the programs themselves, where they are installed."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from dataclasses import replace

import numpy as np

from semvec.core.bezier import rectangle
from semvec.core.drawing import Path
from semvec.core.svg import from_svg

from .task import Answer, Task
from .tracers import COLORS, most_paths_within, quantized

# AutoTrace's coarsest despeckling; beyond it, numbers of colors.
_DESPECKLING, _FEWER_COLORS = 20, (12, 8, 6, 4, 3, 2)


def why_missing(name: str) -> str:
    """Return what to install for a method of this module; empty where it can be used."""
    if name == "potrace" and shutil.which("potrace") is None:
        return "the program potrace is not installed (Debian's package potrace)"
    if name == "autotrace" and importlib.util.find_spec("autotrace") is None:
        return "AutoTrace is not installed (the Python package pyautotrace)"
    return ""


def potrace(task: Task) -> Answer:
    """Potrace (Selinger 2003) on stacked layers of 16 colors, as Inkscape's multiple scans.

    Each layer is what has its lightness or more. Departure: none in the program; specks are left
    out until the budget is met.
    """
    labels = quantized(task.image, task.seed)
    used = np.unique(labels)
    colors = np.array([task.image[labels == label].mean(axis=0) for label in used])
    order = np.argsort(colors.sum(axis=1), kind="stable")
    rank = np.argsort(order)[np.searchsorted(used, labels)]
    canvas = Path([rectangle(0, 0, task.width, task.height)], _fill(colors[order[0]]))

    def traced(side: int) -> Answer:
        paths = [canvas]
        for number in range(1, len(order)):
            fill = _fill(colors[order[number]])
            found = from_svg(_run_potrace(rank >= number, side * side))
            paths += [
                replace(path, fill=fill) for path in found.scaled(task.width, task.height).paths
            ]  # which is in points
        return Answer(task.drawing(paths))

    return most_paths_within(task.budget, traced, max(task.width, task.height))


def autotrace(task: Task) -> Answer:
    """AutoTrace at its defaults in 16 colors; despeckled, then in fewer colors, for the budget."""
    program = importlib.import_module("autotrace")
    bitmap = program.Bitmap((task.image * 255 + 0.5).astype(np.uint8))

    def traced(coarseness: int) -> Answer:
        fewer = (COLORS, *_FEWER_COLORS)[max(0, coarseness - _DESPECKLING - 1)]
        level = min(coarseness - 1, _DESPECKLING)
        vector = bitmap.trace(color_count=fewer, despeckle_level=level)
        text = vector.encode(program.VectorFormat.SVG)
        text = text if isinstance(text, str) else text.decode()
        return Answer(from_svg(text), text)

    return most_paths_within(task.budget, traced, _DESPECKLING + 1 + len(_FEWER_COLORS))


def _fill(color: np.ndarray) -> np.ndarray:
    return np.append(color, 1.0).astype(np.float32)


def _run_potrace(mask: np.ndarray, speck: int) -> str:
    """Return the SVG of a mask, bool [H, W], without specks of up to so many pixels."""
    height, width = mask.shape
    picture = f"P4 {width} {height}\n".encode() + np.packbits(mask, axis=1).tobytes()
    command = ["potrace", "--svg", "--turdsize", str(speck), "--output", "-", "-"]
    return subprocess.run(command, input=picture, capture_output=True, check=True).stdout.decode()
