# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender properties of the settings, generated from the fields of `Settings`.

Operators and panels have the same names, defaults, ranges and texts as the command line,
because none of them is written twice.
"""

from __future__ import annotations

from dataclasses import Field, fields
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from ...core.settings import Settings
from ..objects.placement import Placement

_SUBTYPES = {"resolution": "PIXEL"}

# Values of `compute` beside the names of devices.
_PROCESSORS = ("auto", "cpu", "gpu")

Annotations = dict[str, Any]

# Words that are not simply capitalized in a label.
_SPELLINGS = {
    "builtin": "Built-in",
    "clip": "CLIP",
    "cpu": "CPU",
    "cuda": "CUDA",
    "dbscan": "DBSCAN",
    "diffvg": "DiffVG",
    "iou": "IoU",
    "kmeans": "K-Means",
    "mps": "MPS",
    "sam": "SAM",
}


def settings_properties() -> Annotations:
    """Return a property for each setting, as the annotations of a class."""
    return {item.name: _property(item) for item in fields(Settings)}


def not_remembered(annotations: Annotations) -> Annotations:
    """Return the same properties for an operator that does not keep its last values."""
    for deferred in annotations.values():
        deferred.keywords["options"] = {"SKIP_SAVE"}
    return annotations


def settings_from(properties: Any) -> Settings:
    """Return the settings that a class with these properties holds. Raises SettingsError."""
    values = {item.name: getattr(properties, item.name) for item in fields(Settings)}
    # Blender keeps single precision: 0.4 comes back as 0.4000000059604645.
    rounded = {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}
    return Settings.from_dict(rounded)


def run_properties() -> Annotations:
    """Return the properties of a run's behavior, as the annotations of a class."""
    return {
        "keep_on_cancel": BoolProperty(
            name="Keep on Cancel",
            description="Keep the current curves when a run is stopped, instead of removing them",
            default=True,
        ),
        "arrange_view": BoolProperty(
            name="Arrange View",
            description="Turn the 3D viewport to a new drawing and show its exact colors, unless "
            "other objects are visible. Gradients are shown in Material Preview, "
            "under the view transform Standard",
            default=True,
        ),
    }


def placement_properties() -> Annotations:
    """Return a property for each field of `Placement`, as the annotations of a class."""
    return {item.name: _placement_property(item) for item in fields(Placement)}


def placement_from(properties: Any) -> Placement:
    """Return the placement that a class with these properties holds."""
    values = {item.name: getattr(properties, item.name) for item in fields(Placement)}
    rounded: dict[str, Any] = {
        k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()
    }
    return Placement(**rounded)


def _placement_property(item: Field[Any]) -> Any:
    metadata = item.metadata
    texts = {
        "name": title(item.name),
        "description": metadata["description"],
        "default": item.default,
    }
    if metadata["items"]:
        return EnumProperty(items=list(metadata["items"]), **texts)
    if metadata["length"]:
        minimum, soft_maximum = metadata["length"]
        return FloatProperty(min=minimum, soft_max=soft_maximum, unit="LENGTH", **texts)
    options = {"HIDDEN", "SKIP_SAVE"} if metadata["hidden"] else set()
    return StringProperty(options=options, **texts)


def _property(item: Field[Any]) -> Any:
    """Return the Blender property of one setting."""
    metadata = item.metadata
    texts = {
        "name": _LABELS.get(item.name, title(item.name)),
        "description": metadata["help"],
        "default": item.default,
    }
    limits = {"min": metadata["minimum"], "max": metadata["maximum"]}
    if metadata["choices"]:
        names = _CHOICES.get(item.name, {})
        items = [(k, names.get(k) or title(k), text) for k, text in metadata["choices"].items()]
        return EnumProperty(items=items, **texts)
    if isinstance(item.default, bool):
        return BoolProperty(**texts)
    if isinstance(item.default, int):
        return IntProperty(subtype=_SUBTYPES.get(item.name, "NONE"), **limits, **texts)
    if isinstance(item.default, float):
        unit = limits == {"min": 0.0, "max": 1.0}
        return FloatProperty(subtype="FACTOR" if unit else "NONE", **limits, **texts)
    if item.name == "compute":
        return StringProperty(search=_processors, search_options={"SUGGESTION"}, **texts)
    return StringProperty(**texts)


def _processors(properties: Any, context: bpy.types.Context, text: str) -> list[str]:
    """Return values of `compute` to select from; names of devices are typed."""
    return [value for value in _PROCESSORS if text.lower() in value]


# Labels for artists, of settings whose names are those of the method.
_LABELS = {
    "budget": "Shapes",
    "structural_ratio": "Main Shapes",
    "containment": "Simplicity",
    "rounds": "Levels",
    "clustering": "Merge By",
    "refinement": "Outlines",
    "iterations": "Refinement Steps",
    "mask_count": "Masks",
    "segmenter": "Find Masks By",
    "points_per_side": "Points per Side",
    "predicted_iou": "Mask Quality",
    "stability": "Mask Stability",
}


# Labels of choices, by setting, that are not their capitalized values.
_CHOICES = {
    "kind": {
        "auto": "Automatic",
        "photo": "Photograph",
        "flat": "Flat Art",
        "line": "Line Art",
        "pixel": "Pixel Art",
    },
}


def title(name: str) -> str:
    """Return the label of a name: "SAM Model" for "sam_model"."""
    return " ".join(_SPELLINGS.get(word, word.title()) for word in name.split("_"))
