# SPDX-License-Identifier: GPL-3.0-or-later
"""Run by test_package.py in a Blender of its own: install a zip, vectorize, uninstall.

    python installed_extension.py ZIP

Prints, as JSON, what was found on the way.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from pathlib import Path
from typing import Any

import bpy
import numpy as np

MODULE = "bl_ext.user_default.semvec"


def files() -> list[str]:
    """Everything in Blender's folder for extensions, caches aside."""
    root = Path(os.environ["BLENDER_USER_RESOURCES"], "extensions")
    found = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    return sorted(name for name in found if "cache" not in name)


def curves() -> list[Any]:
    return [item for item in bpy.data.objects if item.type == "CURVE"]


def main(package: str) -> dict[str, Any]:
    found: dict[str, Any] = {"before": files()}
    bpy.ops.extensions.package_install_files(
        filepath=package, repo="user_default", enable_on_install=True, overwrite=True
    )
    found["enabled"] = MODULE in bpy.context.preferences.addons
    found["installed"] = files()
    # The checkout's .venv has a native library as well; what the zip brought goes first.
    sys.path.sort(key=lambda path: not path.startswith(os.environ["BLENDER_USER_RESOURCES"]))
    found["native"] = importlib.util.find_spec("semvec_native").origin
    image = bpy.data.images.new("photo", 64, 48)
    image.pixels.foreach_set(np.random.default_rng(0).random(64 * 48 * 4, np.float32))
    found["result"] = list(
        bpy.ops.semvec.vectorize(image="photo", kind="photo", budget=6, iterations=20)
    )
    found["curves"] = len(curves())
    worker = sys.modules[f"{MODULE}.core.worker.process"].shared_worker()
    found["command"] = Path(f"/proc/{worker.pid}/cmdline").read_text().split("\0")
    try:
        bpy.ops.semvec.vectorize(image="nothing")
    except RuntimeError as error:
        found["error"] = str(error)
    for _ in range(3):
        bpy.ops.preferences.addon_disable(module=MODULE)
        bpy.ops.preferences.addon_enable(module=MODULE)
    found["worker_alive"] = worker.alive
    bpy.ops.semvec.vectorize(image="photo", kind="photo", budget=5, iterations=20)
    found["curves_again"] = len(curves())
    worker = sys.modules[f"{MODULE}.core.worker.process"].shared_worker()
    repositories = bpy.context.preferences.extensions.repos
    number = [repository.module for repository in repositories].index("user_default")
    bpy.ops.extensions.package_uninstall(repo_index=number, pkg_id="semvec")
    found["after"] = files()
    found["operator_left"] = hasattr(bpy.types, "SEMVEC_OT_vectorize")
    found["worker_alive_after"] = worker.alive
    found["worker_folder_after"] = worker.folder.exists()
    return found


if __name__ == "__main__":
    found = main(sys.argv[1])
    print("FOUND", json.dumps(found))
