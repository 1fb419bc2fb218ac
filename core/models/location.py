# SPDX-License-Identifier: GPL-3.0-or-later
"""Location of model files on this computer."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import ModelMissingError
from ..system.data_directory import home, homes
from .registry import MODELS, Model

FOLDER = "models"  # in each data directory


def locate(name_or_path: str) -> Path:
    """Return the file of a model, given a name of the registry or the path of a checkpoint.

    Raises ModelMissingError if there is no such file.
    """
    model = MODELS.get(name_or_path)
    if model is not None:
        return _published(model)
    path = Path(os.path.expanduser(name_or_path))
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # ValueError: a null character
        pass
    raise ModelMissingError(
        f"There is no model '{name_or_path}'.",
        f"Name a checkpoint's file, or one of {', '.join(MODELS)}.",
    )


def find(model: Model) -> Path | None:
    """Return the file of a published model; None if it is not there completely.

    Only a finished and checked download has this name; the size excludes other files.
    """
    for folder in homes():
        path = folder / FOLDER / model.file
        if path.is_file() and path.stat().st_size == model.bytes:
            return path
    return None


def target(model: Model) -> Path:
    """Return the file that a published model is downloaded to."""
    return home() / FOLDER / model.file


def _published(model: Model) -> Path:
    found = find(model)
    if found is None:
        raise ModelMissingError(
            f"The model '{model.name}' ({model.size}) is not on this computer.",
            f"Download it in the preferences, or with 'semvec models download {model.name}'.",
        )
    return found
