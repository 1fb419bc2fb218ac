# SPDX-License-Identifier: GPL-3.0-or-later
"""The names that the writer and the reader must agree on."""

import re

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
INKSCAPE = "http://www.inkscape.org/namespaces/inkscape"
SEMVEC = "urn:semvec:drawing"

# A layer holds one kind of path; where kinds alternate, later layers carry a number.
LAYER = re.compile(r"(structural|detail)(-\d+)?")
