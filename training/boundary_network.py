# SPDX-License-Identifier: GPL-3.0-or-later
"""Trains the boundary network: the probability that an object's border runs through a pixel.

    python training/boundary_network.py NETWORK.npz --scenes FOLDER [--human FOLDER] --seed 0

Scenes are those of scenes.py. A folder of human segmentations has pairs NAME.png and NAME.npz with
`labels`, int [H, W] or [persons, H, W]. Needs PyTorch. Training keeps its state beside the network
and goes on where it was stopped; the same seed and data give the same network on one machine.

The network sees CIE Lab at full size and answers at half size. It is a U-Net (Ronneberger, Fischer
and Brox, 2015) of four scales, in which the features of both ways are added.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import nn

from semvec.core.segmentation.color import lab_planes

WIDTHS = (16, 24, 32, 32)  # channels at 1/2, 1/4, 1/8 and 1/16 of the size
CROP = 96  # pixels a side, of which 16 divides
BATCH = 24
LEARNING_RATE = 4e-3
HELD_OUT = 24  # the first scenes are never trained on
STEPS_BETWEEN_STATES = 50

Random = np.random.Generator


class Example(NamedTuple):
    """A picture, uint8 sRGB [H, W, 3], and one or more label images, int [persons, H, W]."""

    image: np.ndarray
    labels: np.ndarray


class BoundaryNetwork(nn.Module):
    """Lab [B, 3, H, W] of sizes that 16 divides to logits [B, 1, H / 2, W / 2]."""

    def __init__(self) -> None:
        super().__init__()
        first = [nn.Conv2d(3, WIDTHS[0], 6, 2, 2)]
        first += [nn.Conv2d(a, b, 3, 2, 1) for a, b in pairwise(WIDTHS)]
        self.first = nn.ModuleList(first)
        self.second = nn.ModuleList(nn.Conv2d(width, width, 3, 1, 1) for width in WIDTHS)
        self.up = nn.ModuleList(nn.ConvTranspose2d(b, a, 2, 2) for a, b in pairwise(WIDTHS))
        self.third = nn.ModuleList(nn.Conv2d(width, width, 3, 1, 1) for width in WIDTHS[:-1])
        self.out = nn.Conv2d(WIDTHS[0], 1, 1)
        assert self.out.bias is not None
        nn.init.constant_(self.out.bias, -2.0)

    def forward(self, lab: torch.Tensor) -> torch.Tensor:
        values, skipped = lab, []
        for first, second in zip(self.first, self.second, strict=True):
            values = second(first(values).relu()).relu()
            skipped.append(values)
        for level in reversed(range(len(self.up))):
            values = (self.up[level](values) + skipped[level]).relu()
            values = self.third[level](values).relu()
        return self.out(values)


def network_arrays(network: BoundaryNetwork) -> dict[str, np.ndarray]:
    """Return the network, with a sigmoid at its end, as core/models/network.py reads it."""
    steps: list[list[Any]] = []
    weights: dict[str, np.ndarray] = {}

    def add(name: str, layer: Any, given: str, rectified: bool) -> str:
        kernel = f"{name}.kernel", f"{name}.bias"
        is_transposed = isinstance(layer, nn.ConvTranspose2d)
        order = (2, 3, 0, 1) if is_transposed else (2, 3, 1, 0)
        weights[kernel[0]] = layer.weight.detach().numpy().transpose(order)
        weights[kernel[1]] = layer.bias.detach().numpy()
        padding, stride = [layer.padding[0]] * 4, layer.stride[0]
        attributes = {"stride": stride, "padding": padding, "rectified": rectified}
        operation = "transposed" if is_transposed else "convolution"
        steps.append([operation, [given, *kernel], name, {} if is_transposed else attributes])
        return name

    last = "input"
    for level, (first, second) in enumerate(zip(network.first, network.second, strict=True)):
        last = add(f"second.{level}", second, add(f"first.{level}", first, last, True), True)
    for level in reversed(range(len(network.up))):
        up = add(f"up.{level}", network.up[level], last, False)
        steps.append(["add", [up, f"second.{level}"], f"sum.{level}", {"rectified": True}])
        last = add(f"third.{level}", network.third[level], f"sum.{level}", True)
    steps.append(["sigmoid", [add("out", network.out, last, False)], "boundaries", {}])
    program = {
        "shape": [None, None, 3],
        "outputs": ["boundaries"],
        "weights": {name: values.shape for name, values in weights.items()},
        "steps": steps,
    }
    text = json.dumps(program, separators=(",", ":")).encode()
    values = np.concatenate([values.ravel() for values in weights.values()])
    return {"program": np.frombuffer(text, np.uint8), "weights": values.astype(np.float16)}


def boundaries(labels: np.ndarray) -> np.ndarray:
    """Return the share of persons who draw a border through each 2 x 2 block: [H / 2, W / 2]."""
    found = np.zeros(labels.shape, bool)
    found[:, :, :-1] |= labels[:, :, :-1] != labels[:, :, 1:]
    found[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    persons, height, width = found.shape
    blocks = found[:, : height // 2 * 2, : width // 2 * 2]
    blocks = blocks.reshape(persons, height // 2, 2, width // 2, 2)
    return blocks.any(axis=(2, 4)).mean(axis=0, dtype=np.float32)


# -- examples ------------------------------------------------------------------------------------


def load_scenes(folder: Path) -> list[Example]:
    """Read the scenes that scenes.py has rendered."""
    scenes = []
    for file in sorted(folder.glob("[0-9]????.npz")):
        with np.load(file) as archive:
            scenes.append(Example(archive["image"], archive["labels"][None].astype(int)))
    return scenes


def load_human(folder: Path) -> list[Example]:
    """Read pictures with human segmentations."""
    examples = []
    for file in sorted(folder.glob("*.npz")):
        with np.load(file) as archive:
            labels = archive["labels"].astype(int)
        picture = Image.open(file.with_suffix(".png")).convert("RGB")
        examples.append(Example(np.array(picture), labels.reshape(-1, *labels.shape[-2:])))
    return examples


def crop(example: Example, random: Random) -> Example:
    """Cut a square out of an example, of another size at times, and turn it."""
    height, width = example.image.shape[:2]
    top, left = random.integers(height - CROP + 1), random.integers(width - CROP + 1)
    image = example.image[top : top + CROP, left : left + CROP]
    labels = example.labels[:, top : top + CROP, left : left + CROP]
    if random.random() < 0.5:
        image, labels = image[:, ::-1], labels[:, :, ::-1]
    if random.random() < 0.3:
        image, labels = image.swapaxes(0, 1), labels.swapaxes(1, 2)
    return Example(image, labels)


def pasted(under: Example, over: Example, random: Random) -> Example:
    """Lay one or two objects of a crop over another crop: more occlusion without rendering."""
    image, labels = under.image.astype(np.float32), under.labels[0]
    numbers, areas = np.unique(over.labels, return_counts=True)
    wanted = numbers[(areas > 0.01 * CROP**2) & (areas < 0.5 * CROP**2)]
    if not len(wanted):
        return under
    mask = np.isin(over.labels[0], random.choice(wanted, min(2, len(wanted)), replace=False))
    cover = _blurred(mask.astype(np.float32)[..., None], 0.7)
    image = image + cover * (over.image - image)
    labels = np.where(mask, 1000 + over.labels[0], labels)
    return Example(image.round().astype(np.uint8), labels[None])


def degraded(image: np.ndarray, random: Random) -> np.ndarray:
    """Return a picture as a camera would: light, color, blur, noise and JPEG by chance."""
    values = image / np.float32(255.0)
    values = values ** np.exp(random.normal(0.0, 0.3)).astype(np.float32)
    gray = values.mean(axis=2, keepdims=True)
    values = gray + (values - gray) * np.float32(random.uniform(0.3, 1.4))
    values = (values - 0.5) * np.float32(random.uniform(0.5, 1.3)) + random.normal(0.5, 0.08)
    values = values * np.exp(random.normal(0.0, 0.06, 3)).astype(np.float32)
    if random.random() < 0.5:
        values = _blurred(values, random.uniform(0.4, 1.3))
    grain = random.normal(0.0, random.exponential(0.02), values.shape)
    if random.random() < 0.5:
        grain = _blurred(grain, random.uniform(0.3, 0.8)) * 1.5
    image = ((values + grain).clip(0.0, 1.0) * 255.0).round().astype(np.uint8)
    if random.random() < 0.6:
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=int(random.integers(40, 96)))
        image = np.array(Image.open(file))
    return image


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    """Convolve [H, W, C] with a Gaussian over five pixels each way."""
    kernel = np.exp(-0.5 * (np.arange(-2, 3) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padded = np.pad(image, [(2, 2) if a == axis else (0, 0) for a in range(3)], "edge")
        length = image.shape[axis]
        parts = [padded.take(range(i, i + length), axis) for i in range(5)]
        image = sum(k * part for k, part in zip(kernel.astype(np.float32), parts, strict=True))
    return image


def lab(image: np.ndarray) -> torch.Tensor:
    """Return a picture as the network sees it: CIE Lab / 100 [1, 3, H, W], lightness centered."""
    rgb = np.ascontiguousarray(image, np.float32) / 255.0
    planes = lab_planes(rgb, np.ones(rgb.shape[:2], bool), 1)
    planes[0] -= 0.5
    return torch.from_numpy(planes[None])


def batch(
    scenes: list[Example], human: list[Example], random: Random
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draw crops, half of them from each kind where there are two, and what is to be found."""
    pictures, answers = [], []
    for i in range(BATCH):
        kind = human if not scenes or (human and i % 2) else scenes
        example = crop(kind[random.integers(len(kind))], random)
        if kind is scenes:
            if random.random() < 0.5:
                example = pasted(
                    example, crop(scenes[random.integers(len(scenes))], random), random
                )
            example = example._replace(image=degraded(example.image, random))
        pictures.append(lab(example.image))
        answers.append(torch.from_numpy(boundaries(example.labels))[None, None])
    return torch.cat(pictures), torch.cat(answers)


# -- training ------------------------------------------------------------------------------------


def train(
    file: Path, scenes: list[Example], human: list[Example], steps: int, seed: int
) -> BoundaryNetwork:
    """Train, or go on with a training, and return the network."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    network = BoundaryNetwork()
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    first, state_file = 0, file.with_suffix(".state.pt")
    if state_file.exists():
        state = torch.load(state_file, weights_only=True)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        first = state["step"]
    mean = 0.0
    for step in range(first, steps):
        rate = min(1.0, (step + 1) / 50) * 0.5 * (1.0 + math.cos(math.pi * step / steps))
        optimizer.param_groups[0]["lr"] = LEARNING_RATE * rate
        pictures, answers = batch(scenes, human, np.random.default_rng([seed, step]))
        logits = network(pictures)
        weight = 1.0 + 2.0 * (answers > 0.0)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, answers, weight)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        mean += 0.02 * (float(loss.detach()) - mean) if step > first else float(loss.detach())
        if (step + 1) % STEPS_BETWEEN_STATES == 0:
            print(f"step {step + 1} of {steps}, loss {mean:.4f}", flush=True)
            state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save({**state, "step": step + 1}, state_file)
    return network


def main() -> int:
    """Train and write the network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", type=Path)
    parser.add_argument("--scenes", type=Path)
    parser.add_argument("--human", type=Path)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    scenes = load_scenes(options.scenes)[HELD_OUT:] if options.scenes else []
    human = load_human(options.human) if options.human else []
    if not scenes and not human:
        parser.error("nothing to train on: give --scenes or --human")
    network = train(options.network, scenes, human, options.steps, options.seed)
    np.savez(options.network, **network_arrays(network))
    return 0


if __name__ == "__main__":
    sys.exit(main())
