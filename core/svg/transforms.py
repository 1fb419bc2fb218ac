# SPDX-License-Identifier: GPL-3.0-or-later
"""SVG's lists of transforms as matrices."""

from __future__ import annotations

import numpy as np

from ..errors import SvgError
from .outlines import needs_svgpathtools


def matrix_of(text: str | None) -> np.ndarray:
    """The matrix [3, 3] of a list of transforms; the identity for none. Raises SvgError."""
    text = (text or "").strip()
    if not text:
        return np.identity(3)
    try:
        from svgpathtools import parse_transform

        return np.asarray(parse_transform(text, strict=True))
    except ImportError:
        raise needs_svgpathtools() from None
    except ValueError:
        raise SvgError(f"The transform '{text[:40]}' can't be read.", "Export it again.") from None
