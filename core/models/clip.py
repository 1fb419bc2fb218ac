# SPDX-License-Identifier: GPL-3.0-or-later
"""CLIP models from checkpoints: any plain vision transformer of `open_clip`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..errors import EngineMissingError, ModelError
from .location import locate
from .registry import MODELS
from .torchvision_repair import import_torchvision
from .weights import load_architecture, load_weights

if TYPE_CHECKING:
    from torch import Tensor

Config = dict[str, Any]  # as in the JSON files of open_clip


@dataclass(frozen=True, eq=False)
class Clip:
    """A frozen model in evaluation mode.

    network: an open_clip.CLIP whose image tower is a plain vision transformer. side, patch:
    pixels of the square input, and of its patches. mean, deviation: of the colors
    that it was trained with.
    """

    network: Any
    tokenizer: Any
    side: int
    patch: int
    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    device: str

    def encode_phrases(self, phrases: Sequence[str]) -> Tensor:
        """Encode phrases as unit vectors [T, D]. Words beyond the model's context are cut off."""
        import torch

        with torch.no_grad():
            tokens = self.tokenizer(list(phrases)).to(self.device)
            return self.network.encode_text(tokens, normalize=True)


def load_clip(name_or_path: str, device: str) -> Clip:
    """Load the model of this name, or in this checkpoint, on a device; the last one is kept.

    A checkpoint is a state dict: .pt, .pth, .bin or .safetensors. Its architecture is read from
    a JSON file of the same stem, in open_clip's format; without one, it is the published
    architecture with these shapes. If two of those differ in the activation only, it is the one
    with quick GELU if the file's name contains "quickgelu" or "openai".
    Raises EngineMissingError, ModelMissingError and ModelError.
    """
    import_open_clip()  # first, as a missing engine matters more than a missing model
    path = locate(name_or_path)
    architecture = MODELS[name_or_path].architecture if name_or_path in MODELS else ""
    return _load(path.resolve(), path.stat().st_mtime_ns, architecture, device)


def import_open_clip() -> ModuleType:
    """Import the package, with a working torchvision. Raises EngineMissingError."""
    import_torchvision()
    try:
        import open_clip
    except (ImportError, OSError) as error:
        raise EngineMissingError(
            "Prompts need the package open_clip, which is not installed or broken.",
            "Install the AI engine: in the preferences, or with 'semvec engine install'.",
        ) from error
    return open_clip


@lru_cache(maxsize=1)
def _load(path: Path, changed: int, architecture: str, device: str) -> Clip:
    open_clip = import_open_clip()
    weights = load_weights(path)
    config, colors = _describe(path, architecture, weights)
    network = build_clip(config)
    try:
        network.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        raise ModelError(
            f"'{path}' doesn't fit its architecture.",
            "Download the model again, or correct the JSON file beside it.",
        ) from error
    visual = network.visual
    return Clip(
        network.eval().requires_grad_(False).to(device),
        open_clip.SimpleTokenizer(context_length=network.context_length),
        visual.image_size[0],
        visual.patch_size[0],
        tuple(colors.get("mean", open_clip.OPENAI_DATASET_MEAN)),
        tuple(colors.get("std", open_clip.OPENAI_DATASET_STD)),
        device,
    )


def build_clip(config: Config) -> Any:
    """Build an open_clip.CLIP with random weights. Raises ModelError, EngineMissingError.

    Only models that relevance can be computed for: with a plain vision transformer whose output
    is its first token, and the tokenizer of the first CLIP.
    """
    open_clip = import_open_clip()
    try:
        network = open_clip.CLIP(**config)
    except Exception as error:  # unknown names, wrong types, towers of other libraries
        raise ModelError(
            f"open_clip can't build this model: {error}.",
            "Models with open_clip's own vision transformer work, as ViT-B-32 and ViT-L-14.",
        ) from error
    if "hf_tokenizer_name" in config["text_cfg"] or not _is_plain(network.visual):
        raise ModelError(
            "Prompts don't work with this kind of CLIP model.",
            "Models with open_clip's own vision transformer work, as ViT-B-32 and ViT-L-14.",
        )
    return network


def _is_plain(visual: Any) -> bool:
    """Return whether relevance can be computed for an image tower."""
    from torch.nn import MultiheadAttention

    blocks = getattr(getattr(visual, "transformer", None), "resblocks", [])
    return (
        len(blocks) > 0
        and all(type(block.attn) is MultiheadAttention for block in blocks)
        and visual.attn_pool is None
        and visual.pool_type == "tok"
        and visual.image_size[0] == visual.image_size[1]
        and visual.patch_size[0] == visual.patch_size[1]
    )


def _describe(
    path: Path, architecture: str, weights: dict[str, Tensor]
) -> tuple[Config, dict[str, Any]]:
    """Return a model's configuration, and the mean and deviation of its colors if known."""
    if architecture:
        return import_open_clip().get_model_config(architecture), {}
    described = load_architecture(path)
    if described is not None:
        config = described.get("model_cfg", described)  # in a frame, as on the model hubs
        return config, described.get("preprocess_cfg", {})
    candidates = list(_published(weights))
    if not candidates:
        raise ModelError(
            f"'{path}' is no published CLIP model that works with prompts.",
            "Choose a ViT-B, ViT-L or ViT-H, or put open_clip's JSON file beside it.",
        )
    quick = any(word in path.name.lower() for word in ("quickgelu", "openai"))
    return min(candidates, key=lambda config: config.get("quick_gelu", False) != quick), {}


def _published(weights: dict[str, Tensor]) -> Iterator[Config]:
    """Yield the configurations in open_clip that have these weights' shapes."""
    open_clip = import_open_clip()
    for name in open_clip.list_models():
        config = open_clip.get_model_config(name)
        try:
            shapes, excluded = _shapes(config)
        except (KeyError, TypeError):
            continue  # no plain transformers
        fits = all(
            name in weights and weights[name].shape == shape for name, shape in shapes.items()
        )
        if fits and excluded not in weights:
            yield config


def _shapes(config: Config) -> tuple[dict[str, tuple[int, ...]], str]:
    """Return the shapes of the weights that identify an architecture, and a name it lacks."""
    vision, text, dimensions = config["vision_cfg"], config["text_cfg"], config["embed_dim"]
    width, patch, layers = vision["width"], vision["patch_size"], vision["layers"]
    tokens = (vision["image_size"] // patch) ** 2 + 1
    block = "visual.transformer.resblocks.{}.ln_1.weight"
    shapes = {
        "visual.conv1.weight": (width, 3, patch, patch),
        "visual.positional_embedding": (tokens, width),
        "visual.proj": (width, dimensions),
        block.format(layers - 1): (width,),
        f"transformer.resblocks.{text['layers'] - 1}.ln_1.weight": (text["width"],),
        "positional_embedding": (text["context_length"], text["width"]),
        "token_embedding.weight": (text["vocab_size"], text["width"]),
    }
    return shapes, block.format(layers)
