# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe "Add a saliency source" of docs/saliency.md, followed to the letter in a copy."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

ROOT = Path(__file__).resolve().parents[2]

# What a step inserts its code before, by the words after the file's name.
PLACES = {
    "before seed": ("    seed: int = _setting(", "    "),
    "imports": ("\n\n@dataclass", ""),
    "end of SOURCES": ("\n)\n", "    "),
}

IN_BLENDER = """
import bpy, semvec
semvec.register()
from semvec.operators.inputs.guidance import switches
panel = bpy.context.scene.semvec
items = panel.bl_rna.properties["guidance"].enum_items
print("items", *[item.identifier for item in items])
print("bit", items["UPPER_PART"].value)
panel.upper_part = "0.5"
print("off", repr(switches(panel)["upper_part"]))
panel.guidance = {"UPPER_PART"}
print("on", repr(switches(panel)["upper_part"]))
semvec.unregister()
"""


def code_blocks() -> list[tuple[str, str]]:
    """Return the title, its first line, and the code of each block of the recipe."""
    text = (ROOT / "docs" / "saliency.md").read_text(encoding="utf-8")
    recipe = text.partition("## Add a saliency source\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", recipe, flags=re.S)
    parts = [textwrap.dedent(block).partition("\n") for block in blocks]
    return [(head.removeprefix("# "), body) for head, _, body in parts]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package in which the recipe was followed; its parent is importable."""
    folder = tmp_path_factory.mktemp("recipe") / "semvec"
    folder.mkdir()
    for name in ("core", "operators", "panels", "presets"):
        shutil.copytree(ROOT / name, folder / name)
    for file in ("__init__.py", "blender_manifest.toml"):
        shutil.copy(ROOT / file, folder)
    for title, code in code_blocks():
        name, _, place = title.partition(", ")
        if not place:
            (folder / name).write_text(code, encoding="utf-8")
            continue
        anchor, indentation = PLACES[place]
        source = (folder / name).read_text(encoding="utf-8")
        before, found, after = source.partition(anchor)
        if place == "end of SOURCES":
            before, found, after = source.rpartition(anchor)
            code = "\n" + code.rstrip("\n") + ","
        assert found, f"{name} has no place {place!r}"
        inserted = textwrap.indent(code, indentation)
        (folder / name).write_text(before + inserted + found + after, encoding="utf-8")
    return folder


def run(package: Path, *arguments: str) -> str:
    program = f"import sys; sys.path.insert(0, {str(package.parent)!r})\n"
    command = [sys.executable, "-c", program + arguments[0], *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_recipe_takes_three_code_files() -> None:
    assert len({title.partition(", ")[0] for title, _ in code_blocks()}) == 3


def test_the_new_source_is_an_option_of_the_command_line(package: Path, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (32, 48, 3), np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "image.png")
    program = "from semvec.core.cli.main import main; sys.exit(main(sys.argv[1:]))"
    options = ["--upper-part", "0.5", "--budget", "4", "--iterations", "5"]
    saliency = tmp_path / "map.png"
    run(package, program, str(tmp_path / "image.png"), *options, "--save-saliency", str(saliency))
    found = np.asarray(PIL.Image.open(saliency).convert("L"))
    assert np.all(found[:16] == 255) and np.all(np.abs(found[16:] - 25.5) < 1.0)


def test_the_new_source_is_an_item_of_blender_s_guidance(package: Path) -> None:
    lines = run(package, IN_BLENDER).splitlines()
    values = dict(line.split(" ", 1) for line in lines if " " in line)
    items = values["items"].split()
    assert items[-1] == "UPPER_PART" and int(values["bit"]) == 2 ** (len(items) - 1)
    assert (values["off"], values["on"]) == ("''", "'0.5'")
