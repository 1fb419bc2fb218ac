# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender draws, and the properties behind it."""
