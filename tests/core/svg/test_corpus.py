# SPDX-License-Identifier: GPL-3.0-or-later
"""Icons and logos of strangers, from packages on the npm registry, compared with resvg.

The packages are fetched by npm into .cache/ and never committed.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from foreign_svg import SVG, XLINK, rendered_by_resvg

from semvec.core.drawing import pack
from semvec.core.rendering.native import render
from semvec.core.svg import from_svg

CACHE = Path(__file__).resolve().parents[3] / ".cache" / "npm"
SIZE = 256  # pixels of the longer side: much smaller, rounding at edges is all there is to see
COUNT = 40  # icons of each package
PACKAGES = {
    "@iconify-json/noto": "1.2.9",
    "@iconify-json/logos": "1.2.19",
    "@iconify-json/openmoji": "1.2.29",
    "@iconify-json/twemoji": "1.2.5",
    "@iconify-json/material-symbols": "1.2.98",
    "@iconify-json/tabler": "1.2.41",
    "@iconify-json/flat-color-icons": "1.2.3",
    "bootstrap-icons": "1.13.2",
    "simple-icons": "16.37.0",
}


def fetched(package: str) -> Path:
    """The package's archive; skips where there is no npm or no registry to be reached."""
    name = f"{package.lstrip('@').replace('/', '-')}-{PACKAGES[package]}.tgz"
    if not (CACHE / name).exists():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("npm, which fetches the icons, is not installed")
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", "--silent", f"{package}@{PACKAGES[package]}"]
        run = subprocess.run(command, cwd=CACHE, capture_output=True, text=True)
        if run.returncode != 0 or not (CACHE / name).exists():
            pytest.skip(f"npm can't fetch {package}: {run.stderr.strip()[-200:]}")
    return CACHE / name


def icons(archive: Path) -> Iterator[tuple[str, str]]:
    """Names and SVG text of some icons, always the same, at a readable size."""
    with tarfile.open(archive) as files:
        if "iconify" in archive.name:
            found = json.load(files.extractfile("package/icons.json"))
            default = found.get("width", 16), found.get("height", 16)
            texts = {
                name: sized(
                    f"<svg {SVG} {XLINK}>{icon['body']}</svg>",
                    icon.get("width", default[0]),
                    icon.get("height", default[1]),
                )
                for name, icon in found["icons"].items()
            }
        else:
            names = [name for name in files.getnames() if re.fullmatch(r".*/icons/.*\.svg", name)]
            chosen = random.Random(0).sample(sorted(names), COUNT)
            texts = {name: files.extractfile(name).read().decode() for name in chosen}
            texts = {name: sized(text, *box_of(text)) for name, text in texts.items()}
    names = random.Random(0).sample(sorted(texts), COUNT)
    return ((name, texts[name]) for name in names)


def box_of(text: str) -> tuple[float, float]:
    width, height = re.search(r'viewBox="0 0 (\S+) (\S+)"', text).groups()
    return float(width), float(height)


def sized(text: str, width: float, height: float) -> str:
    """The same with whole pixels of canvas."""
    scale = SIZE / max(width, height)
    opening = re.sub(r'\s(?:width|height|viewBox)="[^"]*"', "", text[: text.index(">")])
    canvas = f'width="{round(width * scale)}" height="{round(height * scale)}"'
    aspect = 'preserveAspectRatio="none"'
    return f'{opening} {canvas} {aspect} viewBox="0 0 {width} {height}"' + text[text.index(">") :]


def error_of(text: str) -> tuple[float, list[str]]:
    """The mean difference to resvg over white, in 255ths; and the drawing's notes."""
    drawing = from_svg(text)
    theirs = rendered_by_resvg(text)
    expected = theirs[..., :3] * theirs[..., 3:] + 1.0 - theirs[..., 3:]
    ours = render(pack(drawing.paths), *theirs.shape[1::-1], background=np.ones(3))
    return 255.0 * float(np.abs(ours - expected).mean()), drawing.settings.get("notes", [])


@pytest.mark.parametrize("package", PACKAGES)
def test_icons_of_strangers_look_as_resvg_draws_them(package):
    found = [(name, *error_of(text)) for name, text in icons(fetched(package))]
    assert len(found) == COUNT
    assert [(name, error) for name, error, notes in found if error > 8.0 and not notes] == []
    assert np.mean([error for _, error, _ in found]) <= 1.0
