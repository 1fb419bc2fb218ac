# SPDX-License-Identifier: GPL-3.0-or-later
"""Sharp outlines and nothing else: every shape follows a region."""

import bpy

settings = bpy.context.scene.semvec

settings.budget = 16
settings.exact = False
settings.kind = "flat"
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
