# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as SVG text.

Coordinates are rounded to a fixed number of decimals and colors to 8 bits. What that
leaves of a drawing is `quantized(drawing)`, and the reader brings back exactly that.
"""

from __future__ import annotations

import itertools
import json
import math
import os
import re
from collections import Counter
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from ..drawing import Drawing, Path, Ramp, Stroke
from ..errors import OutputError
from ..strokes.outline import stroke_outline
from ..system.files import write_output
from ..version import VERSION
from .names import GROUP, INKSCAPE, SEMVEC, SVG, identifier_of
from .own_strokes import stroke_attributes

_PLAIN_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_svg(drawing: Drawing) -> str:
    """Return the drawing as SVG: a layer for each run of one kind, a path for each primitive.

    Raises OutputError where the drawing holds what SVG can't: an empty canvas,
    coordinates that are not finite, settings that are not plain JSON.
    """
    drawing = quantized(drawing)
    unit = _unit(drawing)
    lines = [_opening(drawing), _metadata(drawing)]
    layers = _layers(drawing.paths)
    taken = set(layers)
    openings = _group_openings(layers, taken)
    definitions, elements = _elements(drawing.paths, taken, unit)
    if definitions:
        lines += ["<defs>", *definitions, "</defs>"]
    following = iter(elements)
    for layer, paths in layers.items():
        label = layer.capitalize()
        lines.append(f'<g id="{layer}" inkscape:groupmode="layer" inkscape:label="{label}">')
        for run, opening in zip(_runs(paths), openings[layer], strict=True):
            members = itertools.islice(following, len(run))
            lines += [opening, *members, "</g>"] if opening else members
        lines.append("</g>")
    return "\n".join([*lines, "</svg>", ""])


def save_svg(drawing: Drawing, path: str | os.PathLike[str]) -> None:
    """Write the drawing to a file, whole or not at all. Raises OutputError."""
    write_output(path, to_svg(drawing).encode())


def quantized(drawing: Drawing) -> Drawing:
    """Return the drawing as its SVG says it.

    The outlines of strokes follow their lines. Points are rounded to between 1/10,000 and
    1/100,000 of the long side (1/100 px from 100 to 999 px), axes of ramps alike, colors to 8
    bits; radial ramps end to the right of their center; characters that XML can't hold leave
    names, and paths and sub-paths without points leave the drawing. Raises OutputError.
    """
    width, height = float(drawing.width), float(drawing.height)
    if not (0.0 < width < math.inf and 0.0 < height < math.inf):
        raise OutputError("The drawing has no size.", "Width and height must be positive.")
    unit = _unit(drawing)
    paths = []
    for path in drawing.paths:
        stroke = path.stroke and _rounded_stroke(path.stroke, unit)
        subpaths = [_rounded(points, unit) for points in path.subpaths if len(points)]
        if stroke is not None:
            subpaths = stroke_outline(stroke)
        fill = _rounded_color(path.fill, path.name)
        ramp = path.ramp and _rounded_ramp(path.ramp, path.name, unit)
        if subpaths:
            name, group = (_NOT_IN_XML.sub("", text) for text in (path.name, path.group))
            new = replace(path, subpaths=subpaths, fill=fill, ramp=ramp, stroke=stroke)
            paths.append(replace(new, name=name, group=group))
    try:
        settings = json.loads(json.dumps(drawing.settings, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as problem:
        raise OutputError(f"The drawing's settings can't be written: {problem}.") from None
    return Drawing(width, height, paths, settings)


def _opening(drawing: Drawing) -> str:
    width, height = number(drawing.width), number(drawing.height)
    return (
        f'<svg xmlns="{SVG}" xmlns:inkscape="{INKSCAPE}" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" fill-rule="nonzero">'
    )


def _metadata(drawing: Drawing) -> str:
    settings = escape(json.dumps(drawing.settings, separators=(",", ":")))
    return (
        f'<metadata><semvec:drawing xmlns:semvec="{SEMVEC}" version="{VERSION}"'
        f' nodes="{drawing.drawn_nodes}">{settings}</semvec:drawing></metadata>'
    )


def _unit(drawing: Drawing) -> float:
    """Return 1 px in units of the last decimal written."""
    return decimals_of(drawing.width, drawing.height)


def decimals_of(width: float, height: float) -> float:
    """Return 1 px in units of the last decimal that is written for a canvas of this size."""
    magnitude = math.floor(math.log10(max(width, height)))
    return 10.0 ** min(max(4 - magnitude, 0), 9)


def _rounded(points: np.ndarray, unit: float) -> np.ndarray:
    """Points [3·S, 2] as `_on_grid`."""
    exact = np.asarray(points, np.float32)
    if exact.ndim != 2 or exact.shape[1] != 2 or len(exact) % 3:
        raise OutputError("A sub-path is not a closed chain of cubics.")
    return _on_grid(exact, unit)


def _on_grid(values: np.ndarray, unit: float) -> np.ndarray:
    """Coordinates on multiples of 1/unit, as float32, without negative zeros.

    Rounding twice changes nothing: float32 keeps a decimal apart from its neighbors,
    or, where its own grid is coarser, is kept apart by the decimals.
    """
    exact = np.asarray(values, np.float32).astype(np.float64)
    if not np.isfinite(exact).all():
        raise OutputError("A path has coordinates that are not finite.")
    return (_decimals(exact, unit) + 0.0).astype(np.float32)


def _decimals(values: np.ndarray, unit: float) -> np.ndarray:
    """Multiples of 1/unit, float64; beyond 2^53 of them all float32 values are whole already."""
    units = np.asarray(values, np.float64) * unit
    return np.where(np.abs(units) < 2.0**53, np.rint(units) / unit, values)


def _rounded_color(color: np.ndarray, name: str) -> np.ndarray:
    """Return a color on multiples of 1/255 in [0, 1], float32."""
    rounded = np.rint(np.clip(np.asarray(color, np.float64), 0.0, 1.0) * 255.0) / 255.0
    if not np.isfinite(rounded).all():
        raise OutputError(f"Path '{name}' has a fill that is no color.")
    return rounded.astype(np.float32)


def _rounded_ramp(ramp: Ramp, name: str, unit: float) -> Ramp:
    start, end = _on_grid(ramp.start, unit), np.asarray(ramp.end, np.float64)
    if ramp.kind == "radial":
        radius = np.hypot(*(end - np.asarray(ramp.start, np.float64)))
        largest = float(np.finfo(np.float32).max)
        end = np.array([np.minimum(start[0] + radius, largest), start[1]])
    return Ramp(ramp.kind, start, _on_grid(end, unit), _rounded_color(ramp.color, name))


def _rounded_stroke(stroke: Stroke, unit: float) -> Stroke:
    """Return a stroke on the grid, at least one step wide."""
    points = _on_grid(stroke.points, unit)
    count = len(stroke.widths)
    if points.ndim != 2 or points.shape != (3 * count - 2, 2) or count < 2:
        raise OutputError("A stroke is not a chain of cubics with a width at each anchor.")
    if stroke.closed:
        points[-1] = points[0]
    widths = np.maximum(_on_grid(stroke.widths, unit), _on_grid(np.array(1 / unit), unit))
    return replace(stroke, points=points, widths=widths)


def _layers(paths: list[Path]) -> dict[str, list[Path]]:
    """Return runs of one kind, in painting order: structural, detail, structural-2, ..."""
    layers: dict[str, list[Path]] = {}
    runs: dict[str, int] = {}
    for kind, run in itertools.groupby(paths, lambda path: path.kind):
        runs[kind] = runs.get(kind, 0) + 1
        layers[kind if runs[kind] == 1 else f"{kind}-{runs[kind]}"] = list(run)
    return layers


def _runs(paths: list[Path]) -> list[list[Path]]:
    """Return runs of one group, in painting order."""
    return [list(run) for _, run in itertools.groupby(paths, lambda path: path.group)]


def _group_openings(layers: dict[str, list[Path]], taken: set[str]) -> dict[str, list[str]]:
    """Return the opening tag of each run of a group in each layer; empty for paths without one.

    Runs of one group are numbered within a layer: person, person.2, ..., in detail person-detail.
    """
    openings: dict[str, list[str]] = {}
    for layer, paths in layers.items():
        openings[layer], parts = [], Counter[str]()
        for run in _runs(paths):
            group = run[0].group
            parts[group] += 1
            tag = _group_opening(group, layer, parts[group], taken) if group else ""
            openings[layer].append(tag)
    return openings


def _group_opening(group: str, layer: str, part: int, taken: set[str]) -> str:
    addition = "" if layer == "structural" else f"-{layer}"
    number_, label = (f".{part}", f"{group} ({part})") if part > 1 else ("", group)
    identifier = _unused(identifier_of(group) + addition + number_, taken)
    return (
        f'<g id="{identifier}" {GROUP}={quoteattr(group)} inkscape:groupmode="layer"'
        f" inkscape:label={quoteattr(label)}>"
    )


def _elements(paths: list[Path], taken: set[str], unit: float) -> tuple[list[str], list[str]]:
    """Return the gradients and the path elements; every id is unique."""
    definitions, elements = [], []
    identifiers = [_unused(_wanted(path.name, i), taken) for i, path in enumerate(paths, start=1)]
    for path, identifier in zip(paths, identifiers, strict=True):
        fill = hexadecimal(path.fill[:3])
        if path.ramp is not None:
            ramp_identifier = _unused(f"{identifier}-ramp", taken)
            definitions.append(_ramp_element(path.ramp, ramp_identifier, fill, unit))
            fill = f"url(#{ramp_identifier})"
        elements.append(_path_element(path, identifier, fill, unit))
    return definitions, elements


def _wanted(name: str, number: int) -> str:
    """Return the id for a path: its name where that can be one."""
    return name if _PLAIN_ID.fullmatch(name) else f"path-{number}"


def _unused(identifier: str, taken: set[str]) -> str:
    """Return an id that nothing else has; it is taken from now on."""
    while identifier in taken:
        identifier += "_"
    taken.add(identifier)
    return identifier


def _ramp_element(ramp: Ramp, identifier: str, fill: str, unit: float) -> str:
    """One `<linearGradient>` or `<radialGradient>` of two stops."""
    (x, y), (end_x, end_y) = (_decimals(point, unit).tolist() for point in (ramp.start, ramp.end))
    axis = {"x1": x, "y1": y, "x2": end_x, "y2": end_y}
    if ramp.kind == "radial":
        axis = {"cx": x, "cy": y, "r": float(_decimals(end_x - x, unit))}
    attributes = "".join(f' {name}="{number(value)}"' for name, value in axis.items())
    end = hexadecimal(ramp.color)
    return (
        f'<{ramp.kind}Gradient id="{identifier}" gradientUnits="userSpaceOnUse"{attributes}>'
        f'<stop offset="0" stop-color="{fill}"/><stop offset="1" stop-color="{end}"/>'
        f"</{ramp.kind}Gradient>"
    )


def _path_element(path: Path, identifier: str, fill: str, unit: float) -> str:
    """One `<path>`; what has its usual value is left out."""
    attributes = [f'id="{identifier}"']
    if path.name != identifier:
        attributes.append(f"inkscape:label={quoteattr(path.name)}")
    if path.region != -1:
        attributes.append(f'data-region="{path.region}"')
    is_line = path.stroke is not None and not path.stroke.is_tapered
    paint = "stroke" if is_line else "fill"
    attributes += ['fill="none"'] if is_line else []
    attributes.append(f'{paint}="{fill}"')
    opacity = round(float(path.fill[3]) * 255.0)
    if opacity != 255:
        attributes.append(f'{paint}-opacity="{number(round(opacity / 255.0, 3))}"')
    outline = "".join(outline_data(points, unit) for points in path.subpaths)
    if path.stroke is not None:
        line = _line_data(path.stroke, unit)
        attributes += stroke_attributes(
            path.stroke, line, lambda width: number(float(_decimals(np.array(width), unit)))
        )
        outline = line if is_line else outline
    return f'<path {" ".join(attributes)} d="{outline}"/>'


def _line_data(stroke: Stroke, unit: float) -> str:
    """Return the line of a stroke as absolute M, C ..., and Z where it is closed."""
    data = outline_data(stroke.points[:-1], unit, stroke.points[-1:])
    return data if stroke.closed else data.removesuffix("Z")


def outline_data(points: np.ndarray, unit: float, end: np.ndarray | None = None) -> str:
    """Return a sub-path as absolute M, C ..., Z. A minus sign separates as well as a space."""
    end = points[:1] if end is None else end
    closed = np.concatenate([points, end]).astype(np.float64).ravel()
    numbers = [number(value) for value in _decimals(closed, unit).tolist()]
    curves = [numbers[i : i + 6] for i in range(2, len(numbers), 6)]
    commands = ["M" + " ".join(numbers[:2]), *("C" + " ".join(curve) for curve in curves), "Z"]
    return "".join(commands).replace(" -", "-")


def number(value: float) -> str:
    """Return the shortest decimal that reads back as the same number."""
    return repr(value).removesuffix(".0")


def hexadecimal(color: np.ndarray) -> str:
    """Return an sRGB color [3] as #rgb where that says it all, else as #rrggbb."""
    values = [round(float(channel) * 255.0) for channel in color]
    if all(value % 17 == 0 for value in values):
        return "#" + "".join(f"{value // 17:x}" for value in values)
    return "#" + "".join(f"{value:02x}" for value in values)
