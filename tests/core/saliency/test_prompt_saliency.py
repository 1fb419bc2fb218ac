# SPDX-License-Identifier: GPL-3.0-or-later
"""Prompt saliency with the tiny CLIP, by the code that runs the published models."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from detail_counts import details_on
from shapes import Picture, draw_picture, draw_pictures, textured

from semvec.core.errors import Cancelled, EngineMissingError, SaliencyError
from semvec.core.image import Image
from semvec.core.models.clip import import_open_clip
from semvec.core.pipeline.saliency_map import saliency_map
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.saliency import clip_relevance, sources
from semvec.core.saliency.prompt import prompt_saliency, split_prompt
from semvec.core.settings import Settings

torch = pytest.importorskip("torch", reason="the AI engine's packages are not installed here")
import_open_clip()

TINY = str(Path(__file__).resolve().parents[2] / "data" / "tiny_clip.pt")
HELD_OUT = 5_000  # a seed that training never saw
SETTINGS = Settings(clip_model=TINY, device="cpu", threads=1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tests share the processor."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def find(image: np.ndarray, prompt: str, **options: Any) -> np.ndarray:
    return prompt_saliency(Image(image), prompt, TINY, "cpu", 1, **options)


def some_picture(names: tuple[str, ...], seed: int = 0, **size: int) -> Picture:
    return draw_picture(np.random.default_rng([HELD_OUT, seed]), names=names, **size)


# Does it find what is named?


class Query(NamedTuple):
    """One prompt in one picture. means: of the map on each shape, the named one first."""

    means: np.ndarray
    rest: float
    has_rival: bool

    @property
    def found(self) -> bool:
        return bool(self.means[0] > self.means[1:].max())


def ask(picture: Picture, index: int) -> Query:
    name = picture.names[index]
    found = find(picture.image, f"a {name}")
    assert found.shape == picture.image.shape[:2] and found.dtype == np.float32
    assert found.min() >= 0.0 and found.max() == 1.0
    means = [float(found[mask].mean()) for mask in picture.masks]
    means.insert(0, means.pop(index))
    colors = [other.split()[0] for other in picture.names]
    rest = float(found[~picture.masks[index]].mean())
    return Query(np.array(means), rest, colors.count(name.split()[0]) > 1)


@pytest.fixture(scope="module")
def queries() -> list[Query]:
    """Every shape of 200 pictures that no training saw, asked for by its name."""
    torch.set_num_threads(1)
    pictures = draw_pictures(HELD_OUT, 200)
    return [ask(picture, index) for picture in pictures for index in range(len(picture.names))]


def test_the_named_shape_is_the_most_salient(queries: list[Query]) -> None:
    assert len(queries) > 500
    assert np.mean([query.found for query in queries]) >= 0.9


def test_shape_counts_as_well_as_color(queries: list[Query]) -> None:
    """A model that knows only colors would be right in one of two or three."""
    rivals = [query.found for query in queries if query.has_rival]
    assert len(rivals) > 100
    assert np.mean(rivals) >= 0.75


def test_the_rest_is_much_less_salient(queries: list[Query]) -> None:
    assert np.median([query.means[0] / query.rest for query in queries]) >= 3.0


@pytest.mark.parametrize(("height", "width"), [(64, 150), (130, 70)])
def test_pictures_that_are_not_square(height: int, width: int) -> None:
    generator = np.random.default_rng([HELD_OUT, 1])
    hits = []
    for _ in range(15):
        picture = draw_picture(generator, height, width)
        query = ask(picture, 0)
        hits.append(query.found and query.means[0] > 2.0 * query.rest)
    assert np.mean(hits) >= 0.85


def test_another_prompt_finds_another_shape() -> None:
    picture = some_picture(("red circle", "blue star", "green square"))
    maps = [find(picture.image, name) for name in picture.names]
    for i, found in enumerate(maps):
        means = [found[mask].mean() for mask in picture.masks]
        assert np.argmax(means) == i
    assert np.array_equal(maps[0], find(picture.image, picture.names[0])), "the same again"


def test_several_phrases_find_all_they_name() -> None:
    picture = some_picture(("red circle", "blue star", "green square", "yellow triangle"))
    both = find(picture.image, "a red circle, a green square")
    circle, square = (find(picture.image, name) for name in ("a red circle", "a green square"))
    np.testing.assert_allclose(both, np.maximum(circle, square), atol=1e-5)
    means = [both[mask].mean() for mask in picture.masks]
    assert min(means[0], means[2]) > 1.5 * max(means[1], means[3])


def test_prompts_are_split_at_commas() -> None:
    assert split_prompt("a cup,  a hand ,, ") == ["a cup", "a hand"]
    assert split_prompt("Salt & pepper: both") == ["Salt & pepper: both"]
    for nothing in ("", " , ,", "\n"):
        with pytest.raises(SaliencyError) as caught:
            split_prompt(nothing)
        assert caught.value.hint


@pytest.mark.parametrize("prompt", ["a", "é" * 500, "🦋, ∫x dx", "the " * 300, "\0", "a&nbsp;b"])
def test_odd_prompts_find_something(prompt: str) -> None:
    found = find(some_picture(("red circle", "blue star")).image, prompt)
    assert np.isfinite(found).all() and 0.0 <= found.min() <= found.max() <= 1.0


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (300, 2), (5, 7), (64, 64), (200, 300)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).random((*size, 3), np.float32)
    found = find(image, "a red circle")
    assert found.shape == size and np.isfinite(found).all()


def test_transparent_pixels_do_not_show() -> None:
    picture = some_picture(("red circle", "blue star"))
    hidden = np.ones((64, 64), np.float32)
    hidden[picture.masks[0]] = 0.0
    covered = picture.image.copy()
    covered[picture.masks[0]] = 0.5
    found = prompt_saliency(Image(picture.image, hidden), "a red circle", TINY, "cpu", 1)
    np.testing.assert_allclose(found, find(covered, "a red circle"), atol=1e-5)


def test_nothing_found_matters_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = np.zeros((8, 8), np.float32)
    monkeypatch.setattr(
        clip_relevance.ClipRelevance, "relevance", lambda *_: torch.from_numpy(nothing[None])
    )
    found = find(some_picture(("red circle",)).image[:8, :8], "a red circle")
    assert np.all(found == 0.5)


# How it goes about it


def test_another_prompt_encodes_no_view_again(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, other = (some_picture(("red circle", "blue star"), seed) for seed in (2, 3))
    expected = find(picture.image, "a blue star")
    find(other.image, "a red circle")
    calls = []
    encode = clip_relevance._encode
    monkeypatch.setattr(clip_relevance, "_encode", lambda *given: calls.append(1) or encode(*given))
    find(picture.image, "a red circle")
    first = len(calls)
    assert first > 0
    assert np.array_equal(find(picture.image, "a blue star"), expected)
    assert len(calls) == first
    monkeypatch.setattr(clip_relevance, "_MEMORY", 0)
    alone = find(other.image, "a red circle")
    assert len(calls) == first + 4, "large views are encoded one by one"
    np.testing.assert_allclose(find(other.image, "a red circle"), alone)
    assert len(calls) == first + 8, "and not kept"


def test_little_memory_makes_smaller_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    picture, said = some_picture(("red circle", "blue star"), 4), []
    expected = find(picture.image, "a blue star")
    encode = clip_relevance._encode

    def cramped(pictures: Any, clip: Any) -> Any:
        if len(pictures) > 2:
            raise RuntimeError("CUDA error: out of memory")
        return encode(pictures, clip)

    monkeypatch.setattr(clip_relevance, "_last", None)
    monkeypatch.setattr(clip_relevance, "_encode", cramped)
    found = find(picture.image, "a blue star", on_step=lambda share, text: said.append(text))
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert "Out of memory: continuing with 2 at a time" in said


def test_progress_rises_and_any_step_may_be_the_last() -> None:
    image = some_picture(("red circle",), 5).image
    heard: list[tuple[float, str]] = []
    find(image, "a red circle, a blue star", on_step=lambda *step: heard.append(step))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares) and shares[0] == 0.0 and shares[-1] < 1.0
    assert [text for _, text in heard] == ["Loading CLIP", "Looking for a red circle, a blue star"]
    for last in range(len(heard)):
        remaining = iter(range(last))

        def on_step(share: float, text: str, remaining: Iterator[int] = remaining) -> None:
            if next(remaining, None) is None:
                raise Cancelled

        clip_relevance._last = None
        with pytest.raises(Cancelled):
            find(image, "a red circle, a blue star", on_step=on_step)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineMissingError) as caught:
        find(np.zeros((8, 8, 3), np.float32), "a red circle")
    assert "semvec engine install" in caught.value.hint


# Together with painting, and in a drawing


def test_painting_wins_where_it_is_not_black() -> None:
    picture = some_picture(("red circle", "blue star"), 6)
    painted = np.zeros((64, 64), np.float32)
    painted[:20] = 0.25
    settings = replace(SETTINGS, prompt="a blue star")
    image = Image(picture.image)
    prompted = saliency_map(image, settings)
    np.testing.assert_array_equal(prompted, find(picture.image, "a blue star"))
    both = saliency_map(image, settings, painted=painted)
    np.testing.assert_array_equal(both[:20], np.float32(0.25))
    np.testing.assert_array_equal(both[20:], prompted[20:])
    only = saliency_map(image, SETTINGS, painted=painted)
    np.testing.assert_array_equal(only, painted)
    assert np.all(saliency_map(image, SETTINGS) == 0.5)
    with pytest.raises(SaliencyError):
        saliency_map(image, settings, painted=np.zeros(5))


def test_maps_of_prompts_are_cached(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image(some_picture(("red circle", "blue star"), 7, height=96).image)
    cache: dict[str, np.ndarray] = {}
    settings = replace(SETTINGS, prompt="a blue star", resolution=64)
    found = saliency_map(image, settings, cache=cache)
    assert found.shape == (64, 64) and len(cache) == 1
    monkeypatch.setattr(sources, "SOURCES", (replace(sources.SOURCES[0], find=None),))
    assert saliency_map(image, settings, cache=cache) is found
    other = replace(settings, prompt="a red circle")
    with pytest.raises(TypeError):
        saliency_map(image, other, cache=cache)


@pytest.mark.parametrize("named", range(3))
def test_most_detail_goes_to_what_is_named(named: int) -> None:
    names = ("red circle", "blue star", "green square")
    counts = {prompt: np.zeros(3, int) for prompt in ("", f"the {names[named]}")}
    for seed in (11, 12, 13):
        picture = some_picture(names, seed, height=128)
        image = Image(textured(picture, seed))
        for prompt, of_prompt in counts.items():
            settings = replace(
                SETTINGS,
                prompt=prompt,
                budget=24,
                exact=True,
                structural_ratio=0.25,
                iterations=40,
                saliency_floor=0.01,
            )
            drawing = vectorize(image, settings).drawing
            assert len(drawing.paths) == 24
            of_prompt += details_on(drawing, picture.masks)
    plain, guided = counts.values()
    assert guided[named] >= 5 and guided[named] > 2 * np.delete(guided, named).max()
    assert (guided - plain).argmax() == named
