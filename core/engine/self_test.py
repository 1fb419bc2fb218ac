# SPDX-License-Identifier: GPL-3.0-or-later
"""Self-test of the AI engine, which verify.py runs on the engine's Python.

A tiny SAM and a tiny CLIP with random weights process an image, and an image is vectorized.
"""

from __future__ import annotations

import json
import platform
import sys

from ..errors import SemvecError
from ..models.import_torch import import_torch
from .verify import ANSWER, OLDEST


def main() -> None:
    """Print the versions and the device; a failure ends the process with a message."""
    if sys.version_info[:2] < OLDEST:
        sys.exit(f"this is Python {platform.python_version()}")
    try:
        torch = import_torch()
    except SemvecError as error:
        sys.exit(error.message)
    device = _working_device()
    _try_vectorizing()
    found = {"python": platform.python_version(), "torch": torch.__version__, "device": device}
    print(ANSWER + json.dumps(found), flush=True)


def _working_device() -> str:
    """Return the device that AI features would choose; the CPU where that device fails."""
    from ..models.devices import choose_device

    device = choose_device()
    try:
        _try_sam(device)
        _try_clip(device)
    except Exception as error:
        if device == "cpu":
            raise
        _try_sam("cpu")
        _try_clip("cpu")
        return f"cpu ({device} fails: {str(error).splitlines()[0]})"
    return device


def _try_sam(device: str) -> None:
    """Embed an image and decode the masks of a point."""
    import torch

    from ..models.sam import SamArchitecture, build_sam

    sam = build_sam(SamArchitecture(16, 1, 2, (0,), 2, 64, 16, 16, 16)).to(device).eval()
    image = torch.zeros(3, 64, 64, device=device)
    point = torch.ones(1, 1, 2, device=device)
    request = {"image": image, "original_size": (64, 64), "point_coords": point}
    labels = torch.ones(1, 1, device=device)
    with torch.no_grad():
        (answer,) = sam([{**request, "point_labels": labels}], multimask_output=True)
    if answer["masks"].shape != (1, 3, 64, 64):
        sys.exit("SAM's masks have the wrong shape")
    from torchvision.ops import nms

    if nms(torch.tensor([[0.0, 0.0, 2.0, 2.0]] * 2), torch.tensor([0.5, 0.9]), 0.5).tolist() != [1]:
        sys.exit("torchvision's nms is wrong")


def _try_clip(device: str) -> None:
    """Compare an image with a text."""
    import open_clip
    import torch

    model = open_clip.model.CLIP(
        embed_dim=8,
        vision_cfg={"image_size": 32, "layers": 1, "width": 16, "head_width": 8, "patch_size": 16},
        text_cfg={"context_length": 77, "vocab_size": 49408, "width": 8, "heads": 1, "layers": 1},
    ).to(device)
    tokens = open_clip.SimpleTokenizer()(["a red circle"]).to(device)
    image = torch.zeros(1, 3, 32, 32, device=device)
    with torch.no_grad():
        similarity = model.encode_image(image) @ model.encode_text(tokens).T
    if similarity.shape != (1, 1):
        sys.exit("CLIP's answer has the wrong shape")


def _try_vectorizing() -> None:
    """Vectorize a small image with the native library."""
    import numpy as np

    from ..image import Image
    from ..pipeline.vectorize import vectorize
    from ..settings import Settings

    image = Image(np.random.default_rng(0).random((32, 48, 3), np.float32), None)
    if len(vectorize(image, Settings(budget=3, iterations=2, mask_count=4)).drawing.paths) != 3:
        sys.exit("the drawing has the wrong number of paths")


if __name__ == "__main__":
    main()
