# SPDX-License-Identifier: GPL-3.0-or-later
"""A drawing as Blender objects, and back."""
