# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipes of CONTRIBUTING.md, followed in a copy of the package with a fresh process.

Each recipe names the files that it changes, at most three. The saliency source's recipe is
followed in tests/core/saliency.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import semvec
from semvec.core.svg import load_svg

ROOT = Path(semvec.__file__).parent
LICENSE = "# SPDX-License-Identifier: GPL-3.0-or-later\n"

Run = Callable[..., str]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package without its Blender side."""
    copy = tmp_path / "path" / "semvec"
    shutil.copytree(ROOT / "core", copy / "core", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "blender_manifest.toml"):
        shutil.copy(ROOT / name, copy / name)
    return copy


@pytest.fixture
def run(package: Path, tmp_path: Path) -> Run:
    """Runs the copy's command line on a small picture; returns what it prints."""
    picture = np.full((24, 32, 3), 200, np.uint8)
    picture[6:18, 8:20] = (180, 20, 20)
    PIL.Image.fromarray(picture).save(tmp_path / "a.png")

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "semvec.core", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(package.parent)}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file.name} holds {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_setting_takes_three_files(package: Path, run: Run, tmp_path: Path) -> None:
    replace(
        package / "core" / "settings.py",
        "    seed: int = _setting(",
        '    fade: float = _setting(1.0, "Opacity of all fills", 0.0, 1.0, group="method")\n'
        "    seed: int = _setting(",
    )
    (package / "core" / "refinement" / "fade.py").write_text(
        LICENSE + "from dataclasses import replace\n\n\n"
        "def faded(paths, opacity):\n"
        "    faint = [1.0, 1.0, 1.0, opacity]\n"
        "    return [replace(path, fill=path.fill * faint) for path in paths]\n",
        encoding="utf-8",
    )
    replace(
        package / "core" / "pipeline" / "vectorize.py",
        "drawing, notes = _finished(to_drawing(paths), settings, kind)\n        drawing = grouped(",
        "from ..refinement.fade import faded\n"
        "        faded_paths = faded(paths, settings.fade)\n"
        "        drawing, notes = _finished(to_drawing(faded_paths), settings, kind)\n"
        "        drawing = grouped(",
    )
    assert "Opacity of all fills" in run("--help")
    run("a.png", "-o", "a.svg", "-b", "3", "--iterations", "5", "--kind", "photo", "--fade", "0.5")
    drawing = load_svg(tmp_path / "a.svg")
    assert {round(float(path.fill[3]), 2) for path in drawing.paths} == {0.5}


def test_a_clustering_method_takes_three_files(package: Path, run: Run, tmp_path: Path) -> None:
    (package / "core" / "clustering" / "random_unions.py").write_text(
        LICENSE + "from .method import Method, cheapest_unions\n\n\n"
        "class RandomUnions(Method):\n"
        "    def unions(self, graph, count):\n"
        "        costs = self.generator.random(len(graph.pairs))\n"
        "        return cheapest_unions(graph.pairs, costs, count)\n",
        encoding="utf-8",
    )
    merging = package / "core" / "clustering" / "merging.py"
    replace(
        merging,
        "from .region_graph import",
        "from .random_unions import RandomUnions\nfrom .region_graph import",
    )
    replace(merging, '"ward": Ward,', '"ward": Ward,\n    "random": RandomUnions,')
    replace(
        package / "core" / "settings.py",
        '            "exact": ',
        '            "random": "Merge at random",\n            "exact": ',
    )
    assert "random" in run("--help")
    run(
        "a.png",
        "-o",
        "a.svg",
        "-b",
        "3",
        "--iterations",
        "5",
        "--kind",
        "photo",
        "--clustering",
        "random",
    )
    assert 0 < len(load_svg(tmp_path / "a.svg").paths) <= 3
