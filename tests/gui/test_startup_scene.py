# SPDX-License-Identifier: GPL-3.0-or-later
"""The first result in the startup scene: a cube, a camera, a light."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from panel import Panel
from PIL import Image
from view import seen_pixels
from window import Window

STATE = "bpy.context.window_manager.semvec"
SPACE = "area('VIEW_3D').spaces[0]"
PREVIEW = "any('semvec_preview' in each for each in bpy.data.collections)"
VIEW = f"[*{SPACE}.region_3d.view_rotation, {SPACE}.region_3d.view_distance]"


def use(window: Window, picture_file: Path, beside_cube: bool = False) -> Panel:
    """The panel in the startup scene, with the picture chosen; the cube is hidden else."""
    window.do(f"bpy.data.objects['Cube'].hide_set({not beside_cube})")
    window.do(f"image = bpy.data.images.load({str(picture_file)!r})")
    window.do("s = bpy.context.scene.semvec; s.image, s.kind = image, 'photo'")
    return Panel(window)


def assert_seen(window: Window, picture_file: Path, name: str) -> None:
    """The viewport shows the picture, whole and in its colors, beside the sidebar."""
    window.do(f"{SPACE}.overlay.show_overlays = {SPACE}.show_gizmo = False")
    expected = np.asarray(Image.open(picture_file), np.float64)  # [H, W, 3]
    shown = seen_pixels(window, window.screenshot(name), *expected.shape[:2])
    difference = np.abs(shown - expected).mean(axis=2)
    assert (difference < 12).mean() > 0.95


@pytest.mark.parametrize("form", ["CURVES", "JOINED", "GREASE_PENCIL"])
def test_the_drawing_is_seen_as_it_is(window: Window, picture_file: Path, form: str) -> None:
    panel = use(window, picture_file)
    window.do(f"bpy.context.scene.semvec.form = {form!r}")
    panel.press("semvec.vectorize")
    window.wait_until(f"{STATE}.fraction > 0.3")
    window.wait_until(f"not {STATE}.running", 120)
    assert window.ask("bpy.context.object.type") == "EMPTY"
    assert_seen(window, picture_file, f"startup-{form.lower()}")


def test_colors_are_seen_after_a_change_of_form(window: Window, picture_file: Path) -> None:
    """Solid shading looks for them somewhere else then; and a preview is always of curves."""
    panel = use(window, picture_file)
    window.do("bpy.context.scene.semvec.iterations = 1500")
    for form in ("JOINED", "CURVES"):
        window.do(f"bpy.context.scene.semvec.form = {form!r}")
        panel.press("semvec.vectorize")
        window.wait_until(PREVIEW, 120)
        assert window.ask(f"{SPACE}.shading.color_type") == "MATERIAL", "which never changes"
        window.wait_until(f"not {STATE}.running", 120)
    assert_seen(window, picture_file, "startup-other-form")


def test_stopping_leaves_the_viewport_as_it_was(window: Window, picture_file: Path) -> None:
    shading = f"[getattr({SPACE}.shading, n) for n in ('light', 'show_object_outline')]"
    before = window.ask(f"({shading}, {VIEW})")
    window.do("s = bpy.context.scene.semvec; s.keep_on_cancel = False")
    # As a photograph, with all paths: flat art would be finished before the key is pressed.
    window.do("s = bpy.context.scene.semvec; s.kind, s.exact, s.iterations = 'photo', True, 10_000")
    use(window, picture_file).press("semvec.vectorize")
    window.wait_until("len(bpy.data.curves)")
    arranged = window.ask(f"({shading}, {VIEW})")
    assert arranged[0] != before[0] and arranged[1] != before[1]
    window.point_at("VIEW_3D")
    window.key("Escape")
    window.wait_until(f"not {STATE}.running", 60)
    assert window.ask(f"({shading}, {VIEW})") == before


def test_other_objects_never_change_their_look(window: Window, picture_file: Path) -> None:
    shading = f"[getattr({SPACE}.shading, n) for n in ('type', 'light', 'color_type')]"
    before = window.ask(shading)
    window.do("bpy.context.scene.semvec.iterations = 20")
    use(window, picture_file, beside_cube=True).press("semvec.vectorize")
    window.wait_until(f"{STATE}.result and not {STATE}.running", 120)
    assert window.ask(shading) == before
    window.screenshot("startup-beside-cube")


def test_undo_puts_the_view_back(window: Window, picture_file: Path) -> None:
    """View, projection and light; redo arranges them again."""
    seen = f"[{SPACE}.shading.light, {SPACE}.region_3d.view_perspective, {VIEW}]"
    panel = use(window, picture_file)
    before = window.ask(seen)
    window.do("bpy.context.scene.semvec.iterations = 20")
    panel.press("semvec.vectorize")
    window.wait_until(f"{STATE}.result and not {STATE}.running", 120)
    arranged = window.ask(seen)
    assert arranged[:2] == ["FLAT", "ORTHO"]
    window.point_at("VIEW_3D")
    window.key("ctrl+z")
    assert window.ask(seen) == before
    window.key("ctrl+shift+z")
    assert window.ask(seen) == arranged


def test_a_run_too_quick_for_a_preview_is_seen(window: Window, picture_file: Path) -> None:
    before = window.ask(VIEW)
    window.do("settings = bpy.context.scene.semvec; settings.budget, settings.iterations = 2, 0")
    use(window, picture_file).press("semvec.vectorize")
    window.wait_until(f"{STATE}.result and not {STATE}.running", 120)
    assert window.ask(VIEW) != before


def test_an_arranged_view_is_left_alone_where_asked_to(window: Window, picture_file: Path) -> None:
    before = window.ask(VIEW)
    window.do("bpy.context.scene.semvec.arrange_view = False")
    window.do("bpy.context.scene.semvec.iterations = 20")
    panel = use(window, picture_file)
    panel.press("semvec.vectorize")
    window.wait_until(f"not {STATE}.running", 120)
    assert window.ask(VIEW) == before
    panel.press("semvec.frame_drawing")
    assert window.ask(VIEW) != before


def test_the_canvas_is_seen_in_front_of_the_cube(window: Window, picture_file: Path) -> None:
    panel = use(window, picture_file)
    window.do("bpy.context.scene.semvec.guidance = {'PAINTED'}")
    window.wait_for_redraw()
    panel.press("semvec.add_canvas")
    window.wait_until("bpy.context.mode == 'PAINT_GREASE_PENCIL'")
    window.screenshot("startup-canvas")
    window.do("bpy.ops.object.mode_set(mode='OBJECT')")
    expected = np.asarray(Image.open(picture_file), np.float64)
    shown = seen_pixels(window, window.screenshot(), *expected.shape[:2])
    assert (np.abs(shown - expected).mean(axis=2) < 12).mean() > 0.9
