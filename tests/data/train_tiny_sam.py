# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the tiny SAM of the tests: segment_anything's own classes, on pictures of shapes.

    python tests/data/train_tiny_sam.py [--steps N] [--output FILE]

One thread, seeded; about a quarter of an hour. Leaves tiny_sam.pt beside tiny_sam.json,
which holds the architecture.

A prompt is one point; what is asked for is the shape it lies in, or else the ground. As in
the paper, three masks are guessed a prompt, and the best one is what counts.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from shapes import Picture, draw_picture
from torch import Tensor
from torch.nn import functional

from semvec.core.models.sam import SamArchitecture, build_sam
from semvec.core.models.weights import load_architecture

CHECKPOINT = Path(__file__).parent / "tiny_sam.pt"
STEPS = 2000
BATCH = 8
POINTS_IN_SHAPES, POINTS_IN_GROUND = 5, 1
WARM_UP_STEPS = 60
LEARNING_RATE = 1e-3
BCE_WEIGHT = 5.0
OTHER_MASKS_WEIGHT = 0.1  # so that no mask is left without a gradient
SINGLE_MASK_WEIGHT = 0.3


class Prompts(NamedTuple):
    """points: (x, y) in the model's pixels [P, 1, 2]. masks: what they ask for [P, H, W]."""

    points: Tensor
    masks: Tensor


def main() -> None:
    """Train, and write the checkpoint."""
    options = _options()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    generator = np.random.default_rng(options.seed)
    sam = build_sam(SamArchitecture(**load_architecture(CHECKPOINT) or {})).train()
    optimizer = torch.optim.AdamW(sam.parameters(), LEARNING_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, options.steps, pct_start=WARM_UP_STEPS / options.steps
    )
    started, mean_loss = time.process_time(), 0.0
    for step in range(1, options.steps + 1):
        loss = batch_loss(sam, generator)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(sam.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        mean_loss += (loss.item() - mean_loss) / min(step, 100)
        if step % 100 == 0:
            seconds = time.process_time() - started
            print(f"step {step}: loss {mean_loss:.3f}, {seconds:.0f} s", flush=True)
    weights = {name: values.half() for name, values in sam.state_dict().items()}
    torch.save(weights, options.output)


def batch_loss(sam: Any, generator: np.random.Generator) -> Tensor:
    """The loss of one batch of new pictures."""
    size = sam.image_encoder.img_size
    pictures = [draw_picture(generator, *_picture_size(generator, size)) for _ in range(BATCH)]
    images = torch.stack([sam.preprocess(_pixels(picture)) for picture in pictures])
    embeddings = sam.image_encoder(images)
    losses = [
        prompts_loss(sam, embedding[None], _prompts(generator, picture, size))
        for embedding, picture in zip(embeddings, pictures, strict=True)
    ]
    return torch.stack(losses).mean()


def prompts_loss(sam: Any, embedding: Tensor, prompts: Prompts) -> Tensor:
    """The loss of several prompts about one picture."""
    labels = torch.ones(prompts.points.shape[:2], dtype=torch.int)
    sparse, dense = sam.prompt_encoder((prompts.points, labels), None, None)
    logits, quality = sam.mask_decoder.predict_masks(
        embedding, sam.prompt_encoder.get_dense_pe(), sparse, dense
    )  # [P, 4, h, w], [P, 4]
    scale = prompts.masks.shape[-1] // logits.shape[-1]
    wanted = functional.avg_pool2d(prompts.masks[:, None], scale).expand_as(logits)
    losses = _mask_loss(logits, wanted)
    single, several = losses[:, 0], losses[:, 1:]
    masks_loss = (
        several.amin(dim=1) + OTHER_MASKS_WEIGHT * several.mean(dim=1) + SINGLE_MASK_WEIGHT * single
    )
    return masks_loss.mean() + functional.mse_loss(quality, _overlap(logits, wanted))


def _mask_loss(logits: Tensor, wanted: Tensor) -> Tensor:
    """Cross entropy and dice of each mask: [P, 4]."""
    entropy = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean(
        (2, 3)
    )
    guess = logits.sigmoid()
    common, total = (guess * wanted).sum((2, 3)), (guess + wanted).sum((2, 3))
    return BCE_WEIGHT * entropy + 1.0 - (2.0 * common + 1.0) / (total + 1.0)


def _overlap(logits: Tensor, wanted: Tensor) -> Tensor:
    """Intersection over union of each mask, without a gradient: [P, 4]."""
    guess, truth = logits.detach() > 0.0, wanted > 0.5
    common, either = (guess & truth).sum((2, 3)), (guess | truth).sum((2, 3))
    return common / either.clamp(min=1)


def _picture_size(generator: np.random.Generator, size: int) -> tuple[int, int]:
    """Height and width of a picture, the longer one being `size`."""
    short = int(generator.integers(3 * size // 4, size + 1))
    return (size, short) if generator.random() < 0.5 else (short, size)


def _pixels(picture: Picture) -> Tensor:
    """The picture as SAM takes it: [3, H, W] in [0, 255]."""
    return torch.from_numpy(255.0 * picture.image).permute(2, 0, 1)


def _prompts(generator: np.random.Generator, picture: Picture, size: int) -> Prompts:
    """Random points in random shapes and in the ground, and the masks padded to `size`."""
    ground = ~picture.masks.any(axis=0)
    chosen = generator.integers(len(picture.masks), size=POINTS_IN_SHAPES)
    masks = [picture.masks[i] for i in chosen] + [ground] * POINTS_IN_GROUND
    points = [_point_in(generator, mask) for mask in masks]
    padded = np.zeros((len(masks), size, size), np.float32)
    padded[:, : ground.shape[0], : ground.shape[1]] = masks
    return Prompts(torch.tensor(np.array(points))[:, None], torch.from_numpy(padded))


def _point_in(generator: np.random.Generator, mask: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    i = generator.integers(len(rows))
    return float(columns[i]), float(rows[i])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=CHECKPOINT)
    return parser.parse_args()


if __name__ == "__main__":
    main()
