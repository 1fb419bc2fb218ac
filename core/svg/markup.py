# SPDX-License-Identifier: GPL-3.0-or-later
"""Safe and forgiving XML parser.

Nothing outside the file is ever opened. Internal entities are expanded if they are short
plain text, as Illustrator writes them; attribute defaults of a DTD are ignored. A document
that is damaged is read up to the damage, as browsers do. Limits on bytes, elements and
nesting keep time and memory in proportion to the file.
"""

from __future__ import annotations

import zlib
from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import NamedTuple
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ..errors import SvgError
from .names import INKSCAPE, SVG, XLINK

MAXIMUM_BYTES = 32 * 2**20
MAXIMUM_DEPTH = 200
MAXIMUM_ELEMENTS = 250_000
MAXIMUM_SHAPES = 50_000
MAXIMUM_ENTITY = 4096

_SHAPES = frozenset(("path", "rect", "circle", "ellipse", "line", "polygon", "polyline"))

# Prefixes that files use without declaring them.
_CUSTOMARY = {"": SVG, "svg": SVG, "xlink": XLINK, "inkscape": INKSCAPE}
_XML = {"xml": "http://www.w3.org/XML/1998/namespace"}


class Markup(NamedTuple):
    """The root element, and a note on what could not be read; empty where all was."""

    root: Element
    note: str


def parse_markup(text: str | bytes) -> Markup:
    """Parse a document. Tags and attributes of SVG are plain names, others `uri}name`.

    Raises SvgError for what is no XML, and for what exceeds a limit.
    """
    data = _uncompressed(text) if isinstance(text, bytes) else text.lstrip("\ufeff \t\r\n")
    if len(data) > MAXIMUM_BYTES:
        raise _too_large()
    return _Parser(data).parse()


def too_many_shapes() -> SvgError:
    """Return the error for a file with more shapes than Blender could handle."""
    return SvgError(
        f"The drawing has more than {MAXIMUM_SHAPES} shapes.", "Simplify or divide the drawing."
    )


def _too_large() -> SvgError:
    return SvgError(f"The file is larger than {MAXIMUM_BYTES // 2**20} MB.", "Simplify it.")


def _uncompressed(data: bytes) -> bytes:
    """Return the bytes of an SVG file, those of a compressed one (.svgz) decompressed."""
    if not data.startswith(b"\x1f\x8b"):
        return data.lstrip(b" \t\r\n")
    try:
        return zlib.decompressobj(31).decompress(data, MAXIMUM_BYTES + 1).lstrip(b" \t\r\n")
    except zlib.error:
        raise SvgError("The compressed file is damaged.", "Export it again.") from None


class _Parser:
    """One run of expat over a document."""

    def __init__(self, data: str | bytes) -> None:
        self._data = data
        self._builder = TreeBuilder()
        self._open: list[str] = []
        self._scopes: list[MutableMapping[str, str]] = [{**_CUSTOMARY, **_XML}]
        self._elements = self._shapes = 0
        self._expanded = 0
        self._expat = expat.ParserCreate()
        self._expat.buffer_text = True
        self._expat.specified_attributes = True  # or a DTD could multiply the file
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._expat.EntityDeclHandler = self._entity

    def parse(self) -> Markup:
        """Parse all that can be parsed. Raises SvgError."""
        note = ""
        try:
            self._expat.Parse(self._data, True)
        except (expat.ExpatError, LookupError, ValueError) as problem:
            # LookupError, ValueError: encodings that don't exist or don't fit
            if not self._elements:
                raise SvgError(
                    f"This is not an SVG file: {problem}.", "Check or export it again."
                ) from None
            note = f"The file is damaged and was read up to there: {problem}"
        while self._open:
            self._builder.end(self._open.pop())
        return Markup(self._builder.close(), note)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > MAXIMUM_ELEMENTS:
            raise SvgError(f"The file has more than {MAXIMUM_ELEMENTS} elements.", "Simplify it.")
        if len(self._open) >= MAXIMUM_DEPTH:
            raise SvgError("The file is nested too deeply.", "Ungroup it in a drawing program.")
        scope = _scope_within(self._scopes[-1], attributes)
        self._scopes.append(scope)
        name = _resolved(tag, scope, "")
        self._shapes += name in _SHAPES
        if self._shapes > MAXIMUM_SHAPES:
            raise too_many_shapes()
        if any(":" in key for key in attributes):
            qualified = {_resolved(key, scope): value for key, value in attributes.items()}
            attributes = qualified | {key: attributes[key] for key in attributes.keys() & qualified}
        self._open.append(name)
        self._builder.start(name, attributes)

    def _end(self, _tag: str) -> None:
        self._scopes.pop()
        self._builder.end(self._open.pop())

    def _text(self, text: str) -> None:
        if self._open:
            self._builder.data(text)

    def _entity(self, name: str, parameter: bool, value: str | None, *_rest: object) -> None:
        """Check the declaration of an entity. Those outside the file are never read."""
        if value is None or parameter:
            return
        uses = _count(self._data, f"&{name};")
        self._expanded += uses * len(value)
        if "&" in value or len(value) > MAXIMUM_ENTITY or self._expanded > MAXIMUM_BYTES:
            raise SvgError(
                "The file declares XML entities that are nested or too long.",
                "In Illustrator, turn off Preserve Editing Capabilities; or save as plain SVG.",
            )


def _count(data: str | bytes, reference: str) -> int:
    if isinstance(data, str):
        return data.count(reference)
    encodings = ("utf-8", "utf-16-le", "utf-16-be")
    return sum(data.count(reference.encode(encoding)) for encoding in encodings)


def _scope_within(
    scope: MutableMapping[str, str], attributes: Mapping[str, str]
) -> MutableMapping[str, str]:
    """Return the prefixes known inside an element with these attributes."""
    declared = {
        key[6:]: uri for key, uri in attributes.items() if key == "xmlns" or key[:6] == "xmlns:"
    }
    if not declared:
        return scope
    return {**scope, **declared} if len(scope) < 100 else ChainMap(declared, scope)


def _resolved(name: str, scope: Mapping[str, str], default: str | None = None) -> str:
    """Return a qualified name as `name` for SVG, else as `uri}name`."""
    prefix, colon, local = name.rpartition(":")
    if not colon and default is None:  # attributes without a prefix are in no namespace
        return name
    uri = scope.get(prefix, prefix)
    return local if uri in ("", SVG) else f"{uri}}}{local}"
