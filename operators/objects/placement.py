# SPDX-License-Identifier: GPL-3.0-or-later
"""Location and make of a drawing: the fields become properties in Blender. No bpy here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Items = tuple[tuple[str, str, str], ...]


def _field(
    default: Any,
    description: str,
    items: Items = (),
    length: tuple[float, float] | None = None,
    hidden: bool = False,
) -> Any:
    """Declare a field. items: choices; length: minimum and soft maximum in Blender's units."""
    metadata = {"description": description, "items": items, "length": length, "hidden": hidden}
    return field(default=default, metadata=metadata)


_ORIENTATIONS = (
    ("UPRIGHT", "Upright", "In the XZ plane, facing the front view"),
    ("FLAT", "Flat", "In the XY plane, facing the top view"),
    ("CAMERA", "Camera", "Facing the camera of the scene, upright where there is none"),
)
_EXISTING = (
    ("REPLACE", "Replace", "Remove earlier drawings of the same image"),
    ("ADD", "Add", "Keep earlier drawings of the same image"),
)
_FORMS = (
    ("CURVES", "Curves", "A curve object for each shape"),
    ("JOINED", "Joined by Region", "A curve object for each region and the detail on it"),
    (
        "GREASE_PENCIL",
        "Grease Pencil",
        "Fills and strokes of a Grease Pencil object, gradients included",
    ),
)
_STROKES = (
    ("CURVES", "Curves", "Curves along the middle of strokes, with a width for each point"),
    ("OUTLINES", "Outlines", "Filled outlines of strokes"),
)
_SHADINGS = (
    ("FLAT", "Flat", "The exact colors, whatever the light"),
    ("LIT", "Lit", "A surface that reacts to light"),
)
_LOCATIONS = (
    ("AUTO", "Automatic", "On the reference image if one is selected, else near the world origin"),
    ("CURSOR", "3D Cursor", "At the 3D cursor"),
    ("ACTIVE", "Active Object", "On the active image empty or flat mesh, whatever it shows"),
)


@dataclass(frozen=True)
class Placement:
    """Location and make of a drawing.

    size: its long side, in Blender's units. orientation: UPRIGHT faces the front view,
    in the XZ plane; FLAT lies in the XY plane and faces up; CAMERA faces the scene's camera, as it
    stands when the drawing is made or turned. existing: whether drawings of the same image are
    replaced, or this one is added to them.

    form: CURVES has an object for each path; JOINED one for each region, with the detail on it;
    GREASE_PENCIL has fills of Grease Pencil objects. strokes: whether they are lines with a width,
    or filled outlines. shading: FLAT shows the exact colors whatever the light, LIT reacts to it.
    thickness: of curves, in Blender's units.

    location: AUTO and ACTIVE stand on the reference, else on a free place near the origin.
    reference: name of an image empty or a flat mesh; the drawing takes its place, rotation and
    scale, and is as large as fits. The operator takes the object that shows the image, or, for
    ACTIVE, the active one.
    """

    size: float = _field(2.0, "Length of the drawing's long side", length=(0.001, 100.0))
    orientation: Literal["UPRIGHT", "FLAT", "CAMERA"] = _field(
        "UPRIGHT", "Direction that the drawing faces", _ORIENTATIONS
    )
    existing: Literal["REPLACE", "ADD"] = _field(
        "REPLACE", "What happens to earlier drawings of the same image", _EXISTING
    )
    form: Literal["CURVES", "JOINED", "GREASE_PENCIL"] = _field(
        "CURVES", "Type of objects that the drawing is made of", _FORMS
    )
    strokes: Literal["CURVES", "OUTLINES"] = _field(
        "CURVES", "Objects that strokes become; joined curves always have outlines", _STROKES
    )
    shading: Literal["FLAT", "LIT"] = _field("FLAT", "Reaction to light", _SHADINGS)
    thickness: float = _field(
        0.0, "Thickness of curves; 0 leaves them without sides", length=(0.0, 1.0)
    )
    location: Literal["AUTO", "CURSOR", "ACTIVE"] = _field(
        "AUTO", "Where a new drawing is placed", _LOCATIONS
    )
    reference: str = _field("", "Object whose image the drawing covers", hidden=True)

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as plain JSON types."""
        return asdict(self)
