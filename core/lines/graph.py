# SPDX-License-Identifier: GPL-3.0-or-later
"""A skeleton as a graph: branches between ends and junctions, without those that say nothing."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import numpy as np

# A branch that ends freely is kept where its ink reaches beyond that of the junction by so many
# pixels, and by so much of the radius at its end.
_REACH, _REACH_OF_RADIUS = 1.2, 0.7

# Junctions whose branch is shorter than this share of both radii, and so many pixels, are one.
_BRIDGE_OF_RADII, _BRIDGE = 0.85, 0.9


@dataclass
class Node:
    """An end or a junction. place: float64 [2], pixels. radius: of the ink there."""

    place: np.ndarray
    radius: float
    branches: set[int] = field(default_factory=set)


@dataclass
class Branch:
    """A line of the skeleton from one node to another.

    points: float64 [K, 2], pixels. radii: [K], of the ink. start, end: nodes, -1 for a closed line
    without any.
    """

    points: np.ndarray
    radii: np.ndarray
    start: int
    end: int

    @functools.cached_property
    def length(self) -> float:
        """Length in pixels."""
        return float(np.sqrt(np.square(np.diff(self.points, axis=0)).sum(axis=1)).sum())


class Graph:
    """Nodes and branches by number; numbers of those that were removed are gone."""

    def __init__(self) -> None:
        """Start with nothing."""
        self.nodes: dict[int, Node] = {}
        self.branches: dict[int, Branch] = {}
        self._next = 0

    def add_node(self, place: np.ndarray, radius: float) -> int:
        """Add a node; returns its number."""
        number = len(self.nodes) if not self.nodes else max(self.nodes) + 1
        self.nodes[number] = Node(place, radius)
        return number

    def add(self, branch: Branch) -> None:
        """Add a branch."""
        self.branches[self._next] = branch
        for node in {branch.start, branch.end} - {-1}:
            self.nodes[node].branches.add(self._next)
        self._next += 1

    def remove(self, number: int) -> None:
        """Remove a branch, and nodes that have none left."""
        branch = self.branches.pop(number)
        for node in {branch.start, branch.end} - {-1}:
            self.nodes[node].branches.discard(number)
            if not self.nodes[node].branches:
                del self.nodes[node]

    def degree(self, node: int) -> int:
        """Count the ends of branches at a node."""
        count = len(self.nodes[node].branches)
        for number in self.nodes[node].branches:
            branch = self.branches[number]
            count += branch.start == branch.end
        return count


def graph_of(skeleton: np.ndarray, radii: np.ndarray, scale: int) -> Graph:
    """Return the graph of a skeleton, bool [H, W], of a picture at `scale` times its size.

    radii: float32 [H, W], distances to the edge of the ink at the same size.
    """
    y, x = np.nonzero(skeleton)
    neighbors = _neighbors(skeleton, y, x)
    places = np.stack([x + 0.5, y + 0.5], axis=1) / scale
    sizes = (radii[y, x] + 0.5) / scale
    degree = np.array([len(each) for each in neighbors], np.int64)
    graph = Graph()
    node_of = np.full(len(y), -1)
    for i in np.flatnonzero(degree != 2):
        if node_of[i] < 0:
            members = _cluster(int(i), neighbors, degree)
            largest = max(members, key=lambda k: sizes[k])
            number = graph.add_node(places[members].mean(axis=0), float(sizes[largest]))
            node_of[members] = number
    used = np.zeros(len(y), bool)
    for i in np.flatnonzero(node_of >= 0):
        for step in neighbors[i]:
            if node_of[step] < 0 and not used[step]:
                chain = _walk(int(i), step, neighbors, node_of)
                used[chain[1:-1]] = True
                _add_chain(graph, chain, node_of, places, sizes)
            elif node_of[step] > node_of[i] >= 0:  # two nodes side by side
                _add_chain(graph, [int(i), step], node_of, places, sizes)
    for i in np.flatnonzero((node_of < 0) & ~used):
        if not used[i]:
            chain = _walk(int(i), neighbors[i][0], neighbors, node_of)
            used[chain] = True
            graph.add(Branch(places[chain], sizes[chain], -1, -1))
    return graph


def _neighbors(skeleton: np.ndarray, y: np.ndarray, x: np.ndarray) -> list[list[int]]:
    """Return the neighbors of each pixel; a corner of two that are connected by a side is none."""
    number = np.full((skeleton.shape[0] + 2, skeleton.shape[1] + 2), -1)
    number[y + 1, x + 1] = np.arange(len(y))
    found: list[list[int]] = [[] for _ in range(len(y))]
    for dy, dx in ((0, 1), (1, 0), (1, 1), (1, -1)):
        other = number[y + 1 + dy, x + 1 + dx]
        keep = other >= 0
        if dy and dx:
            keep &= (number[y + 1, x + 1 + dx] < 0) & (number[y + 1 + dy, x + 1] < 0)
        for a, b in zip(np.flatnonzero(keep).tolist(), other[keep].tolist(), strict=True):
            found[a].append(b)
            found[b].append(a)
    return found


def _cluster(start: int, neighbors: list[list[int]], degree: np.ndarray) -> list[int]:
    """Return the junction pixels that are connected to one, or an end alone."""
    members, waiting = [start], [start]
    while waiting and degree[start] > 2:
        for step in neighbors[waiting.pop()]:
            if degree[step] > 2 and step not in members:
                members.append(step)
                waiting.append(step)
    return members


def _walk(start: int, step: int, neighbors: list[list[int]], node_of: np.ndarray) -> list[int]:
    """Return the pixels from one on to the next node, or around a closed line."""
    chain = [start, step]
    while node_of[chain[-1]] < 0 and chain[-1] != start:
        one, other = neighbors[chain[-1]]
        chain.append(other if one == chain[-2] else one)
    return chain


def _add_chain(
    graph: Graph, chain: list[int], node_of: np.ndarray, places: np.ndarray, sizes: np.ndarray
) -> None:
    start, end = int(node_of[chain[0]]), int(node_of[chain[-1]])
    if start == end and len(chain) <= 3:
        return
    points = places[chain].copy()
    points[0], points[-1] = graph.nodes[start].place, graph.nodes[end].place
    graph.add(Branch(points, sizes[chain], start, end))


def simplify(graph: Graph) -> None:
    """Remove short branches that only corners and edges of the ink made; in place."""
    changed = True
    while changed:
        changed = _prune(graph)
        changed = _contract(graph) or changed
        _join_pairs(graph)


def _prune(graph: Graph) -> bool:
    """Remove branches whose ink the junction covers already, the shortest first."""
    found = []
    for number, branch in graph.branches.items():
        for tip, root in ((branch.start, branch.end), (branch.end, branch.start)):
            if tip < 0 or tip == root or len(graph.nodes[tip].branches) > 1:
                continue
            if graph.degree(root) < 3:
                continue
            radius = float(branch.radii[0 if tip == branch.start else -1])
            beyond = branch.length + radius - graph.nodes[root].radius
            if beyond < _REACH + _REACH_OF_RADIUS * radius:
                found.append((beyond, number, root))
    for _, number, root in sorted(found):
        if root in graph.nodes and graph.degree(root) >= 3:
            graph.remove(number)
    return bool(found)


def _contract(graph: Graph) -> bool:
    """Make one junction of two that lie within each other's ink."""
    for number, branch in sorted(graph.branches.items(), key=lambda item: item[1].length):
        a, b = branch.start, branch.end
        if a < 0:
            continue
        most = _BRIDGE_OF_RADII * (graph.nodes[a].radius + graph.nodes[b].radius) + _BRIDGE
        if branch.length >= (2.0 * most if a == b else most):
            continue
        if graph.degree(a) < 3 or graph.degree(b) < 3:
            continue
        if a == b:
            graph.remove(number)
        else:
            _merge(graph, number, a, b)
        return True
    return False


def _merge(graph: Graph, bridge: int, a: int, b: int) -> None:
    """Merge node b into node a; the branch between them goes."""
    graph.remove(bridge)
    one, other = graph.nodes[a], graph.nodes[b]
    one.place = 0.5 * (one.place + other.place)
    one.radius = max(one.radius, other.radius)
    for number in other.branches:
        branch = graph.branches[number]
        if branch.start == b:
            branch.start = a
        if branch.end == b:
            branch.end = a
        one.branches.add(number)
    del graph.nodes[b]


def _join_pairs(graph: Graph) -> None:
    """Make one branch of two that meet in a node of nothing else."""
    for node in [number for number in graph.nodes if graph.degree(number) == 2]:
        numbers = sorted(graph.nodes[node].branches)
        if len(numbers) == 1:  # a closed line
            branch = graph.branches[numbers[0]]
            graph.remove(numbers[0])
            graph.add(Branch(branch.points, branch.radii, -1, -1))
            continue
        first, second = (graph.branches[number] for number in numbers)
        if first.start == node:
            first = _reversed(first)
        if second.end == node:
            second = _reversed(second)
        joined = Branch(
            np.concatenate([first.points, second.points[1:]]),
            np.concatenate([first.radii, second.radii[1:]]),
            first.start,
            second.end,
        )
        # Added first: a node whose last branch is removed goes.
        graph.add(joined)
        for number in numbers:
            graph.remove(number)


def _reversed(branch: Branch) -> Branch:
    return Branch(branch.points[::-1], branch.radii[::-1], branch.end, branch.start)
