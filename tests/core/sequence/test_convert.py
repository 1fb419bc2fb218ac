# SPDX-License-Identifier: GPL-3.0-or-later
"""Sequences as files: frames, animations, interruptions and faults."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import resvg_py
from clips import SIZE, moving
from PIL import Image as Pillow

from semvec.core.cli.main import main
from semvec.core.image import save_png
from semvec.core.sequence.animation import Drawn, animated
from semvec.core.sequence.convert import Conversion, Options, Output, Record
from semvec.core.sequence.frames import FileSource
from semvec.core.sequence.lottie import to_lottie
from semvec.core.settings import Settings
from semvec.core.svg import load_svg

OPTIONS = ("-b", "16", "--iterations", "40", "--kind", "photo", "--compute", "cpu")
SETTINGS = Settings(budget=16, iterations=40, kind="photo", compute="cpu")


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clip")
    for number, frame in enumerate(moving(4, (1.6, 0.7)), start=1):
        save_png(folder / f"shot_{number:04d}.png", frame)
    save_png(folder / "shot_0006.png", 1 - moving(1, (0, 0), seed=9)[0])
    save_png(folder / "shot_0007.png", moving(1, (0, 0))[0][:40])  # another size
    (folder / "shot_0008.png").write_bytes(b"not an image")
    return folder


@pytest.fixture(scope="session")
def output(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("output")
    assert main(["sequence", str(clip), "-o", str(folder), *OPTIONS]) == 1
    return folder


def sampled(svg: str, frame: int, length: int) -> str:
    """The still picture that an animated SVG shows at a frame, by the rules of SMIL."""

    def still(match: re.Match[str]) -> str:
        element = match[0]
        for animate in re.findall(r"<animate [^>]*/>", element):
            name, mode, times, values = (
                re.search(rf' {key}="([^"]*)"', animate)[1]  # type: ignore[index]
                for key in ("attributeName", "calcMode", "keyTimes", "values")
            )
            places = [float(time) * length for time in times.split(";")]
            known = values.split(";")
            if mode == "discrete":
                value = known[max(i for i, place in enumerate(places) if place <= frame + 1e-3)]
            else:
                value = known[min(i for i, place in enumerate(places) if place >= frame - 1e-3)]
                assert min(abs(place - frame) for place in places) < 1e-3 or _is_held(
                    known, places, frame
                )
            element = re.sub(rf' {name}="[^"]*"', f' {name}="{value}"', element, count=1)
        return re.sub(r"<animate [^>]*/>", "", element)

    return re.sub(r"<path [^>]*>(?:<animate [^>]*/>)+</path>", still, svg)


def _is_held(values: list[str], places: list[float], frame: int) -> bool:
    after = min(i for i, place in enumerate(places) if place >= frame)
    return values[after] == values[after - 1]


def rendered(svg: str) -> np.ndarray:
    data = bytes(resvg_py.svg_to_bytes(svg_string=svg))
    import io

    return np.asarray(Pillow.open(io.BytesIO(data)).convert("RGBA")).astype(int)


def test_a_drawing_of_each_frame_that_can_be_read_is_written(output: Path) -> None:
    names = sorted(path.name for path in output.glob("shot_*.svg"))
    assert names == [f"shot_{number:04d}.svg" for number in (1, 2, 3, 4, 6)]
    index = json.loads((output / "shot.json").read_text())
    assert [frame["shot"] for frame in index["frames"]] == [1, 1, 1, 1, 2, None, None]
    assert "40 pixels" in index["frames"][5]["note"]
    assert len(index["shots"]) == 2


@pytest.mark.parametrize("number", [1, 3, 4, 6])
def test_the_animated_svg_shows_the_drawing_of_each_frame(output: Path, number: int) -> None:
    svg = (output / "shot.svg").read_text()
    shown = rendered(sampled(svg, number - 1, 6))
    wanted = rendered((output / f"shot_{number:04d}.svg").read_text())
    assert np.abs(shown - wanted).max() <= 3


def test_lottie_has_the_outlines_of_each_frame(output: Path) -> None:
    drawings = [load_svg(output / f"shot_{n:04d}.svg") for n in (1, 2)]
    frames = [Drawn(i, 0, drawing) for i, drawing in enumerate(drawings)]
    names = [path.name for path in drawings[0].paths]
    document = json.loads(to_lottie(animated(frames, [names], 25)))
    assert (document["fr"], document["op"], document["w"]) == (25, 2, SIZE[1])
    groups = {group["nm"]: group for group in document["layers"][0]["shapes"]}
    assert list(groups) == names[::-1]
    for path in drawings[1].paths:
        if path.name not in groups:
            continue
        shape = groups[path.name]["it"][0]["ks"]
        bezier = shape["k"][-1]["s"][0] if shape["a"] else shape["k"]
        points = path.subpaths[0]
        assert np.allclose(bezier["v"], points[::3], atol=0.01)
        assert np.allclose(np.add(bezier["v"], bezier["o"]), points[1::3], atol=0.02)
        arriving = np.roll(points[2::3], 1, axis=0)
        assert np.allclose(np.add(bezier["v"], bezier["i"]), arriving, atol=0.02)


def test_the_last_keyframe_of_lottie_eases_to_none(output: Path) -> None:
    drawings = [load_svg(output / f"shot_{n:04d}.svg") for n in (1, 2, 3)]
    frames = [Drawn(i, 0, drawing) for i, drawing in enumerate(drawings)]
    names = [path.name for path in drawings[0].paths]
    document = json.loads(to_lottie(animated(frames, [names], 25)))
    items = [item for group in document["layers"][0]["shapes"] for item in group["it"]]
    properties = [each for item in items for each in (item.get("ks"), item.get("c")) if each]
    keys = [each["k"] for each in properties if each["a"] and "h" not in each["k"][0]]
    assert keys
    for each in keys:
        assert all("i" in key and "o" in key for key in each[:-1])
        assert set(each[-1]) == {"t", "s"}


def test_an_interrupted_run_goes_on_with_the_same_bytes(
    clip: Path, output: Path, tmp_path: Path
) -> None:
    files = [clip / f"shot_{number:04d}.png" for number in (1, 2, 3, 4)]
    seen: list[Record] = []

    def stop(record: Record) -> None:
        seen.append(record)
        if len(seen) == 2:
            raise KeyboardInterrupt

    def conversion(count: int, on_record: object) -> Conversion:
        source = FileSource(files[:count], range(1, count + 1))
        return Conversion(
            source, SETTINGS, Output(tmp_path, "shot"), Options(),
            on_record,  # type: ignore[arg-type]
        )  # fmt: skip

    with pytest.raises(KeyboardInterrupt):
        conversion(4, stop).run()
    records = conversion(4, lambda record: None).run()
    assert [record.status for record in records] == ["kept", "kept", "done", "done"]
    for number in (1, 2, 3, 4):
        name = f"shot_{number:04d}.svg"
        assert (tmp_path / name).read_bytes() == (output / name).read_bytes()


def test_frames_that_were_changed_are_drawn_again(clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "a_1.png"
    file.write_bytes((clip / "shot_0001.png").read_bytes())
    arguments = ["sequence", str(file), "-o", str(tmp_path / "out"), *OPTIONS]
    assert main(arguments) == 0
    before = (tmp_path / "out" / "a_0001.svg").read_bytes()
    file.write_bytes((clip / "shot_0006.png").read_bytes() + b"\0")
    assert main(arguments) == 0
    assert (tmp_path / "out" / "a_0001.svg").read_bytes() != before


def test_smoothing_writes_drawings_of_the_same_paths(
    clip: Path, output: Path, tmp_path: Path
) -> None:
    arguments = ["sequence", str(clip), "-o", str(tmp_path), "--smooth", "2", "--frames", "1-4"]
    assert main([*arguments, *OPTIONS]) == 0
    raw, smooth = (load_svg(folder / "shot_0002.svg") for folder in (output, tmp_path))
    assert [path.name for path in smooth.paths] == [path.name for path in raw.paths]
    assert any(
        not np.array_equal(a.subpaths[0], b.subpaths[0])
        for a, b in zip(raw.paths, smooth.paths, strict=True)
    )


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (("--frames", "1-6", "--step", "5"), ""),
        (("--frames", "2-6", "--step", "4"), ""),
        (("--frames", "1-5", "--step", "2"), "There is no image of frame 5;"),
        (("--frames", "4-6"), "There is no image of frame 5;"),
    ],
)
def test_only_frames_that_are_asked_for_can_be_missing(
    chosen: tuple[str, ...], words: str, clip: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    quick = ("-b", "4", "--iterations", "1", "--kind", "photo", "--compute", "cpu", "-q")
    assert main(["sequence", str(clip), "-o", str(tmp_path), *chosen, *quick]) == 0
    told = capsys.readouterr().err
    assert words in told
    assert words or "no image" not in told


def test_an_animated_gif_is_a_movie(tmp_path: Path) -> None:
    frames = [Pillow.fromarray((frame * 255).astype(np.uint8)) for frame in moving(3, (1.6, 0.7))]
    frames[0].save(tmp_path / "m.gif", save_all=True, append_images=frames[1:], duration=50)
    arguments = ["sequence", str(tmp_path / "m.gif"), "-o", str(tmp_path / "out"), "--step", "2"]
    assert main([*arguments, *OPTIONS]) == 0
    index = json.loads((tmp_path / "out" / "m.json").read_text())
    assert [frame["number"] for frame in index["frames"]] == [1, 3]
    assert index["fps"] == 20


def test_frames_before_the_damage_of_a_movie_are_drawn_and_the_damage_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (5, 40, 60, 3), np.uint8)
    frames = [Pillow.fromarray(pixels) for pixels in noise]
    movie = tmp_path / "m.gif"
    frames[0].save(movie, save_all=True, append_images=frames[1:], duration=50)
    data = movie.read_bytes()
    movie.write_bytes(data[: len(data) // 2])
    assert main(["sequence", str(movie), "-o", str(tmp_path / "out"), *OPTIONS]) == 1
    assert "The movie is damaged from frame 3 on." in capsys.readouterr().err
    assert len(list((tmp_path / "out").glob("m_*.svg"))) == 2


@pytest.mark.parametrize(
    ("name", "words"),
    [("shot.mp4", "no decoder"), ("frames/*.png", "No frame"), ("portrait.png", "no such file")],
)
def test_input_that_is_no_sequence_is_refused_in_a_sentence(
    name: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import sys

    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "shot.mp4").write_bytes(b"0")
    main(["sequence", str(tmp_path / name), "-o", str(tmp_path / "out"), *OPTIONS])
    assert words in capsys.readouterr().err
