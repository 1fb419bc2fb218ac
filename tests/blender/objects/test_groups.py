# SPDX-License-Identifier: GPL-3.0-or-later
"""Groups of a drawing in Blender: collections in the layers, or layers of Grease Pencil."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy
import pytest
from sample_drawings import random_drawing

from semvec.core.drawing import Drawing
from semvec.operators.import_export import import_svg
from semvec.operators.objects.change_form import change_form
from semvec.operators.objects.collection import (
    add_drawing,
    layers_of,
    read_drawing,
    remove_drawing,
    update_drawing,
)
from semvec.operators.objects.duplicate import duplicate_drawing
from semvec.operators.objects.placement import Placement

FORMS = ("CURVES", "JOINED", "GREASE_PENCIL")


def grouped() -> Drawing:
    drawing = random_drawing(12, 1.0)
    names = ("Person", "", "Sky", "Person")
    paths = [
        replace(
            path,
            kind="structural" if i < 6 else "detail",
            group=names[i % 4],
            name=f"{names[i % 4].lower()}.{i:03d}" if names[i % 4] else f"mine {i}",
            region=i,
        )
        for i, path in enumerate(drawing.paths)
    ]
    return replace(drawing, paths=paths)


def groups_of(drawing: Drawing) -> list[tuple[str, str]]:
    return [(path.kind, path.group) for path in drawing.paths]


def children(layer: Any) -> dict[str, int]:
    return {child.name.partition(".")[0]: len(child.objects) for child in layer.children}


@pytest.mark.parametrize("form", FORMS)
def test_groups_come_back_from_blender(scene: Any, form: Any) -> None:
    drawing = grouped()
    collection = add_drawing(scene, drawing, "photo", Placement(form=form))
    back = read_drawing(collection)
    if form == "JOINED":  # which keeps no kinds
        assert [path.group for path in back.paths] == [path.group for path in drawing.paths]
    else:
        assert groups_of(back) == groups_of(drawing)


def test_each_group_is_a_collection_in_its_layer(scene: Any) -> None:
    collection = add_drawing(scene, grouped(), "photo")
    assert [child.name for child in collection.children] == ["Structural", "Detail"]
    layers = layers_of(collection)
    assert children(layers["structural"]) == {"Person": 3, "Sky": 1}
    assert children(layers["detail"]) == {"Sky": 2, "Person": 3}
    assert len(layers["structural"].objects) == 2
    person = layers["structural"].children[0]
    assert all(obj.name.startswith("Person ") for obj in person.objects)


def test_a_new_drawing_of_other_groups_leaves_no_empty_collections(scene: Any) -> None:
    collection = add_drawing(scene, grouped(), "photo")
    plain = replace(grouped(), paths=[replace(path, group="") for path in grouped().paths])
    update_drawing(collection, plain)
    assert not any(layer.children for layer in layers_of(collection).values())
    assert len(read_drawing(collection).paths) == len(plain.paths)
    update_drawing(collection, grouped())
    assert groups_of(read_drawing(collection)) == groups_of(grouped())


def test_a_renamed_collection_renames_the_group(scene: Any) -> None:
    collection = add_drawing(scene, grouped(), "photo")
    layers_of(collection)["detail"].children["Sky.001"].name = "Clouds"
    groups = groups_of(read_drawing(collection))
    assert ("detail", "Clouds") in groups and ("structural", "Sky") in groups


def test_a_hidden_layer_hides_its_groups(scene: Any) -> None:
    collection = add_drawing(scene, grouped(), "photo")
    layers_of(collection)["structural"].hide_viewport = True
    assert {kind for kind, _ in groups_of(read_drawing(collection))} == {"detail"}


@pytest.mark.parametrize("form", ["JOINED", "GREASE_PENCIL"])
def test_groups_survive_a_change_of_form_and_back(scene: Any, form: Any) -> None:
    collection = add_drawing(scene, grouped(), "photo")
    change_form(collection, form)
    change_form(collection, "CURVES")
    back = read_drawing(collection)
    assert [path.group for path in back.paths] == [path.group for path in grouped().paths]


def test_duplicates_have_the_groups_and_removing_takes_all_collections(scene: Any) -> None:
    import bpy

    before = set(bpy.data.collections)
    collection = add_drawing(scene, grouped(), "photo")
    copy = duplicate_drawing(scene, collection)
    assert groups_of(read_drawing(copy)) == groups_of(grouped())
    for each in (copy, collection):
        remove_drawing(scene, each)
    assert set(bpy.data.collections) == before


GROUPED_FILE = """<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">
<g id="sky"><rect width="40" height="30" fill="#8cf"/></g>
<g id="Trees"><rect x="5" y="9" width="6" height="20" fill="#285"/>
<rect x="20" y="9" width="6" height="20" fill="#295"/></g></svg>"""


def imported(tmp_path: Path, form: Any) -> Any:
    """A file of another program with two groups, as our drawing."""
    file = tmp_path / "grouped.svg"
    file.write_text(GROUPED_FILE)
    return import_svg(bpy.context.scene, str(file), Placement(form=form))


def test_groups_of_another_programs_file_are_collections(scene: Any, tmp_path: Path) -> None:
    layer = layers_of(imported(tmp_path, "CURVES"))["structural"]
    assert children(layer) == {"sky": 1, "Trees": 2} and not layer.objects


def test_groups_of_another_programs_file_are_layers_as_in_blenders_import(
    scene: Any, tmp_path: Path
) -> None:
    collection = imported(tmp_path, "GREASE_PENCIL")
    (ours,) = (obj for obj in collection.all_objects if obj.type == "GREASEPENCIL")
    assert [layer.name for layer in ours.data.layers] == ["sky", "Trees"]
    before = set(bpy.data.objects)
    bpy.ops.wm.grease_pencil_import_svg(filepath=str(tmp_path / "grouped.svg"))
    (theirs,) = set(bpy.data.objects) - before
    names = [[layer.name for layer in obj.data.layers] for obj in (ours, theirs)]
    assert names[0] == names[1]
    assert [path.group for path in read_drawing(collection).paths] == ["sky", "Trees", "Trees"]
