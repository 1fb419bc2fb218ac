# SPDX-License-Identifier: GPL-3.0-or-later
"""Coverage of a picture by ink: colors of paper and inks, and the share of ink in each pixel."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..segmentation.windows import dilated, maximum, shifted

# Fraction of a picture that is clear where the ink lies on transparency.
_CLEAR_FRACTION = 0.3

# Degree of the polynomial that uneven paper is fitted with, samples of the fit and its rounds.
_DEGREE, _SAMPLES, _ROUNDS = 3, 20_000, 12

# Contrast below which nothing is ink, in sRGB, as a multiple of the noise and of the strongest ink.
_LEAST_CONTRAST, _NOISES, _FAINTEST = 0.06, 5.0, 0.12

# Inks at most; distance in sRGB within which colors are one ink; the share of all flat ink that
# an ink has at least; the contrast of a flat pixel with its neighbors at most.
_MOST_INKS, _SAME_INK, _LEAST_SHARE, _FLAT = 12, 0.24, 0.04, 0.05

# Contrast of an ink with the paper, as a share of the strongest's, at least; the contrast in the
# middle of a line as a share of the most nearby.
_FAINT_INK, _MIDDLE = 0.3, 0.98

# Cosine between the contrasts of two inks, above which one may be a pale edge of the other.
_SAME_DIRECTION = 0.96

# Noise of the coverage above which it is smoothed before lines are looked for.
SMOOTHED_NOISE = 0.03

# Pixels around flat ink that belong to the same ink, and the preference for it.
_REACH, _PREFERENCE = 3, 0.25


class Ink(NamedTuple):
    """Ink on paper.

    coverage: float32 [H, W], the share of ink, with noise around 0 and 1. labels: int8 [H, W], the
    ink of each pixel. colors: float32 [N, 3], sRGB. paper: float32 [3], sRGB; None where it is
    transparent. noise: standard deviation of the coverage.
    """

    coverage: np.ndarray
    labels: np.ndarray
    colors: np.ndarray
    paper: np.ndarray | None
    noise: float


def find_ink(pixels: np.ndarray) -> Ink:
    """Find the ink of a picture, uint8 [H, W, 4], sRGB and opacity."""
    values = pixels.astype(np.float32) / np.float32(255.0)
    rgb, alpha = values[..., :3], values[..., 3]
    if (alpha == 0.0).mean() > _CLEAR_FRACTION:
        return _on_transparency(rgb, alpha)
    rgb = rgb * alpha[..., None] + (1.0 - alpha[..., None])
    paper = paper_of(rgb)
    contrast = paper - rgb
    size = _norm(contrast)
    # Noise of paper is on both sides of it; pixels with ink, a minority, don't change a median.
    deviation = np.abs(contrast.mean(axis=2))
    noise = 1.4826 * float(np.median(deviation[deviation <= np.percentile(deviation, 80)]))
    strongest = float(np.percentile(size, 99.9)) if size.size else 0.0
    least = max(_LEAST_CONTRAST, _NOISES * noise * np.sqrt(3.0), _FAINTEST * strongest)
    is_ink = size > least
    middle = np.median(paper.reshape(-1, 3), axis=0).astype(np.float32)
    if not is_ink.any():
        empty = np.zeros(size.shape, np.float32)
        return Ink(empty, empty.astype(np.int8), np.zeros((0, 3), np.float32), middle, noise)
    colors = _inks(contrast, is_ink, noise)
    labels, coverage = _shares(contrast, colors, noise)
    strength = float(_norm(colors).min())
    inks = np.clip(middle - colors, 0.0, 1.0).astype(np.float32)
    return Ink(coverage, labels, inks, middle, noise * np.sqrt(3.0) / strength)


def paper_of(rgb: np.ndarray) -> np.ndarray:
    """Return the color that the paper has at each pixel of rgb, float32 [H, W, 3].

    A polynomial is fitted by least absolute differences, which ignores a minority of ink, and what
    is left of the paper is averaged over small areas.
    """
    height, width = rgb.shape[:2]
    stride = max(1, int(np.sqrt(height * width / _SAMPLES)))
    sample = rgb[::stride, ::stride].reshape(-1, 3).astype(np.float64)
    rows, columns = (np.arange(0, n, stride) / max(n - 1, 1) * 2.0 - 1.0 for n in (height, width))
    basis = _polynomials(rows, columns).reshape(len(sample), -1)
    # From the most frequent color: ink of more than half of the picture is not the paper.
    start = _mode(sample)
    weights = 1.0 / np.maximum(np.abs(sample - start).mean(axis=1), 0.02)
    for _ in range(_ROUNDS):
        weighted = basis * weights[:, None]
        normal = weighted.T @ basis + 1e-9 * np.eye(basis.shape[1])
        solution = np.linalg.solve(normal, weighted.T @ sample)
        rest = np.abs(sample - basis @ solution).mean(axis=1)
        weights = 1.0 / np.maximum(rest, 0.004)
        weights[rest > 0.25] *= 0.1
    every = [np.arange(n) / max(n - 1, 1) * 2.0 - 1.0 for n in (height, width)]
    paper = (_polynomials(*every) @ solution).astype(np.float32)
    return np.clip(paper + _local_rest(rgb - paper), 0.0, 1.0)


def _polynomials(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Return the products of powers of y [H] and x [W] up to a degree: [H, W, P]."""
    powers = [(i, k) for i in range(_DEGREE + 1) for k in range(_DEGREE + 1 - i)]
    return np.stack([rows[:, None] ** i * columns[None] ** k for i, k in powers], axis=-1)


def _mode(colors: np.ndarray) -> np.ndarray:
    """Return the mean of the most frequent colors [N, 3], in steps of 1/8: [3]."""
    codes = np.clip(colors * 8.0, 0, 7).astype(int) @ [64, 8, 1]
    most = codes == np.bincount(codes).argmax()
    return colors[most].mean(axis=0)


def _local_rest(rest: np.ndarray) -> np.ndarray:
    """Return what a polynomial missed of the paper, [H, W, 3], from pixels without ink."""
    height, width = rest.shape[:2]
    deviation = np.abs(rest.mean(axis=2))
    spread = 1.4826 * float(np.median(deviation))
    is_paper = (deviation < max(3.0 * spread, 0.012)) & (np.abs(rest).max(axis=2) < 0.12)
    side = max(8, min(height, width) // 12)
    weight = _blocks(is_paper.astype(np.float32), side)
    sums = [_blocks(np.where(is_paper, rest[..., k], 0.0), side) for k in range(3)]
    for _ in range(2):  # twice a box blur is near a Gaussian
        weight, sums = _blurred(weight), [_blurred(each) for each in sums]
    # Where there is hardly any paper the polynomial stands.
    floor = 0.05 * side * side
    return np.stack([_enlarged(each / (weight + floor), side, rest.shape) for each in sums], 2)


def _blocks(plane: np.ndarray, side: int) -> np.ndarray:
    """Sum a plane over square blocks."""
    height, width = plane.shape
    padded = np.pad(plane, ((0, -height % side), (0, -width % side)))
    rows, columns = padded.shape[0] // side, padded.shape[1] // side
    return padded.reshape(rows, side, columns, side).sum(axis=(1, 3), dtype=np.float64)


def _blurred(plane: np.ndarray) -> np.ndarray:
    padded = np.pad(plane, 1, mode="edge")
    blurred: np.ndarray = np.mean(
        [shifted(padded, y, x) for y in (0, 1, 2) for x in (0, 1, 2)], axis=0
    )
    return blurred


def _enlarged(blocks: np.ndarray, side: int, shape: tuple[int, ...]) -> np.ndarray:
    """Interpolate between the middles of blocks: float32 [H, W]."""
    for axis in (0, 1):
        place = np.clip((np.arange(shape[axis]) + 0.5) / side - 0.5, 0, blocks.shape[axis] - 1)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, blocks.shape[axis] - 1)
        share = np.expand_dims(place - low, 1 - axis)
        blocks = np.take(blocks, low, axis) * (1 - share) + np.take(blocks, high, axis) * share
    return blocks.astype(np.float32)


def _on_transparency(rgb: np.ndarray, alpha: np.ndarray) -> Ink:
    """Find the inks where opacity is coverage."""
    is_ink = alpha > 0.4
    if not is_ink.any():
        empty = np.zeros((0, 3), np.float32)
        return Ink(alpha, np.zeros(alpha.shape, np.int8), empty, None, 0.0)
    colors = _modes(rgb[is_ink])
    distance = np.stack([_norm(rgb - color) for color in colors])
    strongest = float(np.percentile(alpha[is_ink], 98))
    return Ink(alpha / strongest, distance.argmin(axis=0).astype(np.int8), colors, None, 0.0)


def _inks(contrast: np.ndarray, is_ink: np.ndarray, noise: float) -> np.ndarray:
    """Return the contrasts of the inks with the paper: float32 [N, 3].

    Inks are read where pixels are like all their neighbors; lines that are too thin to have such
    pixels are read along their middle, where they contrast most.
    """
    padded = np.pad(contrast, ((1, 1), (1, 1), (0, 0)), mode="edge")
    sides = [shifted(padded, y, x) for y, x in ((0, 1), (2, 1), (1, 0), (1, 2))]
    change = np.max([np.abs(side - contrast).max(axis=2) for side in sides], axis=0)
    flat = is_ink & (change < max(_FLAT, 4.0 * noise))
    size = _norm(contrast)
    strongest = float(np.percentile(size[is_ink], 97))
    strong = is_ink & (size > 0.75 * strongest)
    chosen = flat if flat.sum() >= max(16, 0.02 * is_ink.sum()) else strong
    inks = _modes(contrast[chosen])
    inks = inks[np.argsort(-_norm(inks), kind="stable")]
    if chosen is strong:
        inks = _added(inks[:0], inks)
    # Lines of other colors may be thinner, or contrast less.
    middle = is_ink & (size > _FAINT_INK * strongest) & (size >= _MIDDLE * maximum(size, 1))
    return _added(inks, _modes(contrast[middle]))


def _added(inks: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Add those of other inks, [N, 3], that are no paler shade of one that is there."""
    for other in others:
        cosine = inks @ other / np.maximum(_norm(inks) * _norm(other), 1e-9)
        if cosine.max(initial=-1.0) < _SAME_DIRECTION and len(inks) < _MOST_INKS:
            inks = np.concatenate([inks, other[None]])
    return inks


def _modes(colors: np.ndarray) -> np.ndarray:
    """Return the means of frequent colors [K, 3], the most frequent first: float32 [N, 3]."""
    codes = np.floor(colors * 16.0 + 16.0).astype(np.int64) @ [4096, 64, 1]
    _, inverse, counts = np.unique(codes, return_inverse=True, return_counts=True)
    inverse = inverse.ravel()
    sums = np.stack([np.bincount(inverse, colors[:, k]) for k in range(3)], axis=1)
    means = sums / counts[:, None]
    found: list[np.ndarray] = []
    left = np.ones(len(counts), bool)
    for i in np.argsort(-counts, kind="stable")[:256]:
        near = left & (_norm(means - means[i]) < _SAME_INK)
        if left[i] and (not found or counts[near].sum() >= _LEAST_SHARE * len(colors)):
            core = near & (_norm(means - means[i]) < 0.5 * _SAME_INK)
            found.append(sums[core].sum(axis=0) / counts[core].sum())
            left &= ~near
        if len(found) == _MOST_INKS:
            break
    return np.array(found, np.float32)


def _shares(contrast: np.ndarray, inks: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ink int8 [H, W] that explains each pixel, and its share float32 [H, W].

    A pixel of half the contrast of black may be the edge of black or the middle of gray: what is
    nearby decides.
    """
    tolerance = max(0.12, 4.0 * noise)
    costs, shares = [], []
    for ink in inks:
        square = float(ink @ ink)
        share = (contrast @ ink) / np.float32(square)
        rest = _norm(contrast - np.clip(share, 0.0, 1.0)[..., None] * ink)
        full = _norm(contrast - ink) < tolerance
        near = dilated(full, _REACH)
        costs.append(rest + np.where(near, 0.0, _PREFERENCE).astype(np.float32))
        shares.append(share.astype(np.float32))
    labels = np.argmin(costs, axis=0)
    coverage = np.take_along_axis(np.stack(shares), labels[None], axis=0)[0]
    return labels.astype(np.int8), np.clip(coverage, -0.5, 1.25)


def _norm(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt(np.square(vectors).sum(axis=-1))
