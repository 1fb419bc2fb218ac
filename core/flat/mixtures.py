# SPDX-License-Identifier: GPL-3.0-or-later
"""The mixture of colors nearby that explains each pixel best: of two, of three, or at a seam."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from .labels import mixture

# Of the candidates, so many may be three in one pixel, which costs so much more; a share may not
# be less than the last.
_TRIPLE_CANDIDATES, _TRIPLE_PRICE, _LEAST_SHARE = 5, 24.0, 0.03

# Price of a mixture along an edge that two shapes have in common: it has one share to choose, as
# two colors have, but any third color. Shares that are tried before the best is refined. Such an
# edge explains so many pixels, and so much of those that it explains best, up to a squared error.
_DOUBLE_PRICE, _DOUBLE_SHARES = 12.0, 17
_DOUBLE_FEWEST, _DOUBLE_FRACTION, _DOUBLE_CLOSE = 5, 0.25, 10.0


class Mixtures(NamedTuple):
    """The best mixture for each pixel.

    numbers, shares: of the colors, [P, 3]. errors: squared, with prices, [P]. doubled: bool [P], at
    an edge that two shapes have in common.
    """

    numbers: np.ndarray
    shares: np.ndarray
    errors: np.ndarray
    doubled: np.ndarray


def best_pairs(
    values: np.ndarray, candidates: np.ndarray, prices: np.ndarray, colors: np.ndarray
) -> Mixtures:
    """Return the best mixture of two candidates for each pixel."""
    count = len(values)
    errors = np.square(values - colors[candidates[:, 0]]).sum(axis=1) + prices[:, 0]
    numbers = np.repeat(candidates[:, :1], 3, axis=1)
    shares = np.tile(np.array([1, 0, 0], np.float32), (count, 1))
    for first, second in itertools.combinations(range(candidates.shape[1]), 2):
        a, b = candidates[:, first], candidates[:, second]
        error, share = mixture(values, colors[a], colors[b])
        error = error + np.where(share > 0, prices[:, first], 0.0)
        error += np.where(share < 1, prices[:, second], 0.0)
        better = error < errors
        errors[better] = error[better]
        numbers[better, 0], numbers[better, 1] = a[better], b[better]
        shares[better, 0], shares[better, 1] = share[better], 1 - share[better]
    return Mixtures(numbers, shares, errors, np.zeros(count, bool))


def best_triples(
    values: np.ndarray,
    candidates: np.ndarray,
    prices: np.ndarray,
    colors: np.ndarray,
    best: Mixtures,
) -> Mixtures:
    """Improve mixtures by a third candidate where that explains a pixel better."""
    numbers, shares, errors, doubled = (part.copy() for part in best)
    some = np.flatnonzero(errors > _TRIPLE_PRICE)
    near, cost = candidates[some, :_TRIPLE_CANDIDATES], prices[some, :_TRIPLE_CANDIDATES]
    for triple in itertools.combinations(range(near.shape[1]), 3):
        a, b, c = (colors[near[:, k]] for k in triple)
        part = _barycentric(values[some], a, b, c)
        error = np.square(np.einsum("kp,kpc->pc", part, [a, b, c]) - values[some]).sum(axis=1)
        error += cost[:, triple].sum(axis=1) + _TRIPLE_PRICE
        better = (part.min(axis=0) > _LEAST_SHARE) & (error < errors[some])
        at = some[better]
        errors[at], shares[at] = error[better], part[:, better].T
        numbers[at] = near[better][:, triple]
    return Mixtures(numbers, shares, errors, doubled)


def with_doubles(
    values: np.ndarray,
    candidates: np.ndarray,
    prices: np.ndarray,
    colors: np.ndarray,
    best: Mixtures,
    behind: int,
) -> Mixtures:
    """Improve mixtures where two shapes have an edge in common that explains a pixel better.

    Viewers cover a pixel with one shape after the other. Where shapes of colors A and B end at
    the same edge above C, it is t·A + (1 − t)·(t·B + (1 − t)·C). Where A and C meet above B, it is
    the same. No rim of color B was drawn, so the pixel gets the shares t of A and 1 − t of C.
    Three colors fit few pixels to the rounding by chance, and many along such an edge. behind: the
    number of the color behind all shapes, which is B or C.
    """
    some = np.flatnonzero(best.errors > _DOUBLE_PRICE)
    near, cost = candidates[some, :_TRIPLE_CANDIDATES], prices[some, :_TRIPLE_CANDIDATES]
    orders = np.array(list(itertools.permutations(range(near.shape[1]), 3))).reshape(-1, 3)
    if len(some) == 0 or len(orders) == 0:
        return best
    numbers = near[:, orders]  # [P, T, 3]
    upper, lower, ground = np.moveaxis(colors[numbers], 2, 0)
    errors, shares = _double(values[some, None], upper, lower, ground)
    opaque = np.minimum(upper[..., 3], np.maximum(lower[..., 3], ground[..., 3])) >= 255.0
    errors[~opaque | (numbers[..., 1:] != behind).all(axis=2)] = np.inf
    total = errors + cost[:, orders[:, 0]] + cost[:, orders[:, 2]] + _DOUBLE_PRICE
    total += _unlikely(numbers, errors, total)
    place = (np.arange(len(some)), total.argmin(axis=1))
    better = total[place] < best.errors[some]
    at, share = some[better], shares[place][better]
    result = Mixtures(*(part.copy() for part in best))
    result.errors[at], result.doubled[at] = total[place][better], True
    result.shares[at] = np.stack([share, 1 - share, 0 * share], axis=1)
    result.numbers[at] = numbers[place][better][:, [0, 2, 2]]
    return result


def _unlikely(numbers: np.ndarray, errors: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Return what edges of three colors cost more for pixels [P] in each order of colors: [P, T].

    numbers: of the colors, [P, T, 3]. errors: squared, [P, T]; total: with prices. Too few pixels
    make no edge; of two orders of the same colors, the more frequent one is preferred.
    """
    codes = numbers @ np.array([1 << 20, 1 << 10, 1])
    sets = np.sort(numbers, axis=2) @ np.array([1 << 20, 1 << 10, 1])
    place = (np.arange(len(errors)), total.argmin(axis=1))
    kinds, which = np.unique(codes[place], return_inverse=True)
    close = np.bincount(which, errors[place] <= _DOUBLE_CLOSE)
    is_edge = close >= np.maximum(_DOUBLE_FEWEST, _DOUBLE_FRACTION * np.bincount(which))
    extra = np.full(errors.shape, np.inf)
    taken: set[int] = set()
    for number in np.argsort(-close, kind="stable"):
        if not is_edge[number]:
            continue
        here = codes == kinds[number]
        own = int(sets[here][0])
        extra[here] = _DOUBLE_PRICE if own in taken else 0.0
        taken.add(own)
    return extra


def _double(
    values: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the least squared error of t·a + (1 − t)·(t·b + (1 − t)·c), and its t in [0, 1].

    All are [..., 4], premultiplied.
    It is a polynomial of degree 4 in t: the best of some t is improved by Newton's method.
    """
    rest, first, second = values - c, a + b - 2.0 * c, c - b

    def dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
        result: np.ndarray = (one * other).sum(axis=-1)
        return result

    terms = [
        dot(rest, rest),
        -2.0 * dot(rest, first),
        dot(first, first) - 2.0 * dot(rest, second),
        2.0 * dot(first, second),
        dot(second, second),
    ]
    tried = np.linspace(0.0, 1.0, _DOUBLE_SHARES)
    least, share = np.full(terms[0].shape, np.inf), np.zeros(terms[0].shape)
    for t in tried:
        error = _polynomial(terms, t)
        share = np.where(error < least, t, share)
        least = np.minimum(error, least)
    slopes = [power * terms[power] for power in range(1, 5)]
    bends = [power * slopes[power] for power in range(1, 4)]
    for _ in range(2):
        bend = _polynomial(bends, share)
        step = _polynomial(slopes, share) / np.where(bend > 1e-6, bend, np.inf)
        share = np.clip(share - step, 0.0, 1.0)
    return np.maximum(_polynomial(terms, share), 0.0), share


def _polynomial(terms: list[np.ndarray], t: float | np.ndarray) -> np.ndarray:
    """Evaluate a polynomial whose terms begin with the constant one."""
    value = terms[-1]
    for term in terms[-2::-1]:
        value = value * t + term
    return value


def _barycentric(values: np.ndarray, a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return the shares [3, P] of the mixture of three colors that is closest to each value."""
    u, v, w = a - c, b - c, values - c
    uu, uv, vv = (u * u).sum(axis=1), (u * v).sum(axis=1), (v * v).sum(axis=1)
    wu, wv = (w * u).sum(axis=1), (w * v).sum(axis=1)
    determinant = uu * vv - uv * uv
    is_flat = determinant < 1e-3 * uu * vv + 1e-6  # the three lie on a line
    determinant = np.where(is_flat, 1.0, determinant)
    first, second = (wu * vv - wv * uv) / determinant, (wv * uu - wu * uv) / determinant
    parts = np.stack([first, second, 1.0 - first - second])
    return np.where(is_flat, -1.0, parts)
