# SPDX-License-Identifier: GPL-3.0-or-later
"""An image as a fixed budget of clean, editable Bézier curves.

Blender calls `register` and `unregister`. In Python, `semvec.vectorize` is the entry:

    import semvec

    result = semvec.vectorize("photo.jpg", budget=128)
    result.save("photo.svg")

Importing the package loads nothing else; names of the API are loaded at their first use.
`semvec.torch.render` is the renderer as a function of torch, whatever the loss.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.api import Result, load, refine, vectorize
    from .core.drawing import Drawing
    from .core.errors import SemvecError
    from .core.settings import Settings
    from .core.version import VERSION as __version__  # noqa: N811

__all__ = [
    "Drawing", "Result", "SemvecError", "Settings", "__version__", "load", "refine",
    "vectorize",
]  # fmt: skip

_MODULES = {
    "Drawing": ("drawing", "Drawing"),
    "Result": ("api", "Result"),
    "SemvecError": ("errors", "SemvecError"),
    "Settings": ("settings", "Settings"),
    "__version__": ("version", "VERSION"),
    "load": ("api", "load"),
    "refine": ("api", "refine"),
    "vectorize": ("api", "vectorize"),
}


def __getattr__(name: str) -> Any:
    """Load a name of the API at its first use (PEP 562)."""
    if name not in (*_MODULES, "torch"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if name == "torch":
        return import_module(".core.rendering.autograd", __name__)
    module, attribute = _MODULES[name]
    value = getattr(import_module(f".core.{module}", __name__), attribute)
    globals()[name] = value
    return value


def register() -> None:
    """Add the operators, panels and properties to Blender.

    Raises RuntimeError where another edition is enabled: both have the same operators.
    """
    from . import operators, panels

    operators.refuse_other_edition()

    operators.register()
    panels.register()


def unregister() -> None:
    """Remove them from Blender, and end the worker process."""
    from . import operators, panels

    panels.unregister()
    operators.unregister()
