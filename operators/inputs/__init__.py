# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of a run: image, masks and saliency."""
