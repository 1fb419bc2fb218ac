# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM's masks with the tiny model, through the very code that runs the published ones."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from naive_suppression import naive_suppression
from shapes import Picture, draw_pictures

from semvec.core.cli.main import main
from semvec.core.errors import (
    Cancelled,
    EngineMissingError,
    ModelMissingError,
    OutOfMemoryError,
    SettingsError,
)
from semvec.core.image import Image, save_png
from semvec.core.models.torchvision_repair import import_torchvision
from semvec.core.pipeline.vectorize import ProgressEvent, vectorize
from semvec.core.segmentation import sam
from semvec.core.segmentation.builtin import over_segment
from semvec.core.segmentation.initial_partition import SamOptions, initial_partition
from semvec.core.segmentation.sam import MaskSearch, automatic_masks
from semvec.core.settings import Settings
from semvec.core.svg import to_svg

torch = pytest.importorskip("torch")
import_torchvision()
segment_anything = pytest.importorskip("segment_anything")

TINY = Path(__file__).resolve().parents[2] / "data" / "tiny_sam.pt"
HELD_OUT = 4_000  # a seed that training never saw
SEARCH = MaskSearch(points_per_side=8, predicted_iou=0.85, stability=0.8)
SETTINGS = Settings(
    segmenter="sam",
    sam_model=str(TINY),
    device="cpu",
    budget=24,
    iterations=30,
    threads=1,
    **asdict(SEARCH),
)


def partition(image: Image, inside: np.ndarray | None, settings: Settings) -> np.ndarray:
    """The initial partition of an image that is worked on at its own size."""
    sam = SamOptions(
        settings.sam_model,
        settings.device,
        settings.points_per_side,
        settings.predicted_iou,
        settings.stability,
    )
    count = max(settings.mask_count, 2 * settings.structural)
    return initial_partition(image, image, inside, count, sam=sam, threads=1)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tests share the processor."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def picture() -> Picture:
    return draw_pictures(HELD_OUT + 1, 1, 96, 128)[0]


def masks_of(picture: Picture, search: MaskSearch = SEARCH, **options: Any) -> np.ndarray:
    return automatic_masks(Image(picture.image), picture.image.shape[:2], TINY, search, **options)


def bytes_of(picture: Picture) -> np.ndarray:
    return np.rint(255 * picture.image).astype(np.uint8)


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return np.count_nonzero(a & b) / np.count_nonzero(a | b)


def encoder_runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one for each image that is embedded from now on."""
    runs: list[int] = []
    embedding = sam._embedding
    monkeypatch.setattr(sam, "_embedding", lambda *a: runs.append(1) or embedding(*a))
    return runs


def test_the_shapes_are_found() -> None:
    pictures = draw_pictures(HELD_OUT, 20, 128)
    best = []
    for picture in pictures:
        found = masks_of(picture)
        best += [max((overlap(mask, one) for one in found), default=0.0) for mask in picture.masks]
    assert np.mean(best) >= 0.85, "0.75 is asked for; the checkpoint reached 0.9"


def test_pictures_of_other_sizes_and_shapes_work_as_well() -> None:
    """Larger than the model's frame, and much smaller; masks come out at the size asked for."""
    for size in ((300, 220), (48, 64)):
        (picture,) = draw_pictures(HELD_OUT + 2, 1, *size)
        found = masks_of(picture)
        assert found.dtype == bool and found.shape[1:] == size
        best = [max(overlap(mask, one) for one in found) for mask in picture.masks]
        assert np.mean(best) > 0.6
        half = automatic_masks(Image(picture.image), (size[0] // 2, size[1] // 2), TINY, SEARCH)
        assert half.shape[1:] == (size[0] // 2, size[1] // 2) and len(half)


@pytest.mark.parametrize("search", [SEARCH, MaskSearch(5, 0.7, 0.8), MaskSearch(4, 0.01, 0.01)])
def test_masks_are_those_of_the_published_generator(picture: Picture, search: MaskSearch) -> None:
    generator = segment_anything.SamAutomaticMaskGenerator(
        sam.load_sam(TINY),
        points_per_batch=sam.POINTS_PER_BATCH["cpu"],
        points_per_side=search.points_per_side,
        pred_iou_thresh=search.predicted_iou,
        stability_score_thresh=search.stability,
    )
    expected = [record["segmentation"] for record in generator.generate(bytes_of(picture))]
    assert len(expected) > 0
    np.testing.assert_array_equal(masks_of(picture, search), np.array(expected))


def test_masks_are_those_of_a_plain_suppression(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the repaired torchvision, and with the native one."""

    def plain(boxes: Any, scores: Any, threshold: float) -> Any:
        return torch.tensor(naive_suppression(boxes.numpy(), scores.numpy(), threshold))

    found = masks_of(picture)
    monkeypatch.setattr(import_torchvision().ops, "nms", plain)
    np.testing.assert_array_equal(masks_of(picture), found)


def test_thresholds_choose_fewer_masks(picture: Picture) -> None:
    every = len(masks_of(picture, MaskSearch(6, 0.0, 0.0)))
    assert 0 < len(masks_of(picture, MaskSearch(6, 0.6, 0.6))) < every
    assert masks_of(picture, MaskSearch(6, 1.0, 1.0)).shape == (0, 96, 128)


def test_an_image_is_embedded_once(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = encoder_runs(monkeypatch)
    cache: dict[str, np.ndarray] = {}
    first = masks_of(picture, cache=cache)
    np.testing.assert_array_equal(masks_of(picture, cache=cache), first)
    masks_of(picture, MaskSearch(3, 0.1, 0.1), cache=cache)
    assert len(runs) == 1
    other = Picture(picture.image[:, ::-1].copy(), picture.masks, picture.names)
    masks_of(other, cache=cache)
    assert len(runs) == 2
    assert all(values.nbytes < 2**20 for values in cache.values())


def test_another_checkpoint_embeds_anew(
    picture: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = encoder_runs(monkeypatch)
    cache: dict[str, np.ndarray] = {}
    for file in (TINY, TINY.with_suffix(".json")):
        shutil.copy(file, tmp_path)
    copy = tmp_path / TINY.name
    for i in range(2):
        os.utime(copy, ns=(i, i))
        automatic_masks(Image(picture.image), (96, 128), copy, SEARCH, cache=cache)
    assert len(runs) == 2


def test_progress_rises_and_counts_points(picture: Picture) -> None:
    heard: list[tuple[float, str]] = []
    masks_of(picture, on_step=lambda share, message: heard.append((share, message)))
    shares = [share for share, _ in heard]
    assert shares == sorted(shares) and shares[0] == 0 and shares[-1] < 1
    assert [message for _, message in heard if "points" in message] == [
        f"Finding masks with SAM, {done} of 64 points" for done in range(0, 64, 4)
    ]
    assert sum("Looking" in message for _, message in heard) == 3, "before each block"


@pytest.mark.parametrize("steps", [1, 3, 6])
def test_it_stops_between_batches_and_between_blocks(picture: Picture, steps: int) -> None:
    heard: list[str] = []

    def on_step(share: float, message: str) -> None:
        heard.append(message)
        if len(heard) == steps:
            raise Cancelled

    with pytest.raises(Cancelled):
        masks_of(picture, on_step=on_step)
    assert len(heard) == steps
    assert len(masks_of(picture)) > 0, "and it works again"


def test_less_memory_gives_the_same_masks(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = masks_of(picture)
    sizes: list[int] = []
    masks_at = sam._masks_at

    def short_of_memory(model: Any, embedding: Any, frame: Any, points: Any, *rest: Any) -> Any:
        sizes.append(len(points))
        if len(points) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return masks_at(model, embedding, frame, points, *rest)

    monkeypatch.setattr(sam, "_masks_at", short_of_memory)
    said: list[str] = []
    found = masks_of(picture, on_step=lambda share, message: said.append(message))
    assert sizes == [4] + 32 * [2]
    # Sums run in another order in smaller batches: single pixels on outlines may differ.
    assert len(found) == len(expected) and np.mean(found != expected) < 1e-3
    assert "out of memory: continuing with 2 at a time" in said[-1]


def test_no_memory_at_all_is_a_typed_error(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*arguments: Any) -> Any:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate ...")

    monkeypatch.setattr(sam, "_embedding", no_memory)
    with pytest.raises(OutOfMemoryError):
        masks_of(picture)


def test_leftovers_are_segmented_as_without_sam(picture: Picture) -> None:
    """No mask at all: the partition is the built-in segmenter's, small regions absorbed."""
    image = Image(picture.image)
    nothing = replace(SETTINGS, predicted_iou=1.0, stability=1.0)
    labels = partition(image, None, nothing)
    assert 50 < labels.max() + 1 <= SETTINGS.mask_count
    plain = over_segment(picture.image, SETTINGS.mask_count)
    assert not np.any((labels[:, 1:] != labels[:, :-1]) & (plain[:, 1:] == plain[:, :-1]))


def test_each_shape_is_one_region_and_the_ground_several(picture: Picture) -> None:
    image = Image(picture.image)
    labels = partition(image, None, SETTINGS)
    for mask in picture.masks:
        largest = np.bincount(labels[mask]).argmax()
        assert overlap(labels == largest, mask) > 0.6
    assert labels.min() == 0


def test_transparent_pixels_stay_outside(picture: Picture) -> None:
    alpha = np.ones((96, 128), np.float32)
    alpha[:, :50] = 0.0
    image = Image(picture.image, alpha)
    labels = partition(image, alpha > 0.5, SETTINGS)
    assert np.array_equal(labels < 0, alpha < 0.5)


def test_from_pixels_to_a_drawing(picture: Picture) -> None:
    results = [vectorize(Image(picture.image), SETTINGS) for _ in range(2)]
    drawing = results[0].drawing
    assert len(drawing.paths) == SETTINGS.budget
    assert to_svg(drawing) == to_svg(results[1].drawing)
    builtin = vectorize(Image(picture.image), replace(SETTINGS, segmenter="builtin"))
    assert not np.array_equal(builtin.labels, results[0].labels)
    assert drawing.settings["segmenter"] == "sam"


def test_progress_of_a_run_leaves_most_of_it_to_sam(picture: Picture) -> None:
    heard: list[ProgressEvent] = []
    cache: dict[str, np.ndarray] = {}
    vectorize(Image(picture.image), SETTINGS, on_progress=heard.append, cache=cache)
    fractions = [progress.fraction for progress in heard]
    assert fractions == sorted(fractions) and fractions[-1] == 1
    segmenting = [progress for progress in heard if progress.stage == "segmentation"]
    assert len(segmenting) > 5 and segmenting[-1].fraction > 0.5
    assert len(cache) == 2, "the embedding and the partition"


def test_a_run_stops_while_sam_works(picture: Picture) -> None:
    heard: list[ProgressEvent] = []
    with pytest.raises(Cancelled):
        vectorize(
            Image(picture.image),
            SETTINGS,
            on_progress=heard.append,
            should_stop=lambda: any("points" in progress.message for progress in heard),
        )
    assert sum("points" in progress.message for progress in heard) == 1


def test_masks_of_the_user_come_first(picture: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = encoder_runs(monkeypatch)
    labels = np.zeros((96, 128), np.int32)
    labels[:, 64:] = 1
    result = vectorize(Image(picture.image), SETTINGS, masks=labels)
    assert runs == [] and result.labels.max() == 1


def test_the_command_line_uses_sam(picture: Picture, tmp_path: Path) -> None:
    save_png(tmp_path / "photo.png", picture.image)
    options = [
        "--segmenter", "sam", "--sam-model", str(TINY), "--points-per-side", "6",
        "--predicted-iou", "0.5", "--stability", "0.5", "--device", "cpu",
        "--budget", "12", "--iterations", "10",
    ]  # fmt: skip
    assert main([str(tmp_path / "photo.png"), *options]) == 0
    assert (tmp_path / "photo.svg").read_text().count("<path") == 12


def test_what_is_missing_is_a_typed_error(
    picture: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = Image(picture.image)
    with pytest.raises(ModelMissingError):
        vectorize(image, replace(SETTINGS, sam_model="/nowhere/sam.pth"))
    with pytest.raises(SettingsError):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
        vectorize(image, replace(SETTINGS, device="cuda"))
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(EngineMissingError) as caught:
        vectorize(image, replace(SETTINGS, sam_model="sam_vit_h"))
    assert "semvec engine install" in caught.value.hint


def test_the_benchmark_takes_them_for_photographs_that_nobody_has_segmented(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[3] / "benchmarks"))
    from comparison import photographs
    from comparison.sam_masks import keep_masks

    picture = draw_pictures(HELD_OUT + 3, 1, 64)[0]
    for name in ("found", "labeled"):
        save_png(tmp_path / f"{name}.png", picture.image)
    np.savez(tmp_path / "labeled.npz", labels=np.zeros((4, 4), int))
    files, folder = photographs.find([tmp_path]), tmp_path / "masks"
    keep_masks(files, 64, str(TINY), folder, lambda share, name: None)
    assert [file.name for file in folder.iterdir()] == ["found.npz"]
    labels = photographs.load(tmp_path / "found.png", 64, folder).labels
    assert labels is not None and labels.shape == (64, 64) and len(np.unique(labels)) > 1
    assert photographs.load(tmp_path / "found.png", 64).labels is None
    before = (folder / "found.npz").stat().st_mtime_ns
    keep_masks(files, 64, "/nowhere.pth", folder, lambda share, name: None)
    assert (folder / "found.npz").stat().st_mtime_ns == before
