# SPDX-License-Identifier: GPL-3.0-or-later
"""Photographs of any folder, with a person's segments and words where they lie beside them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from semvec.core.image import load_image, resize

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
SALIENT_SHARES = (0.03, 0.35)  # of the picture: how large the salient segment may be


class Photograph(NamedTuple):
    """image: float32 [H, W, 3]. labels: int [H, W] or None, the semantic masks.

    prompt: what matters in it, in words; empty where it is not known.
    """

    name: str
    image: np.ndarray
    labels: np.ndarray | None
    prompt: str = ""


def find(folders: list[Path]) -> list[Path]:
    """All picture files in the folders, by name."""
    files = [file for folder in folders for file in folder.iterdir()]
    return sorted((f for f in files if f.suffix.lower() in SUFFIXES), key=lambda f: f.name)


def halves(files: list[Path]) -> tuple[list[Path], list[Path]]:
    """Every other file with labels, and those left out: not looked at while tuning."""
    labeled = [file for file in files if file.with_suffix(".npz").exists()]
    held_back = labeled[1::2]
    return [file for file in files if file not in held_back], held_back


def labels_of(file: Path, masks: Path | None = None) -> Path | None:
    """Return the file of labels beside a photograph, or in the folder `masks`; or None."""
    places = [file.with_suffix(".npz"), *([masks / f"{file.stem}.npz"] if masks else [])]
    return next((place for place in places if place.exists()), None)


def load(file: Path, resolution: int, masks: Path | None = None) -> Photograph:
    """Return the photograph at working size; labels, as `labels_of`, by the nearest pixel."""
    image = resize(load_image(file), resolution).rgb
    labels, words = labels_of(file, masks), file.with_suffix(".txt")
    prompt = words.read_text(encoding="utf-8").strip() if words.exists() else ""
    if labels is None:
        return Photograph(file.stem, image, None, prompt)
    with np.load(labels) as arrays:
        numbers = arrays["labels"].astype(np.int32)
    height, width = image.shape[:2]
    rows = ((np.arange(height) + 0.5) * numbers.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * numbers.shape[1] / width).astype(int)
    return Photograph(file.stem, image, numbers[rows[:, None], columns], prompt)


def salient_segment(labels: np.ndarray) -> np.ndarray | None:
    """Return the segment of a fitting size nearest the middle: bool [H, W], or None."""
    middle = np.array(labels.shape) / 2
    nearest, segment = np.inf, None
    for label in np.unique(labels):
        mask = labels == label
        if SALIENT_SHARES[0] <= mask.mean() <= SALIENT_SHARES[1]:
            offsets = (np.argwhere(mask) - middle) / labels.shape
            distance = float(np.linalg.norm(offsets, axis=1).mean())
            if distance < nearest:
                nearest, segment = distance, mask
    return segment
