# SPDX-License-Identifier: GPL-3.0-or-later
"""Benchmark of masks against human segments: `python3 dev.py bench segmentation`.

Quality on the twelve photographs of ../shared/bsds, against one person's segments each:

- recall: share of the person's border pixels with a border within 2 px (Chebyshev);
- precision: the other way round;
- accuracy: share of pixels right when each region takes its best segment (ASA);
- undersegmentation: pixels that spill over segments (Neubert and Protzel, 2012);
- PSNR of the picture painted in its regions' mean colors.

SLIC and Felzenszwalb of scikit-image are measured beside it, at about the same number of
regions. Times are CPU time of one thread on ../shared/images at 512 px.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from semvec.core.image import load_image, resize
from semvec.core.segmentation.builtin import over_segment

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
OUTPUT = ROOT / "out" / "bench-segmentation.json"
COUNTS = (200, 51)
TOLERANCE = 2

Segmenter = Callable[[np.ndarray, int], np.ndarray]


def borders(labels: np.ndarray) -> np.ndarray:
    """Pixels whose right or lower neighbor has another label: bool [H, W]."""
    result = np.zeros(labels.shape, bool)
    result[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    result[:-1] |= labels[:-1] != labels[1:]
    return result


def widened(mask: np.ndarray, pixels: int) -> np.ndarray:
    """Return the mask and all pixels at most so far from it in each direction."""
    padded = np.pad(mask, pixels)
    span = range(2 * pixels + 1)
    windows = [padded[y:, x:][: mask.shape[0], : mask.shape[1]] for y in span for x in span]
    return np.any(windows, axis=0)


def scores(labels: np.ndarray, truth: np.ndarray, image: np.ndarray) -> dict[str, float]:
    """Return the measures described above."""
    overlap = np.zeros((labels.max() + 1, truth.max() + 1))  # pixels of each pair
    np.add.at(overlap, (labels.ravel(), truth.ravel()), 1)
    area = overlap.sum(1, keepdims=True)
    spill = np.where(overlap > 0, np.minimum(overlap, area - overlap), 0)
    found, true = borders(labels), borders(truth)
    return {
        "recall": float(widened(found, TOLERANCE)[true].mean()),
        "precision": float(widened(true, TOLERANCE)[found].mean()),
        "accuracy": float(overlap.max(1).sum() / labels.size),
        "undersegmentation": float(spill.sum() / labels.size),
        "psnr": psnr_of_means(labels, image),
        "regions": float(labels.max() + 1),
    }


def psnr_of_means(labels: np.ndarray, image: np.ndarray) -> float:
    """PSNR in dB of each region painted in its mean color."""
    flat, pixels = labels.ravel(), image.reshape(-1, 3)
    sums = np.stack([np.bincount(flat, pixels[:, c]) for c in range(3)], axis=1)
    means = sums / np.bincount(flat)[:, None]
    return float(-10 * np.log10(np.mean((means[flat] - pixels) ** 2)))


def nearest_in_number(candidates: Iterable[np.ndarray], count: int) -> np.ndarray:
    """Return the segmentation whose number of regions is nearest to `count`."""
    return min(candidates, key=lambda labels: abs(int(labels.max()) + 1 - count))


def slic(image: np.ndarray, count: int) -> np.ndarray:
    from skimage.segmentation import slic as slic_of

    wanted = (round(count * factor) for factor in (1.0, 1.15, 1.3, 1.45, 1.6))
    return nearest_in_number((slic_of(image, n, start_label=0) for n in wanted), count)


def felzenszwalb(image: np.ndarray, count: int) -> np.ndarray:
    from skimage.segmentation import felzenszwalb as felzenszwalb_of

    scales = np.geomspace(20, 3000, 20)
    candidates = (felzenszwalb_of(image, s, sigma=0.8, min_size=20) for s in scales)
    return nearest_in_number(candidates, count)


def segmenters() -> dict[str, Segmenter]:
    """Return the methods to compare; only ours where scikit-image can't be imported."""
    methods: dict[str, Segmenter] = {"built-in": over_segment}
    try:
        import skimage.segmentation  # noqa: F401
    except ImportError:
        return methods
    return {**methods, "SLIC": slic, "Felzenszwalb": felzenszwalb}


def quality(method: Segmenter, count: int) -> dict[str, float]:
    """Mean scores over the photographs with human segments."""
    rows = []
    for path in sorted((SHARED / "bsds").glob("*.png")):
        image = load_image(path).rgb
        truth = np.load(path.with_suffix(".npz"))["labels"].astype(int)
        rows.append(scores(method(image, count), truth, image))
    return {name: statistics.fmean(row[name] for row in rows) for name in rows[0]}


def cpu_milliseconds(image: np.ndarray) -> float:
    """CPU time of `over_segment` on one thread: the best of several."""
    times = []
    for _ in range(5):
        started = time.process_time()
        over_segment(image, threads=1)
        times.append(time.process_time() - started)
    return 1e3 * min(times)


def main() -> int:
    if not SHARED.is_dir():
        print("The folder 'shared' with photographs is not beside this checkout.")
        return 0
    results: dict[str, dict[str, float]] = {}
    print(f"{'':24}recall precision accuracy undersegm.  PSNR regions")
    for count in COUNTS:
        for name, method in segmenters().items():
            row = results[f"{name} {count}"] = quality(method, count)
            print(
                f"{name:13}{count:4} masks {row['recall']:7.3f}{row['precision']:10.3f}"
                f"{row['accuracy']:9.3f}{row['undersegmentation']:11.3f}"
                f"{row['psnr']:6.2f}{row['regions']:8.0f}"
            )
    pictures = [resize(load_image(path), 512).rgb for path in sorted(SHARED.glob("images/*"))]
    times = [cpu_milliseconds(picture) for picture in pictures]
    print(f"CPU at 512 px, one thread: median {statistics.median(times):.0f} ms,", end=" ")
    print(f"largest {max(times):.0f} ms")
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps({"quality": results, "cpu_ms": times}, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
