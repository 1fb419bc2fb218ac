# SPDX-License-Identifier: GPL-3.0-or-later
"""The entries in Blender's menus, which are also what the menu search looks through."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import pytest

from semvec.operators import menus

MENUS = (
    "VIEW3D_MT_object_convert",
    "VIEW3D_MT_image_add",
    "VIEW3D_MT_object_context_menu",
    "IMAGE_MT_image",
    "TOPBAR_MT_file_import",
)


def entries(menu: str, obj: Any = None) -> dict[str, str]:
    """Return what the extension adds to a menu: texts of the entries and their operators."""
    layout = MagicMock()
    for draw in getattr(bpy.types, menu).draw._draw_funcs:
        if draw.__module__ == menus.__name__:
            context = SimpleNamespace(object=obj, scene=bpy.context.scene, space_data=None)
            draw(SimpleNamespace(layout=layout), context)
    calls = [call for call in layout.mock_calls if call[0].endswith("operator")]
    labels = {call.args[0]: operator_type(call.args[0]).name for call in calls}
    return {call.kwargs.get("text", labels[call.args[0]]): call.args[0] for call in calls}


def operator_type(name: str) -> Any:
    return getattr(bpy.ops.semvec, name.partition(".")[2]).get_rna_type()


@pytest.mark.parametrize("menu", MENUS)
def test_images_are_vectorized_from_the_menus_where_people_look(scene: Any, menu: str) -> None:
    reference = bpy.data.objects.new("photo", None)
    reference.empty_display_type, reference.data = "IMAGE", bpy.data.images.new("photo", 4, 4)
    operators = set(entries(menu, reference).values())
    assert operators & {"semvec.vectorize", "semvec.vectorize_file"}


def test_the_context_menu_of_what_shows_no_image_has_no_entry(scene: Any) -> None:
    assert entries("VIEW3D_MT_object_context_menu", bpy.data.objects.new("e", None)) == {}


@pytest.mark.parametrize("menu", ["VIEW3D_MT_image_add", "IMAGE_MT_image"])
def test_sequences_are_offered_where_one_is_chosen(scene: Any, menu: str) -> None:
    """Else the menu search would find them first, for a picture that they do nothing with."""
    image = bpy.data.images.new("photo", 4, 4)
    scene.semvec.image = image
    assert "semvec.vectorize_sequence" not in entries(menu).values()
    image.source = "SEQUENCE"
    assert "semvec.vectorize_sequence" in entries(menu).values()


@pytest.mark.parametrize("word", ["vectorize", "trace", "curves", "svg"])
def test_the_words_that_people_search_for_are_in_the_entries(scene: Any, word: str) -> None:
    found = {
        operator
        for menu in MENUS
        for text, operator in entries(menu).items()
        if word in re.findall("[a-z]+", text.lower())
    }
    assert found & {"semvec.vectorize", "semvec.vectorize_file"}
