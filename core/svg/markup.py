# SPDX-License-Identifier: GPL-3.0-or-later
"""XML from anywhere, read safely.

Nothing outside the file is ever opened, and no entity is expanded: a document that
declares any is refused, as is one that is nested too deeply or too large.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ..errors import SvgError
from .names import SVG

MAXIMUM_BYTES = 64 * 2**20
MAXIMUM_DEPTH = 200


def parse_markup(text: str | bytes) -> Element:
    """The root element. Tags and attributes of SVG are plain names, others `uri}name`.

    Raises SvgError.
    """
    if len(text) > MAXIMUM_BYTES:
        raise SvgError(f"The file is larger than {MAXIMUM_BYTES // 2**20} MB.", "Simplify it.")
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAXIMUM_DEPTH:
            raise SvgError("The file is nested too deeply.", "Ungroup it in a drawing program.")
        builder.start(tag.removeprefix(SVG + "}"), attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag.removeprefix(SVG + "}"))

    def entity(*_declaration: object) -> None:
        raise SvgError("The file declares XML entities.", "Save it again as plain SVG.")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(text, True)
    except (expat.ExpatError, LookupError, ValueError) as problem:
        # LookupError, ValueError: encodings that don't exist or don't fit
        raise SvgError(
            f"This is not an SVG file: {problem}.", "Check or export it again."
        ) from None
    return builder.close()
