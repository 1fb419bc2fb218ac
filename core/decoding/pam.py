# SPDX-License-Identifier: GPL-3.0-or-later
"""Portable Arbitrary Map, the format of netpbm with opacity, which Pillow does not read."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

_HEADER_LINES = 64


def size_of_pam(stream: BinaryIO) -> tuple[int, int, int, int]:
    """Read the header: width, height, channels and largest value. Raises ValueError.

    Gray or RGB, with or without opacity.
    """
    fields: dict[bytes, bytes] = {}
    for _ in range(_HEADER_LINES):
        words = stream.readline(200).split(None, 1)
        if words == [b"ENDHDR"]:
            break
        if len(words) == 2:
            fields[words[0]] = words[1]
    width, height, depth, most = (
        int(fields.get(name, b"0")) for name in (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
    )
    if min(height, width) < 1 or not 1 <= depth <= 4 or not 1 <= most <= 65535:
        raise ValueError("not the header of a PAM file")
    return width, height, depth, most


def read_pam(
    stream: BinaryIO, width: int, height: int, depth: int, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Read what follows the header: uint16 [H, W, C], and bool [H, W], the pixels missing."""
    kind = np.dtype("u1" if most < 256 else ">u2")
    count = height * width * depth
    data = stream.read(count * kind.itemsize)
    read = np.frombuffer(data, kind, len(data) // kind.itemsize)
    values = np.zeros(count, np.uint16)
    values[: len(read)] = np.minimum(read, most).astype(np.uint32) * 65535 // most
    missing = (np.arange(count) >= len(read)).reshape(height, width, depth).any(axis=2)
    return values.reshape(height, width, depth), missing
