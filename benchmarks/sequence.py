# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawings of sequences against drawings of each frame alone: `python3 dev.py bench sequence`.

The true motion of all clips is known. Some are camera moves over photographs: still, still with
noise, pan, zoom and rotation; others are rendered by Blender (rendered_clips.py): a turning head,
and a camera that walks past objects. For each: PSNR, flicker, error of the anchors, and the cost of
a frame.
"""

from __future__ import annotations

import argparse
import itertools
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image as Pillow

from semvec.core.drawing import Drawing, pack
from semvec.core.image import Image
from semvec.core.pipeline.vectorize import vectorize
from semvec.core.rendering.native import render
from semvec.core.sequence.flow import sample
from semvec.core.sequence.run import SequenceRun
from semvec.core.settings import Settings

SHARED = Path(__file__).resolve().parents[2] / "shared"
MOVES = ("still", "noise", "pan", "zoom", "rotation")
RENDERED = ("turntable", "walk")
NOISE = 0.02  # standard deviation
MARGIN = 3  # pixels beside what has come into the picture


def main() -> None:
    options = parse_arguments()
    print("| photograph | clip | PSNR | alone | flicker | alone | ratio | anchors px | cost |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for photograph in options.photographs:
        if not photograph.is_file():
            sys.exit(f"There is no photograph {photograph}; name others with --photographs.")
        for name in [each for each in MOVES if each in options.clips]:
            print(row_of_move(photograph, name, options), flush=True)
    for name in [each for each in RENDERED if each in options.clips]:
        print(row_of_render(name, options), flush=True)


def row_of_move(photograph: Path, name: str, options: argparse.Namespace) -> str:
    """Measure a camera move over a photograph; a line of the table."""
    frames, cameras = clip(photograph, name, options.frames, options.side)
    ours, alone, cost = drawings_of(frames, options)
    motions = [np.linalg.inv(b) @ a for a, b in itertools.pairwise(cameras)]
    flickers = [flicker(drawings, motions) for drawings in (ours, alone)]
    anchors = f"{anchor_error(ours, motions):.3f}"
    return row(
        photograph.stem, name, [psnr(d, frames) for d in (ours, alone)], flickers, anchors, cost
    )


def row_of_render(name: str, options: argparse.Namespace) -> str:
    """Measure a clip that Blender renders; a line of the table."""
    with TemporaryDirectory() as folder:
        file = str(Path(folder) / "clip.npz")
        arguments = [name, str(options.frames), str(options.side), file]
        program = str(Path(__file__).with_name("rendered_clips.py"))
        subprocess.run([sys.executable, program, *arguments], check=True, stdout=subprocess.DEVNULL)
        with np.load(file) as stored:
            frames, origins, seen = stored["frames"], stored["origins"], stored["seen"]
    ours, alone, cost = drawings_of(frames, options)
    pictures = [[shown(drawing) for drawing in drawings] for drawings in (ours, alone)]
    flickers = [flicker_of_pixels(each, origins, seen) for each in pictures]
    quality = [psnr(drawings, frames) for drawings in (ours, alone)]
    own = flicker_of_pixels(frames, origins, seen)
    return row(f"rendered, flickers {own:.4f}", name, quality, flickers, "", cost)


def drawings_of(
    frames: Sequence[np.ndarray], options: argparse.Namespace
) -> tuple[list[Drawing], list[Drawing], float]:
    """Return the drawings of a clip as a sequence and each alone, and the cost of a frame."""
    settings = Settings(budget=options.budget, kind="photo", compute="cpu", threads=1)
    run, ours, times = SequenceRun(settings), [], []
    for frame in frames:
        started = time.process_time()
        ours.append(run.add(Image(frame)).drawing)
        times.append(time.process_time() - started)
    alone = [vectorize(Image(frame), settings).drawing for frame in frames]
    return ours, alone, float(np.mean(times[1:]) / times[0])


def row(
    picture: str, name: str, quality: list[float], flickers: list[float], anchors: str, cost: float
) -> str:
    """Return a line of the table; quality and flickers: ours, and of frames alone."""
    ratio = flickers[1] / flickers[0] if flickers[0] else np.inf
    return (
        f"| {picture} | {name} | {quality[0]:.2f} | {quality[1]:.2f} | {flickers[0]:.4f} |"
        f" {flickers[1]:.4f} | {ratio:.1f} | {anchors} | {cost:.0%} |"
    )


def clip(
    photograph: Path, name: str, count: int, side: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return frames [H, W, 3], and for each the map [3, 3] from its pixels to the camera's plane.

    Frames are sampled three times as densely and averaged.
    """
    picture = Pillow.open(photograph).convert("RGB")
    width, height = side, round(side * picture.height / picture.width)
    scale = 0.8 * picture.width / width
    border = (np.array(picture.size) - scale * np.array([width, height])) / 2
    generator, frames, cameras = np.random.default_rng(0), [], []
    for t in range(count):
        camera = _camera(name, t, np.array([width, height]) / 2)
        matrix = scale * camera[:2]
        matrix[:, 2] += border
        fine = np.column_stack([matrix[:, :2] / 3, matrix[:, 2]]).ravel()
        shown = picture.transform(
            (3 * width, 3 * height), Pillow.Transform.AFFINE, tuple(fine), Pillow.Resampling.BICUBIC
        ).reduce(3)
        frame = np.asarray(shown, np.float32) / 255
        if name == "noise":
            frame = np.clip(frame + generator.normal(0, NOISE, frame.shape), 0, 1)
        frames.append(frame.astype(np.float32))
        cameras.append(camera)
    return frames, cameras


def _camera(name: str, t: int, center: np.ndarray) -> np.ndarray:
    """Return the map of the camera at frame t: pan 1.5 px, zoom 1 %, rotation 1 degree a frame."""
    linear, offset = np.eye(2), np.zeros(2)
    if name == "pan":
        offset = np.array([1.4, 0.5]) * t
    elif name == "zoom":
        linear = np.eye(2) / (1 + 0.01 * t)
    elif name == "rotation":
        angle = np.deg2rad(t)
        linear = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if name in ("zoom", "rotation"):
        offset = center - linear @ center
    return np.vstack([np.column_stack([linear, offset]), [0, 0, 1]])


def shown(drawing: Drawing) -> np.ndarray:
    return render(pack(drawing.paths), int(drawing.width), int(drawing.height), (0, 0, 0))


def psnr(drawings: Sequence[Drawing], frames: Sequence[np.ndarray]) -> float:
    errors = [np.square(shown(d) - f).mean() for d, f in zip(drawings, frames, strict=True)]
    return float(np.mean(-10 * np.log10(errors)))


def flicker(drawings: Sequence[Drawing], motions: Sequence[np.ndarray]) -> float:
    """Return the RMS difference of each drawing from the one before, whose paths are moved exactly.

    Only pixels count whose place was inside the frame before.
    """
    values = []
    for (before, after), motion in zip(itertools.pairwise(drawings), motions, strict=True):
        paths = [
            replace(path, subpaths=[moved(points, motion) for points in path.subpaths])
            for path in before.paths
        ]
        difference = shown(replace(before, paths=paths)) - shown(after)
        rows, columns = np.indices(difference.shape[:2]) + 0.5
        places = moved(np.stack([columns, rows], axis=2), np.linalg.inv(motion))
        limits = np.array([before.width, before.height]) - MARGIN
        inside = np.all((places > MARGIN) & (places < limits), axis=2)
        values.append(np.sqrt(np.square(difference)[inside].mean()))
    return float(np.mean(values))


def flicker_of_pixels(
    pictures: Sequence[np.ndarray], origins: np.ndarray, seen: np.ndarray
) -> float:
    """Return the RMS difference of each picture from the one before, whose pixels are moved.

    origins, seen: of rendered_clips.py. Only pixels count that both frames show. Even the rendered
    frames have some: light moves over what turns, and edges between pixels are sampled anew.
    """
    values = []
    for t, (before, after) in enumerate(itertools.pairwise(pictures), start=1):
        x, y = origins[t][..., 0] - 0.5, origins[t][..., 1] - 0.5
        height, width = seen[t].shape
        inside = seen[t] & (x > 0) & (y > 0) & (x < width - 1) & (y < height - 1)
        moved_pixels = np.stack([sample(before[..., c], x, y) for c in range(3)], axis=2)
        values.append(np.sqrt(np.square(moved_pixels - after)[inside].mean()))
    return float(np.mean(values))


def anchor_error(drawings: Sequence[Drawing], motions: Sequence[np.ndarray]) -> float:
    """Return the mean distance of anchors from the true motion since the frame before, in pixels.

    Anchors at the border of the picture, where no structure moves, don't count.
    """
    errors: list[float] = []
    for (before, after), motion in zip(itertools.pairwise(drawings), motions, strict=True):
        names = {path.name: path for path in before.paths}
        limits = np.array([before.width, before.height]) - MARGIN
        for path in after.paths:
            if path.name not in names:
                continue
            old = np.concatenate(names[path.name].subpaths)[::3]
            wanted, new = moved(old, motion), np.concatenate(path.subpaths)[::3]
            inside = np.all((old > MARGIN) & (old < limits), axis=1)
            inside &= np.all((wanted > MARGIN) & (wanted < limits), axis=1)
            errors += np.linalg.norm(new - wanted, axis=1)[inside].tolist()
    return float(np.mean(errors)) if errors else 0.0


def moved(points: np.ndarray, motion: np.ndarray) -> np.ndarray:
    return (points @ motion[:2, :2].T + motion[:2, 2]).astype(np.float32)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="dev.py bench sequence", description="Sequences against frames drawn alone."
    )
    add = parser.add_argument
    kodak = [SHARED / "kodak" / f"{name}.png" for name in ("05", "19", "23")]
    add("--photographs", nargs="+", type=Path, default=kodak, metavar="FILE")
    add("--clips", nargs="+", choices=MOVES + RENDERED, default=MOVES + RENDERED)
    add("--frames", type=int, default=8)
    add("--side", type=int, default=256, help="width of the frames in pixels")
    add("--budget", type=int, default=96)
    return parser.parse_args()


if __name__ == "__main__":
    main()
