# SPDX-License-Identifier: GPL-3.0-or-later
"""Blender operators: thin, each calls one function."""
