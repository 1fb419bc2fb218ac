# SPDX-License-Identifier: GPL-3.0-or-later
"""SAM from checkpoints: the published architectures to the byte, others by their JSON file."""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from semvec.core.errors import EngineMissingError, ModelError, OutOfMemoryError
from semvec.core.models.sam import (
    PUBLISHED,
    SamArchitecture,
    build_sam,
    import_segment_anything,
    load_sam,
)
from semvec.core.models.weights import load_weights

torch = pytest.importorskip("torch")

SMALL = SamArchitecture(
    embed_dim=16,
    depth=2,
    heads=2,
    global_attention=(1,),
    window_size=2,
    image_size=32,
    patch_size=8,
    prompt_dim=16,
    mlp_dim=8,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint of random weights with its JSON file."""
    path = tmp_path_factory.mktemp("sam") / "small.pt"
    torch.manual_seed(0)
    torch.save(build_sam(SMALL).state_dict(), path)
    path.with_suffix(".json").write_text(json.dumps(vars(SMALL)))
    return path


@pytest.fixture
def copied(small: Path, tmp_path: Path) -> Iterator[Path]:
    """The same to be damaged."""
    for file in (small, small.with_suffix(".json")):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    yield tmp_path / small.name


def published(name: str) -> Any:
    """The model as segment_anything builds it, without weights."""
    with torch.device("meta"):
        return import_segment_anything().sam_model_registry[name]()


def shapes(model: Any) -> dict[str, Any]:
    return {name: (tuple(v.shape), v.dtype) for name, v in model.state_dict().items()}


@pytest.mark.parametrize("name", PUBLISHED)
def test_architectures_are_the_published_ones(name: str) -> None:
    ours, theirs = build_sam(PUBLISHED[name], "meta"), published(name)
    assert shapes(ours) == shapes(theirs)
    assert repr(ours) == repr(theirs), "layers and their options"
    for block, other in zip(ours.image_encoder.blocks, theirs.image_encoder.blocks, strict=True):
        assert block.attn.num_heads == other.attn.num_heads
        assert block.window_size == other.window_size
    assert ours.pixel_mean.flatten().tolist() == pytest.approx([123.675, 116.28, 103.53])
    assert ours.pixel_std.flatten().tolist() == pytest.approx([58.395, 57.12, 57.375])


def test_a_checkpoint_as_large_as_the_published_vit_b_is_loaded(tmp_path: Path) -> None:
    """Without a JSON file: recognized by its keys and shapes, and each weight where it belongs."""
    generator = torch.Generator().manual_seed(0)
    weights = {
        name: torch.randn(shape, generator=generator)
        for name, (shape, _) in shapes(published("vit_b")).items()
    }
    path = tmp_path / "sam_vit_b_01ec64.pth"
    torch.save(weights, path)
    assert abs(path.stat().st_size - 375042383) < 200_000, "as the published file"
    model = load_sam(path)
    path.unlink()
    loaded = model.state_dict()
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[name], weights[name]) for name in weights)
    assert len(model.image_encoder.blocks) == 12 and not model.training


def test_the_json_file_says_what_is_built(small: Path) -> None:
    model = load_sam(small)
    assert shapes(model) == shapes(build_sam(SMALL))
    assert model.image_encoder.img_size == 32
    assert model.device.type == "cpu"


def test_half_precision_becomes_single(small: Path, copied: Path) -> None:
    halves = {name: values.half() for name, values in load_weights(small).items()}
    torch.save(halves, copied)
    for name, values in load_sam(copied).state_dict().items():
        assert values.dtype == torch.float32 and torch.equal(values, halves[name].float())


def test_an_unknown_size_needs_a_json_file(copied: Path) -> None:
    copied.with_suffix(".json").unlink()
    with pytest.raises(ModelError) as caught:
        load_sam(copied)
    assert "JSON" in caught.value.hint


@pytest.mark.parametrize("missing", ["image_encoder.pos_embed", "mask_decoder.iou_token.weight"])
def test_every_weight_must_be_there(small: Path, copied: Path, missing: str) -> None:
    weights = load_weights(small)
    del weights[missing]
    torch.save(weights, copied)
    with pytest.raises(ModelError):
        load_sam(copied)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[1, 2]", "null", "{}", '{"color": 3}', "\x00", '{"embed_dim": "wide"}', "[" * 10000]
    + [json.dumps({**vars(SMALL), name: 0}) for name in ("heads", "embed_dim", "image_size")]
    + [json.dumps({**vars(SMALL), name: -3}) for name in ("depth", "patch_size", "mlp_dim")],
)
def test_a_json_file_of_nonsense_is_a_typed_error(copied: Path, text: str) -> None:
    copied.with_suffix(".json").write_text(text)
    with pytest.raises(ModelError):
        load_sam(copied)


@pytest.mark.parametrize("content", [{"state": [1, 2]}, [torch.zeros(2)], torch.zeros(2), "text"])
def test_a_file_of_something_else_is_a_typed_error(copied: Path, content: object) -> None:
    torch.save(content, copied)
    with pytest.raises(ModelError):
        load_sam(copied)


@given(data=st.data())
def test_damaged_files_are_typed_errors(small: Path, tmp_path_factory: Any, data: Any) -> None:
    """Cut off, overwritten in places, or anything at all."""
    path = tmp_path_factory.mktemp("damaged") / "damaged.pt"
    content = small.read_bytes()
    length = data.draw(st.integers(0, len(content) - 1))
    noise = data.draw(st.binary(max_size=64))
    path.write_bytes(
        data.draw(st.sampled_from([content[:length], noise, noise + content[:length]]))
    )
    with pytest.raises(ModelError):
        load_weights(path)


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("by", ["torch", "pickle"])
def test_no_code_in_a_checkpoint_is_run(tmp_path: Path, by: str) -> None:
    checkpoint, sign = tmp_path / "model.pth", tmp_path / "was-here"
    if by == "torch":
        torch.save({"weight": Malicious(sign)}, checkpoint)
    else:
        checkpoint.write_bytes(pickle.dumps({"weight": Malicious(sign)}))
    with pytest.raises(ModelError):
        load_sam(checkpoint)
    assert not sign.exists()


@pytest.mark.parametrize("missing", ["torch", "segment_anything"])
def test_without_the_packages_the_engine_is_missing(
    small: Path, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(EngineMissingError) as caught:
        load_sam(small)
    assert "semvec engine install" in caught.value.hint


def test_a_model_too_large_for_memory_is_no_damaged_file(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(*arguments: Any, **options: Any) -> Any:
        return torch.empty(10**16)

    monkeypatch.setattr(torch, "load", load)
    with pytest.raises(OutOfMemoryError):
        load_sam(small)
