# SPDX-License-Identifier: GPL-3.0-or-later
"""LPIPS, a perceptual distance of two images; needs torch and the `lpips` package."""

from __future__ import annotations

import functools
import os
import warnings
from types import ModuleType
from typing import Any

import numpy as np

from semvec.core.errors import EngineMissingError
from semvec.core.models.torchvision_repair import import_torchvision


def lpips(
    image: np.ndarray, reference: np.ndarray, backbone: str | os.PathLike[str] | None = None
) -> float:
    """Compute the distance of two sRGB images [H, W, 3] in [0, 1]; 0 for equal ones.

    Zhang, Isola, Efros, Shechtman and Wang, "The unreasonable effectiveness of deep
    features as a perceptual metric", 2018, on SqueezeNet 1.1.
    backbone: .npz of the network's convolutions, named as torchvision does; None downloads
    torchvision's. Raises EngineMissingError where a package is missing.
    """
    network = _network(None if backbone is None else os.fspath(backbone))
    pair = np.stack([image, reference]).astype(np.float32).transpose(0, 3, 1, 2)
    import torch

    tensors = torch.from_numpy(np.ascontiguousarray(pair))
    with torch.no_grad():
        return float(network(tensors[:1], tensors[1:], normalize=True))


def missing_packages() -> str:
    """Return the reason why LPIPS is not available, or an empty string where it is."""
    try:
        _package()
    except EngineMissingError as error:
        return error.message
    return ""


@functools.lru_cache(maxsize=2)
def _network(backbone: str | None) -> Any:
    package = _package()
    # torchvision has renamed an option that lpips still calls by its old name.
    warnings.filterwarnings("ignore", module="torchvision.models._utils")
    if backbone is None:
        return package.LPIPS(net="squeeze", verbose=False).eval()
    network = package.LPIPS(net="squeeze", pnet_rand=True, verbose=False).eval()
    _load_backbone(network.net, backbone)
    return network


def _load_backbone(network: Any, backbone: str) -> None:
    """Copy the convolutions into lpips' seven slices, whose layers keep torchvision's numbers."""
    import torch

    with np.load(backbone) as arrays:
        weights = {
            name.removeprefix("features."): torch.from_numpy(arrays[name].astype(np.float32))
            for name in arrays.files
        }
    layers = {
        name: parameter
        for slice_number in range(1, 8)
        for name, parameter in getattr(network, f"slice{slice_number}").named_parameters()
    }
    with torch.no_grad():
        for name, parameter in layers.items():
            parameter.copy_(weights[name])


def _package() -> ModuleType:
    import_torchvision()
    try:
        import lpips as package
    except ImportError as error:
        raise EngineMissingError(
            f"LPIPS needs the package lpips ({error}).", "pip install lpips"
        ) from None
    return package
