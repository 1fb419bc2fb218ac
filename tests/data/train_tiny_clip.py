# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the tiny CLIP of the tests: open_clip's own classes, on pictures of shapes.

    python tests/data/train_tiny_clip.py

One thread, seeded; under half an hour. Leaves tiny_clip.pt beside tiny_clip.json, which holds
the architecture, after each course; --course N goes on from there. The checkpoint that is kept
was made in two runs, the second of them with --course 3.

A model that knows only colors points at the right shape in 85 % of all pictures, and plain
contrast of pictures and captions learns no more than that in this time. So the losses ask for
pairs of color and shape: in the whole picture, against pairs that differ in one of the two,
and patch by patch.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from semvec.core.models.torchvision_repair import import_torchvision

import_torchvision()
import open_clip  # noqa: E402

sys.path.insert(0, str(Path(__file__).parent))
from shapes import COLORS, NAMES, SHAPES, Picture, caption, draw_picture  # noqa: E402

CHECKPOINT = Path(__file__).parent / "tiny_clip.pt"
CONFIG = json.loads(CHECKPOINT.with_suffix(".json").read_text())
CONTEXT = CONFIG["text_cfg"]["context_length"]
EMBEDDING = "token_embedding.weight"
BATCH = 32
WARM_UP_STEPS = 60
DENSE_WEIGHT = 4.0
ENOUGH_OF_A_PATCH = 0.3  # covered by a shape: the patch shows that shape
WRONG_CAPTIONS = 3  # for each picture's true one

# How a thing is asked for; the words of all prompts that the model understands.
TEMPLATES = ("{name}", "{article} {name}", "the {name}", "a picture of {article} {name}")
ATTRIBUTES = (*COLORS, *SHAPES)

MEAN = torch.tensor(open_clip.OPENAI_DATASET_MEAN)[:, None, None]
DEVIATION = torch.tensor(open_clip.OPENAI_DATASET_STD)[:, None, None]


class Course(NamedTuple):
    """A stretch of training with a learning rate of its own, falling to 0 as a cosine."""

    steps: int
    learning_rate: float
    single_shapes: float  # share of the pictures
    captions: bool  # whether captions of several shapes are learnt, too


COURSES = (
    Course(2200, 1e-3, 0.3, False),
    Course(2100, 9e-4, 0.2, True),
    Course(2000, 9e-4, 0.1, False),
)


class Batch(NamedTuple):
    """images: [B, 3, H, W], as the model takes them. present: bool [B, 24], by NAMES.

    patches: index of NAMES [B, P] of what each patch shows, len(NAMES) for the ground.
    """

    images: Tensor
    present: Tensor
    patches: Tensor
    pictures: list[Picture]


class Learner(nn.Module):
    """The model, with embeddings of the tokens in use only: the others would learn nothing.

    ground: the one weight that only training needs: how likely a patch is ground.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tokenizer = open_clip.SimpleTokenizer(context_length=CONTEXT)
        self.used = self.tokenizer(all_phrases()).unique()  # in order: the end is the largest
        self.clip = open_clip.CLIP(**CONFIG)
        rows = self.clip.token_embedding.weight.detach()[self.used]
        self.clip.token_embedding = nn.Embedding.from_pretrained(rows, freeze=False)
        self.ground = nn.Parameter(torch.zeros(1))

    def scores(self, features: Tensor, text: Tensor) -> Tensor:
        """Logits of normalized features [..., D] against texts [T, D]: [..., T]."""
        similarity = functional.normalize(features, dim=-1) @ text.T
        return self.clip.logit_scale.exp() * similarity + self.clip.logit_bias

    def text(self, phrases: list[str]) -> Tensor:
        """Unit vectors [T, D] of phrases."""
        tokens = torch.searchsorted(self.used, self.tokenizer(phrases))
        return self.clip.encode_text(tokens, normalize=True)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint of `save`."""
        state = torch.load(path, weights_only=True)
        state[EMBEDDING] = state[EMBEDDING][self.used]
        self.clip.load_state_dict(state)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path, default=CHECKPOINT)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--course", type=int, default=1, help="the first to run (default 1)")
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    learner = Learner()
    if options.course > 1:
        learner.load(options.output)
    generator = np.random.default_rng([options.seed, options.course])
    for course in COURSES[options.course - 1 :]:
        train(learner, course, generator)
        save(learner, options.output)


def train(learner: Learner, course: Course, generator: np.random.Generator) -> None:
    """One course, from a fresh optimizer."""
    matrices = [p for p in learner.parameters() if p.ndim >= 2]
    others = [p for p in learner.parameters() if p.ndim < 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.05}, {"params": others, "weight_decay": 0.0}],
        lr=course.learning_rate,
        betas=(0.9, 0.98),
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: (
            min(1.0, (step + 1) / WARM_UP_STEPS)
            * 0.5
            * (1.0 + math.cos(math.pi * step / course.steps))
        ),
    )
    started = time.perf_counter()
    for step in range(course.steps):
        batch = draw_batch(generator, course.single_shapes)
        losses = compute_losses(learner, batch, generator, course.captions)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        nn.utils.clip_grad_norm_(learner.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 50 == 0:
            values = "  ".join(f"{name} {loss.item():.3f}" for name, loss in losses.items())
            print(f"{step:5}  {time.perf_counter() - started:5.0f} s  {values}", flush=True)


def draw_batch(generator: np.random.Generator, single_shapes: float) -> Batch:
    size, patch = CONFIG["vision_cfg"]["image_size"], CONFIG["vision_cfg"]["patch_size"]
    single = generator.random(BATCH) < single_shapes
    pictures = [
        draw_picture(generator, size, counts=(1, 1) if alone else (2, 4)) for alone in single
    ]
    images = torch.from_numpy(np.stack([picture.image for picture in pictures]))
    present = torch.zeros(BATCH, len(NAMES), dtype=torch.bool)
    patches = torch.full((BATCH, (size // patch) ** 2), len(NAMES))
    for i, picture in enumerate(pictures):
        for name, mask in zip(picture.names, picture.masks):
            index = NAMES.index(name)
            present[i, index] = True
            coverage = functional.avg_pool2d(torch.from_numpy(mask)[None].float(), patch).flatten()
            patches[i, coverage >= ENOUGH_OF_A_PATCH] = index
    normal = (images.permute(0, 3, 1, 2) - MEAN) / DEVIATION
    return Batch(normal, present, patches, pictures)


def compute_losses(
    learner: Learner, batch: Batch, generator: np.random.Generator, captions: bool
) -> dict[str, Tensor]:
    template = TEMPLATES[generator.integers(len(TEMPLATES))]
    text = learner.text([phrase(template, name) for name in (*NAMES, *ATTRIBUTES)])
    pairs = text[: len(NAMES)]
    image, tokens = features(learner, batch.images)
    scores = learner.scores(image, text)
    losses = {
        "present": presence_loss(scores, batch.present),
        "confusion": confusion_loss(scores[:, : len(NAMES)], batch.present),
        "dense": DENSE_WEIGHT * dense_loss(learner, tokens, pairs, batch.patches),
    }
    if captions:
        losses["captions"] = caption_loss(learner, image, batch.pictures, generator)
    return losses


def phrase(template: str, name: str) -> str:
    return template.format(name=name, article="an" if name[0] in "aeiou" else "a")


def features(learner: Learner, images: Tensor) -> tuple[Tensor, Tensor]:
    """Of the images [B, D], and of their patches [B, P, D] before the last layer."""
    visual = learner.clip.visual
    last_but_one = len(visual.transformer.resblocks) - 2
    found = visual.forward_intermediates(images, indices=[last_but_one], output_fmt="NLC")
    return found["image_features"], visual.ln_post(found["image_intermediates"][0]) @ visual.proj


def presence_loss(scores: Tensor, present: Tensor) -> Tensor:
    """Of each pair, color and shape: is it in the picture? As SigLIP's loss."""
    by_color_and_shape = present.unflatten(1, (len(COLORS), len(SHAPES)))
    attributes = torch.cat([by_color_and_shape.any(2), by_color_and_shape.any(1)], dim=1)
    truth = torch.cat([present, attributes], dim=1).float()
    return (
        functional.binary_cross_entropy_with_logits(scores, truth, reduction="none").sum(1).mean()
        / 4
    )


def confusion_loss(scores: Tensor, present: Tensor) -> Tensor:
    """Each present pair against the absent ones that share its color or its shape."""
    rivals = share_one_attribute()[None] & ~present[:, None, :]  # [B, 24, 24]
    candidates = rivals | torch.eye(len(NAMES), dtype=torch.bool)
    others = scores[:, None, :].expand(-1, len(NAMES), -1).masked_fill(~candidates, -torch.inf)
    return (others.logsumexp(2) - scores)[present].mean()


def share_one_attribute() -> Tensor:
    """Return the pairs of NAMES that differ in exactly one of color and shape: bool [24, 24]."""
    index = torch.arange(len(NAMES))
    color, shape = index // len(SHAPES), index % len(SHAPES)
    return (color[:, None] == color) ^ (shape[:, None] == shape)


def dense_loss(learner: Learner, tokens: Tensor, pairs: Tensor, patches: Tensor) -> Tensor:
    """Return the loss of classifying each patch as one of the pairs or as background."""
    scores = learner.scores(tokens, pairs)
    ground = learner.ground.expand(*scores.shape[:2], 1)
    return functional.cross_entropy(
        torch.cat([scores, ground], dim=2).flatten(0, 1), patches.flatten()
    )


def caption_loss(
    learner: Learner, image: Tensor, pictures: list[Picture], generator: np.random.Generator
) -> Tensor:
    """The caption of all shapes against captions in which one is replaced."""
    several = [i for i, picture in enumerate(pictures) if len(picture.names) > 1]
    phrases = []
    for i in several:
        names = generator.permutation(pictures[i].names)
        wrong = [corrupted(names, generator) for _ in range(WRONG_CAPTIONS)]
        phrases += [caption(each) for each in (names, *wrong)]
    text = learner.text(phrases).unflatten(0, (len(several), 1 + WRONG_CAPTIONS))
    similarity = (functional.normalize(image[several], dim=-1)[:, None] * text).sum(2)
    truth = torch.zeros(len(several), dtype=torch.long)
    return functional.cross_entropy(learner.clip.logit_scale.exp() * similarity, truth)


def corrupted(names: np.ndarray, generator: np.random.Generator) -> list[str]:
    """The names with one replaced by an absent one that shares its color or shape."""
    wrong = [str(name) for name in names]
    i = generator.integers(len(wrong))
    rivals = np.flatnonzero(share_one_attribute()[NAMES.index(wrong[i])])
    wrong[i] = generator.choice([NAMES[r] for r in rivals if NAMES[r] not in wrong])
    return wrong


def save(learner: Learner, path: Path) -> None:
    """An ordinary state dict in half precision, compressed.

    The embedding gets all its rows; those of tokens that no phrase uses are zero. They are
    most of the file, so packing it again with compression, which `torch.load` reads like any
    other, leaves little of them.
    """
    state = {key: value.half() for key, value in learner.clip.state_dict().items()}
    embedding = state[EMBEDDING]
    state[EMBEDDING] = embedding.new_zeros(CONFIG["text_cfg"]["vocab_size"], embedding.shape[1])
    state[EMBEDDING][learner.used] = embedding
    torch.save(state, path)
    with zipfile.ZipFile(path) as packed:
        records = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for name, content in records.items():
            packed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB", flush=True)


def all_phrases() -> list[str]:
    """One of each kind, with all words in use."""
    names = (*NAMES, *ATTRIBUTES)
    phrases = [phrase(template, name) for template in TEMPLATES for name in names]
    return [*phrases, caption(NAMES[:2])]


if __name__ == "__main__":
    main()
