# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that the writer and the reader must agree on."""

import re

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
SEMVEC = "urn:semvec:drawing"

# A layer holds one kind of path; where kinds alternate, later layers carry a number.
LAYER = re.compile(r"(structural|detail)(-\d+)?")

# A group within a layer holds paths of one object of the picture, which this attribute names.
GROUP = "data-object"
GENERATED = re.compile(r"g[-_]?[0-9][0-9-]*")  # identifiers of groups that nobody named: g1234
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


def identifier_of(group: str) -> str:
    """Return the name of a group as the start of an identifier: "Dark Green 2" as dark-green-2."""
    words = _NOT_IN_IDS.sub("-", group.lower()).strip("-")
    return words if words[:1].isalpha() else f"object-{words}".strip("-")
