# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of paths: their order, which leaves the picture as it is, their names and their SVG."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from foreign_svg import rendered_by_resvg

from semvec.core.bezier import circle
from semvec.core.drawing import Drawing, Path
from semvec.core.grouping.groups import collected, is_group_name, named
from semvec.core.svg import from_svg, quantized, to_svg
from semvec.core.svg.names import identifier_of

WIDTH, HEIGHT = 120, 80
GROUPS = ("Person", "Face", "Dark Green Area", "")


def discs(seed: int, count: int = 60) -> list[Path]:
    random = np.random.default_rng(seed)
    centers = random.uniform(0, (WIDTH, HEIGHT), (count, 2))
    return [
        Path(
            [circle(center, random.uniform(2, 9), 5)],
            np.append(random.uniform(0, 1, 3), random.choice([1.0, 0.5])).astype(np.float32),
            "structural" if i < count // 3 else "detail",
            f"shape.{i}",
            group=GROUPS[random.integers(len(GROUPS))],
        )
        for i, center in enumerate(centers)
    ]


def runs(paths: list[Path]) -> int:
    keys = [(path.kind, path.group) for path in paths]
    return sum(a != b for a, b in zip(keys, [None, *keys[:-1]], strict=True))


@pytest.mark.parametrize("seed", range(6))
def test_collecting_groups_leaves_the_picture_as_it_is(seed: int) -> None:
    paths = discs(seed)
    order = collected(paths, WIDTH, HEIGHT)
    assert sorted(order) == list(range(len(paths)))
    after = [paths[i] for i in order]
    assert [path.kind for path in after] == [path.kind for path in paths]
    assert runs(after) < runs(paths) / 2
    before, now = (
        to_svg(Drawing(WIDTH, HEIGHT, [replace(path, group="") for path in each]))
        for each in (paths, after)
    )
    np.testing.assert_array_equal(rendered_by_resvg(before), rendered_by_resvg(now))
    grouped = to_svg(Drawing(WIDTH, HEIGHT, after))
    np.testing.assert_array_equal(rendered_by_resvg(before), rendered_by_resvg(grouped))


def test_a_group_is_split_where_another_lies_between_its_paths() -> None:
    gray = np.ones(4, np.float32)
    stack = [
        Path([circle((40, 40), 20 - i, 4)], gray, group=group)
        for i, group in enumerate(("A", "B", "A"))
    ]
    assert collected(stack, WIDTH, HEIGHT) == [0, 1, 2]
    aside = [replace(stack[1], subpaths=[circle((90, 40), 9, 4)])]
    assert collected([stack[0], *aside, stack[2]], WIDTH, HEIGHT) == [0, 2, 1]


def test_paths_are_named_after_their_groups() -> None:
    paths = [replace(path, group=group) for path, group in zip(discs(0, 4), GROUPS, strict=True)]
    paths.append(replace(paths[0], name="background"))
    paths.append(replace(paths[0], kind="detail"))
    names = [path.name for path in named(paths)]
    assert names == [
        *("person.000", "face.000", "dark-green-area.000", "shape.3", "background", "person.001")
    ]
    assert [is_group_name(path) for path in named(paths)] == [True, True, True, False, False, True]


@pytest.mark.parametrize(
    ("group", "identifier"),
    [
        ("Dark Green 2", "dark-green-2"),
        ("2 cups", "object-2-cups"),
        ("杯", "object"),
        ("", "object"),
    ],
)
def test_identifiers_of_groups(group: str, identifier: str) -> None:
    assert identifier_of(group) == identifier


def test_groups_are_layers_of_their_layer_and_come_back() -> None:
    paths = [path for path in discs(1) if path.group]
    paths[0] = replace(paths[0], group='a <"cup"> & 杯\n', name="structural")
    drawing = Drawing(WIDTH, HEIGHT, paths)
    text = to_svg(drawing)
    back = from_svg(text)
    assert [path.group for path in back.paths] == [path.group for path in paths]
    assert [path.name for path in back.paths] == [path.name for path in quantized(drawing).paths]
    assert to_svg(back) == text
    root = ElementTree.fromstring(text)
    identifiers = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(set(identifiers)) == len(identifiers)
    top = [each.get("id") for each in root if each.tag.endswith("}g")]
    assert top == ["structural", "detail"]
    assert {"a-cup", "person", "person-detail", "person-detail.2"} <= set(identifiers)
