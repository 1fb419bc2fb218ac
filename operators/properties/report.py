# SPDX-License-Identifier: GPL-3.0-or-later
"""The report of a run, kept with its drawing. No bpy here."""

from __future__ import annotations

REPORT = "semvec_report"  # custom property of the drawing's collection: JSON

# Least PSNR in dB, on the working image.
_QUALITIES = ((32.0, "Excellent"), (27.0, "Very Good"), (23.0, "Good"), (19.0, "Fair"))


def quality_of(psnr: float) -> str:
    """Return a word for a PSNR in dB."""
    return next((word for least, word in _QUALITIES if psnr >= least), "Rough")
