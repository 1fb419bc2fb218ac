# SPDX-License-Identifier: GPL-3.0-or-later
"""All settings of a vectorization in one place: default, range and description.

The command line, the operator's properties and the panel are generated from
these fields, so a setting is added or changed here and nowhere else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from .errors import SettingsError


def _setting(
    default: Any,
    help: str,
    minimum: Any = None,
    maximum: Any = None,
    choices: tuple[str, ...] = (),
    flags: tuple[str, ...] = (),
) -> Any:
    """A field; `flags` is what the command line calls it where that isn't --name."""
    metadata = {
        "help": help, "minimum": minimum, "maximum": maximum, "choices": choices, "flags": flags,
    }  # fmt: skip
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Settings:
    """What a vectorization is asked for. Lengths are pixels of the working image."""

    budget: int = _setting(
        128,
        "Number of paths in the drawing, background included",
        minimum=1,
        maximum=4096,
        flags=("-b", "--budget"),
    )
    ratio: float = _setting(
        0.4, "Share of the budget spent on structural shapes; the rest are detail shapes", 0.0, 1.0
    )
    structure: float = _setting(
        0.25,
        "How strictly shapes keep to one thing each; lower is more faithful, higher easier to edit",
        0.0,
        1.0,
    )
    rounds: int = _setting(
        20, "Rounds of recoloring and merging; each is a level of detail", minimum=1, maximum=100
    )
    clustering: str = _setting(
        "ward",
        "How neighboring masks are merged",
        choices=("ward", "exact", "adam", "kmeans", "dbscan"),
    )
    schedule: str = _setting(
        "clean",
        "Clean keeps shapes simple and contained; paper is the plain published Stage III",
        choices=("clean", "paper"),
    )
    masks: int = _setting(
        200,
        "Number of masks the built-in segmenter starts from",
        minimum=1,
        maximum=4000,
        flags=("--mask-count",),
    )
    segmenter: str = _setting(
        "builtin",
        "What finds the first masks; SAM finds whole objects, takes longer, needs the AI engine",
        choices=("builtin", "sam"),
    )
    # Not the paper's ViT-H, which takes 7 times the download, twice the 3 GB of memory, and on a
    # CPU 6 times as long to look at an image.
    sam_model: str = _setting(
        "sam_vit_b", "SAM's model: sam_vit_b, sam_vit_l, sam_vit_h (the paper's), or a file"
    )
    points_per_side: int = _setting(
        0,
        "Points that SAM tries along each side of the image; 0 is 16 on a CPU, 32 on a GPU",
        0,
        128,
    )
    predicted_iou: float = _setting(
        0.88, "How good SAM must think a mask is; lower finds more masks, and worse ones", 0.0, 1.0
    )
    stability: float = _setting(
        0.95, "How firm the outline of SAM's masks must be; lower finds more masks", 0.0, 1.0
    )
    device: str = _setting(
        "auto",
        "What SAM and CLIP run on; auto takes a graphics processor where there is one",
        choices=("auto", "cpu", "cuda", "mps"),
    )
    resolution: int = _setting(
        512, "Long side of the image that is worked on; larger images are scaled down", 16, 4096
    )
    iterations: int = _setting(
        500, "Refinement steps; more is slower and a little more faithful", minimum=0, maximum=10000
    )
    renderer: str = _setting(
        "native",
        "What draws shapes during refinement; diffvg needs pydiffvg and takes 100 times as long",
        choices=("native", "diffvg"),
    )
    saliency_floor: float = _setting(
        0.1, "Saliency that even the least important pixel keeps", 0.0, 1.0
    )
    fills: str = _setting(
        "flat",
        "Flat fills have one color each; gradients go from one to another, for smooth shades",
        choices=("flat", "gradient"),
    )
    transparency: bool = _setting(
        False, "Let fills be transparent; opaque fills are easier to edit"
    )
    prompt: str = _setting(
        "", "What matters, in words, with commas between several things; needs the AI engine"
    )
    clip_model: str = _setting(
        "clip_vit_b_32",
        "CLIP's model, which finds what the prompt names: clip_vit_b_32, clip_vit_b_16, or a file",
    )
    seed: int = _setting(0, "Seed of everything random; same seed, same drawing", 0, 2**31 - 1)
    threads: int = _setting(0, "Processor threads to use; 0 uses all of them", 0, 256)

    def __post_init__(self) -> None:
        for item in fields(self):
            object.__setattr__(self, item.name, _checked(item, getattr(self, item.name)))

    @property
    def structural(self) -> int:
        """Number of structural paths, the background included: at least that one."""
        return max(1, round(self.budget * self.ratio))

    @property
    def detail(self) -> int:
        """Number of detail paths."""
        return self.budget - self.structural

    def to_dict(self) -> dict[str, Any]:
        """All settings as plain JSON types."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Settings:
        """Settings from plain JSON types; what is missing keeps its default.

        Raises SettingsError for an unknown name, a wrong type or a value out of range.
        """
        known = {item.name for item in fields(cls)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise SettingsError(
                f"Unknown setting: {', '.join(unknown)}.", f"Known are {', '.join(sorted(known))}."
            )
        return cls(**values)


def _checked(item: Any, value: Any) -> Any:
    """The value in the field's type and range, or SettingsError."""
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
