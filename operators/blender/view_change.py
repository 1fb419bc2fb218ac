# SPDX-License-Identifier: GPL-3.0-or-later
"""A change to how things are seen, to be taken back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class ViewChange(ABC):
    """Made before the change; `done` after it. Holds no data of Blender's, which may be gone."""

    names: tuple[str, ...]  # of what may be changed, in the order in which it can be

    def __init__(self) -> None:
        self._before = self._after = self._values()

    def done(self) -> Any:
        """Note what has been changed; returns itself."""
        self._after = self._values()
        return self

    @property
    def changed(self) -> bool:
        """Whether that was anything."""
        return self._after != self._before

    def take_back(self) -> None:
        """Have all as before, unless somebody has changed more since."""
        if self._values() == self._after:
            self.set(self._before)

    def get(self, name: str) -> Any:
        """A value as it now is; None where what has it is gone."""
        return self._values().get(name)

    def set(self, values: dict[str, Any]) -> None:
        """Change some values, where what has them is still there."""
        found = self._found()
        for name, value in values.items() if found else ():
            setattr(found, name, value)

    def _values(self) -> dict[str, Any]:
        found = self._found()
        return {name: _copy(getattr(found, name)) for name in self.names if found}

    @abstractmethod
    def _found(self) -> Any:
        """What is changed; None where it is gone."""


def _copy(value: Any) -> Any:
    return tuple(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
