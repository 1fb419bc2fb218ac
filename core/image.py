# SPDX-License-Identifier: GPL-3.0-or-later
"""Images as float32 sRGB, row 0 on top, from files and from Blender's pixels."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np

from . import srgb
from .errors import ImageError
from .system.files import open_input, write_output

# Rows of pixels that are converted to floats at a time.
STRIP = 64

# Colors [H, W, 3] and opacity [H, W] or None, both float32.
Part = tuple[np.ndarray, "np.ndarray | None"]


class Image:
    """An image.

    rgb: float32 [H, W, 3], sRGB in [0, 1], row 0 on top.
    alpha: float32 [H, W] in [0, 1], or None where every pixel is opaque. Colors are
        not multiplied by it.
    notes: sentences for the report, of what reading the file has left out.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, rgb: np.ndarray, alpha: np.ndarray | None = None) -> None:
        self._rgb = rgb
        self._alpha = alpha

    @property
    def rgb(self) -> np.ndarray:
        """Return the colors, float32 [H, W, 3]."""
        return self._rgb

    @property
    def alpha(self) -> np.ndarray | None:
        """Return the opacity, float32 [H, W], or None."""
        return self._alpha

    @property
    def is_opaque(self) -> bool:
        """Return True where all pixels are opaque."""
        return self.alpha is None

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return int(self.rgb.shape[1])

    def rows(self) -> Iterator[np.ndarray]:
        """Iterate over all rows from the top: float32 [W, 3], or [W, 4] with alpha."""
        return _rows(self.rgb, self.alpha)


class _StripImage(Image):
    """An image that is stored compactly and converted to floats strip by strip.

    Its properties `rgb` and `alpha` convert the whole image.

    part: returns the colors and the opacity of a range of rows. opaque: True where all pixels are
    opaque.
    """

    def __init__(
        self,
        height: int,
        width: int,
        part: Callable[[int, int], Part],
        opaque: bool,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.notes = notes
        self._height, self._width = height, width
        self._part = part
        self._opaque = opaque

    @property
    def rgb(self) -> np.ndarray:
        return self._floats[0]

    @property
    def alpha(self) -> np.ndarray | None:
        return self._floats[1]

    @property
    def is_opaque(self) -> bool:
        return self._opaque

    @property
    def height(self) -> int:
        return self._height

    @property
    def width(self) -> int:
        return self._width

    def rows(self) -> Iterator[np.ndarray]:
        for rgb, alpha in _strips(self._height, self._part):
            yield from _rows(rgb, None if self._opaque else alpha)

    @cached_property
    def _floats(self) -> Part:
        rgb = np.empty((self._height, self._width, 3), np.float32)
        alpha = None if self._opaque else np.empty((self._height, self._width), np.float32)
        for i, strip in enumerate(_strips(self._height, self._part)):
            rows = slice(i * STRIP, (i + 1) * STRIP)
            rgb[rows] = strip[0]
            if alpha is not None:
                alpha[rows] = strip[1]
        return rgb, alpha


def _strips(height: int, part: Callable[[int, int], Part]) -> Iterator[Part]:
    """Iterate over colors and opacity of STRIP rows at a time."""
    for top in range(0, height, STRIP):
        yield part(top, min(top + STRIP, height))


def _rows(rgb: np.ndarray, alpha: np.ndarray | None) -> Iterator[np.ndarray]:
    """Iterate over rows [W, 3], or [W, 4] with opacity."""
    if alpha is None:
        return iter(rgb)
    return (np.column_stack(row) for row in zip(rgb, alpha, strict=True))


def load_image(path: str | os.PathLike[str]) -> Image:
    """Read an image file of up to 100 megapixels; its formats are those of core/decoding.

    Of several pages or frames, the first. It is turned upright by its EXIF orientation; colors
    are converted to sRGB by its ICC profile, or its gamma. 16 bits are kept; float TIFF are
    display values in [0, 1]. What a file lacks that is cut off is transparent.
    Raises ImageError for a file that cannot be read and for a fully transparent image.
    """
    with open_input(path, ImageError) as stream:
        try:
            from .decoding.decode import decode
        except ImportError:
            raise ImageError(
                "Reading image files needs Pillow, which is not installed.", "pip install pillow"
            ) from None
        try:
            decoded = decode(stream)
            opaque = _is_opaque(decoded.height, decoded.part)
        except MemoryError:
            raise ImageError(
                "There is not enough memory for this image.", "Scale it down."
            ) from None
    return _StripImage(decoded.height, decoded.width, decoded.part, opaque, decoded.notes)


def _is_opaque(height: int, part: Callable[[int, int], Part]) -> bool:
    """Return whether all pixels are opaque. Raises ImageError where none is visible."""
    if part(0, 1)[1] is None:
        return True
    alphas = (alpha for _, alpha in _strips(height, part) if alpha is not None)
    extremes = [(alpha.min(), alpha.max()) for alpha in alphas]
    if max(most for _, most in extremes) == 0.0:
        raise _invisible()
    return all(least >= 1.0 for least, _ in extremes)


def from_blender(
    pixels: np.ndarray,
    width: int,
    height: int,
    channels: int,
    linear: bool = False,
    premultiplied: bool = False,
    has_opacity: bool = True,
) -> Image:
    """Make an image from Blender's pixels: flat float32, bottom row first, 1 to 4 channels.

    Blender stores byte images in sRGB; float images are `linear` and `premultiplied`.
    has_opacity: False where a second or fourth channel is to be ignored.
    Raises ImageError where the sizes do not fit and for a fully transparent image.
    """
    if min(width, height) < 1 or not 1 <= channels <= 4 or pixels.size != width * height * channels:
        raise ImageError("The image has no pixels.", "Load or render it first.")
    upright = np.asarray(pixels, np.float32).reshape(height, width, channels)[::-1]
    opacity = upright[..., -1] if has_opacity and channels in (2, 4) else None
    if opacity is not None and not (opacity > 0.0).any():
        raise _invisible()
    opaque = opacity is None or bool((opacity >= 1.0).all())
    return _StripImage(
        height,
        width,
        lambda top, bottom: _from_blender(upright[top:bottom], linear, premultiplied),
        opaque,
    )


def _from_blender(upright: np.ndarray, linear: bool, premultiplied: bool) -> Part:
    """Convert some of Blender's rows, [H, W, 1 to 4] from the top, to colors and opacity."""
    values = np.nan_to_num(upright, nan=0.0, posinf=1.0, neginf=0.0)
    channels = values.shape[2]
    alpha = values[..., -1].clip(0.0, 1.0) if channels in (2, 4) else None
    rgb = values[..., :3] if channels >= 3 else np.repeat(values[..., :1], 3, axis=-1)
    if premultiplied and alpha is not None:
        rgb = rgb / np.maximum(alpha, 1e-6)[..., None]
    rgb = rgb.clip(0.0, 1.0)
    return (srgb.encode(rgb).astype(np.float32) if linear else rgb), alpha


def resize(image: Image, long_side: int) -> Image:
    """Reduce an image so that its longer side has `long_side` pixels; it is never enlarged.

    Each new pixel is the exact average over the area that it covers. Colors are
    weighted by their opacity, so invisible pixels do not bleed into visible ones.
    """
    scale = long_side / max(image.height, image.width)
    if scale >= 1.0:
        return image
    height = max(1, round(image.height * scale))
    width = max(1, round(image.width * scale))
    seen = (_premultiplied(row) for row in image.rows())
    means = area_average(seen, image.height, height, width)
    if means.shape[2] == 3:
        return Image(means)
    rgb = means[..., :3] / np.maximum(means[..., 3:], 1e-6)
    return Image(rgb.clip(0.0, 1.0), np.ascontiguousarray(means[..., 3]))


def _premultiplied(row: np.ndarray) -> np.ndarray:
    """Multiply the colors of a row [W, 4] by its opacity; a row [W, 3] is returned unchanged."""
    return row if row.shape[1] == 3 else np.column_stack([row[:, :3] * row[:, 3:], row[:, 3]])


def have_same_shape(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return True where two sizes (height, width) have the same aspect ratio, up to rounding."""
    (height, width), (other_height, other_width) = size, other
    rounding = max(*size, *other)  # one pixel of a side, times the other side
    return abs(height * other_width - width * other_height) <= rounding


def save_png(path: str | os.PathLike[str], pixels: np.ndarray) -> None:
    """Write gray [H, W], RGB [H, W, 3] or RGBA [H, W, 4] in [0, 1] as an 8-bit PNG.

    Raises OutputError.
    """
    from PIL import Image as Pillow

    data = io.BytesIO()
    values = np.nan_to_num(np.asarray(pixels, np.float32)).clip(0.0, 1.0)
    Pillow.fromarray((values * 255.0 + 0.5).astype(np.uint8)).save(data, "PNG")
    write_output(path, data.getvalue())


def _invisible() -> ImageError:
    return ImageError(
        "The image is fully transparent: there is nothing to draw.", "Choose another image."
    )


def area_average(rows: Iterable[np.ndarray], row_count: int, height: int, width: int) -> np.ndarray:
    """Average `row_count` rows [W0, C] over areas to float32 [height, width, C].

    Rows are read one after the other, and none is kept.
    """
    short = (_average_columns(row, width) for row in rows)
    return _average_rows(short, row_count, height).astype(np.float32)


def _average_columns(row: np.ndarray, width: int) -> np.ndarray:
    """Average a row [W0, C] to float64 [width, C], each value over the span that it covers.

    The sum over a span is the difference of the row's integral at its ends.
    """
    edges = np.arange(width + 1) * (len(row) / width)
    whole = np.minimum(edges.astype(int), len(row) - 1)
    sums = np.zeros((len(row) + 1, row.shape[1]))
    np.cumsum(row, axis=0, dtype=np.float64, out=sums[1:])
    integral = sums[whole] + (edges - whole)[:, None] * row[whole]
    return np.diff(integral, axis=0) * (width / len(row))


def _average_rows(rows: Iterable[np.ndarray], row_count: int, height: int) -> np.ndarray:
    """Average `row_count` rows to `height` rows of float64, each over the span that it covers."""
    step = row_count / height
    result: np.ndarray | None = None
    for y, row in enumerate(rows):
        if result is None:
            result = np.zeros((height, *row.shape))
        first = int(y / step)
        for target in range(first, min(int((y + 1) / step) + 1, height)):
            overlap = min(y + 1.0, (target + 1) * step) - max(float(y), target * step)
            if overlap > 0.0:
                result[target] += row * (overlap / step)
    assert result is not None
    return result
