# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI engine: torch and the code of SAM and CLIP, in a virtual environment."""
