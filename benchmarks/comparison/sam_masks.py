# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM's masks as semantic masks, for photographs without a human segmentation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from semvec.core.image import load_image, resize
from semvec.core.models import locate
from semvec.core.models.devices import choose_device
from semvec.core.segmentation.sam import MaskSearch, automatic_masks
from semvec.core.segmentation.user_masks import paint_masks
from semvec.core.settings import Settings

from .photographs import labels_of


def keep_masks(
    files: list[Path],
    resolution: int,
    model: str,
    folder: Path,
    on_file: Callable[[float, str], None],
) -> None:
    """Labels of what SAM finds, into `folder`, for files that have none beside them or there.

    model: as the setting `sam_model`. Small masks lie over large ones; -1 is in none.
    Raises what `choose_device`, `locate` and `automatic_masks` raise where something lacks.
    """
    waiting = [file for file in files if labels_of(file, folder) is None]
    if not waiting:
        return
    device = choose_device("auto")  # first: without an engine, no model is missed
    checkpoint = locate(model)
    search = MaskSearch(0, Settings().predicted_iou, Settings().stability)
    folder.mkdir(parents=True, exist_ok=True)
    for done, file in enumerate(waiting):
        on_file(done / len(waiting), file.name)
        image = load_image(file)
        work = resize(image, resolution)
        masks = automatic_masks(image, (work.height, work.width), checkpoint, search, device=device)
        np.savez_compressed(folder / f"{file.stem}.npz", labels=paint_masks(masks))
