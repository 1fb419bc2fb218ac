# SPDX-License-Identifier: GPL-3.0-or-later
"""All stages in order, from an image to a drawing."""
