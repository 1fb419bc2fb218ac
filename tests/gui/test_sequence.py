# SPDX-License-Identifier: GPL-3.0-or-later
"""Vectorize Sequence as a person uses it: the button, the time line, Esc, undo, another run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panel import Panel
from PIL import Image, ImageDraw
from places import ThisMachine
from view import changed, prepare_view
from window import Window

STATE = "bpy.context.window_manager.semvec"
FRAMES = "[list(c['semvec_frames']) for c in bpy.data.collections if 'semvec_frames' in c]"
SCENE_FRAME = "bpy.context.scene.frame_current"
DRAWN = 4  # frames of a run that is not stopped
# More frames than a test waits for.
MANY = 60
# Share of the viewport in which two drawings differ, and by how much of 255.
LEAST, CLEAR = 0.002, 40
OPEN = """
image = bpy.data.images.load({file!r})
image.source = "SEQUENCE"
settings = bpy.context.scene.semvec
settings.image = image
settings.kind, settings.guidance = "photo", set()
settings.budget, settings.iterations, settings.threads = 12, 40, 1
settings.sequence_range, settings.sequence_first, settings.sequence_last = "CUSTOM", 1, {last}
bpy.ops.ed.undo_push(message="Open")
"""


@pytest.fixture(scope="session")
def clip(place: ThisMachine) -> Path:
    """First file of a sequence in which a disc moves to the right, where Blender can read it."""
    folder = place.folder / "clip"
    folder.mkdir()
    for number in range(1, MANY + 1):
        picture = Image.new("RGB", (120, 90), (40, 70, 140))
        draw = ImageDraw.Draw(picture)
        draw.rectangle((0, 60, 120, 90), fill=(60, 130, 50))
        draw.ellipse((4 + 1.5 * number, 10, 34 + 1.5 * number, 40), fill=(250, 210, 60))
        picture.save(folder / f"clip_{number:04d}.png")
    return folder / "clip_0001.png"


def open_sequence(window: Window, clip: Path, last: int) -> Panel:
    """Choose frames up to `last` of the sequence; returns the panel."""
    prepare_view(window)
    window.do('area("VIEW_3D").spaces[0].show_region_hud = False')  # it comes and goes with undo
    window.do(OPEN.format(file=str(clip), last=last))
    return Panel(window)


def draw(window: Window, panel: Panel, **settings: object) -> None:
    """Press the button, and wait for the end."""
    for name, value in settings.items():
        window.do(f"bpy.context.scene.semvec.{name} = {value!r}")
    panel.press("semvec.vectorize_sequence")
    window.wait_until(f"{STATE}.running or {STATE}.error or {FRAMES}")
    window.wait_until(f"not {STATE}.running")
    assert window.ask(f"{STATE}.error") == ""


def show(window: Window, frame: int) -> np.ndarray:
    """Go to a frame; returns the picture."""
    window.do(f"bpy.context.scene.frame_set({frame})")
    return window.screenshot()


def differ(window: Window, sooner: np.ndarray, later: np.ndarray) -> bool:
    """Tell whether two pictures show different drawings, not only edges or selected objects."""
    difference = np.abs(sooner.astype(int) - later).max(axis=2, keepdims=True)
    return changed(window, sooner, np.where(difference > CLEAR, later, sooner)) > LEAST


def test_frames_can_be_looked_at_while_later_ones_are_drawn_and_escape_keeps_them(
    window: Window, clip: Path
) -> None:
    panel = open_sequence(window, clip, MANY)
    panel.press("semvec.vectorize_sequence")
    window.wait_until(f"{FRAMES} and len({FRAMES}[0]) >= 2")
    window.point_at("VIEW_3D")
    window.key("Right")
    assert window.ask(f"({STATE}.running, {SCENE_FRAME})") == [True, 2]
    window.screenshot("sequence-run")
    window.key("Escape")
    window.wait_until(f"not {STATE}.running")
    (frames,) = window.ask(FRAMES)
    assert frames == list(range(1, len(frames) + 1))
    assert 2 <= len(frames) < MANY
    window.screenshot("sequence-stopped")
    undone = 0
    while window.ask(FRAMES) and undone < 2:  # to go to another frame is an undo step as well
        window.key("ctrl+z")
        undone += 1
    assert window.ask(f"{FRAMES}, [*bpy.data.objects]") == [[], []]
    for _ in range(undone):
        window.key("ctrl+shift+z")
    assert window.ask(FRAMES) == [frames]


@pytest.mark.parametrize("form", ["GREASE_PENCIL", "CURVES"])
def test_another_run_in_the_saved_file_replaces_only_its_frames_until_undo(
    window: Window, clip: Path, place: ThisMachine, form: str
) -> None:
    panel = open_sequence(window, clip, DRAWN)
    draw(window, panel, sequence_form=form)
    before = [show(window, frame) for frame in range(1, DRAWN + 1)]
    assert differ(window, before[0], before[-1])
    file = str(place.folder / f"sequence-{form}.blend")
    window.do(f"bpy.ops.wm.save_as_mainfile(filepath={file!r})")
    window.do(f"bpy.ops.wm.open_mainfile(filepath={file!r})")
    draw(window, Panel(window), sequence_first=2, sequence_last=3, budget=2)
    assert window.ask(FRAMES) == [[1, 2, 3, 4]]
    window.screenshot(f"sequence-{form.lower()}")
    after = [show(window, frame) for frame in range(1, DRAWN + 1)]
    others = [differ(window, *pair) for pair in zip(before, after, strict=True)]
    assert others == [False, True, True, False]
    window.point_at("VIEW_3D")
    window.key("ctrl+z")
    assert not differ(window, before[1], show(window, 2))
