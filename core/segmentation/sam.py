# SPDX-License-Identifier: GPL-3.0-or-later
"""Masks by Segment Anything at the points of a grid.

Kirillov et al., "Segment Anything", 2023, section 5 and appendix B: the same masks as those of
segment_anything's SamAutomaticMaskGenerator without crops. That class can't be stopped, reports
no progress, embeds an image again in every run, enlarges masks before dropping them, and fails
when out of memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..image import Image, resize
from ..models.devices import DeviceRunner
from ..models.sam import load_sam
from ..system.content_key import content_key

# Points along each side of the grid, and points per batch: on a CPU small batches are faster than
# large ones, and let the run stop or report soon.
POINTS_PER_SIDE = {"cpu": 16, "cuda": 32, "mps": 32}
POINTS_PER_BATCH = {"cpu": 4, "cuda": 64, "mps": 64}

ENCODER_FRACTION = 0.5  # of the whole time, roughly
STABILITY_OFFSET = 1.0  # of the threshold on logits, up and down
DUPLICATE = 0.7  # intersection over union of boxes that show the same mask

# Called before each batch with the fraction done and a message; may raise to stop.
OnStep = Callable[[float, str], None]


@dataclass(frozen=True)
class MaskSearch:
    """Parameters of the search for masks; the thresholds are the published ones.

    points_per_side: of the grid; 0 is 16 on a CPU and 32 on a GPU. predicted_iou: minimum
    quality that the model predicts. stability: minimum intersection over union of a mask at two
    thresholds. Both lie in [0, 1].
    """

    points_per_side: int = 0
    predicted_iou: float = 0.88
    stability: float = 0.95


class Masks(NamedTuple):
    """Masks of a batch: bool tensor [M, H, W], their predicted quality [M] and boxes [M, 4]."""

    masks: Any
    quality: Any
    boxes: Any


def automatic_masks(
    image: Image,
    size: tuple[int, int],
    checkpoint: Path,
    search: MaskSearch,
    *,
    device: str = "cpu",
    cache: MutableMapping[str, np.ndarray] | None = None,
    on_step: OnStep | None = None,
) -> np.ndarray:
    """Find masks of everything in the image: bool [M, height, width], the best first.

    They may overlap and leave gaps. size: (height, width) of the masks, independent of the
    image's. checkpoint: see models.sam.load_sam. device: see models.devices.choose_device; when
    out of memory, batches become smaller, and finally the CPU is used. cache: keeps
    the image's embedding, 4 MB for the published models.
    Raises EngineMissingError, ModelError, OutOfMemoryError, and what `on_step` raises.
    """
    step = _Steps(on_step or (lambda fraction, message: None))
    step(0.0, "Loading SAM")
    changed = checkpoint.stat().st_mtime_ns
    sam = _loaded(checkpoint.resolve(), changed)
    runner = DeviceRunner(device, POINTS_PER_BATCH[device], step.remark, POINTS_PER_BATCH["cpu"])
    pixels = _pixels(image, sam.image_encoder.img_size)
    key = content_key("SAM", pixels, str(checkpoint.resolve()), changed)
    cache = {} if cache is None else cache
    if key not in cache:
        cache[key] = runner.run(
            lambda where, _: _embedding(sam.to(where), pixels, step), divisible=False
        )
    embedding = cache[key]

    def find(points: np.ndarray, where: str, batch: int) -> Masks:
        frame = pixels.shape[0], pixels.shape[1]
        return _masks_at(sam.to(where), embedding, frame, points[:batch], size, search)

    grid = _grid(search.points_per_side or POINTS_PER_SIDE[device])
    return _best_masks(_batches(grid, find, runner, step), size)


@lru_cache(maxsize=1)
def _loaded(checkpoint: Path, changed: int) -> Any:
    """Load a model and keep it for the next run; `changed` is part of the cache key."""
    return load_sam(checkpoint)


class _Steps:
    """Progress reports of the search, with the last remark on memory appended."""

    def __init__(self, on_step: OnStep) -> None:
        self._on_step = on_step
        self._last = (0.0, "")
        self._remark = ""

    def __call__(self, fraction: float, message: str) -> None:
        self._last = (fraction, message)
        self._on_step(fraction, f"{message} ({self._remark})" if self._remark else message)

    def remark(self, text: str) -> None:
        """Report this text now, and in all later reports."""
        self._remark = text[:1].lower() + text[1:]
        self(*self._last)


def _pixels(image: Image, long_side: int) -> np.ndarray:
    """Scale the image to the size of the model's input: uint8 [h, w, 3], `long_side` exactly."""
    from segment_anything.utils.transforms import ResizeLongestSide

    rgb = resize(image, long_side).rgb
    return ResizeLongestSide(long_side).apply_image(np.rint(255.0 * rgb).astype(np.uint8))


def _embedding(sam: Any, pixels: np.ndarray, step: _Steps) -> np.ndarray:
    """Compute the embedding of the pixels: float32 [1, C, h, w]."""
    import torch

    blocks = sam.image_encoder.blocks

    def on_block(index: int) -> None:
        step(ENCODER_FRACTION * index / len(blocks), "Looking at the image with SAM")

    with torch.no_grad(), _before_each(blocks, on_block):
        channels_first = torch.as_tensor(pixels, device=sam.device).permute(2, 0, 1)
        return sam.image_encoder(sam.preprocess(channels_first[None])).cpu().numpy()


@contextmanager
def _before_each(blocks: Any, on_block: Callable[[int], None]) -> Iterator[None]:
    """Call `on_block(index)` before each block of a network, within a `with` statement."""
    handles = [
        block.register_forward_pre_hook(lambda module, inputs, i=i: on_block(i))
        for i, block in enumerate(blocks)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _grid(side: int) -> np.ndarray:
    """Return side x side points (x, y), evenly spaced in the unit square: float64 [N, 2]."""
    along = (np.arange(side) + 0.5) / side
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)


def _batches(
    points: np.ndarray,
    find: Callable[[np.ndarray, str, int], Masks],
    runner: DeviceRunner,
    step: _Steps,
) -> Iterator[Masks]:
    """Yield what `find` returns at the points, as many per batch as `runner` allows."""
    done = 0
    while done < len(points):
        fraction = ENCODER_FRACTION + (1.0 - ENCODER_FRACTION) * done / len(points)
        step(fraction, f"Finding masks with SAM, {done} of {len(points)} points")
        yield runner.run(partial(find, points[done:]))
        done += runner.batch


def _masks_at(
    sam: Any,
    embedding: np.ndarray,
    frame: tuple[int, int],
    points: np.ndarray,
    size: tuple[int, int],
    search: MaskSearch,
) -> Masks:
    """Find the good masks at each point in the unit square [B, 2], up to three for each.

    frame: height and width of the embedded image. size: that of the masks.
    """
    import torch
    from segment_anything.utils.amg import batched_mask_to_box, calculate_stability_score

    with torch.no_grad():
        coordinates = torch.as_tensor(points * frame[::-1], dtype=torch.float, device=sam.device)
        labels = torch.ones(len(points), dtype=torch.int, device=sam.device)
        sparse, dense = sam.prompt_encoder((coordinates[:, None], labels[:, None]), None, None)
        small, quality = sam.mask_decoder(
            image_embeddings=torch.as_tensor(embedding, device=sam.device),
            image_pe=sam.prompt_encoder.get_dense_pe(),
            sparse_prompt_embeddings=sparse,
            dense_prompt_embeddings=dense,
            multimask_output=True,
        )  # [B, 3, h, w], [B, 3]
        good = quality > search.predicted_iou
        quality = quality[good]
        logits = sam.postprocess_masks(small[good][:, None], frame, size)[:, 0]  # [M, H, W]
        stability = calculate_stability_score(logits, sam.mask_threshold, STABILITY_OFFSET)
        stable = stability >= search.stability
        masks = logits[stable] > sam.mask_threshold
        return Masks(masks.cpu(), quality[stable].cpu(), batched_mask_to_box(masks).cpu())


def _best_masks(batches: Iterator[Masks], size: tuple[int, int]) -> np.ndarray:
    """Return all masks without duplicates of better ones, by their boxes: bool [M, H, W].

    Until the duplicates are known, masks are kept as bits, as there may be thousands.
    """
    import torch
    from torchvision.ops import nms

    packed, quality, boxes = [], [], []
    for found in batches:
        packed.append(np.packbits(found.masks.flatten(1).numpy(), axis=1))
        quality.append(found.quality)
        boxes.append(found.boxes.float())
    kept = nms(torch.cat(boxes), torch.cat(quality), DUPLICATE).numpy()
    bits = np.concatenate(packed)[kept]
    return np.unpackbits(bits, axis=1, count=size[0] * size[1]).reshape(-1, *size).astype(bool)
