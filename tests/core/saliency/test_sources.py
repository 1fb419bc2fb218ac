# SPDX-License-Identifier: GPL-3.0-or-later
"""Saliency sources: requests, and the combination of their maps with painting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from semvec.core.image import Image
from semvec.core.saliency.combine import combine_found, find_saliency
from semvec.core.saliency.sources import SOURCES, Request, Source
from semvec.core.settings import Settings

IMAGE = Image(np.zeros((4, 6, 3), np.float32))


def found_at(*columns: int) -> Callable[..., np.ndarray]:
    """A source's function that finds these columns of the picture."""

    def find(image: Image, *_: Any) -> np.ndarray:
        saliency = np.zeros((image.height, image.width), np.float32)
        saliency[:, list(columns)] = 1.0
        return saliency

    return find


def request(find: Callable[..., np.ndarray | None], **options: Any) -> Request:
    return Request(Source("test", "Test", "", ("test",), find, **options), (True,))


def test_every_setting_of_a_source_is_a_setting() -> None:
    names = {field.name for field in fields(Settings)}
    for source in SOURCES:
        assert {*source.settings, *source.resources} <= names
        assert source.model == "" or source.model in source.settings
        assert not source.is_requested(Settings()) or source.background > 0.0


def test_names_of_sources_are_unique() -> None:
    assert len({source.name for source in SOURCES} | {"painted"}) == len(SOURCES) + 1


def test_an_empty_text_requests_nothing_and_a_check_box_only_when_checked() -> None:
    source = request(found_at(1)).source
    for value, requested in (("", False), (" ", False), ("x", True), (False, False), (True, True)):
        assert source.is_requested(SimpleNamespace(test=value)) is requested
    assert source.switched("x", True) == "x" and source.switched("x", False) == ""
    assert source.switched(False, True) is True and source.switched(True, False) is False


def test_values_and_resources_reach_the_source_in_order() -> None:
    seen: list[Any] = []

    def find(image: Image, *values: Any) -> None:
        seen.extend(values[:-1])

    source = Source("test", "Test", "", ("a", "b"), find, resources=("c",))
    settings = SimpleNamespace(a=1, b="two", c=3)
    assert np.all(find_saliency(IMAGE, [source.request(settings)]) == 0.5)
    assert seen == [1, "two", 3]


def test_what_any_source_finds_matters() -> None:
    found = find_saliency(IMAGE, [request(found_at(1)), request(found_at(4))])
    assert found[0].tolist() == [0, 1, 0, 0, 1, 0]


def test_the_lowest_background_of_the_sources_that_find_anything_counts() -> None:
    lifted = request(found_at(1), background=0.25)
    nothing = request(lambda *_: None, background=0.5)
    assert find_saliency(IMAGE, [lifted, nothing])[0].tolist() == [0.25, 1, 0.25, 0.25, 0.25, 0.25]
    higher = request(found_at(2), background=0.5)
    both = find_saliency(IMAGE, [lifted, higher])
    assert both[0].tolist() == [0.25, 1, 1, 0.25, 0.25, 0.25]
    both = find_saliency(IMAGE, [lifted, request(found_at(2))])
    assert both[0].tolist() == [0, 1, 1, 0, 0, 0]


def test_painting_wins_where_it_is_not_black() -> None:
    painted = np.zeros((4, 6), np.float32)
    painted[:, :2] = 0.125
    found = find_saliency(IMAGE, [request(found_at(1, 3))], painted=painted)
    assert found[0].tolist() == [0.125, 0.125, 0, 1, 0, 0]


@pytest.mark.parametrize("maps", [[], [(0.5, None)], [(0.0, None), (0.5, None)]])
def test_without_a_map_nothing_is_combined(maps: list[Any]) -> None:
    assert combine_found(maps) is None


def test_maps_are_cached_by_image_and_values_but_not_by_resources() -> None:
    cache: dict[str, np.ndarray] = {}
    source = Source("test", "Test", "", ("a",), found_at(1), resources=("threads",))
    first = find_saliency(IMAGE, [Request(source, ("x",), (1,))], cache=cache)
    blind = Source("test", "Test", "", ("a",), found_at(), resources=("threads",))
    assert find_saliency(IMAGE, [Request(blind, ("x",), (2,))], cache=cache) is first
    assert not find_saliency(IMAGE, [Request(blind, ("y",), (2,))], cache=cache).any()
