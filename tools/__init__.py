# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools of the developers; no part of the extension."""
