# SPDX-License-Identifier: GPL-3.0-or-later
"""Preview Saliency: what matters, in color over the image in every Image Editor.

That is what was painted, or what the prompt finds, or both, as the guidance in the panel
says. Over a mask it is the image that shows through, so that one sees what one paints. A timer
looks for changes and makes the overlays; drawing only draws them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import blf
import bpy
import gpu
import numpy as np
from bpy.app.handlers import persistent
from gpu_extras.batch import batch_for_shader

from ..core.errors import SaliencyError, SemvecError
from ..core.image import resize
from ..core.saliency.maps import from_image
from .inputs.active_image import NeedsImage, active_image, image_of_mask
from .inputs.painted_saliency import painted_saliency
from .inputs.pixels import read_image
from .inputs.prompted_saliency import forget_search, is_searching, prompted_saliency

_LONG_SIDE = 1024  # of an overlay, in pixels
_INTERVAL = 0.25  # seconds between two looks for changes
_CHANGES = ("depsgraph_update_post", "undo_post", "redo_post", "load_post", "frame_change_post")

_SALIENCY_OPACITY, _IMAGE_OPACITY = 0.65, 0.5
# sRGB from what doesn't matter to what does: dark blue, purple, orange, yellow.
_STOPS = np.array([[0.05, 0.05, 0.3], [0.5, 0.1, 0.5], [0.95, 0.4, 0.15], [1.0, 0.95, 0.5]])


def overlay_of(image: bpy.types.Image, scene: bpy.types.Scene) -> np.ndarray:
    """What lies over `image` in the preview: float32 sRGB and opacity [H, W, 4], row 0 on top.

    Raises SaliencyError where nothing is painted and while the prompt is looked for, and as
    `painted_saliency` and `prompted_saliency` do.
    """
    original = image_of_mask(image)
    if original is not None:
        return _with_opacity(resize(read_image(original), _LONG_SIDE).rgb, _IMAGE_OPACITY)
    return _with_opacity(_colors(_guidance(image, scene)), _SALIENCY_OPACITY)


def _guidance(image: bpy.types.Image, scene: bpy.types.Scene) -> np.ndarray:
    """What a run would go by, as the panel stands: float32 [H, W] in [0, 1]."""
    guidance, prompted, painted = scene.semvec.guidance, None, None
    if guidance in ("PROMPT", "BOTH"):
        prompted = prompted_saliency(image, scene)
    if guidance != "PROMPT":
        background = None if prompted is None else 0.0
        painted = painted_saliency(image, scene, _LONG_SIDE, background)
    if painted is None:
        if prompted is None:
            raise SaliencyError("Nothing is painted yet.")
        return prompted
    if prompted is None:
        return painted
    return np.where(painted > 0.0, painted, from_image(prompted, *painted.shape))


def is_previewing() -> bool:
    """Whether the preview is on."""
    return _preview is not None


def start_preview() -> None:
    """Turn the preview on, where it is not."""
    global _preview
    if _preview is None:
        _preview = _Preview()


def stop_preview() -> None:
    """Turn the preview off, if it is on. Nothing of it stays behind."""
    global _preview
    if _preview is not None:
        _preview.close()
        _preview = None
        forget_search()


class _Preview:
    """The overlays, and what keeps them up to date until `close`."""

    def __init__(self) -> None:
        self.outdated = True
        self._overlays: dict[str, _Overlay] = {}  # by the image's full name
        self._settings: tuple[Any, ...] = ()
        self._handle = bpy.types.SpaceImageEditor.draw_handler_add(
            self._draw, (), "WINDOW", "POST_PIXEL"
        )
        for name in _CHANGES:
            getattr(bpy.app.handlers, name).append(_note_change)
        bpy.app.timers.register(_look_for_changes, persistent=True)

    def close(self) -> None:
        bpy.types.SpaceImageEditor.draw_handler_remove(self._handle, "WINDOW")
        for name in _CHANGES:
            getattr(bpy.app.handlers, name).remove(_note_change)
        if bpy.app.timers.is_registered(_look_for_changes):
            bpy.app.timers.unregister(_look_for_changes)
        _redraw()

    def update(self) -> None:
        """Make the overlays anew if anything has changed that may show in them."""
        shown = [(window.scene, area.spaces.active.image) for window, area in _editors()]
        settings = tuple(_settings(scene, image) for scene, image in shown)
        if not self.outdated and settings == self._settings and not is_searching():
            return
        self.outdated, self._settings = False, settings
        self._overlays = {
            image.name_full: _Overlay(image, scene)
            for scene, image in shown
            if image is not None and _has_overlay(image, scene)
        }
        _redraw()

    def _draw(self) -> None:
        image = bpy.context.space_data.image
        overlay = self._overlays.get(image.name_full) if image is not None else None
        if overlay is not None:
            overlay.draw(bpy.context.region)


class _Overlay:
    """Colors over an image, or a message that says why there are none."""

    def __init__(self, image: bpy.types.Image, scene: bpy.types.Scene) -> None:
        self._pixels: np.ndarray | None = None
        self._texture: Any = None
        self._message = ""
        try:
            self._pixels = overlay_of(image, scene)
        except SemvecError as error:
            self._message = str(error)

    def draw(self, region: bpy.types.Region) -> None:
        if self._pixels is None:
            _draw_text(self._message)
            return
        if self._texture is None:  # made here, where there is a graphics context
            self._texture = _texture(self._pixels)
        _draw_texture(self._texture, region)


_preview: _Preview | None = None


@persistent
def _note_change(*arguments: Any) -> None:
    if _preview is not None:
        _preview.outdated = True


def _look_for_changes() -> float:
    """The timer. It ends when the preview does."""
    if _preview is not None:
        _preview.update()
    return _INTERVAL


def _settings(scene: bpy.types.Scene, image: bpy.types.Image | None) -> tuple[Any, ...]:
    """What changes an overlay without Blender telling us."""
    semvec = scene.semvec
    images = (image, semvec.image, semvec.saliency_image)
    names = (item.name_full if item is not None else "" for item in images)
    prompt = semvec.prompt, semvec.clip_model, semvec.device, semvec.resolution
    return (
        *names, semvec.guidance, *prompt, semvec.saliency_softness, semvec.saliency_background,
    )  # fmt: skip


def _has_overlay(image: bpy.types.Image, scene: bpy.types.Scene) -> bool:
    return scene.semvec.image in (None, image, image_of_mask(image)) and 0 not in image.size


def _editors() -> Iterator[tuple[bpy.types.Window, bpy.types.Area]]:
    """All open Image Editors."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "IMAGE_EDITOR":
                yield window, area


def _redraw() -> None:
    for _, area in _editors():
        area.tag_redraw()


def _colors(saliency: np.ndarray) -> np.ndarray:
    """A map [H, W] as sRGB [H, W, 3]."""
    places = np.linspace(0.0, 1.0, len(_STOPS))
    return np.stack([np.interp(saliency, places, channel) for channel in _STOPS.T], axis=-1)


def _with_opacity(rgb: np.ndarray, opacity: float) -> np.ndarray:
    alpha = np.full((*rgb.shape[:2], 1), opacity)
    return np.concatenate([rgb, alpha], axis=-1).astype(np.float32)


def _texture(pixels: np.ndarray) -> Any:
    """Pixels [H, W, 4] on the graphics card."""
    height, width = pixels.shape[:2]
    upwards = pixels[::-1].copy()
    if bpy.app.version < (5, 0, 0):  # windows took linear light
        upwards[..., :3] = _linear(upwards[..., :3])
    buffer = gpu.types.Buffer("FLOAT", upwards.size, upwards.ravel())
    return gpu.types.GPUTexture((width, height), format="RGBA16F", data=buffer)


def _linear(srgb: np.ndarray) -> np.ndarray:
    """The inverse of the transfer function of sRGB, IEC 61966-2-1."""
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _draw_texture(texture: Any, region: bpy.types.Region) -> None:
    """Over the image, which lies between (0, 0) and (1, 1) in the view."""
    corners = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
    places = [region.view2d.view_to_region(*corner, clip=False) for corner in corners]
    shader = gpu.shader.from_builtin("IMAGE")
    batch = batch_for_shader(shader, "TRI_STRIP", {"pos": places, "texCoord": corners})
    gpu.state.blend_set("ALPHA")
    shader.uniform_sampler("image", texture)
    batch.draw(shader)
    gpu.state.blend_set("NONE")


def _draw_text(text: str) -> None:
    scale = bpy.context.preferences.system.ui_scale
    blf.size(0, 12.0 * scale)
    blf.color(0, 1.0, 1.0, 1.0, 1.0)
    blf.position(0, 20.0 * scale, 20.0 * scale, 0.0)
    blf.draw(0, text)


class SEMVEC_OT_preview_saliency(NeedsImage, bpy.types.Operator):
    """Show in the Image Editor what matters, in color over the image"""

    bl_idname = "semvec.preview_saliency"
    bl_label = "Preview Saliency"
    bl_options = {"REGISTER"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Turn the preview on, or off again."""
        if is_previewing():
            stop_preview()
            return {"FINISHED"}
        try:
            overlay_of(active_image(context), context.scene)
        except SemvecError as error:
            self.report({"INFO" if is_searching() else "WARNING"}, str(error))
        start_preview()
        return {"FINISHED"}


classes = (SEMVEC_OT_preview_saliency,)


def unregister() -> None:
    """Turn the preview off."""
    stop_preview()
