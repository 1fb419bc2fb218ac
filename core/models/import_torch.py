# SPDX-License-Identifier: GPL-3.0-or-later
"""torch, or what to do without it."""

from __future__ import annotations

from types import ModuleType

from ..errors import EngineMissingError


def import_torch() -> ModuleType:
    """The package. Raises EngineMissingError where it is missing or broken."""
    try:
        import torch
    except (ImportError, OSError) as error:
        raise engine_missing(f"torch can't be used: {str(error).splitlines()[0]}.") from error
    return torch


def engine_missing(message: str) -> EngineMissingError:
    """The error for whatever the AI engine would bring, with a hint on how to get that."""
    return EngineMissingError(
        message, "Install the AI engine: in the preferences, or with 'semvec engine install'."
    )
