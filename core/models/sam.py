# SPDX-License-Identifier: GPL-3.0-or-later
"""Segment Anything models from checkpoints of any size, with the package `segment_anything`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from ..errors import ModelError
from .import_torch import engine_missing
from .torchvision_repair import import_torchvision
from .weights import load_architecture, load_weights


@dataclass(frozen=True)
class SamArchitecture:
    """Hyperparameters of a SAM; the defaults are those of all published ones.

    The image encoder has `depth` blocks of `embed_dim` channels and `heads` heads; those in
    `global_attention` see the whole image, the others windows of `window_size` patches.
    image_size, patch_size: pixels. prompt_dim: channels of the image embedding, prompts and
    mask decoder. mlp_dim: hidden units within the decoder.
    """

    embed_dim: int
    depth: int
    heads: int
    global_attention: tuple[int, ...]
    window_size: int = 14
    image_size: int = 1024
    patch_size: int = 16
    prompt_dim: int = 256
    mlp_dim: int = 2048


# Kirillov et al., "Segment Anything", 2023; as segment_anything.build_sam builds them.
PUBLISHED = {
    "vit_h": SamArchitecture(1280, 32, 16, (7, 15, 23, 31)),
    "vit_l": SamArchitecture(1024, 24, 16, (5, 11, 17, 23)),
    "vit_b": SamArchitecture(768, 12, 12, (2, 5, 8, 11)),
}


def load_sam(checkpoint: Path) -> Any:
    """Load a checkpoint as a `segment_anything.modeling.Sam` on the CPU, in evaluation mode.

    The architecture is that of the JSON file beside it, or the published one that fits.
    Raises ModelError for a file that isn't such a checkpoint, OutOfMemoryError, and
    EngineMissingError without torch or segment_anything.
    """
    weights = load_weights(checkpoint)
    architecture = _described(checkpoint) or _recognized(weights, checkpoint)
    import_segment_anything()
    try:
        sam = build_sam(architecture, "meta")
        # assign: the model takes over the tensors, so that memory holds them once.
        sam.load_state_dict(weights, strict=True, assign=True)
    except Exception as error:  # invalid values in the JSON file fail anywhere
        raise ModelError(
            f"'{checkpoint}' doesn't fit its architecture, {architecture}.",
            "Download the model again, or correct the JSON file beside it.",
        ) from error
    return sam.eval().requires_grad_(False)


def build_sam(architecture: SamArchitecture, device: str = "cpu") -> Any:
    """Build a `Sam` with random weights; with none on "meta". Raises EngineMissingError."""
    modeling = import_segment_anything().modeling
    import torch

    embedded_size = architecture.image_size // architecture.patch_size
    with torch.device(device):
        encoder = modeling.ImageEncoderViT(
            img_size=architecture.image_size,
            patch_size=architecture.patch_size,
            embed_dim=architecture.embed_dim,
            depth=architecture.depth,
            num_heads=architecture.heads,
            out_chans=architecture.prompt_dim,
            norm_layer=partial(torch.nn.LayerNorm, eps=1e-6),
            use_rel_pos=True,
            window_size=architecture.window_size,
            global_attn_indexes=architecture.global_attention,
        )
        prompts = modeling.PromptEncoder(
            embed_dim=architecture.prompt_dim,
            image_embedding_size=(embedded_size, embedded_size),
            input_image_size=(architecture.image_size, architecture.image_size),
            mask_in_chans=16,
        )
        transformer = modeling.TwoWayTransformer(
            depth=2,
            embedding_dim=architecture.prompt_dim,
            num_heads=8,
            mlp_dim=architecture.mlp_dim,
        )
        decoder = modeling.MaskDecoder(
            transformer_dim=architecture.prompt_dim, transformer=transformer
        )
    # Outside of the device's context: checkpoints don't contain the mean and deviation of pixels.
    return modeling.Sam(encoder, prompts, decoder)


def import_segment_anything() -> ModuleType:
    """Import the package, with a working torchvision. Raises EngineMissingError."""
    import_torchvision()
    try:
        import segment_anything
    except ImportError as error:
        raise engine_missing(
            "Masks by SAM need the package segment_anything, which is not installed."
        ) from error
    return segment_anything


def _described(checkpoint: Path) -> SamArchitecture | None:
    """Read the JSON file beside the checkpoint, if any. Raises ModelError for an invalid one."""
    values = load_architecture(checkpoint)
    if values is None:
        return None
    try:
        return SamArchitecture(**values)
    except TypeError as error:
        file = checkpoint.with_suffix(".json")
        raise ModelError(f"'{file}' doesn't describe a SAM: {error}.") from error


def _recognized(weights: dict[str, Any], checkpoint: Path) -> SamArchitecture:
    """Return the published architecture of the same width and depth. Raises ModelError."""
    width = getattr(weights.get("image_encoder.pos_embed"), "shape", (0,))[-1]
    depth = len(
        {name.split(".")[2] for name in weights if name.startswith("image_encoder.blocks.")}
    )
    for architecture in PUBLISHED.values():
        if (architecture.embed_dim, architecture.depth) == (width, depth):
            return architecture
    raise ModelError(
        f"'{checkpoint}' is no published checkpoint of SAM.",
        "Choose ViT-B, ViT-L or ViT-H, or put a JSON file with the architecture beside it.",
    )
