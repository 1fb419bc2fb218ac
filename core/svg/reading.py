# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG text as a drawing: our own files exactly, other programs' as browsers show them.

All filled shapes are read, in painting order. What has no place in a drawing (patterns, text,
filters ...) is left out, some gradients are simplified, and what is invalid is ignored; all of
that is listed in `settings["notes"]`. A file is refused only where it is no SVG or exceeds a
limit.
"""

from __future__ import annotations

import json
import os
from typing import Any
from xml.etree.ElementTree import Element

import numpy as np

from ..bezier import bounds
from ..drawing import Drawing, Path
from ..errors import SvgError
from ..system.files import open_input
from .clipping import clipped_to_box, divided, resolved
from .colors import on_8_bits
from .document import Document, Notes, Report, ignore
from .effort import Effort
from .layers import Shape
from .lengths import Frame
from .markup import MAXIMUM_BYTES, parse_markup
from .names import SEMVEC
from .operations import finished
from .tree import WALKED, Tree
from .viewports import size_of

_MOST_EFFORT = 250_000  # segments of all outlines of a file that are combined
_DEFAULT_SIZE = (300.0, 150.0)  # of browsers, for a file without size and shapes


def load_svg(path: str | os.PathLike[str], report: Report = ignore) -> Drawing:
    """Read an SVG file, as `from_svg` does. Raises SvgError."""
    with open_input(path, SvgError) as stream:
        return from_svg(stream.read(MAXIMUM_BYTES + 1), report)


@np.errstate(all="ignore")  # numbers without bounds are a file's; what they place is left out
def from_svg(text: str | bytes, report: Report = ignore) -> Drawing:
    """Read SVG. For what `to_svg(drawing)` gives, that is `quantized(drawing)`.

    report: hears now and then how far it is, in [0, 1], and may raise to stop. Raises SvgError
    for what is no SVG, and for what exceeds a limit.
    """
    root, damage = parse_markup(text)
    if root.tag != "svg":
        raise SvgError("This is XML, but not an SVG drawing.", "Choose an SVG file.")
    notes = Notes()
    notes.damage = damage
    size = size_of(root.attrib, Frame(0.0, 0.0).em)
    frame = Frame(*(size or _DEFAULT_SIZE))
    metadata = next(root.iter(f"{SEMVEC}}}drawing"), None)
    effort = Effort(_MOST_EFFORT)
    tree = Tree(Document(root, frame, notes), metadata is not None, effort, report)
    shapes = tree.shapes(frame)
    width, height = size or _extent(shapes)
    shapes = tree.background(width, height) + shapes
    canvas = np.array([[0.0, 0.0], [width, height]])
    shapes = finished(clipped_to_box(shapes, canvas, notes), effort)
    rest = 1.0 - WALKED
    shapes = divided(resolved(shapes, notes, effort, lambda done: report(WALKED + rest * done)))
    settings = _settings(metadata)
    paths = _paths(shapes)
    if lines := notes.lines():
        settings["notes"] = lines
    return Drawing(width, height, paths, settings)


def _extent(shapes: list[Shape]) -> tuple[float, float]:
    """Return the size of a file that says none: from the origin to the end of all shapes."""
    if not shapes:
        return _DEFAULT_SIZE
    right, bottom = np.max([bounds(shape.subpaths)[1] for shape in shapes], axis=0)
    width, height = float(right), float(bottom)
    return (width, height) if width > 0.0 and height > 0.0 else _DEFAULT_SIZE


def _settings(metadata: Element | None) -> dict[str, Any]:
    """Return what our own metadata says; nothing where it is absent or was damaged."""
    try:
        settings = json.loads(metadata.text or "") if metadata is not None else {}
    except (ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _paths(shapes: list[Shape]) -> list[Path]:
    """Return shapes as paths, less those of which nothing can be seen."""
    fills = on_8_bits(np.array([shape.fill for shape in shapes]).reshape(-1, 4))
    paths = []
    for shape, fill in zip(shapes, fills):
        subpaths = [points.astype(np.float32) for points in shape.subpaths if len(points)]
        if subpaths:
            paths.append(Path(subpaths, fill, shape.kind, shape.name, shape.region, shape.ramp,
                              shape.stroke, shape.group))  # fmt: skip
    return paths
