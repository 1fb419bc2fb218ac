# SPDX-License-Identifier: GPL-3.0-or-later
"""ICC profile for the gamma and the chromaticities that a PNG file may state instead of one."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from .. import srgb

# White point and primaries of sRGB, x and y each, in the order of PNG's chunk cHRM.
_SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)

# White point of ICC profiles, D50, and the Bradford matrix that adapts colors to it.
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)

# Relative distance from sRGB's exponent, 1 / 2.2, within which its curve is meant (as libpng's).
_SAME_GAMMA = 0.05


def gamma_profile(gamma: float, chromaticities: Sequence[float] | None) -> bytes | None:
    """Return an ICC profile, version 2, with one curve and three primaries.

    gamma: exponent that the file's values were encoded with (PNG, chunk gAMA), such as 0.45455.
    chromaticities: x and y of white, red, green and blue; sRGB's where None. Returns None for
    values that describe no color space.
    """
    matrix = _adapted_primaries(np.array(chromaticities or _SRGB, np.float64))
    if matrix is None or not 0.05 <= gamma <= 20.0:
        return None
    values = np.linspace(0.0, 1.0, 1024)
    is_srgb = abs(gamma * 2.2 - 1.0) < _SAME_GAMMA
    curve = srgb.decode(values) if is_srgb else values ** (1.0 / gamma)
    samples = np.rint(np.asarray(curve) * 65535.0).astype(">u2").tobytes()
    trc = struct.pack(">4s4xI", b"curv", len(values)) + samples
    tags = {b"wtpt": _xyz(_D50), b"rTRC": trc, b"gTRC": trc, b"bTRC": trc}
    tags |= {name + b"XYZ": _xyz(column) for name, column in zip((b"r", b"g", b"b"), matrix.T)}
    return _profile(tags)


def _adapted_primaries(chromaticities: np.ndarray) -> np.ndarray | None:
    """Return the XYZ of the primaries as columns, adapted to D50 (Lindbloom): [3, 3], or None."""
    xy = chromaticities.reshape(4, 2)
    if (xy[:, 1] < 1e-4).any() or (xy < 0.0).any():
        return None
    xyz = np.stack([xy[:, 0], xy[:, 1], 1.0 - xy.sum(axis=1)]) / xy[:, 1]
    white, primaries = xyz[:, 0], xyz[:, 1:]
    if abs(np.linalg.det(primaries)) < 1e-6:
        return None
    scaled = primaries * np.linalg.solve(primaries, white)
    ratio = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted = np.linalg.inv(_BRADFORD) @ np.diag(ratio) @ _BRADFORD @ scaled
    return adapted if np.isfinite(adapted).all() and np.abs(adapted).max() < 100.0 else None


def _xyz(values: np.ndarray) -> bytes:
    """Return the data of a tag of type XYZ: fixed-point numbers with 16 binary digits."""
    return struct.pack(">4s4x3i", b"XYZ ", *np.rint(values * 65536.0).astype(int))


def _profile(tags: dict[bytes, bytes]) -> bytes:
    """Return a display profile of the RGB space with these tags."""
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    header = struct.pack(
        ">I4xI4s4s4s12x4s28x3i48x",
        start + len(body), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp",
        *np.rint(_D50 * 65536.0).astype(int),
    )  # fmt: skip
    return header + struct.pack(">I", len(tags)) + table + body
