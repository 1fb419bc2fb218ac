# SPDX-License-Identifier: GPL-3.0-or-later
"""Panels, as far as they can be tested without a window."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np
import pytest

from semvec.core.saliency.sources import SOURCES
from semvec.core.settings import Settings, preset_names
from semvec.operators.inputs.active_image import active_image, beside, note_on, why_unusable
from semvec.operators.inputs.image_part import Part
from semvec.operators.properties.settings import settings_from, settings_properties
from semvec.operators.property_groups import rename_stored_settings
from semvec.panels import presets, sidebar

PANELS: Any = [item for item in sidebar.classes if issubclass(item, bpy.types.Panel)]
FORMER_PRESET = """
settings.ratio = 0.7
settings.structure = 0.5
settings.schedule = "paper"
settings.masks = 50
settings.clustering = "adam"
"""
PRESETS = sorted((Path(presets.__file__).parents[1] / "presets" / "semvec").glob("*.py"))


def context(scene: Any, item: Any = None, editor: Any = None) -> Any:
    return SimpleNamespace(scene=scene, object=item, space_data=editor)


def shown_by_material(image: Any, *others: Any) -> Any:
    """An object whose material has a texture node for each image."""
    material = bpy.data.materials.new("m")
    if material.node_tree is None:
        material.use_nodes = True
    for each in (image, *others):
        material.node_tree.nodes.new("ShaderNodeTexImage").image = each
    mesh = bpy.data.meshes.new("m")
    mesh.materials.append(material)
    return bpy.data.objects.new("m", mesh)


def test_the_tab_is_in_both_sidebars(registered: None) -> None:
    for editor in ("VIEW_3D", "IMAGE_EDITOR"):
        panels = [panel for panel in PANELS if panel.bl_space_type == editor]
        assert {panel.bl_category for panel in panels} == {"Semvec"}
        assert {panel.bl_region_type for panel in panels} == {"UI"}
        assert panels[0].bl_label == "Semvec"
        parents = {getattr(panel, "bl_parent_id", "") for panel in panels[1:]}
        assert parents == {panels[0].bl_idname}
    assert all(getattr(bpy.types, panel.bl_idname).is_registered for panel in PANELS)


def test_the_image_is_chosen_or_found(scene: Any, picture: Any, new_image: Any) -> None:
    edited, chosen = (new_image(name, np.ones((4, 4, 4))) for name in ("edited", "chosen"))
    item, editor = shown_by_material(picture), SimpleNamespace(image=edited)
    assert active_image(context(scene)) is None
    assert active_image(context(scene, item)) == picture
    assert active_image(context(scene, item, editor)) == edited
    scene.semvec.image = chosen
    assert active_image(context(scene)) == chosen
    assert active_image(context(scene, item, editor)) == edited, "which is looked at"
    scene.semvec.chosen_beside = beside(context(scene, item, editor))
    assert active_image(context(scene, item, editor)) == chosen, "chosen beside these"


def test_the_active_texture_counts(scene: Any, picture: Any, new_image: Any) -> None:
    other = new_image("other", np.ones((4, 4, 4)))
    item = shown_by_material(picture, other)
    nodes = item.active_material.node_tree.nodes
    for image in (picture, other):
        nodes.active = next(node for node in nodes if getattr(node, "image", None) == image)
        assert active_image(context(scene, item)) == image


def test_a_reference_shows_its_image(scene: Any, picture: Any) -> None:
    empty = bpy.data.objects.new("empty", None)
    assert active_image(context(scene, empty)) is None
    empty.empty_display_type = "IMAGE"
    empty.data = picture
    assert active_image(context(scene, empty)) == picture


def test_an_image_that_can_t_be_used_says_why(scene: Any, picture: Any) -> None:
    assert why_unusable(picture) == ""
    sequence = bpy.data.images.new("frames", 4, 4)
    sequence.source = "SEQUENCE"
    assert "'frames' is a sequence of images. Choose a frame" in why_unusable(sequence)
    assert "'frames' has no frame 3" in why_unusable(sequence, Part(frame=3))
    sequence.source = "FILE"
    assert "'frames' has no pixels" in why_unusable(sequence)


def test_what_a_run_leaves_out_is_said_before_it(scene: Any, picture: Any, tmp_path: Path) -> None:
    """Other tiles and frames, and what is beyond white; a plain image has no note."""
    assert note_on(picture) == ""
    bright = bpy.data.images.new("bright", 4, 4, float_buffer=True)
    assert note_on(bright) == "Colors brighter than white become white"
    picture.filepath_raw, picture.file_format = str(tmp_path / "u.1001.png"), "PNG"
    picture.save()
    tiled = bpy.data.images.load(str(tmp_path / "u.<UDIM>.png"))
    tiled.source = "TILED"
    assert note_on(tiled) == ""
    tiled.tiles.new(1002)
    assert note_on(tiled) == "Tile 1001 of 2 is vectorized"
    scene.semvec.image = tiled
    assert "Tile 1001 of 2 is vectorized" in shown_labels(scene)


def test_an_image_inside_node_groups_is_found(scene: Any, picture: Any) -> None:
    """Two groups deep."""
    tree: Any = None
    for name in ("inner", "outer"):
        group = bpy.data.node_groups.new(name, "ShaderNodeTree")
        if tree is None:
            group.nodes.new("ShaderNodeTexImage").image = picture
        else:
            group.nodes.new("ShaderNodeGroup").node_tree = tree
        tree = group
    item = shown_by_material(None)
    item.active_material.node_tree.nodes.new("ShaderNodeGroup").node_tree = tree
    assert active_image(context(scene, item)) == picture


def shown_labels(scene: Any) -> list[str]:
    """The labels of the main panel."""
    layout = MagicMock()
    manager = SimpleNamespace(semvec=SimpleNamespace(running=False, error=""))
    shown = SimpleNamespace(scene=scene, object=None, space_data=None, window_manager=manager)
    sidebar._Main.draw(SimpleNamespace(layout=layout), shown)
    calls = (call for call in layout.mock_calls if call[0].endswith(".label"))
    return [call.kwargs.get("text", "") for call in calls]


SCRIPTED = {"saliency_floor", "renderer", "threads"}
MENUS = {"clustering"}  # drawn as menus, which leave some choices to scripts


def shown_settings(scene: Any) -> set[str]:
    """The names of all settings that the panels offer."""
    layout, state = MagicMock(), SimpleNamespace(running=False, error="")
    manager = SimpleNamespace(semvec=state)
    shown = SimpleNamespace(scene=scene, object=None, space_data=None, window_manager=manager)
    for panel in (sidebar._Main, sidebar._Method, sidebar._Output):
        panel.draw(SimpleNamespace(layout=layout), shown)
    calls = [call for call in layout.mock_calls if call[0].endswith(".prop")]
    return {call.args[1] for call in calls} & {field.name for field in fields(Settings)}


def test_the_first_page_has_kind_and_shapes_and_no_other_setting(scene: Any) -> None:
    """Beside preset, image and guidance."""
    drawn, state = MagicMock(), SimpleNamespace(running=False, error="")
    manager = SimpleNamespace(semvec=state)
    shown = SimpleNamespace(scene=scene, object=None, space_data=None, window_manager=manager)
    for panel, expected in ((sidebar._Main, {"kind", "budget"}), (sidebar._Method, set())):
        drawn.reset_mock()
        panel.draw(SimpleNamespace(layout=drawn), shown)
        calls = [call for call in drawn.mock_calls if call[0].endswith(".prop")]
        assert {call.args[1] for call in calls} & {"kind", "budget"} == expected
    labels = [scene.semvec.bl_rna.properties[name].name for name in ("budget", "rounds")]
    assert labels == ["Shapes", "Levels"]


def test_every_property_of_the_panels_has_a_tooltip(scene: Any) -> None:
    owners = (scene.semvec, bpy.context.window_manager.semvec_compare)
    properties = [p for owner in owners for p in owner.bl_rna.properties]
    ours = [p for p in properties if p.identifier not in {"rna_type", "name"}]
    assert len(ours) > 30 and all(p.description for p in ours)


def test_the_panel_offers_all_settings_but_those_of_scripts(scene: Any) -> None:
    scene.semvec.guidance, scene.semvec.segmenter = {"PAINTED", "PROMPT"}, "sam"
    toggles = {source.switch for source in SOURCES if getattr(Settings(), source.switch) is False}
    every = {field.name for field in fields(Settings)} - MENUS - toggles
    assert shown_settings(scene) == every - SCRIPTED
    scene.semvec.renderer = "diffvg"
    assert shown_settings(scene) - {"renderer"} == every - SCRIPTED
    assert "renderer" in shown_settings(scene), "else it would stay, and nobody would know"


def test_the_menu_of_clustering_leaves_the_ablations_to_scripts(scene: Any) -> None:
    layout = MagicMock()
    menu = SimpleNamespace(layout=layout)
    sidebar.SEMVEC_MT_clustering.draw(menu, SimpleNamespace(scene=scene))
    offered = [call.args[2] for call in layout.prop_enum.mock_calls]
    assert offered == ["ward", "exact", "recolor"]
    scene.semvec.clustering = "kmeans"
    assert settings_from(scene.semvec).clustering == "kmeans"


def test_processors_are_suggested_and_any_device_can_be_named(scene: Any) -> None:
    suggest = settings_properties()["compute"].keywords["search"]
    assert suggest(scene.semvec, bpy.context, "") == ["auto", "cpu", "gpu"]
    assert suggest(scene.semvec, bpy.context, "PU") == ["cpu", "gpu"]
    scene.semvec.compute = "llvmpipe (LLVM 15.0.6, 256 bits)"
    assert settings_from(scene.semvec).compute == "llvmpipe (LLVM 15.0.6, 256 bits)"


def test_a_preset_of_version_0_1_is_understood(scene: Any) -> None:
    exec(FORMER_PRESET, {"settings": scene.semvec})
    assert settings_from(scene.semvec) == Settings(
        structural_ratio=0.7,
        containment=0.5,
        refinement="published",
        mask_count=50,
        clustering="recolor",
    )


def test_settings_that_a_file_of_version_0_1_stores_are_renamed(scene: Any) -> None:
    if hasattr(scene.semvec, "bl_system_properties_get"):
        pytest.skip("Blender 5 does not let scripts write what an old file stores")
    stored = {"ratio": 0.7, "structure": 0.5, "masks": 50, "schedule": 1}  # choices by position
    for name, value in stored.items():
        scene.semvec[name] = value
    rename_stored_settings(scene.semvec)
    assert settings_from(scene.semvec) == Settings(
        structural_ratio=0.7, containment=0.5, refinement="published", mask_count=50
    )
    assert not set(stored) & set(scene.semvec.keys())


def test_the_presets_are_kinds_of_pictures(registered: None) -> None:
    assert [file.stem for file in PRESETS] == [
        "Detailed",
        "Illustration",
        "Line_Art",
        "Logo",
        "Poster",
    ]
    folders = bpy.utils.preset_paths(presets.FOLDER)
    assert any(Path(folder).samefile(PRESETS[0].parent) for folder in folders)


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.stem)
def test_a_preset_sets_all_that_is_saved_with_presets(scene: Any, file: Path) -> None:
    assigned = {
        line.split(" = ")[0].removeprefix("settings.")
        for line in file.read_text().splitlines()
        if line.startswith("settings.")
    }
    assert assigned == set(preset_names())
    before = settings_from(scene.semvec)
    menu = presets.SEMVEC_MT_presets.__name__
    bpy.ops.script.execute_preset(filepath=str(file), menu_idname=menu)
    after = settings_from(scene.semvec)
    assert (after == before) == (file.stem == "Illustration"), "which is the default"


def test_presets_of_ones_own(scene: Any) -> None:
    scene.semvec.budget = 77
    bpy.ops.semvec.preset_add(name="My Own")
    scene.semvec.budget = 5
    (file,) = [
        found
        for folder in bpy.utils.preset_paths(presets.FOLDER)
        for found in Path(folder).glob("My_Own.py")
    ]
    bpy.ops.script.execute_preset(
        filepath=str(file), menu_idname=presets.SEMVEC_MT_presets.__name__
    )
    assert settings_from(scene.semvec) == Settings(budget=77)
    file.unlink()


def test_sequences_and_movies_have_a_button_of_their_own(scene: Any, picture: Any) -> None:
    assert "semvec.vectorize_sequence" not in buttons(scene, picture)
    picture.source = "SEQUENCE"
    assert "semvec.vectorize_sequence" in buttons(scene, picture)


def buttons(scene: Any, image: Any) -> list[str]:
    """The operators that the main panel shows for an image."""
    scene.semvec.image = image
    layout, state = MagicMock(), SimpleNamespace(running=False, error="")
    shown = context(scene)
    shown.window_manager = SimpleNamespace(semvec=state)
    sidebar._Main.draw(SimpleNamespace(layout=layout), shown)
    calls = (call for call in layout.mock_calls if call[0].endswith(".operator"))
    return [call.args[0] for call in calls]
