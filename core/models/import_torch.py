# SPDX-License-Identifier: GPL-3.0-or-later
"""Import of torch, with a hint for users who don't have it."""

from __future__ import annotations

import re
from types import ModuleType

from ..errors import EngineMissingError
from ..version import FULL_EDITION, GET_FULL_EDITION

OLDEST = (2, 6)  # torch.load(weights_only=True) ran code in earlier versions: CVE-2025-32434


def import_torch() -> ModuleType:
    """Import the package.

    Raises EngineMissingError where it is missing, broken or too old, and in the standard edition.
    """
    if FULL_EDITION:
        raise engine_missing("torch can't be used.")
    try:
        import torch
    except (ImportError, OSError) as error:
        raise engine_missing(f"torch can't be used: {str(error).splitlines()[0]}.") from error
    version = re.match(r"(\d+)\.(\d+)", str(torch.__version__))
    if version is not None and tuple(map(int, version.groups())) < OLDEST:
        raise engine_missing(
            f"PyTorch {torch.__version__} is too old: before 2.6, a checkpoint can run code."
        )
    return torch


def engine_missing(message: str) -> EngineMissingError:
    """Return the error for a missing part of the AI engine, with a hint on its installation.

    The standard edition has no AI engine: its error says that instead.
    """
    if FULL_EDITION:
        return EngineMissingError(f"{FULL_EDITION}.", GET_FULL_EDITION)
    return EngineMissingError(
        message, "Install the AI engine: in the preferences, or with 'semvec engine install'."
    )
