# SPDX-License-Identifier: GPL-3.0-or-later
"""The tab "Semvec" in the sidebar of the 3D viewport and of the Image Editor.

Every panel is drawn by a mixin and stands twice, once in each editor.
"""

from __future__ import annotations

from typing import Any

import bpy

from ..core.saliency.sources import SOURCES
from ..core.settings import menu_choices, names_in_group
from ..core.version import HAS_AI_FEATURES
from ..operators.blender.linked_data import why_not_editable
from ..operators.inputs.active_image import active_choice, active_part, note_on, why_unusable
from ..operators.inputs.guidance import PAINTED, chosen_sources, missing_input
from ..operators.inputs.image_part import has_frames, has_tiles, size_of_part
from ..operators.inputs.part_thumbnail import thumbnail_of
from ..operators.inputs.saliency_overlay import is_previewing
from ..operators.properties.settings import title
from ..operators.sequences.source import why_no_sequence
from .ai_features import draw_missing, why_incomplete
from .compare import Compare
from .drawing import DrawingTools
from .presets import SEMVEC_MT_presets, active_preset
from .run_status import draw_failure, draw_progress
from .touch_up import TouchUpTools
from .wrapped_text import BOX, draw_text

BEGINNERS = ("kind", "budget")  # beside preset, image and guidance
RUN = ("keep_on_cancel", "arrange_view")
PLACED = ("size", "location", "orientation", "existing", "form", "strokes", "shading",
          "thickness")  # fmt: skip


class SEMVEC_MT_clustering(bpy.types.Menu):
    """Method that merges neighboring masks into regions"""

    bl_label = "Merge By"

    def draw(self, context: bpy.types.Context) -> None:
        """List the methods for artists; scripts know more."""
        for choice in menu_choices("clustering"):
            self.layout.prop_enum(context.scene.semvec, "clustering", choice)


class _Main:
    bl_label = "Semvec"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the inputs of a run and the button that starts it."""
        layout = _laid_out(self)
        settings, state = context.scene.semvec, context.window_manager.semvec
        inputs = layout.column()
        inputs.enabled = not state.running
        _draw_presets(inputs, settings)
        _draw_image(inputs, context, settings)
        _draw_guidance(inputs, settings)
        draw_missing(inputs, settings)
        column = inputs.column(align=True)
        for name in BEGINNERS:
            column.prop(settings, name)
        if not state.running:
            _draw_button(layout, context)
            _draw_sequence(layout, context)
            draw_failure(layout, state, context.scene)


class _Progress:
    """A separate panel, as Blender may draw the next label in a panel as a bar, too."""

    bl_label = "Progress"
    bl_options = {"HIDE_HEADER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Return whether a run goes on."""
        return context.window_manager.semvec.running

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the stage, the bar, the time left, and Cancel."""
        draw_progress(_laid_out(self), context.window_manager.semvec)


class _Method:
    bl_label = "Method"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw how the budget is spent, and where the masks come from."""
        layout, settings = _laid_out(self, context), context.scene.semvec
        column = layout.column()
        leading = [name for name in names_in_group("budget") if name not in BEGINNERS]
        for name in (*names_in_group("method"), *leading):
            _draw_setting(column, settings, name)
        _draw_masks(layout, settings)
        column = layout.column()
        sources = chosen_sources(settings)
        for name in (name for source in sources for name in source.settings[1:]):
            column.prop(settings, name)
        by_network = any("device" in source.resources for source in sources)
        if settings.segmenter == "sam" or by_network:
            for name in names_in_group("device"):
                column.prop(settings, name)
        for name in names_in_group("scripted"):
            if getattr(settings, name) != settings.bl_rna.properties[name].default:
                column.prop(settings, name)


class _Output:
    bl_label = "Output"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw location and make of the drawing, and what happens to earlier ones."""
        layout, settings = _laid_out(self, context), context.scene.semvec
        for names in ((*PLACED, *names_in_group("output")), RUN):
            column = layout.column()
            for name in names:
                column.prop(settings, name)


def _draw_setting(layout: Any, settings: Any, name: str) -> None:
    """Draw a setting; as a menu of its own where the panel does not offer all choices."""
    menu = getattr(bpy.types, f"SEMVEC_MT_{name}", None)
    if menu is None:
        layout.prop(settings, name)
        return
    split = layout.split(factor=0.4)
    split.use_property_split = False
    label = split.row()
    label.alignment = "RIGHT"
    label.label(text=menu.bl_label)
    split.menu(menu.__name__, text=title(getattr(settings, name)))


def _laid_out(panel: Any, context: bpy.types.Context | None = None) -> Any:
    """Return the panel's layout: one property a line, disabled while a run goes on."""
    layout = panel.layout
    layout.use_property_split = True
    layout.use_property_decorate = False
    if context is not None:
        layout.enabled = not context.window_manager.semvec.running
    return layout


def _draw_presets(layout: Any, settings: Any) -> None:
    row = layout.row(align=True)
    row.menu(SEMVEC_MT_presets.__name__, text=active_preset(settings) or "Presets")
    row.operator("semvec.preset_add", text="", icon="ADD")
    row.operator("semvec.preset_add", text="", icon="REMOVE").remove_active = True


def _draw_image(layout: Any, context: bpy.types.Context, settings: Any) -> None:
    _draw_image_field(layout, settings, "image")
    choice = active_choice(context)
    if choice is None:
        return
    part = active_part(context, choice)
    width, height = size_of_part(choice.image, part)
    size = f"{width} x {height} pixels" if width else ""
    box = layout.box().column(align=True)
    thumbnail = thumbnail_of(choice.image, part)
    shown = box.icon(choice.image) if thumbnail is None else thumbnail
    box.template_icon(icon_value=shown, scale=4.0)
    if choice.image == settings.image:
        box.label(text=size)
    else:
        box.label(text=choice.image.name, icon="IMAGE_DATA")
        box.label(text=", ".join(filter(None, (f"From {choice.source}", size))))
    _draw_part(box, settings, choice.image)
    note = note_on(choice.image, part)
    if note:
        draw_text(box, note, "INFO", BOX)


def _draw_part(layout: Any, settings: Any, image: bpy.types.Image) -> None:
    """Draw the choice of the tile or frame of an image that has any."""
    for name, has_part in (("tile", has_tiles), ("frame", has_frames)):
        if has_part(image):
            layout.prop(settings, name)


def _draw_image_field(layout: Any, settings: Any, name: str, label: str = "") -> None:
    """Draw a field to choose, open or clear an image, over the full width."""
    column = layout.column(align=True)
    column.use_property_split = False
    if label:
        column.label(text=label)
    column.template_ID(settings, name, open="image.open")


def _draw_masks(layout: Any, settings: Any) -> None:
    """Draw what finds the masks, and those of its settings that apply."""
    if settings.masks_image is None:
        column = layout.column()
        _draw_segmenter(column, settings)
        for name in names_in_group("sam") if settings.segmenter == "sam" else ():
            column.prop(settings, name)
        column.prop(settings, "mask_count")
    _draw_image_field(layout, settings, "masks_image", "Or masks of your own, in flat colors:")


def _draw_segmenter(layout: Any, settings: Any) -> None:
    """Draw the choice of the segmenter; without AI features, it only leads away from SAM."""
    row = layout.row()
    row.enabled = HAS_AI_FEATURES or settings.segmenter == "sam"
    row.prop(settings, "segmenter")


def _draw_guidance(layout: Any, settings: Any) -> None:
    column = layout.column(align=True)
    column.use_property_split = False
    column.label(text="Guidance")
    buttons = column.grid_flow(row_major=True, columns=2, even_columns=True, align=True)
    unavailable = {source.name.upper() for source in SOURCES if source.why_unavailable()}
    for item in settings.bl_rna.properties["guidance"].enum_items:
        button = buttons.row(align=True)
        # What can't be found can still be turned off.
        button.enabled = item.identifier not in unavailable - settings.guidance
        button.prop_enum(settings, "guidance", item.identifier)
    for source in chosen_sources(settings):
        if isinstance(getattr(settings, source.switch), str):
            layout.prop(settings, source.switch)
        reason = source.why_unavailable()
        if reason and not source.needs_engine:  # which `draw_missing` explains
            draw_text(layout, reason, "INFO")
    if PAINTED in settings.guidance:
        _draw_painting(layout, settings)
    if settings.guidance:
        layout.operator("semvec.preview_saliency", depress=is_previewing())


def _draw_painting(layout: Any, settings: Any) -> None:
    buttons = layout.column(align=True)
    buttons.operator("semvec.add_canvas", icon="GREASEPENCIL")
    buttons.operator("semvec.paint_saliency", icon="BRUSH_DATA")
    _draw_image_field(layout, settings, "saliency_image", "Or an image, white where it matters:")
    column = layout.column(align=True)
    column.prop(settings, "saliency_softness")
    row = column.row()
    row.enabled = not chosen_sources(settings)  # they provide what is not painted
    row.prop(settings, "saliency_background")


def _draw_button(layout: Any, context: bpy.types.Context) -> None:
    _draw_run(layout, "semvec.vectorize", "CURVE_BEZCIRCLE", _why_not(context))


def _draw_run(layout: Any, operator: str, icon: str, reason: str) -> None:
    """Draw the large button of a run; with a reason it is disabled, and the reason below."""
    row = layout.row()
    row.scale_y = 1.6
    row.enabled = not reason
    row.operator(operator, icon=icon)
    if reason:
        draw_text(layout, reason, "INFO")


def _draw_sequence(layout: Any, context: bpy.types.Context) -> None:
    """Draw the range and the button of an image sequence or movie, if one is chosen."""
    choice, settings = active_choice(context), context.scene.semvec
    image = choice.image if choice is not None else None
    if image is None or not has_frames(image):
        return
    column = layout.column()
    column.prop(settings, "sequence_form")
    column.prop(settings, "sequence_range")
    if settings.sequence_range == "CUSTOM":
        for name in ("sequence_first", "sequence_last"):
            column.prop(settings, name)
    for name in ("sequence_step", "sequence_start"):
        column.prop(settings, name)
    reason = why_not_editable(context.scene) or why_no_sequence(image) or _unready(settings)
    _draw_run(column, "semvec.vectorize_sequence", "SEQUENCE", reason)


def _why_not(context: bpy.types.Context) -> str:
    """Return why nothing can be vectorized now; empty where it can."""
    settings = context.scene.semvec
    choice = active_choice(context)
    image = choice.image if choice is not None else None
    reason = why_not_editable(context.scene) or why_unusable(image, active_part(context, choice))
    return reason or _unready(settings)


def _unready(settings: Any) -> str:
    """Return what the guidance or the engine still lacks for a run; empty for nothing."""
    empty = missing_input(settings)
    if empty:
        return f"Describe what matters in the {empty.title.lower()}"
    return why_incomplete(settings)


def _in_editor(mixin: type, editor: str, parent: str = "") -> type:
    """Make the panel that draws like `mixin`, in the sidebar of this editor."""
    name = f"SEMVEC_PT_{editor.lower()}_{mixin.__name__.strip('_').lower()}"
    members = {
        "__module__": __name__,
        "__doc__": mixin.draw.__doc__,  # type: ignore[attr-defined]
        "bl_idname": name,
        "bl_space_type": editor,
        "bl_region_type": "UI",
        "bl_category": "Semvec",
        **({"bl_parent_id": parent} if parent else {}),
    }
    return type(name, (mixin, bpy.types.Panel), members)


def _panels(editor: str) -> list[type]:
    main = _in_editor(_Main, editor)
    viewport_only = (Compare,) if editor == "VIEW_3D" else ()
    parts = (_Progress, DrawingTools, TouchUpTools, *viewport_only, _Method, _Output)
    return [main, *(_in_editor(mixin, editor, main.__name__) for mixin in parts)]


classes = (SEMVEC_MT_clustering, *_panels("VIEW_3D"), *_panels("IMAGE_EDITOR"))
