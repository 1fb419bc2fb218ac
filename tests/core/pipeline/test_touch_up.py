# SPDX-License-Identifier: GPL-3.0-or-later
"""Touch-up of a finished drawing: shapes added, removed, refined and locked."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from metrics.shapes import crosses_itself
from same_drawing import same
from soft_photograph import photograph, picture_of

from semvec.core.bezier import bounds, circle, polygon, rectangle
from semvec.core.drawing import Drawing, Path, Ramp
from semvec.core.errors import ImageError, SaliencyError, SemvecError, SettingsError
from semvec.core.image import Image
from semvec.core.pipeline.changes import TouchUp
from semvec.core.pipeline.touch_up import TouchedUp, locked_paths, touch_up
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.settings import Settings
from semvec.core.svg import from_svg, to_svg

WHITE = (1.0, 1.0, 1.0)
QUICK = {"iterations": 40, "threads": 1}
BLUE, RED, GREEN = (
    np.array([*color, 1], np.float32) for color in ([0, 0, 0.8], [0.9, 0, 0], [0, 0.7, 0])
)


@pytest.fixture(scope="module")
def image() -> Image:
    return photograph()


@pytest.fixture(scope="module")
def drawing(image: Image) -> Drawing:
    settings = Settings(kind="photo", budget=16, iterations=40, mask_count=40, threads=1)
    return vectorize(image, settings).drawing


def disc(x: float = 50.0, y: float = 30.0, radius: float = 12.0) -> Path:
    return Path([circle((x, y), radius)], RED, name="disc", region=1)


def two_shapes(*paths: Path) -> Drawing:
    canvas = Path([rectangle(0, 0, 100, 60)], BLUE, name="background")
    return Drawing(100, 60, [canvas, *(paths or (disc(),))])


def image_of(drawing: Drawing) -> Image:
    return Image(picture_of(drawing, WHITE))


def middle(path: Path) -> np.ndarray:
    return bounds(path.subpaths).mean(axis=0)


def corner(image: Image) -> np.ndarray:
    """A region: the lower right quarter."""
    region = np.zeros((image.height, image.width))
    region[image.height // 2 :, image.width // 2 :] = 1
    return region


def error_in(drawing: Drawing, image: Image, region: np.ndarray) -> float:
    shown = picture_of(drawing.scaled(image.width, image.height), WHITE)
    return float(np.square(shown - image.rgb)[region > 0.5].mean())


def element(svg: str, name: str) -> str:
    """The line of a path in a file."""
    return next(line for line in svg.splitlines() if f'id="{name}"' in line)


# Adding


@pytest.mark.parametrize("count", [1, 5])
def test_exactly_so_many_shapes_are_added_where_the_region_is(
    image: Image, drawing: Drawing, count: int
) -> None:
    region = corner(image)
    result = touch_up(drawing, image, TouchUp(add=count, hold=True, **QUICK), region=region)
    assert len(result.drawing.paths) == len(drawing.paths) + count
    assert result.origins == [*range(len(drawing.paths)), *[-1] * count]
    assert result.drawing.paths[: len(drawing.paths)] == drawing.paths, "the rest stays"
    assert error_in(result.drawing, image, region) < error_in(drawing, image, region)
    for path in result.drawing.paths[-count:]:
        left, top = middle(path)
        assert left > 0.4 * image.width and top > 0.4 * image.height
        assert path.kind == "detail" and not crosses_itself(path)
    names = [path.name for path in result.drawing.paths]
    assert len(set(names)) == len(names)


def test_shapes_outside_of_the_region_stay_to_the_byte(image: Image, drawing: Drawing) -> None:
    result = touch_up(drawing, image, TouchUp(add=3, **QUICK), region=corner(image))
    before, after = to_svg(drawing), to_svg(result.drawing)
    outside = [
        path.name
        for path in drawing.paths
        if (bounds(path.subpaths)[1] < [image.width / 2, image.height / 2]).any()
    ]
    assert len(outside) >= 3 and result.report["changed"] > 0
    for name in outside:
        assert element(before, name) == element(after, name)


def test_a_drawing_without_error_gets_no_shapes() -> None:
    drawing = two_shapes()
    result = touch_up(drawing, image_of(drawing), TouchUp(add=4, hold=True, **QUICK))
    assert len(result.drawing.paths) == 2
    assert result.report["added"] == 0 and "would not improve" in result.report["notes"][0]


def test_new_shapes_of_a_drawing_with_gradients_have_gradients() -> None:
    ramp = Ramp("linear", np.float32([0, 0]), np.float32([100, 0]), GREEN[:3])
    wanted = two_shapes(
        replace(disc(), ramp=Ramp("linear", np.float32([38, 30]), np.float32([62, 30]), BLUE[:3]))
    )
    wanted.paths[0] = replace(wanted.paths[0], ramp=ramp)
    drawing = replace(wanted, paths=wanted.paths[:1])
    result = touch_up(drawing, image_of(wanted), TouchUp(add=1, hold=True, threads=1))
    assert result.drawing.paths[0] is drawing.paths[0]
    assert result.drawing.paths[1].ramp is not None


# Locking and refining


def test_a_shape_that_was_moved_by_hand_goes_back() -> None:
    wanted = two_shapes()
    moved = two_shapes(disc(53, 32))
    result = touch_up(moved, image_of(wanted), TouchUp(threads=1))
    assert np.allclose(middle(result.drawing.paths[1]), [50, 30], atol=0.3)
    assert result.drawing.paths[1].name == "disc" and result.drawing.paths[1].region == 1
    assert result.report["region_psnr"] > result.report["region_psnr_before"] + 10


@pytest.mark.parametrize("lock", ["disc", 1, "structural"])
def test_a_locked_shape_stays_to_the_byte(lock: str | int) -> None:
    other = Path([circle((20, 30), 9)], GREEN, "detail", "other", 1)
    wanted = two_shapes(disc(), replace(other, subpaths=[circle((22, 31), 9)]))
    given = two_shapes(disc(53, 32), other)
    result = touch_up(given, image_of(wanted), TouchUp(lock=(lock,), threads=1))
    before, after = to_svg(given), to_svg(result.drawing)
    assert element(after, "disc") == element(before, "disc")
    assert element(after, "other") != element(before, "other")
    assert np.allclose(middle(result.drawing.paths[2]), [22, 31], atol=0.5)


def test_a_locked_gradient_keeps_its_colors() -> None:
    ramp = Ramp("radial", np.float32([50, 30]), np.float32([60, 30]), GREEN[:3])
    locked = replace(disc(), ramp=ramp, fill=np.float32([0.5, 0.5, 0.5, 1]))
    result = touch_up(
        two_shapes(locked), image_of(two_shapes()), TouchUp(add=1, lock=("disc",), threads=1)
    )
    assert result.drawing.paths[1] is not None
    assert element(to_svg(result.drawing), "disc") == element(to_svg(two_shapes(locked)), "disc")


def test_locks_are_kinds_names_or_positions(drawing: Drawing) -> None:
    structural = {i for i, path in enumerate(drawing.paths) if path.kind == "structural"}
    everything = set(range(len(drawing.paths)))
    assert locked_paths(drawing, ["structural"]) == structural
    assert locked_paths(drawing, ["detail"]) == everything - structural
    assert locked_paths(drawing, ["all"]) == everything
    assert locked_paths(drawing, [drawing.paths[3].name, 5]) == {3, 5}


def test_a_shape_that_crosses_itself_beyond_repair_is_left_alone() -> None:
    bow = Path([polygon(np.array([[10, 10], [90, 50], [90, 10], [10, 50.0]]))], RED, name="bow")
    given = two_shapes(bow, disc(30, 30))
    result = touch_up(given, image_of(two_shapes()), TouchUp(add=1, **QUICK))
    assert result.drawing.paths[1] is given.paths[1]


# Removing


def test_the_removed_shape_is_the_one_that_is_missed_least(image: Image, drawing: Drawing) -> None:
    result = touch_up(drawing, image, TouchUp(remove=1, hold=True, **QUICK))
    everywhere = np.ones((image.height, image.width))
    errors = [
        error_in(
            replace(drawing, paths=[p for p in drawing.paths if p is not path]), image, everywhere
        )
        for path in drawing.paths[1:]
    ]
    assert result.origins == [i for i in range(len(drawing.paths)) if i != 1 + np.argmin(errors)]


def test_exactly_so_many_shapes_are_removed_and_none_of_the_locked(
    image: Image, drawing: Drawing
) -> None:
    result = touch_up(drawing, image, TouchUp(remove=5, lock=("structural",), hold=True, **QUICK))
    assert len(result.drawing.paths) == len(drawing.paths) - 5 and result.report["removed"] == 5
    structural = [path for path in drawing.paths if path.kind == "structural"]
    assert [path for path in result.drawing.paths if path.kind == "structural"] == structural
    refined = touch_up(drawing, image, TouchUp(remove=5, lock=("structural",), **QUICK))
    everywhere = np.ones((image.height, image.width))
    errors = (error_in(each.drawing, image, everywhere) for each in (refined, result))
    assert next(errors) < next(errors), "the rest fills the gaps"


# Every drawing


@given(
    st.integers(0, 5),
    st.integers(0, 4),
    st.sampled_from([(), ("structural",), ("detail",), ("all",)]),
    st.booleans(),
    st.integers(0, 3),
)
@hypothesis_settings(max_examples=12)
def test_no_touch_up_makes_a_drawing_worse(
    add: int, remove: int, lock: tuple[str, ...], has_region: bool, seed: int
) -> None:
    image = photograph(30, 40, seed)
    settings = Settings(kind="photo", budget=10, iterations=10, mask_count=20, threads=1)
    drawing = vectorize(image, settings).drawing
    region = corner(image) if has_region else np.ones((30, 40))
    free = len(drawing.paths) - len(locked_paths(drawing, [*lock, 0]))
    changes = TouchUp(add, min(remove, free), lock, iterations=15, threads=1)
    try:
        result = touch_up(drawing, image, changes, region=region if has_region else None)
    except SettingsError as error:
        assert error.message == "No shape may change."
        return
    reduced = replace(drawing, paths=[drawing.paths[i] for i in result.origins if i >= 0])
    assert error_in(result.drawing, image, region) <= error_in(reduced, image, region) + 1e-7
    assert len(reduced.paths) == len(drawing.paths) - changes.remove
    assert result.report["added"] in (0, add)
    changed = zip(result.drawing.paths, result.changed(drawing), strict=True)
    assert not any(crosses_itself(path) for path, is_changed in changed if is_changed)
    again = touch_up(drawing, image, changes, region=region if has_region else None)
    assert same(again.drawing, result.drawing)
    assert same(from_svg(to_svg(result.drawing)), result.drawing)


def test_the_sizes_of_drawing_and_image_may_differ(image: Image, drawing: Drawing) -> None:
    def gain(given: Drawing) -> float:
        result = touch_up(given, image, TouchUp(add=4, **QUICK))
        assert (result.drawing.width, result.drawing.height) == (given.width, given.height)
        return result.report["region_psnr"] - result.report["region_psnr_before"]

    assert gain(drawing) > 1
    assert gain(drawing.scaled(4, 3)) > 1
    assert gain(drawing.scaled(8000, 6000)) > 1


def test_a_transparent_image_is_painted_only_where_it_is_visible() -> None:
    alpha = np.zeros((60, 100), np.float32)
    rows, columns = np.mgrid[:60, :100] + 0.5
    alpha[np.hypot(columns - 50, rows - 30) < 20] = 1
    image = Image(np.full((60, 100, 3), [0.9, 0, 0], np.float32), alpha)
    given = Drawing(100, 60, [disc(50, 30, 12)])
    result = touch_up(given, image, TouchUp(add=2, threads=1))
    clear = np.hypot(columns - 50, rows - 30) > 22
    spilt = np.abs(picture_of(result.drawing, WHITE) - 1)[clear]
    assert (spilt > 0.02).mean() < 0.01
    assert result.report["psnr"] > 20


def test_half_transparent_shapes_keep_their_color() -> None:
    """Color and opacity are told apart: the error counts over dark and over light."""
    alpha = np.zeros((60, 100), np.float32)
    alpha[15:45, 30:70] = 0.5
    image = Image(np.full((60, 100, 3), [0.9, 0.1, 0.1], np.float32), alpha)
    fill = np.float32([0.4, 0.4, 0.1, 0.7])
    given = Drawing(100, 60, [Path([rectangle(30, 15, 70, 45)], fill, region=0)])
    fitted = touch_up(given, image, TouchUp(iterations=400, threads=1)).drawing.paths[0].fill
    assert np.allclose(fitted, [0.9, 0.1, 0.1, 0.5], atol=0.03)


def test_flat_art_keeps_straight_lines_straight() -> None:
    corners = np.array([[20, 10], [80, 12], [75, 50], [22, 48.0]])
    wanted = two_shapes(Path([polygon(corners)], RED, name="box", region=1))
    given = two_shapes(Path([polygon(corners + np.array([0.6, -0.5]))], RED, name="box", region=1))
    given.settings["kind"] = "flat"
    result = touch_up(given, image_of(wanted), TouchUp(threads=1))
    points = result.drawing.paths[1].subpaths[0]
    assert np.allclose(points[::3], corners, atol=0.15)
    assert np.allclose(points, polygon(points[::3]), atol=0.02)


def test_shapes_that_are_of_no_use_do_not_undo_the_refinement_of_the_others() -> None:
    corners = np.array([[20, 10], [80, 12], [75, 50], [22, 48.0]])
    wanted = two_shapes(Path([polygon(corners)], RED, name="box", region=1))
    moved = polygon(corners + np.array([0.6, -0.5]))
    given = two_shapes(Path([moved], RED, name="box", region=1))
    given.settings["kind"] = "flat"
    result = touch_up(given, image_of(wanted), TouchUp(add=2, iterations=2, threads=1))
    assert result.report["added"] == 0 and result.report["changed"] == 1
    assert np.allclose(result.drawing.paths[1].subpaths[0][::3], corners, atol=0.15)


def test_a_foreign_drawing_is_refined_as_well() -> None:
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 50 30"><rect width="50" height="30" '
        'fill="#0000cc"/><circle cx="26.5" cy="16" r="6" fill="#e60000"/></svg>'
    )
    drawing = from_svg(text)
    given = drawing.scaled(50, 30)
    result = touch_up(given, image_of(two_shapes()), TouchUp(threads=1))
    assert np.allclose(middle(result.drawing.paths[1]), [25, 15], atol=0.3)


def test_stopping_gives_the_drawing_so_far(image: Image, drawing: Drawing) -> None:
    shown: list[Drawing] = []
    result = touch_up(
        drawing,
        image,
        TouchUp(iterations=4000, threads=1),
        on_preview=shown.append,
        should_stop=lambda: len(shown) > 2,
    )
    assert isinstance(result, TouchedUp) and result.report["stopped"]
    assert len(shown) > 2 and len(result.drawing.paths) == len(drawing.paths)


# Errors


def test_errors_say_what_to_do(image: Image, drawing: Drawing) -> None:
    def message(error: type[SemvecError], changes: TouchUp, **inputs: object) -> str:
        with pytest.raises(error) as raised:
            touch_up(drawing, inputs.pop("image", image), changes, **inputs)
        assert raised.value.hint.endswith(".")
        return raised.value.message

    nothing = np.zeros((image.height, image.width))
    assert "shapes differ" in message(ImageError, TouchUp(), image=photograph(60, 60))
    assert "empty" in message(SaliencyError, TouchUp(add=1), region=nothing)
    assert "'sky'" in message(SettingsError, TouchUp(lock=("sky",)))
    assert "'99'" in message(SettingsError, TouchUp(lock=(99,)))
    assert "not 16" in message(SettingsError, TouchUp(remove=16))
    assert "No shape" in message(SettingsError, TouchUp(lock=("all",)))
    with pytest.raises(SettingsError, match="'add' is -1"):
        TouchUp(add=-1)
    with pytest.raises(SettingsError, match="'resolution'"):
        TouchUp(resolution=0)


def test_groups_stay_and_new_shapes_join_that_of_the_object_they_lie_on() -> None:
    canvas = Path([rectangle(0, 0, 100, 60)], BLUE, name="background", group="Sky")
    ball = replace(disc(), name="ball.000", group="Ball")
    spot = Path([circle((50, 30), 5)], GREEN, name="spot")
    cloud = Path([circle((15, 15), 6)], np.ones(4, np.float32), name="cloud")
    source = image_of(Drawing(100, 60, [canvas, ball, spot, cloud]))
    touched = touch_up(Drawing(100, 60, [canvas, ball]), source, TouchUp(add=2, **QUICK))
    before = [path.group for path in touched.drawing.paths[:2]]
    assert before == ["Sky", "Ball"]
    new = [
        p for p, origin in zip(touched.drawing.paths, touched.origins, strict=True) if origin < 0
    ]
    groups = {path.group: middle(path) for path in new}
    assert set(groups) == {"Sky", "Ball"}
    np.testing.assert_allclose(groups["Ball"], (50, 30), atol=4)
    np.testing.assert_allclose(groups["Sky"], (15, 15), atol=4)
    assert sorted(path.name for path in new) == ["ball.001", "sky.001"]
    read = from_svg(to_svg(touched.drawing)).paths
    assert [path.group for path in read] == [path.group for path in touched.drawing.paths]
