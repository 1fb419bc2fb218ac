# SPDX-License-Identifier: GPL-3.0-or-later
"""The balance that most photographs look good with."""

import bpy

settings = bpy.context.scene.semvec

settings.budget = 128
settings.exact = False
settings.kind = "auto"
settings.nodes = 0
settings.structural_ratio = 0.4
settings.containment = 0.25
settings.rounds = 20
settings.clustering = "ward"
settings.refinement = "clean"
settings.mask_count = 200
settings.resolution = 512
settings.iterations = 500
settings.fills = "flat"
settings.transparency = "automatic"
settings.layering = "stacked"
