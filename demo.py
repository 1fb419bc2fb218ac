# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorizes an image in Blender and shows what came of it: `python3 dev.py demo [IMAGE]`.

Leaves in out/, named after the photograph: an SVG file, a Blender file, Blender's own
render of the curves, and a picture of both side by side.
"""

from __future__ import annotations

import json
import math
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import PIL.Image

import semvec

OUT = Path(__file__).resolve().parent / "out"

# Pixels of the long side of the render, at most.
LONGEST = 1024
GAP = 8


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Print how long a stage took."""
    started = time.perf_counter()
    yield
    print(f"  {name:32} {time.perf_counter() - started:6.2f} s", flush=True)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Blender's own log of a render off the terminal."""
    sys.stdout.flush()
    terminal = os.dup(1)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(terminal, 1)
        os.close(terminal)


def vectorize(photo: Path, svg: Path) -> dict[str, Any]:
    """Load the photograph into an empty scene and run the operator; returns its report."""
    image = bpy.data.images.load(str(photo))
    image.pack()
    bpy.ops.semvec.vectorize(image=image.name, svg=str(svg))
    return json.loads(bpy.context.scene.collection.children[0]["semvec_report"])


def look_at_drawing(width: int, height: int) -> None:
    """Put up a camera that sees exactly the drawing, and set Blender to render flat colors."""
    scene = bpy.context.scene
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    camera.data.type = "ORTHO"
    camera.data.ortho_scale = 2.0  # the drawing's long side
    camera.location.y = -2.0
    camera.rotation_euler.x = math.pi / 2
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.resolution_x, scene.render.resolution_y = width, height
    scene.render.film_transparent = True
    scene.render.dither_intensity = 0.0
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.samples = 32
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.pixel_filter_type = "BOX"
    scene.view_settings.view_transform = "Standard"


def render(picture: Path) -> None:
    """Render the scene to a PNG file."""
    bpy.context.scene.render.filepath = str(picture)
    with quiet():
        bpy.ops.render.render(write_still=True)


def side_by_side(photo: Path, picture: Path, output: Path) -> None:
    """Return the photograph on the left, Blender's render on the right."""
    right = PIL.Image.open(picture).convert("RGBA")
    left = PIL.Image.open(photo).convert("RGBA").resize(right.size, PIL.Image.Resampling.BOX)
    both = PIL.Image.new("RGBA", (2 * right.width + GAP, right.height), "white")
    both.alpha_composite(left)
    both.alpha_composite(right, (right.width + GAP, 0))
    both.convert("RGB").save(output)


def demonstrate(photo: Path) -> None:
    """Carry out all stages, and say what was done."""
    svg, blend, picture = (OUT / f"{photo.stem}{end}" for end in (".svg", ".blend", ".png"))
    both = OUT / f"{photo.stem}-side-by-side.png"
    width, height = PIL.Image.open(photo).size
    scale = min(1.0, LONGEST / max(width, height))
    print(f"{photo.name}, {width} x {height} pixels, in Blender {bpy.app.version_string}")
    with stage("vectorize"):
        report = vectorize(photo, svg)
    for name, seconds in report["seconds"].items():
        print(f"    of that, {name:21} {seconds:6.2f} s")
    look_at_drawing(max(1, round(width * scale)), max(1, round(height * scale)))
    with stage("save the Blender file"), quiet():
        bpy.ops.wm.save_as_mainfile(filepath=str(blend), check_existing=False)
    with stage("render with Cycles"):
        render(picture)
    with stage("put both pictures side by side"):
        side_by_side(photo, picture, both)
    print(
        f"{report['paths']} paths ({report['structural']} structural, {report['detail']} detail) "
        f"with {report['nodes']} nodes, {report['psnr']:.1f} dB PSNR"
    )
    for path in (svg, blend, picture, both):
        print(f"  {path}")


def main() -> int:
    """Run the demo on the image named on the command line; returns the exit code."""
    photo = Path(sys.argv[1])
    OUT.mkdir(exist_ok=True)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    semvec.register()
    try:
        demonstrate(photo)
    except (OSError, RuntimeError) as error:  # the latter is what a failed operator raises
        print(f"The demo failed: {str(error).strip()}", file=sys.stderr)
        return 1
    finally:
        semvec.unregister()
    return 0


if __name__ == "__main__":
    sys.exit(main())
