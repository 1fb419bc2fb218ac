# SPDX-License-Identifier: GPL-3.0-or-later
"""Person mask with MediaPipe's selfie segmentation, Apache-2.0."""

from __future__ import annotations

import numpy as np

from ..image import Image, area_average, resize
from ..models.network import load_network, resize_bilinear
from .maps import on_gray

NETWORK = "person"


def person_mask(image: Image) -> np.ndarray:
    """Return how likely each pixel shows a person: float32 [H, W] in [0, 1].

    The network was trained on pictures with a person close to the camera, and takes other
    things for one where there is none: only trust it around faces.
    """
    network = load_network(NETWORK)
    height, width = network.shape[:2]
    small = on_gray(resize(image, 2 * max(height, width)))
    pixels = area_average(iter(small), len(small), height, width)
    (mask,) = network.run(pixels)
    return resize_bilinear(mask, size=[image.height, image.width], half_pixel=True)[..., 0]
