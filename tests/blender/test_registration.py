# SPDX-License-Identifier: GPL-3.0-or-later
"""Into Blender and out again, and properties that say what the settings say."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import bpy
import numpy as np
import pytest

import semvec
from semvec.core.errors import SettingsError
from semvec.core.settings import Settings
from semvec.core.worker.process import shared_worker
from semvec.operators.objects.placement import Placement
from semvec.operators.properties.settings import placement_from, settings_from


def test_registering_again_and_again(scene: Any) -> None:
    worker = shared_worker()
    for _ in range(10):
        semvec.unregister()
        assert not hasattr(bpy.types.Scene, "semvec")
        assert not hasattr(bpy.types, "SEMVEC_OT_vectorize")
        semvec.register()
        assert bpy.context.scene.semvec.budget == 128
        assert bpy.ops.semvec.vectorize.get_rna_type().name == "Vectorize Image to Curves"
    assert not worker.alive


def test_importing_the_package_needs_no_blender_and_enabling_loads_nothing_heavy() -> None:
    program = (
        "import sys, semvec; assert 'bpy' not in sys.modules and 'numpy' not in sys.modules;"
        "import bpy; semvec.register(); semvec.unregister();"
        "assert not {'torch', 'scipy', 'skimage', 'PIL', 'svgpathtools'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def owners() -> list[Any]:
    """Return the owners of the settings' properties: the operator and the scene."""
    return [bpy.ops.semvec.vectorize.get_rna_type(), bpy.context.scene.semvec.bl_rna]


@pytest.mark.parametrize("setting", dataclasses.fields(Settings), ids=lambda item: item.name)
def test_every_setting_is_a_property(scene: Any, setting: dataclasses.Field[Any]) -> None:
    metadata = setting.metadata
    for owner in owners():
        property = owner.properties[setting.name]
        assert property.description == metadata["help"]
        single_precision = isinstance(setting.default, float)
        default = np.float32(setting.default) if single_precision else setting.default
        assert property.default == default
        if metadata["choices"]:
            assert tuple(property.enum_items.keys()) == tuple(metadata["choices"])
            tooltips = [choice.description for choice in property.enum_items]
            assert all(tooltips) and len(set(tooltips)) == len(tooltips)
        elif metadata["minimum"] is not None:
            assert property.hard_min == metadata["minimum"]
            assert property.hard_max == metadata["maximum"]


def test_properties_give_the_settings_back(scene: Any) -> None:
    assert settings_from(scene.semvec) == Settings()
    assert placement_from(scene.semvec) == Placement()
    scene.semvec.structural_ratio, scene.semvec.clustering, scene.semvec.seed = (
        0.15,
        "exact",
        2**31 - 1,
    )
    expected = Settings(structural_ratio=0.15, clustering="exact", seed=2**31 - 1)
    assert settings_from(scene.semvec) == expected


def test_settings_that_contradict_their_range_are_refused() -> None:
    class Odd:
        def __getattr__(self, name: str) -> Any:
            return 20000 if name == "budget" else getattr(Settings(), name)

    with pytest.raises(SettingsError, match="budget"):
        settings_from(Odd())


def test_tooltips_have_no_full_stop(scene: Any) -> None:
    for owner in owners():
        for property in owner.properties:
            assert not property.description.endswith("."), property.identifier
            assert property.identifier in ("rna_type", "name") or property.description


def test_every_operator_has_a_tooltip_and_so_have_its_options(scene: Any) -> None:
    """Those that artists see, and each choice of a menu, in the panels' properties as well."""
    operators = [getattr(bpy.ops.semvec, name).get_rna_type() for name in dir(bpy.ops.semvec)]
    assert len(operators) > 30
    for each in operators:
        assert each.description and not each.description.endswith("."), each.identifier
    shared = (bpy.types.Collection, bpy.types.Material)
    ours = [p for owner in shared for p in owner.bl_rna.properties if "semvec" in p.identifier]
    shown = [p for each in operators for p in each.properties if not p.is_hidden]
    for property in (*ours, *shown, *scene.semvec.bl_rna.properties):
        if property.identifier not in ("rna_type", "name"):
            assert property.description, property.identifier
            for choice in getattr(property, "enum_items", ()):
                assert choice.description, f"{property.identifier}: {choice.identifier}"
