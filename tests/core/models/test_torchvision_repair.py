# SPDX-License-Identifier: GPL-3.0-or-later
"""torchvision beside a torch that it wasn't compiled for, and beside one that it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from naive_suppression import naive_suppression

from semvec.core.models.torchvision_repair import import_torchvision, non_maximum_suppression

REPAIR = "from semvec.core.models.torchvision_repair import import_torchvision;"


def random_boxes(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Boxes that overlap a lot, on a coarse grid so that equal ones occur, and their scores."""
    generator = np.random.default_rng(seed)
    corners = generator.integers(0, 12, (count, 2))
    boxes = np.hstack([corners, corners + generator.integers(1, 9, (count, 2))])
    return boxes.astype(np.float32), generator.permutation(count).astype(np.float32)


def run_with_fake(
    folder: Path, package: str, program: str, **submodules: str
) -> subprocess.CompletedProcess[str]:
    """A fresh Python in which `import torchvision` runs the source given."""
    (folder / "torchvision").mkdir()
    for name, source in {"__init__": package, **submodules}.items():
        (folder / "torchvision" / f"{name}.py").write_text(source)
    paths = [str(folder), *([os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else [])]
    return subprocess.run(
        [sys.executable, "-c", REPAIR + program],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("threshold", [0.0, 0.3, 0.7, 1.0])
def test_the_boxes_kept_are_those_of_a_plain_loop(seed: int, threshold: float) -> None:
    torch = pytest.importorskip("torch")
    boxes, scores = random_boxes(seed, 10 * seed)
    kept = non_maximum_suppression(torch.tensor(boxes), torch.tensor(scores), threshold)
    assert kept.dtype == torch.int64
    assert kept.tolist() == naive_suppression(boxes, scores, threshold)


def test_torchvision_itself_keeps_the_same_boxes() -> None:
    torch = pytest.importorskip("torch")
    boxes, scores = random_boxes(0, 300)
    kept = import_torchvision().ops.nms(torch.tensor(boxes), torch.tensor(scores), 0.5)
    assert kept.tolist() == naive_suppression(boxes, scores, 0.5)


def test_empty_boxes_are_kept() -> None:
    """As torchvision does: their overlap is 0 / 0, which is not above anything."""
    torch = pytest.importorskip("torch")
    kept = non_maximum_suppression(torch.zeros(3, 4), torch.tensor([1.0, 3.0, 2.0]), 0.5)
    assert kept.tolist() == [1, 2, 0]


def test_sam_and_open_clip_import_with_what_is_installed() -> None:
    """In this project's environment the two are a mismatched pair; anywhere they must work."""
    pytest.importorskip("torch")
    import_torchvision()
    segment_anything = pytest.importorskip("segment_anything")
    open_clip = pytest.importorskip("open_clip")
    assert segment_anything.SamPredictor and open_clip.create_model


def test_a_healthy_pair_is_left_alone(tmp_path: Path) -> None:
    """Not even torch is touched."""
    run = run_with_fake(
        tmp_path,
        "loaded = 0\nloaded += 1",
        "import sys; found = import_torchvision(); assert found is import_torchvision();"
        "print(found.loaded, sorted(vars(found))[-1], 'torch' in sys.modules)",
    )
    assert run.stdout.split() == ["1", "loaded", "False"], run.stderr


def test_a_mismatched_pair_is_mended_for_a_second_try(tmp_path: Path) -> None:
    """The fake fails as torchvision does: some submodules are loaded, an operator is unknown."""
    pytest.importorskip("torch")
    run = run_with_fake(
        tmp_path,
        "import types, torch\n"
        "from . import early\n"
        "for name in ('nms', 'qnms'):\n"
        "    torch.library.register_fake(f'torchvision::{name}', lambda *inputs: None)\n"
        "ops = types.SimpleNamespace(boxes=types.SimpleNamespace())\n",
        "found = import_torchvision(); found.ops.boxes._assert_has_ops();"
        "import torch; print(found.early.__name__);"
        "print(torch.ops.torchvision.nms(torch.ones(1, 4), torch.ones(1), 0.5).tolist())",
        early="print('loaded')",
    )
    assert run.stdout.splitlines() == ["loaded", "loaded", "torchvision.early", "[0]"], run.stderr


@pytest.mark.parametrize(
    "failure",
    [
        "raise RuntimeError('PyTorch and torchvision were compiled with different CUDA versions')",
        "import a_module_that_is_not_there",
        "raise OSError('libcudart.so.13: cannot open shared object file')",
    ],
)
def test_what_cannot_be_mended_is_a_typed_error(tmp_path: Path, failure: str) -> None:
    run = run_with_fake(tmp_path, failure, "import_torchvision()")
    last = run.stderr.strip().splitlines()[-1]
    assert "EngineMissingError" in last and "semvec engine install" in last
