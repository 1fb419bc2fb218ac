# SPDX-License-Identifier: GPL-3.0-or-later
"""Images of 16 bits a channel.

Pillow keeps 8 of them. It takes the high byte of each value; told that the file has the other
order of bytes, it takes the low one, so that decoding twice gives the whole value.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

_RAW_MODE = re.compile(r"(RGB|RGBA);16([BLN])")
_GRAY_WITH_OPACITY = "LA;16B"
_NATIVE = "L" if sys.byteorder == "little" else "B"
_OTHER_ORDER = {"B": "L", "L": "B"}


def is_deep(picture: Any) -> bool:
    """Return whether an image, opened and not yet loaded, has 16 bits of gray or of color."""
    modes = [_raw_mode(tile) for tile in picture.tile]
    is_color = bool(modes) and all(_RAW_MODE.fullmatch(mode) for mode in modes)
    return is_color or modes == [_GRAY_WITH_OPACITY] or picture.mode.startswith("I")


def read_values(reopen: Callable[[], Any]) -> tuple[Any, np.ndarray]:
    """Decode a deep image, which `reopen` opens anew; return it, and uint16 [H, W, 1 to 4].

    Opacity is the last channel, also where it is stated as one color that is transparent.
    """
    picture = reopen()
    is_gray_with_opacity = [_raw_mode(tile) for tile in picture.tile] == [_GRAY_WITH_OPACITY]
    if is_gray_with_opacity:  # the four bytes of a pixel, as they are
        picture.tile = [picture.tile[0]._replace(args="RGBA")]
    loaded = np.asarray(picture)
    if is_gray_with_opacity:
        return picture, loaded[..., 0::2].astype(np.uint16) << 8 | loaded[..., 1::2]
    if picture.mode.startswith("I"):
        values = loaded.clip(0, 65535).astype(np.uint16)[..., None]
    else:
        again = reopen()
        again.tile = [_swapped(tile) for tile in again.tile]
        values = loaded.astype(np.uint16) << 8 | np.asarray(again)
    transparent = picture.info.get("transparency")
    if transparent is None or values.shape[2] not in (1, 3):
        return picture, values
    opaque = (values != np.array(transparent, np.uint16)).any(axis=2)
    return picture, np.dstack([values, np.where(opaque, 65535, 0).astype(np.uint16)])


def _raw_mode(tile: Any) -> str:
    arguments = tile[3]
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


def _swapped(tile: Any) -> Any:
    match = _RAW_MODE.fullmatch(_raw_mode(tile))
    assert match is not None
    order = _NATIVE if match[2] == "N" else match[2]
    mode = f"{match[1]};16{_OTHER_ORDER[order]}"
    arguments = tile[3]
    return tile._replace(args=(mode, *arguments[1:]) if isinstance(arguments, tuple) else mode)
