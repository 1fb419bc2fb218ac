# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by test_editions.py in a Blender of its own: install the full edition from a repository.

    python installed_from_repository.py URL STANDARD_ZIP

Prints, as JSON, what was found on the way.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import bpy
import numpy as np

FULL, STANDARD = "bl_ext.ours.semvec_ai", "bl_ext.user_default.semvec"


def modules_that_fail() -> list[str]:
    """Import every module of the standard edition; return those that need what it lacks."""
    failed = []
    package = sys.modules[STANDARD]
    for module in pkgutil.walk_packages(package.__path__, f"{STANDARD}."):
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            failed.append(f"{module.name}: {error}")
    return failed


def drawn_panel(guidance: set[str]) -> dict[str, Any]:
    """Return the labels of the standard edition's main panel, and the buttons that are off."""
    settings = bpy.context.scene.semvec
    settings.guidance = guidance
    settings.image, settings.prompt = bpy.data.images["photo"], "a dog"
    off = []

    class Row(MagicMock):
        enabled = True

        def prop_enum(self, settings: Any, name: str, value: str) -> None:
            if not self.enabled:
                off.append(value)

    layout = MagicMock()
    buttons = layout.column.return_value.column.return_value.grid_flow.return_value
    buttons.row.side_effect = lambda **options: Row()
    state = SimpleNamespace(running=False, error="")
    sidebar = sys.modules[f"{STANDARD}.panels.sidebar"]
    sidebar._Main.draw(
        SimpleNamespace(layout=layout),
        SimpleNamespace(
            scene=bpy.context.scene,
            object=None,
            space_data=None,
            window_manager=SimpleNamespace(semvec=state),
        ),
    )
    labels = [call.kwargs.get("text", "") for call in layout.mock_calls if "label" in call[0]]
    return {"labels": " ".join(labels), "off": off}


def main(url: str, standard_zip: str) -> dict[str, Any]:
    bpy.context.preferences.system.use_online_access = True
    repositories = bpy.context.preferences.extensions.repos
    repositories.new(name="Ours", module="ours", remote_url=url)
    number = [repository.module for repository in repositories].index("ours")
    bpy.ops.extensions.repo_sync(repo_index=number)
    found: dict[str, Any] = {}
    found["installed"] = list(
        bpy.ops.extensions.package_install(
            repo_index=number, pkg_id="semvec_ai", enable_on_install=True
        )
    )
    found["enabled"] = FULL in bpy.context.preferences.addons
    image = bpy.data.images.new("photo", 64, 48)
    image.pixels.foreach_set(np.random.default_rng(0).random(64 * 48 * 4, np.float32))
    found["result"] = list(
        bpy.ops.semvec.vectorize(image="photo", kind="photo", budget=6, iterations=20)
    )
    found["curves"] = sum(item.type == "CURVE" for item in bpy.data.objects)
    found["downloads"] = hasattr(bpy.types, "SEMVEC_OT_install_engine")
    try:
        bpy.ops.extensions.package_install_files(
            filepath=standard_zip, repo="user_default", enable_on_install=True
        )
        found["both"] = "enabled"
    except RuntimeError as error:
        found["both"] = str(error)
    found["both_enabled"] = STANDARD in bpy.context.preferences.addons
    bpy.ops.preferences.addon_disable(module=FULL)
    found["standard_alone"] = list(bpy.ops.preferences.addon_enable(module=STANDARD))
    found["standard_downloads"] = hasattr(bpy.types, "SEMVEC_OT_install_engine")
    try:
        bpy.ops.semvec.vectorize(image="photo", prompt="a dog")
    except RuntimeError as error:
        found["prompt"] = str(error)
    found["failed"] = modules_that_fail()
    found["panel"] = drawn_panel({"AUTOMATIC"})
    found["panel_of_a_file"] = drawn_panel({"PROMPT"})
    bpy.ops.preferences.addon_disable(module=STANDARD)
    return found


if __name__ == "__main__":
    print("FOUND", json.dumps(main(*sys.argv[1:])))
