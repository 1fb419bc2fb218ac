# SPDX-License-Identifier: GPL-3.0-or-later
"""Many shapes, most of them detail, at a higher resolution."""

import bpy

settings = bpy.context.scene.semvec

settings.budget = 512
settings.exact = False
settings.kind = "auto"
settings.nodes = 0
settings.structural_ratio = 0.3
settings.containment = 0.25
settings.rounds = 20
settings.clustering = "ward"
settings.refinement = "clean"
settings.mask_count = 600
settings.resolution = 768
settings.iterations = 500
settings.fills = "gradient"
settings.transparency = "automatic"
settings.layering = "stacked"
