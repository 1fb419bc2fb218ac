# SPDX-License-Identifier: GPL-3.0-or-later
"""Automatic saliency: faces and the people that they belong to, without a download."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..image import Image
from ..models.network import is_available
from ..segmentation.regions import connected_components
from . import faces, people
from .faces import EYES, MOUTH, Face, find_faces
from .people import person_mask

# Saliency of a person, of a face, and of eyes and mouth, above the background of the source.
_PERSON, _FACE, _FEATURES = 0.25, 0.7, 1.0

# Saliency of everything else.
BACKGROUND = 0.2

# Half the width and height of a face's ellipse, in sizes of its box, which ends at the brows.
_ELLIPSE = np.array([0.55, 0.65])
_FADE = 0.25  # beyond the border of an ellipse, in its radii

# Radii of the ellipses around eyes and mouth, in distances of the eyes.
_EYE, _MOUTH = np.array([0.32, 0.24]), np.array([0.5, 0.28])

# Pixels of the person mask above this belong to a person.
_PERSON_MINIMUM = 0.5


def why_unavailable() -> str:
    """Return why automatic saliency can't be had; empty if it can."""
    if is_available(faces.NETWORK) and is_available(people.NETWORK):
        return ""
    return "The networks that find faces and people are not part of this build"


def automatic_saliency(
    image: Image, automatic: bool, report: Callable[[float, str], None]
) -> np.ndarray | None:
    """Return the saliency of faces and people: float32 [H, W] in [0, 1], 0 elsewhere.

    None if there is no face, or where the networks are missing. A person counts only if the
    face is found, too, because the person mask alone takes other things for people.
    report: as of `Source.find`.
    """
    if why_unavailable():
        return None
    report(0.0, "Looking for faces")
    found = find_faces(image)
    if not found:
        return None
    report(0.5, "Looking for people")
    saliency = _PERSON * _people_of(found, person_mask(image))
    for face in found:
        np.maximum(
            saliency, _FACE * _ellipse(face.center, face.size * _ELLIPSE, saliency), saliency
        )
        np.maximum(saliency, _FEATURES * _features(face, saliency), saliency)
    return saliency.astype(np.float32)


def face_masks(image: Image) -> tuple[np.ndarray, np.ndarray]:
    """Return where faces are, and where their eyes and mouths are: bool [H, W] each."""
    face = np.zeros((image.height, image.width), bool)
    features = face.copy()
    for found in find_faces(image):
        face |= _ellipse(found.center, found.size * _ELLIPSE, face) >= 1.0
        features |= _features(found, face) >= 1.0
    return face, features


def face_and_person_masks(image: Image) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return where each person and each face is: bool [H, W] each.

    People whose masks touch are one. Nothing is found where the networks are missing.
    """
    found = [] if why_unavailable() else find_faces(image)
    if not found:
        return [], []
    likely = np.zeros((image.height, image.width), np.float32)
    ellipses = [_ellipse(face.center, face.size * _ELLIPSE, likely) >= 1.0 for face in found]
    people = connected_components(
        np.where(_people_of(found, person_mask(image)) > _PERSON_MINIMUM, 0, -1)
    )
    return [people == label for label in range(int(people.max(initial=-1)) + 1)], ellipses


def _people_of(found: list[Face], mask: np.ndarray) -> np.ndarray:
    """Return the parts of a person mask that are connected to one of the faces."""
    labels = connected_components(np.where(mask > _PERSON_MINIMUM, 0, -1))
    at_faces = [labels[_ellipse(face.center, face.size * _ELLIPSE, mask) >= 1.0] for face in found]
    kept = np.unique(np.concatenate(at_faces))
    return np.where(np.isin(labels, kept[kept >= 0]), mask, 0.0)


def _features(face: Face, like: np.ndarray) -> np.ndarray:
    """Return the ellipses around the eyes and the mouth of a face."""
    distance = float(np.linalg.norm(face.points[EYES[0]] - face.points[EYES[1]]))
    places = [(face.points[eye], _EYE) for eye in EYES] + [(face.points[MOUTH], _MOUTH)]
    return np.maximum.reduce([_ellipse(center, distance * radii, like) for center, radii in places])


def _ellipse(center: np.ndarray, radii: np.ndarray, like: np.ndarray) -> np.ndarray:
    """Return a map of the size of `like` [H, W]: 1 inside an ellipse, fading to 0 around it."""
    rows, columns = np.ogrid[: like.shape[0], : like.shape[1]]
    x, y = (columns + 0.5 - center[0]) / radii[0], (rows + 0.5 - center[1]) / radii[1]
    return ((1.0 + _FADE - np.hypot(x, y)) / _FADE).clip(0.0, 1.0)
