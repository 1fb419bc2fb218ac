# SPDX-License-Identifier: GPL-3.0-or-later
"""Simpler versions of finished drawings: fewer nodes, fewer shapes."""
