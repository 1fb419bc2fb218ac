# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a drawing goes and what it is made of. No bpy here."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Placement(NamedTuple):
    """Where a drawing goes and what it is made of.

    size: its long side, in Blender's units. orientation: UPRIGHT faces the front view,
    in the XZ plane; FLAT lies in the XY plane and faces up. existing: whether drawings
    of the same image are replaced, or this one is added to them.

    form: CURVES has an object for each path; JOINED one for each region, with the detail on it;
    GREASE_PENCIL has fills of grease-pencil objects. shading: FLAT shows the exact
    colors whatever the light, LIT reacts to it. thickness: of curves, in Blender's units.
    """

    size: float = 2.0
    orientation: Literal["UPRIGHT", "FLAT"] = "UPRIGHT"
    existing: Literal["REPLACE", "ADD"] = "REPLACE"
    form: Literal["CURVES", "JOINED", "GREASE_PENCIL"] = "CURVES"
    shading: Literal["FLAT", "LIT"] = "FLAT"
    thickness: float = 0.0
