# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers on the command line, as argparse takes them."""

from __future__ import annotations

import argparse
import math


def whole_number(text: str) -> int:
    """Parse a whole number of at least 0. Raises argparse.ArgumentTypeError."""
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 0")
    return int(text)


def count(text: str) -> int:
    """Parse a whole number of at least 1. Raises argparse.ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number of at least 1")
    return int(text)


def amount(text: str, most: float = math.inf) -> float:
    """Parse a finite number from 0 to `most`. Raises argparse.ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not (0.0 <= value <= most and value < math.inf):
        limits = "of at least 0" if most == math.inf else f"from 0 to {most:g}"
        raise argparse.ArgumentTypeError(f"'{text}' is not a number {limits}")
    return value
