# SPDX-License-Identifier: GPL-3.0-or-later
"""Preparation of a checkout for a command of dev.py: it installs what that needs, and no more."""

from __future__ import annotations

import subprocess

from . import environment, native_library

# Groups of packages by command; "base" and "alone" are always there.
GROUPS = {
    "demo": ("blender", "networks"),
    "build": ("compiler", "blender", "networks"),
    "repository": ("compiler", "blender", "networks"),
    "lint": ("lint",),
    "docs": ("docs",),
    "release": ("compiler", "blender", "docs", "networks"),
    "gui": ("compiler", "blender", "test", "networks"),
}
EVERYTHING = ("compiler", "blender", "ai", "test", "networks")


def prepare(command: str) -> None:
    """Make the environment that a command of dev.py needs."""
    environment.make()
    groups = GROUPS.get(command, EVERYTHING)
    environment.install_group("base")
    environment.install_group("alone", "--no-deps")
    for group in groups:
        environment.install_group(group)
    environment.link_checkout()
    if "compiler" in groups:
        native_library.install_shipped_library()
    else:
        native_library.install_any_library()
    if "networks" in groups:
        _convert_networks()


def _convert_networks() -> None:
    """Convert the networks of automatic guidance; without a connection, try next time again."""
    wheels = environment.ROOT / "wheels"
    scripts = [wheels / name for name in ("networks.py", "convert_network.py")]
    key = environment.digest(*(script.read_bytes() for script in scripts))
    command = [environment.programs() / "python", scripts[0]]
    environment.once(
        "networks",
        key,
        "converting networks",
        lambda: subprocess.run(command, cwd=environment.ROOT).returncode == 0,
    )
