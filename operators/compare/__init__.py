# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of a drawing with its source in the 3D viewport."""
