# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects of a picture, their names, and the completion of what lies behind them."""

from __future__ import annotations

import numpy as np

from semvec.core.grouping.completion import completed
from semvec.core.grouping.objects import BACKDROP, PART, PERSON, STANDING, Found, find_objects
from semvec.core.segmentation.regions import connected_components

# Sky, meadow, a tree on it that touches no border, a person before both, and the person's face.
SIZE = (60, 80)


def scene() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Labels [H, W], semantic regions of the labels, and the picture."""
    labels = np.zeros(SIZE, np.int32)
    labels[22:] = 1
    labels[25:40, 60:72] = 2
    labels[15:60, 20:40] = 3
    labels[18:28, 25:35] = 4
    colors = np.array(
        [[0.5, 0.7, 0.95], [0.2, 0.6, 0.2], [0.3, 0.2, 0.1], [0.8, 0.1, 0.1], [0.9, 0.7, 0.6]]
    )
    return labels, np.array([0, 1, 2, 3, 3], np.int32), colors[labels].astype(np.float32)


def found() -> list[Found]:
    labels = scene()[0]
    return [Found("Person", labels >= 3, PERSON), Found("Face", labels == 4, PART)]


def test_objects_are_named_after_what_is_found_and_what_they_look_like() -> None:
    objects = find_objects(*scene(), found())
    assert [objects.names[i] for i in objects.of_region] == [
        *("Sky", "Background", "Dark Brown Area", "Person", "Face")
    ]
    assert objects.region_levels.tolist() == [BACKDROP, BACKDROP, STANDING, PERSON, PART]


def test_without_anything_found_semantic_regions_are_the_objects() -> None:
    labels, parents, rgb = scene()
    objects = find_objects(labels, parents, rgb, [])
    same = objects.of_region[:, None] == objects.of_region
    assert (same == (parents[:, None] == parents)).all()
    assert len(set(objects.names)) == len(objects.names) == 4


def test_shades_of_what_stands_away_from_the_border_are_one_object() -> None:
    labels, _, rgb = scene()
    labels = np.where(labels == 3, 0, labels)  # the person is gone but for the face
    labels[18:28, 30:35] = 3
    objects = find_objects(labels, np.arange(5), rgb, [])
    assert objects.of_region[3] == objects.of_region[4] != objects.of_region[2]


def test_equal_names_are_numbered() -> None:
    labels, parents, rgb = scene()
    cups = [Found("cup", labels == 2, STANDING), Found("cup", labels == 4, STANDING)]
    names = find_objects(labels, parents, rgb, cups).names
    assert names[-2:] == ["cup", "cup 2"]


def test_what_lies_behind_is_continued_to_the_nearest_border() -> None:
    labels, parents, rgb = scene()
    objects = find_objects(labels, parents, rgb, found())
    levels = completed(labels, objects.region_levels)
    backdrop, standing, person, face = levels
    assert set(np.unique(backdrop)) == {0, 1}  # no hole
    inside = np.argwhere(labels == 3)
    for row, column in inside[::7]:
        visible = np.argwhere(labels <= 1)
        distance = np.abs(visible - (row, column)).sum(axis=1)
        nearest = {labels[tuple(place)] for place in visible[distance == distance.min()]}
        assert backdrop[row, column] in nearest
    assert set(np.unique(standing)) == {-1, 2} and (standing == 2).sum() == 15 * 12
    assert ((person == 3) == (labels >= 3)).all()  # also where the face is
    assert ((face == 4) == (labels == 4)).all()


def test_completed_regions_stay_connected() -> None:
    random = np.random.default_rng(0)
    labels = connected_components(random.integers(0, 3, (24, 30)).astype(np.int32))
    levels = random.integers(0, 3, int(labels.max()) + 1)
    for part in completed(labels, levels):
        for label in np.unique(part[part >= 0]):
            assert connected_components(np.where(part == label, 0, -1)).max() == 0
            assert (part[labels == label] == label).all()
