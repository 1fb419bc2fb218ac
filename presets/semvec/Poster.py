# SPDX-License-Identifier: GPL-3.0-or-later
"""A few large flat shapes."""

import bpy

settings = bpy.context.scene.semvec

settings.budget = 24
settings.exact = False
settings.kind = "auto"
settings.nodes = 0
settings.structural_ratio = 0.8
settings.containment = 0.25
settings.rounds = 20
settings.clustering = "ward"
settings.refinement = "clean"
settings.mask_count = 100
settings.resolution = 512
settings.iterations = 300
settings.fills = "flat"
settings.transparency = "automatic"
settings.layering = "stacked"
