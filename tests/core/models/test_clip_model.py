# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP's checkpoints: described, recognized, published, foreign and broken ones."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from semvec.core.errors import EngineMissingError, ModelError, ModelMissingError
from semvec.core.models import MODELS, clip
from semvec.core.models.clip import build_clip, load_clip

torch = pytest.importorskip("torch", reason="the AI engine's packages are not installed here")
open_clip = clip.import_open_clip()

PUBLISHED = [model for model in MODELS.values() if model.kind == "clip"]
SMALL: dict[str, Any] = {
    "embed_dim": 12,
    "vision_cfg": {
        "image_size": 16, "patch_size": 4, "width": 24, "layers": 2, "head_width": 8,
    },
    "text_cfg": {"context_length": 9, "vocab_size": 49408, "width": 8, "heads": 2, "layers": 1},
}  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def changed(**parts: Any) -> dict[str, Any]:
    """SMALL with other entries; those of the towers are added to theirs."""
    merged = dict(SMALL)
    for key, value in parts.items():
        merged[key] = {**SMALL[key], **value} if isinstance(value, dict) else value
    return merged


def write(path: Path, config: dict[str, Any] | None, content: Any) -> str:
    """A checkpoint and, where there is one, the description beside it."""
    torch.save(content, path)
    if config is not None:
        path.with_suffix(".json").write_text(json.dumps(config))
    return str(path)


def state(config: dict[str, Any] = SMALL) -> dict[str, Any]:
    torch.manual_seed(0)
    return open_clip.CLIP(**config).state_dict()


def test_a_described_checkpoint(tmp_path: Path) -> None:
    weights = state()
    model = load_clip(write(tmp_path / "a.pt", SMALL, weights), "cpu")
    assert (model.side, model.patch, model.device) == (16, 4, "cpu")
    assert model.mean == open_clip.OPENAI_DATASET_MEAN
    loaded = model.network.state_dict()
    assert loaded.keys() == weights.keys()
    assert all(torch.equal(loaded[key], weights[key]) for key in weights)
    assert not model.network.training
    assert not any(weight.requires_grad for weight in model.network.parameters())
    phrases = ["a red circle", "a very long phrase that has many more words than fit in"]
    found = model.encode_phrases(phrases)
    expected = model.network.encode_text(open_clip.tokenize(phrases, 9), normalize=True)
    assert torch.equal(found, expected)


def test_half_precision_is_read_as_single(tmp_path: Path) -> None:
    halves = {key: value.half() for key, value in state().items()}
    model = load_clip(write(tmp_path / "a.pt", SMALL, halves), "cpu")
    assert model.network.visual.proj.dtype == torch.float32
    assert torch.equal(model.network.visual.proj, halves["visual.proj"].float())


def test_a_description_from_a_model_hub(tmp_path: Path) -> None:
    colors = {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.3, 0.4]}
    framed = {"model_cfg": SMALL, "preprocess_cfg": colors}
    model = load_clip(write(tmp_path / "a.pt", framed, state()), "cpu")
    assert (model.mean, model.deviation) == ((0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


def test_the_last_model_stays_loaded_until_its_file_changes(tmp_path: Path) -> None:
    name = write(tmp_path / "a.pt", SMALL, state())
    first = load_clip(name, "cpu")
    assert load_clip(name, "cpu") is first
    changed_weights = state()
    changed_weights["visual.proj"] += 1.0
    torch.save(changed_weights, name)
    os.utime(name, (0, 0))
    assert torch.equal(load_clip(name, "cpu").network.visual.proj, changed_weights["visual.proj"])


# Published ones


@pytest.mark.parametrize("model", PUBLISHED, ids=lambda model: model.name)
def test_published_files_hold_these_weights_and_no_others(model: Any) -> None:
    """A safetensors file is its weights, 4 bytes each, and a table of about 100 bytes for each."""
    with torch.device("meta"):
        network = build_clip(open_clip.get_model_config(model.architecture))
    weights = network.state_dict()
    table = model.bytes - 4 * sum(value.numel() for value in weights.values())
    assert 80 * len(weights) < table < 160 * len(weights)


@pytest.mark.parametrize("name", ["ViT-B-32", "ViT-B-16", "ViT-L-14", "ViT-L-14-336", "ViT-H-14"])
@pytest.mark.parametrize("quick", [False, True])
def test_published_architectures_are_recognized(name: str, quick: bool) -> None:
    with torch.device("meta"):
        weights = open_clip.CLIP(**open_clip.get_model_config(name)).state_dict()
    file = Path(f"{name.lower()}{'-quickgelu' if quick else ''}.pt")
    config, _ = clip._describe(file, "", weights)
    assert config == open_clip.get_model_config(name + ("-quickgelu" if quick else ""))


def test_vit_b_32_through_a_file(tmp_path: Path) -> None:
    """Built at its full size, saved, recognized and loaded: it sees and reads the same."""
    from safetensors.torch import save_file

    torch.manual_seed(0)
    network = open_clip.CLIP(**open_clip.get_model_config("ViT-B-32-quickgelu")).eval()
    weights = {key: value.half().contiguous() for key, value in network.state_dict().items()}
    assert len(weights) == 302 and sum(value.numel() for value in weights.values()) == 151277313
    file = tmp_path / "ViT-B-32-openai.safetensors"
    save_file(weights, file)
    network.load_state_dict(weights)
    model = load_clip(str(file), "cpu")
    file.unlink()  # 300 MB
    assert (model.side, model.patch) == (224, 32)
    picture = torch.randn(1, 3, 224, 224, generator=torch.manual_seed(1))
    with torch.no_grad():
        assert torch.equal(model.network.encode_image(picture), network.encode_image(picture))
    text = model.encode_phrases(["a cup"])
    assert torch.equal(text, network.encode_text(open_clip.tokenize(["a cup"]), normalize=True))
    clip._load.cache_clear()


# What can't be used


@pytest.mark.parametrize(
    "config",
    [
        changed(vision_cfg={"pool_type": "avg"}),
        changed(vision_cfg={"attentional_pool": True}),
        changed(vision_cfg={"qk_norm": True}),
        changed(vision_cfg={"layers": [1, 1, 1, 1], "image_size": 32}),  # a ResNet
        changed(vision_cfg={"image_size": [16, 32]}),
        changed(text_cfg={"hf_tokenizer_name": "bert-base-uncased"}),
        changed(vision_cfg={"color": "red"}),
        changed(vision_cfg={"width": "wide"}),
        changed(embed_dim=None),
        {"vision_cfg": {}},
        {},
    ],
)
def test_other_kinds_of_model_are_refused(config: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_clip(write(tmp_path / "a.pt", config, state()), "cpu")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("config", "content"),
    [
        (changed(embed_dim=16), state()),
        (SMALL, {key: value for key, value in state().items() if key != "visual.proj"}),
        (SMALL, {}),
        (None, state()),  # its shapes are nobody's
        (None, {}),
        (SMALL, {"visual.proj": "text"}),
        (SMALL, [torch.zeros(3)]),
    ],
)
def test_weights_that_do_not_fit(config: Any, content: Any, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        load_clip(write(tmp_path / "a.pt", config, content), "cpu")
    assert "a.pt" in caught.value.message and caught.value.hint


@pytest.mark.parametrize("name", ["a.pt", "a.safetensors"])
@pytest.mark.parametrize(
    "content", [b"", b"<html>404</html>", b"PK\x03\x04 and so on", b"\x00" * 99]
)
def test_files_that_are_no_checkpoints(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelError):
        load_clip(str(tmp_path / name), "cpu")


def test_a_missing_model_says_where_to_get_it(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for name in ("clip_vit_b_32", str(tmp_path / "nothing.pt")):
        with pytest.raises(ModelMissingError) as caught:
            load_clip(name, "cpu")
        assert "clip_vit_b_32" in caught.value.hint


@pytest.mark.parametrize("package", ["torchvision", "open_clip"])
def test_missing_packages_say_what_to_install(package: str, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineMissingError) as caught:
        load_clip("clip_vit_b_32", "cpu")
    assert "semvec engine install" in caught.value.hint
