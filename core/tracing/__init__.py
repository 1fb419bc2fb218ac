# SPDX-License-Identifier: GPL-3.0-or-later
"""From a partition to structural paths: contours, layering, curve fitting."""

from .contours import outline
from .fitting import fit_closed
from .layering import trace

__all__ = ["fit_closed", "outline", "trace"]
