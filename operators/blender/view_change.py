# SPDX-License-Identifier: GPL-3.0-or-later
"""A change to a view that can be taken back and made again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class ViewChange(ABC):
    """Create one before the change and call `done` after it.

    Holds no data of Blender's: undo and other files replace that. What the artist has changed
    since stays as it is.

    names: the values that may change, in the order in which they can be set. keys: values that
    must be unchanged for any of them to be set again; where there are none, each value counts
    for itself.
    """

    names: tuple[str, ...]
    keys: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._before = self._after = self._values()

    def done(self) -> Any:
        """Note the values after the change; returns itself."""
        self._after = self._values()
        return self

    @property
    def changed(self) -> bool:
        """True where any value was changed."""
        return self._after != self._before

    def take_back(self) -> None:
        """Set the values from before."""
        self._replace(self._after, self._before)

    def make_again(self) -> None:
        """Set the values from after the change again, once it was taken back."""
        self._replace(self._before, self._after)

    def get(self, name: str) -> Any:
        """Return a current value; None where its owner is gone."""
        return self._values().get(name)

    def set(self, values: dict[str, Any]) -> None:
        """Change some values, where their owner still exists."""
        found = self._found()
        for name, value in values.items() if found else ():
            setattr(found, name, value)

    def _replace(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        values = self._values()
        if all(values.get(name) == old.get(name) for name in self.keys):
            free = bool(self.keys)
            same = {name for name in values if free or values[name] == old.get(name)}
            self.set({name: new[name] for name in self.names if name in same and name in new})

    def _values(self) -> dict[str, Any]:
        found = self._found()
        return {name: _copy(getattr(found, name)) for name in self.names if found}

    @abstractmethod
    def _found(self) -> Any:
        """Return the owner of the values; None where it is gone."""


def _copy(value: Any) -> Any:
    return tuple(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
