# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python API: `import semvec`, then `semvec.vectorize` and `semvec.refine`.

Example:
    >>> import numpy as np, semvec
    >>> pixels = np.zeros((32, 48, 3), np.uint8)
    >>> pixels[8:24, 12:36] = (220, 40, 40)
    >>> result = semvec.vectorize(pixels, budget=2, iterations=20)
    >>> len(result.drawing.paths)
    2
    >>> result.svg[:4]
    '<svg'

"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .drawing import Drawing
from .errors import ImageError, SettingsError
from .settings import Settings

if TYPE_CHECKING:
    from .image import Image

__all__ = ["Result", "load", "refine", "vectorize"]


@dataclass(frozen=True)
class Result:
    """A drawing with the report of the run that made it.

    report: settings, seconds per stage, numbers of paths and nodes, PSNR in dB at the working
    resolution, in plain JSON types.
    """

    drawing: Drawing
    report: dict[str, Any]

    @property
    def svg(self) -> str:
        """The drawing as the text of an SVG file."""
        from .svg import to_svg

        return to_svg(self.drawing)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the drawing to an SVG file. Raises OutputError where that fails."""
        from .svg import save_svg

        save_svg(self.drawing, path)


def vectorize(
    image: Any,
    *,
    saliency: np.ndarray | None = None,
    masks: np.ndarray | None = None,
    on_progress: Callable[[float, str], None] | None = None,
    **settings: Any,
) -> Result:
    """Vectorize an image.

    image: path of a file, or an array [H, W, 3 or 4]: uint8, or float sRGB in [0, 1]; the
        fourth channel is opacity, and colors are not multiplied by it.
    saliency: float array [H, W] of any size; 1 where the image matters most, 0 where least.
    masks: int labels [H, W], or a stack of bool masks [M, H, W], at the image's size.
    on_progress: called with the fraction done, in [0, 1], and a message.
    settings: fields of `semvec.Settings`, such as budget=128 or fills="gradient".

    Raises SettingsError, ImageError, SaliencyError, MaskError; with SAM or a prompt also
    EngineMissingError, ModelMissingError, ModelError and OutOfMemoryError.

    Example:
        >>> import numpy as np, semvec
        >>> noise = np.random.default_rng(0).random((24, 24, 3))
        >>> semvec.vectorize(noise, budget=4, iterations=10).report["paths"]
        4

    """
    from .pipeline.vectorize import vectorize as run

    result = run(
        _as_image(image),
        Settings.from_dict(settings),
        saliency=saliency,
        masks=masks,
        on_progress=_reporting(on_progress),
    )
    return Result(result.drawing, result.report)


def refine(
    drawing: Drawing | str | os.PathLike[str],
    image: Any,
    *,
    add: int = 0,
    remove: int = 0,
    lock: Sequence[str | int] = (),
    hold: bool = False,
    region: np.ndarray | None = None,
    on_progress: Callable[[float, str], None] | None = None,
    **options: int,
) -> Result:
    """Continue from a drawing, perhaps one that was edited by hand, against its image.

    drawing: an SVG file of filled shapes, or what `load` returns. image: as `vectorize` takes it;
        its size may differ from the drawing's, its shape may not.
    add: number of new shapes, where the drawing differs most from the image.
    remove: number of shapes to remove first, those that the drawing misses least.
    lock: shapes that stay as they are: "structural", "detail", "all", ids, or positions.
    hold: whether all but the new shapes stay where they are.
    region: map of any size, white where the drawing may change; None for everywhere.
    on_progress: as in `vectorize`. options: iterations, resolution, threads.

    The drawing never comes out farther from the image than it was after `remove`. Raises
    SvgError, ImageError, SaliencyError for the region, SettingsError.

    Example:
        >>> import numpy as np, semvec
        >>> noise = np.random.default_rng(0).random((24, 24, 3))
        >>> before = semvec.vectorize(noise, budget=4, iterations=10).drawing
        >>> semvec.refine(before, noise, add=2, iterations=10).report["paths"]
        6

    """
    from .pipeline.changes import TouchUp
    from .pipeline.touch_up import touch_up

    given = drawing if isinstance(drawing, Drawing) else load(drawing)
    try:
        changes = TouchUp(add=add, remove=remove, lock=tuple(lock), hold=hold, **options)
    except TypeError:
        known = "iterations, resolution and threads"
        raise SettingsError(
            f"Unknown options: {', '.join(options)}.", f"Known are {known}."
        ) from None
    report = _reporting(on_progress)
    result = touch_up(given, _as_image(image), changes, region=region, on_progress=report)
    return Result(result.drawing, result.report)


def load(path: str | os.PathLike[str]) -> Drawing:
    """Read the filled shapes of an SVG file. Raises SvgError where it is none."""
    from .svg import load_svg

    return load_svg(path)


def _reporting(on_progress: Callable[[float, str], None] | None) -> Callable[[Any], None] | None:
    """Return a receiver of the pipeline's progress that calls the user's."""
    if on_progress is None:
        return None
    return lambda progress: on_progress(progress.fraction, progress.message)


def _as_image(source: Any) -> Image:
    """Return the image of a path or an array."""
    from .image import Image, load_image

    if isinstance(source, Image):
        return source
    if isinstance(source, np.ndarray):
        return _from_array(source)
    return load_image(source)


def _from_array(array: np.ndarray) -> Image:
    """Return the image of an array of colors, with or without opacity."""
    from .image import Image

    if array.ndim != 3 or array.shape[2] not in (3, 4) or 0 in array.shape:
        raise ImageError(
            f"An array of shape {list(array.shape)} is no image.",
            "Pass an array of shape [height, width, 3 or 4].",
        )
    whole = 255.0 if array.dtype == np.uint8 else 1.0
    pixels = np.clip(np.nan_to_num(array.astype(np.float32) / whole), 0.0, 1.0)
    return Image(pixels[..., :3].copy(), pixels[..., 3].copy() if array.shape[2] == 4 else None)
