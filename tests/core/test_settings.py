# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: names of version 0.1, and the metadata that panels and presets are made from."""

from __future__ import annotations

from dataclasses import fields

import pytest

from semvec.core.clustering.merging import METHODS
from semvec.core.errors import SettingsError
from semvec.core.settings import Settings, former_names, menu_choices, names_in_group, preset_names

# Settings as an SVG file of version 0.1 stores them.
FORMER = {
    "budget": 24, "ratio": 0.3, "structure": 0.75, "rounds": 10, "clustering": "adam",
    "schedule": "paper", "masks": 77, "fills": "gradient", "seed": 5,
}  # fmt: skip


def test_settings_of_version_0_1_are_understood():
    assert Settings.from_dict(FORMER) == Settings(
        budget=24,
        structural_ratio=0.3,
        containment=0.75,
        rounds=10,
        clustering="recolor",
        refinement="published",
        mask_count=77,
        fills="gradient",
        seed=5,
    )


def test_settings_survive_the_way_through_json_types():
    settings = Settings.from_dict(FORMER)
    assert Settings.from_dict(settings.to_dict()) == settings


def test_former_names_are_free_and_lead_to_settings():
    names = {item.name for item in fields(Settings)}
    assert set(former_names().values()) <= names
    assert not set(former_names()) & names


@pytest.mark.parametrize("values", [{"schedule": "adam"}, {"ratio": 2.0}, {"unknown": 1}])
def test_values_that_version_0_1_refused_are_still_refused(values):
    with pytest.raises(SettingsError):
        Settings.from_dict(values)


def test_every_clustering_method_is_a_choice():
    choices = next(item for item in fields(Settings) if item.name == "clustering")
    assert set(choices.metadata["choices"]) == set(METHODS)


@pytest.mark.parametrize("item", fields(Settings), ids=lambda item: item.name)
def test_every_choice_has_a_description_of_its_own(item):
    texts = list(item.metadata["choices"].values())
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert text == text.strip() and text[0].isupper() and not text.endswith(".")
    assert set(item.metadata["scripted_choices"]) < set(item.metadata["choices"]) or not texts
    assert not texts or item.default in menu_choices(item.name)


def test_every_setting_is_in_one_group_of_the_panel():
    groups = {item.metadata["group"] for item in fields(Settings)}
    listed = [name for group in groups for name in names_in_group(group)]
    assert sorted(listed) == sorted(item.name for item in fields(Settings))


def test_presets_save_no_setting_that_depends_on_the_machine():
    assert not {"device", "threads", "renderer", "sam_model"} & set(preset_names())
