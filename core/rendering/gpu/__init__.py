# SPDX-License-Identifier: GPL-3.0-or-later
"""Stage III's inner loop on any GPU, as WebGPU compute shaders; docs/gpu.md has the design.

`wgpu` is optional and imported only where a device is listed or opened.
"""
