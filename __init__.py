# SPDX-License-Identifier: GPL-3.0-or-later
"""semvec: an image as a fixed budget of clean, editable Bézier curves."""
