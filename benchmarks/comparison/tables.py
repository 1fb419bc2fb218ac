# SPDX-License-Identifier: GPL-3.0-or-later
"""Means over the photographs, as rows."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

Record = dict[str, Any]


class Column(NamedTuple):
    """One figure: what it is called, how it is shown, and which end of it is good.

    factor: what it is multiplied by; better: 1 for higher, −1 for lower, 0 for neither.
    """

    key: str
    title: str
    decimals: int = 0
    factor: float = 1.0
    better: int = -1


COLUMNS = (
    Column("psnr", "PSNR dB", 2, better=1),
    Column("ssim", "SSIM", 3, better=1),
    Column("lpips", "LPIPS", 3),
    Column("vec", "VeC %", 1, 100, 1),
    Column("vec_visible", "VeC visible %", 1, 100, 1),
    Column("vec_no_specks", "VeC no specks %", 1, 100, 1),
    Column("psnr_salient", "PSNR salient", 2, better=1),
    Column("crossing", "crossing %", 1, 100),
    Column("slivers", "slivers", 1),
    Column("smooth_anchors", "smooth %", 0, 100, 1),
    Column("spikes", "spikes %", 1, 100),
    Column("outside_share", "outside %", 1, 100),
    Column("paths", "paths", 0, better=0),
    Column("nodes", "nodes", 0),
    Column("svg_bytes", "SVG KB", 1, 0.001),
    Column("cpu_seconds", "CPU s", 1),
    Column("seconds", "s", 1),
    Column("memory_mb", "MB", 0),
)


def mean(records: list[Record], key: str) -> float:
    """Return the mean of a figure over the records that have it; NaN where none has."""
    values = [record[key] for record in records if key in record and math.isfinite(record[key])]
    return float(np.mean(values)) if values else math.nan


def rows(
    records: list[Record], methods: dict[str, str], columns: tuple[Column, ...] = COLUMNS
) -> list[tuple[str, int, list[float]]]:
    """For each method that has results: its label, how many there are, and its means."""
    by_method = {name: [r for r in records if r["method"] == name] for name in methods}
    return [
        (label, len(of), [column.factor * mean(of, column.key) for column in columns])
        for name, label in methods.items()
        if (of := by_method[name])
    ]


def best(values: list[float], better: int) -> float:
    """Return the best of a column, NaN where no end of it is better."""
    known = [better * value for value in values if math.isfinite(value)]
    return better * max(known) if known and better else math.nan


def shown(value: float, column: Column) -> str:
    """Return a figure as text; a dash where it wasn't measured."""
    return f"{value:.{column.decimals}f}" if math.isfinite(value) else "–"


def markdown(
    records: list[Record], methods: dict[str, str], columns: tuple[Column, ...] = COLUMNS
) -> str:
    """Return the same table for a terminal or a document."""
    lines = [["method", "n", *(column.title for column in columns)]]
    lines.append(["---"] + ["---:"] * (len(columns) + 1))
    for label, count, values in rows(records, methods, columns):
        cells = [shown(v, c) for v, c in zip(values, columns, strict=True)]
        lines.append([label, str(count), *cells])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
