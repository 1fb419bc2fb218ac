# SPDX-License-Identifier: GPL-3.0-or-later
"""Calculated lengths of CSS: `calc()` with sums, products and parentheses (CSS Values 4, 10)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

_TOKEN = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?[a-z%]*|\S")
_LONGEST = 1000  # characters: parentheses are read by recursion
Length = Callable[[str], float | None]


def calculated(text: str, length: Length) -> float | None:
    """Return the value of a `calc()`; None for an invalid one. length: reads each length in it."""
    if text[:5].lower() != "calc(" or len(text) > _LONGEST:
        return None
    reader = _Reader(_TOKEN.findall(text.lower().replace("calc(", "(")), length)
    try:
        value = reader.factor()
    except (ValueError, ZeroDivisionError, RecursionError, OverflowError):
        return None
    return value if reader.is_at_end and math.isfinite(value) else None


class _Reader:
    """Descent through tokens: sums of products of values in parentheses."""

    def __init__(self, tokens: list[str], length: Length) -> None:
        self._tokens = tokens[::-1]
        self._length = length

    @property
    def is_at_end(self) -> bool:
        return not self._tokens

    def factor(self) -> float:
        """Return a value: a length, a number, or what stands in parentheses. Raises ValueError."""
        token = self._take()
        if token in ("+", "-"):  # a sign
            return self.factor() * (1.0 if token == "+" else -1.0)
        if token == "(":
            value = self._sum()
            if self._take() != ")":
                raise ValueError
            return value
        found = self._length(token)
        if found is None:
            raise ValueError(token)
        return found

    def _sum(self) -> float:
        value = self._product()
        while self._next() in ("+", "-"):
            sign = 1.0 if self._take() == "+" else -1.0
            value += sign * self._product()
        return value

    def _product(self) -> float:
        value = self.factor()
        while self._next() in ("*", "/"):
            if self._take() == "*":
                value *= self.factor()
            else:
                value /= self.factor()
        return value

    def _next(self) -> str:
        return self._tokens[-1] if self._tokens else ""

    def _take(self) -> str:
        if not self._tokens:
            raise ValueError
        return self._tokens.pop()
