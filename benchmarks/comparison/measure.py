# SPDX-License-Identifier: GPL-3.0-or-later
"""All figures of one drawing of one photograph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from metrics.compactness import vector_compactness
from metrics.footprints import footprints
from metrics.image import mse, psnr, ssim
from metrics.perceptual import lpips, missing_packages
from metrics.shapes import shape_report

from semvec.core.drawing import Drawing, pack
from semvec.core.rendering.native import render

# VeC by the full area of vectors or what is seen of them, touching by any pixel or by a tenth of
# the vector, in all masks or without specks (what SAM's own clean-up counts as one).
VEC_TOUCHING = 0.1
VEC_SMALLEST = 100


def painted(drawing: Drawing, height: int, width: int) -> np.ndarray:
    """Return the drawing on white: float32 [height, width, 3]."""
    return render(pack(drawing.scaled(width, height).paths), width, height)


def figures(
    drawing: Drawing, image: np.ndarray, labels: np.ndarray | None, salient: np.ndarray | None
) -> dict[str, Any]:
    """Fidelity, structure and shape; shares in [0, 1], lengths in the picture's pixels."""
    height, width = image.shape[:2]
    drawing = drawing.scaled(width, height)
    picture = painted(drawing, height, width)
    shapes = shape_report(drawing)
    result = {
        "mse": mse(picture, image),
        "psnr": psnr(picture, image),
        "ssim": ssim(picture, image),
        **shapes,
        "crossing": shapes["crossing_paths"] / max(shapes["paths"], 1),
        "transparent_paths": sum(float(path.fill[3]) < 0.99 for path in drawing.paths),
    }
    if labels is not None:
        result |= compactness(drawing, labels)
    if salient is not None:
        result["psnr_salient"] = psnr(picture, image, salient)
        result["psnr_rest"] = psnr(picture, image, ~salient)
    return result


def compactness(drawing: Drawing, labels: np.ndarray) -> dict[str, float]:
    """VeC in its variants; the first is the one that tables show."""
    full, visible = footprints(drawing), footprints(drawing, visible=True)
    return {
        "vec": vector_compactness(full, labels),
        "vec_visible": vector_compactness(visible, labels),
        "vec_no_specks": vector_compactness(full, labels, smallest=VEC_SMALLEST),
        "vec_tenth": vector_compactness(full, labels, touching=VEC_TOUCHING),
    }


def perceptual(
    drawing: Drawing, image: np.ndarray, backbone: Path | None
) -> dict[str, float | str]:
    """LPIPS, or why there is none."""
    reason = missing_packages()
    if not reason and backbone is not None and not backbone.is_file():
        reason = f"no backbone at {backbone.name}"
    if reason:
        return {"lpips_missing": reason}
    height, width = image.shape[:2]
    return {"lpips": lpips(painted(drawing, height, width), image, backbone)}
