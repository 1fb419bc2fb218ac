# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths grouped by the objects of the picture that they belong to.

Structural paths are traced a level at a time: what lies behind an object is continued beneath it.
Detail belongs to the object on which most of it is seen.
"""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from dataclasses import replace

import numpy as np

from ..drawing import Drawing, Path
from ..grouping.completion import completed
from ..grouping.groups import collected, named
from ..grouping.objects import PART, PERSON, STANDING, Found, Objects, find_objects
from ..image import Image
from ..refinement.target import Target
from ..saliency.automatic import face_and_person_masks
from ..saliency.combine import find_saliency
from ..saliency.prompt import split_prompt
from ..saliency.sources import requests_in
from ..settings import Settings
from ..tracing.structural import structural_paths
from .window import topmost

# Saliency by a prompt from which on a pixel shows what the prompt names.
_NAMED = 0.5


def objects_of(
    work: Image,
    labels: np.ndarray,
    parents: np.ndarray,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
    report: Callable[[float, str], None],
) -> Objects:
    """Return the objects of the working image, by its networks, the prompt and its regions."""
    people, faces = face_and_person_masks(work)
    found = [Found("Person", mask, PERSON) for mask in people]
    found += [
        Found(phrase, _prompted(work, phrase, settings, cache, report), STANDING)
        for phrase in (split_prompt(settings.prompt) if settings.prompt.strip() else [])
    ]
    found += [Found("Face", mask, PART) for mask in faces]
    return find_objects(labels, parents, work.rgb, found)


def _prompted(
    work: Image,
    phrase: str,
    settings: Settings,
    cache: MutableMapping[str, np.ndarray] | None,
    report: Callable[[float, str], None],
) -> np.ndarray:
    """Return where the picture shows what a phrase names: bool [H, W]."""
    only = replace(settings, prompt=phrase, automatic=False, contrast=False)
    return find_saliency(work, requests_in(only), cache=cache, report=report) > _NAMED


def traced_by_level(
    labels: np.ndarray, rgb: np.ndarray, objects: Objects, threads: int, most_nodes: int
) -> list[Path]:
    """Return one path a region, as `structural_paths`, continued beneath objects in front.

    labels: int [H, W], a partition of the whole canvas. Regions are numbered from N on, where N is
    the number of regions, so that `free_of_containment` tells them from those of detail.
    most_nodes: of a path.
    """
    count = len(objects.of_region)
    flat = labels.ravel()
    sums = [np.bincount(flat, rgb[..., channel].ravel(), count) for channel in range(3)]
    sizes = np.bincount(flat, minlength=count)
    colors = np.stack(sums, axis=1) / np.maximum(sizes, 1)[:, None]
    paths: list[Path] = []
    for part in completed(labels, objects.region_levels):
        for path in structural_paths(part, rgb, threads, most_nodes=most_nodes):
            region = path.region
            if region >= 0:
                fill = np.append(colors[region], 1.0).astype(np.float32)
                path = replace(path, fill=fill, region=count + region)
            paths.append(path)
    return paths


def free_of_containment(target: Target) -> Target:
    """Return the target with regions N to 2N - 1, whose paths reach beneath other objects."""
    return replace(target, parents=np.append(target.parents, np.full_like(target.parents, -1)))


def with_own_regions(paths: list[Path], count: int) -> list[Path]:
    """Return the paths of `traced_by_level` with the numbers of their regions, of `count`."""
    return [replace(p, region=p.region - count) if p.region >= count else p for p in paths]


def grouped(drawing: Drawing, labels: np.ndarray, objects: Objects | None) -> Drawing:
    """Return the drawing with the groups and names of its objects, collected by group.

    labels: int [H, W], the partition at working size. objects: None leaves the drawing as it is.
    The picture stays the same.
    """
    if objects is None:
        return drawing
    height, width = labels.shape
    small = drawing.scaled(width, height).paths
    owners = _owners(small, topmost(small, width, height), labels, objects)
    order = collected(
        [replace(path, group=owner) for path, owner in zip(small, owners, strict=True)],
        width,
        height,
    )
    paths = [replace(drawing.paths[index], group=owners[index]) for index in order]
    return replace(drawing, paths=named(paths))


def _owners(
    paths: list[Path], shown: np.ndarray, labels: np.ndarray, objects: Objects
) -> list[str]:
    """Return the name of the object of each path.

    shown: int [H, W], the index of the path seen at each pixel. What is traced from a region
    belongs to the region's object; other paths to that on which most of them is seen, and hidden
    ones to that of their region.
    """
    seen = (shown >= 0) & (labels >= 0)
    pairs = np.zeros((len(paths), len(objects.names)), int)
    np.add.at(pairs, (shown[seen], objects.of_region[labels[seen]]), 1)
    names = []
    for path, counts in zip(paths, pairs, strict=True):
        owner = int(counts.argmax())
        if path.region >= 0 and (path.kind == "structural" or not counts.any()):
            owner = int(objects.of_region[path.region])
        names.append(objects.names[owner] if path.region >= 0 or counts.any() else "")
    return names
