# SPDX-License-Identifier: GPL-3.0-or-later
"""Operations on shapes, many side by side once a document has been walked.

A Boolean operation alone takes milliseconds, whatever its size, and in a batch a fraction of that.
So an operation is a generator: it yields the jobs that it needs done and is sent their outlines.
Those that don't wait for each other run side by side, and all their jobs are one batch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import TypeVar

from .boolean import combine
from .document import Report, ignore
from .effort import Effort
from .jobs import Job, Outline
from .layers import Shape
from .work import DEFERRED, Work

T = TypeVar("T")
Steps = Generator[Sequence[Job], list[Outline | None], T]
Operation = Callable[..., Steps[list[Shape]]]

_MOST_AT_ONCE = 1000  # operations side by side, between two reports of progress


class Deferred:
    """Shapes that an operation will make of others, some of which may be deferred themselves.

    level: 1 more than that of all inputs. shapes: the result; nothing until it is carried out.
    """

    def __init__(self, operation: Operation, inputs: tuple[Sequence[Item], ...]) -> None:
        """Carry nothing out yet."""
        self._operation, self._inputs = operation, inputs
        levels = (each.level for items in inputs for each in items if isinstance(each, Deferred))
        self.level: int = 1 + max(levels, default=0)
        self.shapes: list[Shape] = []

    def steps(self) -> Steps[list[Shape]]:
        """Return the operation on inputs that are carried out already."""
        return self._operation(*map(shapes_of, self._inputs))


Item = Shape | Deferred


class Operations:
    """All operations of a document."""

    def __init__(self, effort: Effort) -> None:
        """Start with none."""
        self._levels: list[list[Deferred]] = []
        self._effort = effort
        self.work = Work()

    def defer(self, operation: Operation, *inputs: Sequence[Item]) -> list[Item]:
        """Return what an operation will make of the shapes in each input."""
        self.work.spend(DEFERRED)
        deferred = Deferred(operation, inputs)
        if deferred.level > len(self._levels):
            self._levels.append([])
        self._levels[deferred.level - 1].append(deferred)
        return [deferred]

    def carry_out(self, report: Report = ignore) -> None:
        """Carry out all; report hears how far it is, in [0, 1]."""
        total, done = max(sum(map(len, self._levels)), 1), 0
        for level in self._levels:
            for first in range(0, len(level), _MOST_AT_ONCE):
                chosen = level[first : first + _MOST_AT_ONCE]
                report(done / total)
                results = side_by_side([each.steps() for each in chosen], self._effort)
                for each, shapes in zip(chosen, results, strict=True):
                    each.shapes = shapes
                done += len(chosen)


def shapes_of(items: Sequence[Item]) -> list[Shape]:
    """Return all shapes, with the results of operations that are carried out."""
    shapes: list[Shape] = []
    for item in items:
        shapes += item.shapes if isinstance(item, Deferred) else (item,)
    return shapes


def side_by_side(running: Sequence[Steps[T]], effort: Effort) -> list[T]:
    """Return the results of operations whose jobs are combined together, step by step."""
    results: dict[int, T] = {}
    answers: dict[int, list[Outline | None] | None] = dict.fromkeys(range(len(running)))
    while answers:
        asked: list[tuple[int, Sequence[Job]]] = []
        for number, answer in answers.items():
            try:
                asked.append((number, running[number].send(answer)))  # type: ignore[arg-type]
            except StopIteration as end:
                results[number] = end.value
        outlines = iter(combine([job for _, jobs in asked for job in jobs], effort))
        answers = {number: list(islice(outlines, len(jobs))) for number, jobs in asked}
    return [results[number] for number in range(len(running))]


def finished(steps: Steps[T], effort: Effort) -> T:
    """Return the result of a single operation."""
    return side_by_side([steps], effort)[0]
