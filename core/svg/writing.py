# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as SVG text.

Coordinates are rounded to a fixed number of decimals and colours to 8 bits. What that
leaves of a drawing is `quantized(drawing)`, and the reader brings back exactly that.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ..drawing import Drawing, Path
from ..errors import OutputError
from ..files import write_output
from ..version import VERSION
from .names import INKSCAPE, SEMVEC, SVG

_PLAIN_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_svg(drawing: Drawing) -> str:
    """The drawing as SVG: a layer for each run of one kind, a path for each primitive.

    Raises OutputError where the drawing holds what SVG can't: an empty canvas,
    coordinates that are not finite, settings that are not plain JSON.
    """
    drawing = quantized(drawing)
    unit = _unit(drawing)
    lines = [_opening(drawing), _metadata(drawing)]
    layers = _layers(drawing.paths)
    identifiers = _identifiers(drawing.paths, set(layers))
    for layer, paths in layers.items():
        label = layer.capitalize()
        lines.append(f'<g id="{layer}" inkscape:groupmode="layer" inkscape:label="{label}">')
        lines += [_path_element(path, next(identifiers), unit) for path in paths]
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])


def save_svg(drawing: Drawing, path: str | os.PathLike[str]) -> None:
    """Write the drawing to a file, whole or not at all. Raises OutputError."""
    write_output(path, to_svg(drawing).encode())


def quantized(drawing: Drawing) -> Drawing:
    """The drawing as its SVG says it.

    Points are rounded to between 1/10,000 and 1/100,000 of the long side (1/100 px
    from 100 to 999 px), fills to 8 bits; characters that XML can't hold leave names,
    and paths and sub-paths without points leave the drawing. Raises OutputError.
    """
    width, height = float(drawing.width), float(drawing.height)
    if not (0.0 < width < math.inf and 0.0 < height < math.inf):
        raise OutputError("The drawing has no size.", "Width and height must be positive.")
    unit = _unit(drawing)
    paths = []
    for path in drawing.paths:
        subpaths = [_rounded(points, unit) for points in path.subpaths if len(points)]
        fill = np.rint(np.clip(np.asarray(path.fill, np.float64), 0.0, 1.0) * 255.0) / 255.0
        if not np.isfinite(fill).all():
            raise OutputError(f"Path '{path.name}' has a fill that is no colour.")
        if subpaths:
            name = _NOT_IN_XML.sub("", path.name)
            paths.append(replace(path, subpaths=subpaths, fill=fill.astype(np.float32), name=name))
    try:
        settings = json.loads(json.dumps(drawing.settings, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise OutputError(f"The drawing's settings can't be written: {problem}.") from None
    return Drawing(width, height, paths, settings)


def _opening(drawing: Drawing) -> str:
    width, height = _number(drawing.width), _number(drawing.height)
    return (
        f'<svg xmlns="{SVG}" xmlns:inkscape="{INKSCAPE}" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" fill-rule="nonzero">'
    )


def _metadata(drawing: Drawing) -> str:
    settings = escape(json.dumps(drawing.settings, separators=(",", ":")))
    return (
        f'<metadata><semvec:drawing xmlns:semvec="{SEMVEC}" version="{VERSION}">{settings}'
        "</semvec:drawing></metadata>"
    )


def _unit(drawing: Drawing) -> float:
    """What 1 px counts in the last decimal written: at least 1/10,000 of the long side."""
    magnitude = math.floor(math.log10(max(drawing.width, drawing.height)))
    return 10.0 ** min(max(4 - magnitude, 0), 9)


def _rounded(points: np.ndarray, unit: float) -> np.ndarray:
    """Points [3·S, 2] on multiples of 1/unit, as float32, without negative zeros.

    Rounding twice changes nothing: float32 keeps a decimal apart from its neighbours,
    or, where its own grid is coarser, is kept apart by the decimals.
    """
    exact = np.asarray(points, np.float32).astype(np.float64)
    if exact.ndim != 2 or exact.shape[1] != 2 or len(exact) % 3:
        raise OutputError("A sub-path is not a closed chain of cubics.")
    if not np.isfinite(exact).all():
        raise OutputError("A path has coordinates that are not finite.")
    return (np.rint(exact * unit) / unit + 0.0).astype(np.float32)


def _layers(paths: list[Path]) -> dict[str, list[Path]]:
    """Runs of one kind, in painting order: structural, detail, structural-2, ..."""
    layers: dict[str, list[Path]] = {}
    runs: dict[str, int] = {}
    for kind, run in itertools.groupby(paths, lambda path: path.kind):
        runs[kind] = runs.get(kind, 0) + 1
        layers[kind if runs[kind] == 1 else f"{kind}-{runs[kind]}"] = list(run)
    return layers


def _identifiers(paths: list[Path], taken: set[str]) -> Iterator[str]:
    """An XML id for each path that nothing else has: its name where that can be one."""
    for number, path in enumerate(paths, start=1):
        identifier = path.name if _PLAIN_ID.fullmatch(path.name) else f"path-{number}"
        while identifier in taken:
            identifier += "_"
        taken.add(identifier)
        yield identifier


def _path_element(path: Path, identifier: str, unit: float) -> str:
    """One `<path>`; what has its usual value is left out."""
    attributes = [f'id="{identifier}"']
    if path.name != identifier:
        attributes.append(f"inkscape:label={quoteattr(path.name)}")
    if path.region != -1:
        attributes.append(f'data-region="{path.region}"')
    red, green, blue, opacity = (round(float(value) * 255.0) for value in path.fill)
    attributes.append(f'fill="{_hexadecimal(red, green, blue)}"')
    if opacity != 255:
        attributes.append(f'fill-opacity="{_number(round(opacity / 255.0, 3))}"')
    outline = "".join(_subpath_data(points, unit) for points in path.subpaths)
    return f'<path {" ".join(attributes)} d="{outline}"/>'


def _subpath_data(points: np.ndarray, unit: float) -> str:
    """A sub-path as absolute M, C ..., Z. A minus sign separates as well as a space."""
    closed = np.concatenate([points, points[:1]]).astype(np.float64).ravel()
    numbers = [_number(value) for value in (np.rint(closed * unit) / unit).tolist()]
    curves = [numbers[i : i + 6] for i in range(2, len(numbers), 6)]
    commands = ["M" + " ".join(numbers[:2]), *("C" + " ".join(curve) for curve in curves), "Z"]
    return "".join(commands).replace(" -", "-")


def _number(value: float) -> str:
    """The shortest decimal that reads back as the same number."""
    return repr(value).removesuffix(".0")


def _hexadecimal(red: int, green: int, blue: int) -> str:
    """#rgb where that says it all, else #rrggbb."""
    if all(value % 17 == 0 for value in (red, green, blue)):
        return f"#{red // 17:x}{green // 17:x}{blue // 17:x}"
    return f"#{red:02x}{green:02x}{blue:02x}"
