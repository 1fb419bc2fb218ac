# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a vectorization: default, range, choices, description and place in the panel.

The command line, the operator's properties, the panel and the presets are generated from
these fields, so a setting is added or changed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from .errors import SettingsError

# Nodes of the background, which every drawing of an opaque picture has, and of the simplest shape.
FEWEST_NODES, FEWEST_NODES_A_PATH = 4, 3

# Names and choices of version 0.1, which its SVG and .blend files, presets and scripts contain.
_RENAMED = {
    "ratio": "structural_ratio",
    "structure": "containment",
    "masks": "mask_count",
    "schedule": "refinement",
}
_RENAMED_CHOICES: dict[tuple[str, str | bool], str] = {
    ("refinement", "paper"): "published",
    ("clustering", "adam"): "recolor",
    ("transparency", False): "automatic",
    ("transparency", True): "always",
}


def _setting(
    default: Any,
    help: str,
    minimum: Any = None,
    maximum: Any = None,
    *,
    choices: Mapping[str, str] | None = None,
    scripted_choices: Sequence[str] = (),
    flags: Sequence[str] = (),
    group: str,
    preset: bool = False,
) -> Any:
    """Declare a field of `Settings` with its metadata.

    choices: each value with its description. scripted_choices: those of them that the panel's
    menu leaves out. flags: options of the command line where they are not --name.
    group: part of the panel that shows it. preset: whether presets save it.
    """
    metadata = {
        "help": help,
        "minimum": minimum,
        "maximum": maximum,
        "choices": choices or {},
        "scripted_choices": tuple(scripted_choices),
        "flags": tuple(flags),
        "group": group,
        "preset": preset,
    }
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """Settings of one vectorization. Lengths are pixels of the working image.

    Groups: "budget" leads the panel; "method" follows in its sub-panel, where "masks", "sam"
    and "prompt" are shown for what they apply to, and "scripted" for values that are not the
    default; "output" goes with the placement of the drawing.
    """

    budget: int = _setting(
        128,
        "Number of paths in the drawing, background included",
        1,
        16384,
        flags=("-b", "--budget"),
        group="budget",
        preset=True,
    )
    exact: bool = _setting(
        False,
        "Draw as many paths as the budget allows, even where fewer look the same",
        group="budget",
        preset=True,
    )
    kind: str = _setting(
        "auto",
        "Kind of picture, which decides how it is traced",
        choices={
            "auto": "Recognize the kind from the picture",
            "photo": "Photographs and paintings: structural and detail shapes",
            "flat": "Logos, icons and illustrations: exact colors and outlines",
            "line": "Line art: strokes along lines, with their widths",
            "pixel": "Pixel art: outlines along the pixels, exact",
        },
        group="budget",
        preset=True,
    )
    group_by: str = _setting(
        "auto",
        "Shapes that belong together: areas that share a path, or objects of a photograph",
        choices={
            "auto": "Areas of one color, if there are more areas than paths",
            "region": "None; each area is a path",
            "color": "Areas of one color, as far as their order allows",
            "object": "Shapes of one object of a photograph, in groups; each stays a path",
        },
        group="method",
    )
    colors: int = _setting(
        0,
        "Number of colors of the drawing; 0 for any",
        0,
        256,
        group="method",
    )
    palette: str = _setting(
        "",
        "Colors to draw with: hexadecimal colors, or a .gpl, .ase or image file",
        group="method",
    )
    merge_colors: float = _setting(
        0.0,
        "Colors that differ by less than this become one; black and white differ by 100",
        0.0,
        100.0,
        group="method",
    )
    leave_out: str = _setting(
        "",
        "Color that is not drawn: background, white or a hexadecimal color",
        group="method",
    )
    nodes: int = _setting(
        0,
        "Number of nodes of the drawing at most; fewer on each shape allow more shapes; 0 for any",
        0,
        1_000_000,
        group="method",
        preset=True,
    )
    structural_ratio: float = _setting(
        0.4,
        "Fraction of the budget for structural shapes; the rest are detail shapes",
        0.0,
        1.0,
        group="method",
        preset=True,
    )
    containment: float = _setting(
        0.25,
        "How strictly shapes stay within one object; higher is easier to edit but less faithful",
        0.0,
        1.0,
        group="method",
        preset=True,
    )
    rounds: int = _setting(
        20,
        "Rounds of recoloring and merging; each is a level of detail",
        1,
        100,
        group="budget",
        preset=True,
    )
    clustering: str = _setting(
        "ward",
        "Method that merges neighboring masks into regions",
        choices={
            "ward": "Merge first what changes the image least; keeps objects whole",
            "exact": "Minimize the published energy with an exact solver",
            "recolor": "Minimize the published energy by gradient descent, as published; slow",
            "kmeans": "Merge by K-means clusters of the mean colors",
            "dbscan": "Merge by DBSCAN clusters of the mean colors",
        },
        scripted_choices=("kmeans", "dbscan"),
        group="method",
        preset=True,
    )
    refinement: str = _setting(
        "clean",
        "Method that fits shapes to the image",
        choices={
            "clean": "Simple shapes that stay within their objects",
            "published": "The published method; shapes may cross themselves and overlap freely",
        },
        group="method",
        preset=True,
    )
    mask_count: int = _setting(
        200,
        "Number of masks that the built-in segmenter finds before they are merged",
        1,
        4000,
        group="masks",
        preset=True,
    )
    segmenter: str = _setting(
        "builtin",
        "Method that finds the initial masks",
        choices={
            "builtin": "Masks of similar color; fast",
            "sam": "Masks of whole objects by Segment Anything; slower, needs the AI engine",
        },
        group="masks",
    )
    # Not the paper's ViT-H, which takes 7 times the download, twice the 3 GB of memory, and on a
    # CPU 6 times as long to embed an image.
    sam_model: str = _setting(
        "sam_vit_b",
        "SAM model: sam_vit_b, sam_vit_l, sam_vit_h (the published one) or a checkpoint file",
        group="sam",
    )
    points_per_side: int = _setting(
        0,
        "Grid points for SAM along each side of the image; 0 is 16 on a CPU and 32 on a GPU",
        0,
        128,
        group="sam",
    )
    predicted_iou: float = _setting(
        0.88,
        "Minimum quality that SAM predicts for a mask; lower keeps more and worse masks",
        0.0,
        1.0,
        group="sam",
    )
    stability: float = _setting(
        0.95, "Minimum stability score of SAM masks; lower keeps more masks", 0.0, 1.0, group="sam"
    )
    device: str = _setting(
        "auto",
        "Processor that runs SAM and CLIP",
        choices={
            "auto": "A graphics processor if available, else the CPU",
            "cpu": "The main processor",
            "cuda": "An NVIDIA graphics card",
            "mps": "The graphics processor of a Mac",
        },
        group="device",
    )
    compute: str = _setting(
        "auto",
        "Processor that refines shapes: auto, cpu, gpu or a name that 'semvec devices' lists",
        group="method",
    )
    iterations: int = _setting(
        500,
        "Refinement steps; more is slower and slightly more faithful",
        0,
        10000,
        group="method",
        preset=True,
    )
    resolution: int = _setting(
        512,
        "Long side of the working image; larger images are scaled down",
        16,
        4096,
        group="method",
        preset=True,
    )
    renderer: str = _setting(
        "native",
        "Renderer used during refinement",
        choices={
            "native": "The built-in renderer",
            "diffvg": "The published method's renderer; needs pydiffvg and is 100 times slower",
        },
        group="scripted",
    )
    saliency_floor: float = _setting(
        0.1, "Minimum saliency, given to the least important pixels", 0.0, 1.0, group="scripted"
    )
    fills: str = _setting(
        "flat",
        "Fill of each shape",
        choices={
            "flat": "One color; easiest to edit and the same in every program",
            "gradient": "A linear or radial gradient; smooth shading takes fewer shapes",
        },
        group="output",
        preset=True,
    )
    transparency: str = _setting(
        "automatic",
        "Opacity of shapes",
        # In this order: files of version 0.1 store whether transparency is allowed as 0 or 1.
        choices={
            "automatic": "Opaque shapes, and transparent ones where areas are half transparent",
            "always": "Any shape may become transparent; harder to edit",
            "opaque": "Opaque shapes only; half transparent areas become opaque or clear",
        },
        group="output",
        preset=True,
    )
    layering: str = _setting(
        "stacked",
        "Order of shapes",
        choices={
            "stacked": "Shapes lie on each other; easiest to edit",
            "cut-out": "No overlaps and no gaps; for plotters, vinyl and print",
        },
        group="output",
        preset=True,
    )
    prompt: str = _setting(
        "",
        "Important parts of the image in words, separated by commas; needs the AI engine",
        group="guidance",
    )
    automatic: bool = _setting(
        False,
        "Draw faces, found by built-in networks, in more detail than the rest of the image",
        group="guidance",
    )
    contrast: bool = _setting(
        False,
        "Draw what differs in color from the borders of the image in more detail",
        group="guidance",
    )
    clip_model: str = _setting(
        "clip_vit_b_32",
        "CLIP model for the prompt: clip_vit_b_32, clip_vit_b_16 or a checkpoint file",
        group="prompt",
    )
    seed: int = _setting(
        0,
        "Seed of all random numbers; the same seed gives the same drawing",
        0,
        2**31 - 1,
        group="method",
    )
    threads: int = _setting(
        0, "Number of processor threads; 0 uses all processors", 0, 256, group="scripted"
    )

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, _checked(item, getattr(self, item.name)))
        if 0 < self.nodes < FEWEST_NODES:
            raise SettingsError(
                f"Setting 'nodes' is {self.nodes}.",
                f"A drawing has at least {FEWEST_NODES} nodes; 0 stands for any number.",
            )

    @property
    def structural(self) -> int:
        """Number of structural paths, the background included: at least that one."""
        return max(1, round(self.budget * self.structural_ratio))

    @property
    def detail(self) -> int:
        """Number of detail paths."""
        return self.budget - self.structural

    def to_dict(self) -> dict[str, Any]:
        """Return all settings as plain JSON types."""
        return asdict(self)

    def recorded(self, device: str = "") -> dict[str, Any]:
        """Return the settings that a drawing records: `compute` only if a device was used.

        device: its name. The result of the CPU is the same on every computer.
        """
        values = self.to_dict()
        del values["compute"]
        return {**values, "compute": device} if device else values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Settings:
        """Return settings from plain JSON types; a missing one keeps its default.

        A budget that is missing beside a number of nodes is as many paths as these allow.
        Names and choices of version 0.1 are understood. Raises SettingsError for an unknown
        name, a wrong type or a value out of range.
        """
        current = dict(current_setting(name, value) for name, value in values.items())
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(current) - known)
        if unknown:
            raise SettingsError(
                f"Unknown setting: {', '.join(unknown)}.", f"Known are {', '.join(sorted(known))}."
            )
        settings = cls(**current)
        if not settings.nodes or "budget" in current:
            return settings
        return replace(settings, budget=most_paths(settings.nodes))


def most_paths(nodes: int) -> int:
    """Return the largest budget of paths for which there may be enough nodes."""
    largest = next(item.metadata["maximum"] for item in fields(Settings) if item.name == "budget")
    return int(min(max(nodes // FEWEST_NODES_A_PATH, 1), largest))


def current_setting(name: str, value: Any) -> tuple[str, Any]:
    """Translate the name and the value of a setting of version 0.1; others stay the same."""
    name = _RENAMED.get(name, name)
    if isinstance(value, str | bool):
        value = _RENAMED_CHOICES.get((name, value), value)
    return name, value


def former_names() -> dict[str, str]:
    """Return the current name of each setting that has been renamed."""
    return dict(_RENAMED)


def names_in_group(group: str) -> tuple[str, ...]:
    """Return the names of the settings that one part of the panel shows, in order."""
    return tuple(item.name for item in fields(Settings) if item.metadata["group"] == group)


def preset_names() -> tuple[str, ...]:
    """Return the names of the settings that presets save."""
    return tuple(item.name for item in fields(Settings) if item.metadata["preset"])


def menu_choices(name: str) -> tuple[str, ...]:
    """Return the choices of a setting that the panel's menu offers."""
    metadata = next(item.metadata for item in fields(Settings) if item.name == name)
    return tuple(key for key in metadata["choices"] if key not in metadata["scripted_choices"])


def _checked(item: Any, value: Any) -> Any:
    """Return the value in the field's type; SettingsError for a wrong type or out of range."""
    kind = type(item.default)
    minimum, maximum = item.metadata["minimum"], item.metadata["maximum"]
    choices = item.metadata["choices"]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not kind:
        raise SettingsError(
            f"Setting '{item.name}' must be {kind.__name__}, not {type(value).__name__}."
        )
    if choices and value not in choices:
        raise SettingsError(
            f"Setting '{item.name}' can't be '{value}'.", f"Choose from {', '.join(choices)}."
        )
    if minimum is not None and not minimum <= value <= maximum:
        raise SettingsError(
            f"Setting '{item.name}' is {value}.", f"It must lie between {minimum} and {maximum}."
        )
    return value
