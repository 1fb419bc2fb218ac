# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes as outlines."""
