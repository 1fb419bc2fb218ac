# SPDX-License-Identifier: GPL-3.0-or-later
"""Strokes along the lines of drawings."""

import bpy

settings = bpy.context.scene.semvec

settings.budget = 512
settings.exact = False
settings.kind = "line"
settings.nodes = 0
settings.structural_ratio = 1.0
settings.containment = 0.25
settings.rounds = 20
settings.clustering = "ward"
settings.refinement = "clean"
settings.mask_count = 200
settings.resolution = 768
settings.iterations = 300
settings.fills = "flat"
settings.transparency = "automatic"
settings.layering = "stacked"
