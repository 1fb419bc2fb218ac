# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings as SVG files, out and in."""

from .reading import from_svg, load_svg
from .writing import quantized, save_svg, to_svg

__all__ = ["from_svg", "load_svg", "quantized", "save_svg", "to_svg"]
