# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading of checkpoints, and of the JSON files beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .devices import is_out_of_memory, not_enough_memory
from .import_torch import import_torch


def load_weights(path: Path) -> dict[str, Any]:
    """Read the tensors of a checkpoint by name, on the CPU, as float32.

    Only plain weights are read: a pickle that would run code is refused. Raises ModelError for
    that, and for a file that is damaged or no checkpoint; OutOfMemoryError; EngineMissingError
    without torch.
    """
    torch = import_torch()
    try:
        weights = _read(path)
    except Exception as error:  # unpickling raises nearly anything on a damaged file
        if is_out_of_memory(error):
            raise not_enough_memory() from error
        raise _not_a_checkpoint(path) from error
    if not isinstance(weights, dict) or not all(map(torch.is_tensor, weights.values())):
        raise _not_a_checkpoint(path)
    return {
        name: values.float() if values.is_floating_point() else values
        for name, values in weights.items()
    }


def _read(path: Path) -> Any:
    """Read a file without running code in it."""
    if path.suffix == ".safetensors":
        from safetensors.torch import load_file

        return load_file(path)
    import torch

    return torch.load(path, map_location="cpu", weights_only=True)


def load_architecture(checkpoint: Path) -> dict[str, Any] | None:
    """Read the JSON file of the same stem beside a checkpoint; None without one.

    Raises ModelError if it is no JSON object.
    """
    file = checkpoint.with_suffix(".json")
    try:
        architecture = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"'{file}' can't be read as JSON: {error}.") from error
    if not isinstance(architecture, dict):
        raise ModelError(f"'{file}' must hold a JSON object.")
    return architecture


def _not_a_checkpoint(path: Path) -> ModelError:
    return ModelError(
        f"'{path}' can't be read as a checkpoint: it is damaged, or contains more than weights.",
        "Download the model again.",
    )
