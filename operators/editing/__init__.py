# SPDX-License-Identifier: GPL-3.0-or-later
"""Editing of finished drawings: their appearance, simpler and plain versions of them."""
