# SPDX-License-Identifier: GPL-3.0-or-later
"""Import of a torchvision that was compiled for another torch.

SAM and open_clip import torchvision. If its compiled operators can't be loaded, the import fails
with "operator torchvision::nms does not exist", although both need just that one operator.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from ..errors import EngineMissingError
from .import_torch import engine_missing

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

# torch forgets operators together with the library that defined them.
_libraries: list[Any] = []


def import_torchvision() -> ModuleType:
    """Import torchvision, and repair it if it was compiled for another torch.

    Call it before the first import of anything that imports torchvision. A matching pair is
    not changed; else `torchvision.ops.nms` is defined in plain torch, for all devices, and the
    other compiled operators stay missing.
    Raises EngineMissingError if torch or torchvision can't be imported at all.
    """
    try:
        return _imported()
    except RuntimeError as error:
        if "torchvision::nms does not exist" not in str(error):
            raise _unusable(error) from error
    except (ImportError, OSError) as error:
        raise _unusable(error) from error
    _forget_failed_import()
    _define_operators()
    torchvision = _imported()
    torchvision.ops.boxes._assert_has_ops = lambda: None
    return torchvision


def non_maximum_suppression(boxes: Any, scores: Any, iou_threshold: float) -> Any:
    """Return the indices int64 of the boxes to keep, best score first, as `torchvision.ops.nms`.

    boxes: tensor [N, 4] of (x0, y0, x1, y1). scores: tensor [N]. A box is dropped if its
    intersection over union with a better box that is kept exceeds `iou_threshold`.
    """
    import torch

    order = scores.argsort(descending=True, stable=True).cpu()
    remaining = boxes.cpu()[order].to(torch.promote_types(boxes.dtype, torch.float32))
    areas = (remaining[:, 2:] - remaining[:, :2]).prod(dim=1)
    dropped = torch.zeros(len(order), dtype=torch.bool)
    for i in range(len(order)):
        if dropped[i]:
            continue
        smaller_end = torch.minimum(remaining[i, 2:], remaining[i + 1 :, 2:])
        larger_start = torch.maximum(remaining[i, :2], remaining[i + 1 :, :2])
        common = (smaller_end - larger_start).clamp(min=0.0).prod(dim=1)
        overlap = common / (areas[i] + areas[i + 1 :] - common)
        dropped[i + 1 :] |= overlap.double() > iou_threshold
    return order[~dropped].to(boxes.device)


def _imported() -> ModuleType:
    import torchvision

    return torchvision


def _forget_failed_import() -> None:
    """Remove the modules loaded before the failure, as Python would not run them again."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
        del sys.modules[name]


def _define_operators() -> None:
    """Define the operators that `import torchvision` expects, and implement the one in use."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for schema in _SCHEMAS:
        library.define(schema)
    library.impl("nms", non_maximum_suppression, "CompositeExplicitAutograd")
    _libraries.append(library)


def _unusable(error: Exception) -> EngineMissingError:
    return engine_missing(f"torch and torchvision can't be used: {str(error).splitlines()[0]}.")
