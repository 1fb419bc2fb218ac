# SPDX-License-Identifier: GPL-3.0-or-later
"""Branches joined to long lines: straight through crossings, to points at junctions."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..segmentation.windows import sampled
from .centering import Center, center, lengths_of
from .graph import Branch, Graph

# Samples of a line within this share of a junction's radius, and so many pixels, show its ink.
_HIDDEN_OF_RADIUS, _HIDDEN = 1.25, 1.0

# Ink of more than the usual width of a line, by this factor and so many pixels, is of two lines,
# within so many radii of a junction.
_THICK, _THICKER, _SHARED = 1.15, 0.3, 7.0

# Pixels, and radii, of a line that tell its direction at an end.
_DIRECTION, _DIRECTION_OF_RADIUS = 5.0, 2.5

# Cost in degrees up to which two lines go on into each other, and what it adds for another color
# and for another width, a factor of e.
_STRAIGHT, _OTHER_INK, _OTHER_WIDTH = 62.0, 45.0, 14.0

# Length of the common ink of two lines at a slight angle at most, in radii and pixels, and how much
# both bend in degrees at most; the length of that in a sharp corner, and the angle of its sides.
_SLIGHT_OF_RADIUS, _SLIGHT, _SLIGHT_BEND = 10.0, 6.0, 26.0
_SHARP_OF_RADIUS, _SHARP, _SHARPEST = 5.0, 3.0, 75.0

# Distance between samples that show the end of a line, in pixels.
_STEP = 0.25


class Chain(NamedTuple):
    """A line from end to end.

    points: float64 [K, 2], pixels; of a closed one the start is not repeated. widths: [K]. sure:
    bool [K], False where ink of other lines hides the line. inks: int [K]. closed: whether the end
    meets the start.
    """

    points: np.ndarray
    widths: np.ndarray
    sure: np.ndarray
    inks: np.ndarray
    closed: bool

    @property
    def width(self) -> float:
        """The usual width, in pixels."""
        return float(np.median(self.widths[self.sure] if self.sure.any() else self.widths))


class _End(NamedTuple):
    """An end of a piece at a junction. place [2]; outward: unit vector [2], away from the node."""

    piece: int
    side: int
    place: np.ndarray
    outward: np.ndarray
    width: float
    ink: int


class _Piece(NamedTuple):
    """The part of a branch that is not hidden. start, end: nodes; length: of the branch, pixels."""

    center: Center
    inks: np.ndarray
    start: int
    end: int
    length: float


_Key = tuple[int, int]  # a piece and a side of it


class _Joints(NamedTuple):
    """Continuations and stops of the ends of pieces.

    following: the end that an end goes on into. corners: the point [2] in between, if there is
    one. stops: where others stop. dropped: pieces that are no lines.
    """

    following: dict[_Key, _Key]
    corners: dict[_Key, np.ndarray]
    stops: dict[_Key, np.ndarray]
    dropped: set[int]


def chains_of(graph: Graph, coverage: np.ndarray, labels: np.ndarray, noise: float) -> list[Chain]:
    """Return the lines of a graph; coverage and labels: [H, W], as in `Ink`."""
    chains, pieces = [], []
    for branch in graph.branches.values():
        closed = branch.start < 0
        found = center(coverage, branch.points, branch.radii, noise, closed)
        if closed:
            sure = np.ones(len(found.points), bool)
            inks = _inks_at(labels, found.points)
            chains.append(Chain(found.points, found.widths, sure, inks, True))
        else:
            pieces.append(_visible(graph, branch, found, labels))
    joints = _joints(graph, pieces)
    chains += [
        _chain(run, pieces, joints, closed, coverage) for run, closed in _runs(pieces, joints)
    ]
    return chains


def _inks_at(labels: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the ink of the pixels that points [K, 2] lie in: int [K]."""
    height, width = labels.shape
    x = np.clip(points[:, 0].astype(int), 0, width - 1)
    y = np.clip(points[:, 1].astype(int), 0, height - 1)
    inks: np.ndarray = labels[y, x].astype(int)
    return inks


def _visible(graph: Graph, branch: Branch, found: Center, labels: np.ndarray) -> _Piece:
    """Return a branch without the samples within junctions, at least the one in its middle."""
    points, usual = found.points, float(np.median(found.widths))
    thick = found.widths > _THICK * usual + _THICKER
    hidden = np.zeros(len(points), bool)
    for node, step in ((branch.start, 1), (branch.end, -1)):
        if graph.degree(node) > 2:
            radius = graph.nodes[node].radius
            away = np.hypot(*(points - graph.nodes[node].place).T)
            hidden |= away < _HIDDEN_OF_RADIUS * radius + _HIDDEN
            # Lines that meet at a slight angle share their ink farther on.
            shared = thick[::step] & (away[::step] < _SHARED * radius)
            hidden |= np.logical_and.accumulate(shared | hidden[::step])[::step]
    if hidden.all():
        hidden[len(points) // 2] = False
    first, last = np.flatnonzero(~hidden)[[0, -1]]
    kept = slice(first, last + 1)
    center_ = Center(points[kept], found.widths[kept])
    inks = _inks_at(labels, points[kept])
    return _Piece(center_, inks, branch.start, branch.end, branch.length)


def _end_of(piece: _Piece, number: int, side: int) -> _End:
    """Return the start (side 0) or the end (1) of a piece."""
    points, widths = piece.center
    if side:
        points, widths = points[::-1], widths[::-1]
    radius = float(np.median(widths[:8])) / 2.0
    reach = _DIRECTION + _DIRECTION_OF_RADIUS * radius
    place, outward = _direction(points, reach)
    ink = int(np.bincount(piece.inks).argmax())
    return _End(number, side, place, outward, 2.0 * radius, ink)


def _direction(points: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the smoothed start of a line and the unit direction from it on.

    From a quadratic where there are enough points, so that curves go on as they began.
    """
    lengths = lengths_of(points)
    near = lengths <= reach
    t, near_points = lengths[near], points[near]
    if len(t) < 3:
        step = points[min(len(points) - 1, 1)] - points[0]
        return points[0], step / max(float(np.hypot(*step)), 1e-9)
    degree = 2 if t[-1] > 5.0 else 1
    basis = t[:, None] ** np.arange(degree + 1)
    solution = np.linalg.lstsq(basis, near_points, rcond=None)[0]
    return solution[0], solution[1] / max(float(np.hypot(*solution[1])), 1e-9)


def _joints(graph: Graph, pieces: list[_Piece]) -> _Joints:
    """Decide at each junction which lines go on into each other, and where the others end."""
    at_node: dict[int, list[_End]] = {}
    for number, piece in enumerate(pieces):
        for side, node in enumerate((piece.start, piece.end)):
            if graph.degree(node) > 1:
                at_node.setdefault(node, []).append(_end_of(piece, number, side))
    joints = _Joints({}, {}, {}, set())
    places = {node: (graph.nodes[node].place, graph.nodes[node].radius) for node in at_node}
    _merge_crossings(pieces, at_node, places, joints.dropped)
    for node, ends in at_node.items():
        place, radius = places[node]
        corner = _acute_corner(graph, pieces, ends, radius)
        if corner is not None:
            one, other, leaf, meeting = corner
            joints.dropped.add(leaf)
            _join(joints, one, other)
            joints.corners[one] = joints.corners[other] = meeting
            continue
        pairs = _pairs(ends)
        for i, k in pairs:
            _join(joints, ends[i][:2], ends[k][:2])
        used = {i for pair in pairs for i in pair}
        rest = [end for i, end in enumerate(ends) if i not in used]
        through = [(ends[i], ends[k]) for i, k in pairs]
        for end in rest:
            joints.stops[end[:2]] = _stop(end, through, rest, place, 2.0 * radius + 2.0)
    return joints


def _join(joints: _Joints, one: _Key, other: _Key) -> None:
    joints.following[one], joints.following[other] = other, one


def _merge_crossings(
    pieces: list[_Piece],
    at_node: dict[int, list[_End]],
    places: dict[int, tuple[np.ndarray, float]],
    dropped: set[int],
) -> None:
    """Make one junction of two where lines cross, or touch, at a slight angle.

    Their common ink looks like a line of its own there.
    """
    for number in sorted(range(len(pieces)), key=lambda i: pieces[i].length):
        piece = pieces[number]
        a, b = piece.start, piece.end
        if a == b or len(at_node.get(a, [])) != 3 or len(at_node.get(b, [])) != 3:
            continue
        radius = max(places[a][1], places[b][1])
        if piece.length > _SLIGHT_OF_RADIUS * radius + _SLIGHT:
            continue
        here, there = ([end for end in at_node[node] if end.piece != number] for node in (a, b))
        if len(here) != 2 or len(there) != 2:
            continue
        costs = [max(_bend(here[0], there[k]), _bend(here[1], there[1 - k])) for k in (0, 1)]
        if min(costs) < _SLIGHT_BEND:
            dropped.add(number)
            at_node[a] = here + there
            places[a] = (0.5 * (places[a][0] + places[b][0]), radius + 0.5 * piece.length)
            del at_node[b]


def _acute_corner(
    graph: Graph, pieces: list[_Piece], ends: list[_End], radius: float
) -> tuple[_Key, _Key, int, np.ndarray] | None:
    """Return two ends that meet in a sharp corner, the piece between them, and the corner.

    The ink of both sides looks like a short line of its own that goes on to the corner.
    """
    if len(ends) != 3:
        return None
    for i, leaf in enumerate(ends):
        piece = pieces[leaf.piece]
        tip = piece.start if leaf.side else piece.end
        if graph.degree(tip) != 1 or piece.length > _SHARP_OF_RADIUS * radius + _SHARP:
            continue
        one, other = ends[i - 1], ends[i - 2]
        if _angle(one.outward, other.outward) > _SHARPEST:
            continue
        meeting = _meeting(one.place, -one.outward, other.place, -other.outward * 1e3)
        if meeting is None:
            continue
        if np.hypot(*(meeting - graph.nodes[tip].place)) < radius + 1.5:
            return one[:2], other[:2], leaf.piece, meeting
    return None


def _pairs(ends: list[_End]) -> list[tuple[int, int]]:
    """Pair the ends at a junction that go on into each other, the straightest first."""
    costs = [
        (_bend(ends[i], ends[k]), i, k)
        for i in range(len(ends))
        for k in range(i + 1, len(ends))
        if ends[i][:2] != ends[k][:2]
    ]
    pairs: list[tuple[int, int]] = []
    for cost, i, k in sorted(costs):
        if cost < _STRAIGHT and not any({i, k} & set(pair) for pair in pairs):
            pairs.append((i, k))
    return pairs


def _bend(a: _End, b: _End) -> float:
    """Return how much a line bends that goes in at one end and out at the other, in degrees."""
    gap = b.place - a.place
    distance = float(np.hypot(*gap))
    bend = _angle(-a.outward, b.outward)
    if distance > 1.0:
        gap /= distance
        bend += 0.5 * (_angle(-a.outward, gap) + _angle(b.outward, gap))
    if a.ink != b.ink:
        bend += _OTHER_INK
    return bend + _OTHER_WIDTH * abs(float(np.log(max(a.width, 0.2) / max(b.width, 0.2))))


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(a @ b, -1.0, 1.0))))


def _stop(
    end: _End,
    through: list[tuple[_End, _End]],
    rest: list[_End],
    place: np.ndarray,
    reach: float,
) -> np.ndarray:
    """Return where an end stops: on a line that goes on, or where all that stop meet."""
    candidates = []
    for a, b in through:
        gap = b.place - a.place
        meeting = _meeting(end.place, -end.outward, a.place, gap)
        if meeting is not None:
            candidates.append(meeting)
    if not through:
        candidates.append(_nearest_to_all(rest, place))
    near = [each for each in candidates if np.hypot(*(each - place)) < reach]
    if near:
        return min(near, key=lambda each: float(np.hypot(*(each - place))))
    return place


def _meeting(a: np.ndarray, along: np.ndarray, b: np.ndarray, gap: np.ndarray) -> np.ndarray | None:
    """Intersect the line from a with that from b to b + gap, a little beyond both ends."""
    determinant = along[0] * gap[1] - along[1] * gap[0]
    if abs(determinant) < 0.1 * max(float(np.hypot(*gap)), 1e-9):
        return None
    rest = b - a
    share = (rest[0] * along[1] - rest[1] * along[0]) / determinant
    return b + gap * share if -0.3 < share < 1.3 else None


def _nearest_to_all(ends: list[_End], place: np.ndarray) -> np.ndarray:
    """Return the point nearest to all lines in the sense of least squares, drawn to `place`."""
    pull = 0.05
    matrix, right = pull * np.eye(2), pull * place
    for end in ends:
        across = np.eye(2) - np.outer(end.outward, end.outward)
        matrix, right = matrix + across, right + across @ end.place
    return np.linalg.solve(matrix, right)


def _runs(pieces: list[_Piece], joints: _Joints) -> list[tuple[list[_Key], bool]]:
    """Return sequences of pieces that go on into each other, and whether they close.

    Each as pairs of the piece and the side at which it is entered.
    """
    runs: list[tuple[list[_Key], bool]] = []
    used = set(joints.dropped)

    def follow(piece: int, side: int) -> tuple[list[_Key], bool]:
        run = []
        while piece not in used:
            used.add(piece)
            run.append((piece, side))
            following = joints.following.get((piece, 1 - side))
            if following is None:
                return run, False
            piece, side = following
        return run, piece == run[0][0]

    for number in range(len(pieces)):
        for side in (0, 1):
            if number not in used and (number, side) not in joints.following:
                runs.append(follow(number, side))
    for number in range(len(pieces)):
        if number not in used:
            runs.append(follow(number, 0))
    return runs


def _chain(
    run: list[_Key], pieces: list[_Piece], joints: _Joints, closed: bool, coverage: np.ndarray
) -> Chain:
    """Return the samples of a run of pieces, with bridges across junctions."""
    parts: list[Chain] = []
    for key in run:
        (points, widths), inks = pieces[key[0]].center, pieces[key[0]].inks
        if key[1]:
            points, widths, inks = points[::-1], widths[::-1], inks[::-1]
        if parts:
            parts.append(_bridge(parts[-1], points, widths, joints.corners.get(key)))
        parts.append(Chain(points, widths, np.ones(len(points), bool), inks, False))
    if closed:
        corner = joints.corners.get(run[0])
        parts.append(_bridge(parts[-1], parts[0].points, parts[0].widths, corner))
        return _concatenated(parts, True)
    chain = _concatenated(parts, False)
    for end in ((run[-1][0], 1 - run[-1][1]), run[0]):
        stop = joints.stops.get(end)
        chain = _free(chain, coverage) if stop is None else _stopped(chain, stop)
        chain = _reversed(chain)
    return chain


def _bridge(
    before: Chain, points: np.ndarray, widths: np.ndarray, corner: np.ndarray | None
) -> Chain:
    """Return the samples between two pieces, on a cubic along both directions, or by a corner."""
    radius = float(np.median(before.widths[-8:]) + np.median(widths[:8])) / 4.0
    reach = _DIRECTION + _DIRECTION_OF_RADIUS * radius
    start, back = _direction(before.points[::-1], reach)
    end, out = _direction(points, reach)
    distance = float(np.hypot(*(end - start)))
    if corner is not None:
        path = np.stack([before.points[-1], corner, points[0]])
        lengths = lengths_of(path)
        places = np.linspace(0.0, lengths[-1], max(round(lengths[-1]), 3) + 1)[1:-1]
        curve = np.stack([np.interp(places, lengths, path[:, k]) for k in (0, 1)], axis=1)
        return _unsure(curve, before, widths)
    count = max(round(distance), 2) - 1
    t = (np.arange(1, count + 1) / (count + 1))[:, None]
    s = 1.0 - t
    handle, other = start - back * distance / 3.0, end - out * distance / 3.0
    curve = s**3 * start + 3 * s * s * t * handle + 3 * s * t * t * other + t**3 * end
    return _unsure(curve, before, widths)


def _unsure(curve: np.ndarray, before: Chain, widths: np.ndarray) -> Chain:
    """Return points between two pieces as samples that are not sure."""
    share = (np.arange(len(curve)) + 1.0) / (len(curve) + 1.0)
    between = (1.0 - share) * before.widths[-1] + share * widths[0]
    inks = np.full(len(curve), before.inks[-1])
    return Chain(curve, between, np.zeros(len(curve), bool), inks, False)


def _concatenated(parts: list[Chain], closed: bool) -> Chain:
    points, widths, sure, inks = (np.concatenate([part[k] for part in parts]) for k in range(4))
    return Chain(points, widths, sure, inks, closed)


def _reversed(chain: Chain) -> Chain:
    return _picked(chain, slice(None, None, -1))


def _picked(chain: Chain, part: slice) -> Chain:
    """Return some of a chain's samples."""
    points, widths, sure, inks = (values[part] for values in chain[:4])
    return Chain(points, widths, sure, inks, chain.closed)


def _stopped(chain: Chain, place: np.ndarray) -> Chain:
    """Return a chain that goes on from its last sample to a place."""
    gap = place - chain.points[-1]
    count = max(round(float(np.hypot(*gap))), 1)
    share = (np.arange(1, count + 1) / count)[:, None]
    return _extended(chain, chain.points[-1] + gap * share)


def _extended(chain: Chain, points: np.ndarray) -> Chain:
    """Return a chain with more samples, which are not sure, at its end."""
    count = len(points)
    return Chain(
        np.concatenate([chain.points, points]),
        np.append(chain.widths, np.full(count, chain.widths[-1])),
        np.append(chain.sure, np.zeros(count, bool)),
        np.append(chain.inks, np.full(count, chain.inks[-1])),
        False,
    )


def _free(chain: Chain, coverage: np.ndarray) -> Chain:
    """Return a chain whose last sample is the middle of a round cap at the end of the ink."""
    lengths = lengths_of(chain.points)
    rest = lengths[-1] - lengths
    usual = float(np.median(chain.widths))
    radius = float(np.median(chain.widths[rest < 2.0 * usual + 4.0])) / 2.0
    kept = max(int((rest >= min(1.2 * radius, 0.5 * lengths[-1])).sum()), min(2, len(rest)))
    chain = _picked(chain, slice(0, kept))
    place, back = _direction(chain.points[::-1], _DIRECTION + _DIRECTION_OF_RADIUS * radius)
    if len(chain.points) == 1:
        return chain
    out = np.arange(0.0, 4.0 * radius + 4.0, _STEP)
    beyond = place - back * out[:, None]
    outside = ((beyond < 0.0) | (beyond > coverage.shape[::-1])).any(axis=1)
    values = np.where(outside, 0.0, np.clip(sampled(coverage, beyond), 0.0, 1.0))
    own = float(np.median(sampled(coverage, chain.points[-max(kept // 2, 1) :])))
    lowest = np.minimum.accumulate(values)
    values = np.where(np.logical_or.accumulate(values > lowest + 0.2), 0.0, values)
    end = float(values.sum()) * _STEP / max(min(own, 1.0), 0.1) - 0.5 * _STEP
    tip = _tip_radius(chain, end)
    length = float(np.clip(end - tip, 0.0, 4.0 * radius + 4.0))
    count = max(round(length), 1)
    steps = (np.arange(1, count + 1) / count * length)[:, None]
    extended = _extended(chain, place - back * steps)
    extended.widths[-count:] = np.linspace(chain.widths[-1], 2.0 * tip, count + 1)[1:]
    return extended


def _tip_radius(chain: Chain, end: float) -> float:
    """Return the radius of the cap where the ink ends so far beyond the last sample.

    Lines that become thinner go on to do so.
    """
    widths = chain.widths[-12:]
    if len(widths) < 6:
        return float(np.median(widths)) / 2.0
    places = np.arange(len(widths)) - (len(widths) - 1.0)
    slope, last = np.polyfit(places, widths / 2.0, 1)
    if slope > -0.04:
        return float(np.median(widths[-6:])) / 2.0
    beyond = max((end - last) / (1.0 + max(slope, -0.6)), 0.0)
    return float(np.clip(last + slope * beyond, 0.25, max(last, 0.25)))
