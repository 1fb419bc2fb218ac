# SPDX-License-Identifier: GPL-3.0-or-later
"""Properties of scenes and preferences of the extension."""
