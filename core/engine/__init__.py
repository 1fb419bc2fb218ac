# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI engine: torch, SAM's and CLIP's code, in an environment of their own."""
