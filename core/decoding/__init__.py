# SPDX-License-Identifier: GPL-3.0-or-later
"""Image files of all formats as colors and opacity in sRGB; Pillow decodes them."""
