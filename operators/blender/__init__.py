# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers for Blender itself; nothing here depends on semvec."""
