# SPDX-License-Identifier: GPL-3.0-or-later
"""Image sequences: drawings whose paths stay the same from frame to frame."""
