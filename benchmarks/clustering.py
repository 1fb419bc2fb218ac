# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of clustering methods, from 200 masks to 51: `python3 dev.py bench clustering`.

Photographs of `shared/images` and `shared/bsds` (beside the checkout) are cut by the built-in
segmenter and merged, once with uniform saliency and, where a person has segmented the
picture, once with one of that person's segments painted as salient. Measured are the
picture repainted in the regions' mean colors and the regions' borders against the
person's. Times are CPU time.

    .venv/bin/python benchmarks/clustering.py [--methods ward,exact] [--masks 1000]
        [--target 13] [--rounds 4] [--option border=0.1 ...] [--pictures FOLDER]

--option changes a field of ClusteringOptions. --pictures writes, for each photograph, the
original and the repainted partitions of all methods side by side: uniform saliency above,
the painted segment below.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from metrics.image import psnr
from scipy import ndimage

from semvec.core.clustering import DEFAULT_OPTIONS, METHODS, Clustering, cluster
from semvec.core.image import load_image, save_png
from semvec.core.segmentation.builtin import over_segment

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "out" / "bench-clustering.json"

UNIFORM = 0.5
SALIENT, FLOOR = 1.0, 0.1  # saliency inside and outside the painted segment
TOLERANCE = 2  # pixels by which a border may lie beside the person's
SALIENT_SHARES = (0.03, 0.35)  # of the picture: how large the painted segment may be


class Case(NamedTuple):
    """A photograph, its masks, and where there is one a person's segmentation."""

    name: str
    image: np.ndarray
    masks: np.ndarray
    human: np.ndarray | None


def cases(masks: int) -> Iterator[Case]:
    for path in sorted([*SHARED.glob("bsds/*.png"), *SHARED.glob("images/*.png")]):
        image = load_image(path).rgb
        labels = path.with_suffix(".npz")
        human = np.load(labels)["labels"].astype(int) if labels.exists() else None
        yield Case(path.stem, image, over_segment(image, masks), human)


def salient_segment(human: np.ndarray) -> np.ndarray:
    """Return the human segment of a fitting size that is nearest the middle: [H, W]."""
    middle = np.array(human.shape) / 2
    candidates = {}
    for segment in np.unique(human):
        mask = human == segment
        if SALIENT_SHARES[0] <= mask.mean() <= SALIENT_SHARES[1]:
            offsets = (np.argwhere(mask) - middle) / human.shape
            candidates[segment] = np.linalg.norm(offsets, axis=1).mean()
    return human == min(candidates, key=candidates.__getitem__)


def repainted(labels: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Return the picture with each region in its mean color: [H, W, 3]."""
    regions = np.arange(labels.max() + 1)
    channels = np.moveaxis(image, -1, 0)
    return np.stack([ndimage.mean(c, labels, regions)[labels] for c in channels], axis=-1)


def borders(labels: np.ndarray) -> np.ndarray:
    """Pixels whose right or lower neighbor has another label: bool [H, W]."""
    mask = np.zeros(labels.shape, bool)
    mask[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    mask[:-1] |= labels[:-1] != labels[1:]
    return mask


def agreement(labels: np.ndarray, human: np.ndarray) -> dict[str, float]:
    """Measure the agreement of a partition with a human segmentation.

    recall: share of the person's borders that have one of ours near; precision: share of
    our borders that have one of the person's near; accuracy: share of pixels that are right
    when every region takes the person's segment that it shares most pixels with.
    """
    ours, theirs = borders(labels), borders(human)
    near_ours = ndimage.binary_dilation(ours, iterations=TOLERANCE)
    near_theirs = ndimage.binary_dilation(theirs, iterations=TOLERANCE)
    overlap = np.zeros((labels.max() + 1, human.max() + 1))
    np.add.at(overlap, (labels, human), 1)
    return {
        "recall": near_ours[theirs].mean(),
        "precision": near_theirs[ours].mean(),
        "accuracy": overlap.max(axis=1).sum() / labels.size,
    }


def measure(
    case: Case, method: str, run: Callable[..., Clustering]
) -> tuple[dict[str, float], list[np.ndarray]]:
    """Figures of one method on one photograph, and its partitions."""
    start = time.process_time()
    even = run(case.masks, case.image, np.full(case.masks.shape, UNIFORM), method=method)
    figures = {
        "cpu seconds": time.process_time() - start,
        "PSNR": psnr(repainted(even.labels, case.image), case.image),
    }
    if case.human is None:
        return figures, [even.labels]
    figures |= agreement(even.labels, case.human)
    mask = salient_segment(case.human)
    guided = run(case.masks, case.image, np.where(mask, SALIENT, FLOOR), method=method)
    without, painted = (repainted(c.labels, case.image) for c in (even, guided))
    inside = psnr(painted, case.image, mask)
    figures |= {
        "salient PSNR": psnr(painted, case.image),
        "salient inside": inside,
        "salient gain": inside - psnr(without, case.image, mask),
        "salient regions": len(np.unique(guided.labels[mask])),
    }
    figures |= {f"salient {k}": v for k, v in agreement(guided.labels, case.human).items()}
    return figures, [even.labels, guided.labels]


def side_by_side(case: Case, partitions: list[list[np.ndarray]]) -> np.ndarray:
    """Return the original and the repainted partitions of each method; one row a saliency map."""
    first_column = [case.image]
    if case.human is not None:
        mask = salient_segment(case.human)[:, :, None]
        first_column.append(np.where(mask, case.image, 0.3 * case.image))
    rows = [
        np.concatenate([left, *(repainted(p[i], case.image) for p in partitions)], axis=1)
        for i, left in enumerate(first_column)
    ]
    return np.concatenate(rows).astype(np.float32)


def summary(results: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Mean of each figure over the photographs that have it, of each method."""
    return {
        method: {
            name: float(np.mean([f[name] for f in figures if name in f]))
            for name in max(figures, key=len)
        }
        for method, figures in results.items()
    }


def print_table(means: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(means.values())))
    print("| method |", " | ".join(names), "|")
    print("| --- |", " | ".join("---:" for _ in names), "|")
    for method, row in means.items():
        values = [f"{row[name]:.{decimals(name)}f}" for name in names]
        print(f"| {method} |", " | ".join(values), "|")


def decimals(name: str) -> int:
    if "PSNR" in name or name in ("salient inside", "salient gain"):
        return 2
    return 0 if name == "salient regions" else 3


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--methods", default=",".join(METHODS))
    parser.add_argument("--masks", type=int, default=200)
    parser.add_argument("--target", type=int, default=51)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--pictures", type=Path)
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    changes = dict(option.split("=") for option in arguments.option)
    options = DEFAULT_OPTIONS._replace(
        **{name: json.loads(value) for name, value in changes.items()}
    )

    run = functools.partial(
        cluster, target=arguments.target, rounds=arguments.rounds, options=options
    )
    methods = arguments.methods.split(",")
    results: dict[str, list[dict[str, Any]]] = {method: [] for method in methods}
    for case in cases(arguments.masks):
        partitions = []
        for method in methods:
            figures, labels = measure(case, method, run)
            results[method].append(figures)
            partitions.append(labels)
        if arguments.pictures:
            arguments.pictures.mkdir(parents=True, exist_ok=True)
            save_png(arguments.pictures / f"{case.name}.png", side_by_side(case, partitions))
    means = summary(results)
    print_table(means)
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps({"means": means, "photographs": results}, indent=2) + "\n")
    print(f"written: {OUTPUT}")


if __name__ == "__main__":
    main()
