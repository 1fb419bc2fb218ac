# SPDX-License-Identifier: GPL-3.0-or-later
"""Registry of the published checkpoints that semvec can download.

Sizes and hashes are those of the files at these addresses; the addresses of the CLIP models
contain a revision, so that their content never changes. CLIP models are OpenAI's unless their
name says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["sam", "clip"]


@dataclass(frozen=True)
class Model:
    """A checkpoint.

    architecture: as segment_anything's or open_clip's registry calls it. file: its name in
    our cache. sha256: of the whole file, in hex.
    """

    name: str
    kind: Kind
    architecture: str
    file: str
    bytes: int
    license: str
    address: str
    sha256: str

    @property
    def size(self) -> str:
        """The file size as text."""
        return f"{self.bytes / 1e9:.1f} GB" if self.bytes >= 1e9 else f"{self.bytes / 1e6:.0f} MB"


def _sam(letter: str, file: str, size: int, sha256: str) -> Model:
    """From https://github.com/facebookresearch/segment-anything#model-checkpoints."""
    address = f"https://dl.fbaipublicfiles.com/segment_anything/{file}"
    return Model(
        f"sam_vit_{letter}", "sam", f"vit_{letter}", file, size, "Apache-2.0", address, sha256
    )


def _clip(
    name: str, architecture: str, repository: str, revision: str, size: int, sha256: str
) -> Model:
    """From the repositories that open_clip's own list of pretrained models names."""
    address = f"https://huggingface.co/{repository}/resolve/{revision}/open_clip_model.safetensors"
    file = f"{name}.safetensors"
    return Model(name, "clip", architecture, file, size, "MIT", address, sha256)


_ALL = (
    _sam(
        "h",
        "sam_vit_h_4b8939.pth",
        2564550879,
        "a7bf3b02f3ebf1267aba913ff637d9a2d5c33d3173bb679e46d9f338c26f262e",
    ),
    _sam(
        "l",
        "sam_vit_l_0b3195.pth",
        1249524607,
        "3adcc4315b642a4d2101128f611684e8734c41232a17c648ed1693702a49a622",
    ),
    _sam(
        "b",
        "sam_vit_b_01ec64.pth",
        375042383,
        "ec2df62732614e57411cdcf32a23ffdf28910380d03139ee0f4fcbe91eb8c912",
    ),
    _clip(
        "clip_vit_b_32",
        "ViT-B-32-quickgelu",
        "timm/vit_base_patch32_clip_224.openai",
        "a6f597a30f7b82c51704746581f9a4e41421e878",
        605143284,
        "e6d1bd7789aa45192b3bf90570a789b478bae1b74ebcce7eddd908e83a2b7c31",
    ),
    _clip(
        "clip_vit_b_16",
        "ViT-B-16-quickgelu",
        "timm/vit_base_patch16_clip_224.openai",
        "977e3dd0ec55ab8da155f2fbeb6b5f54948b6e3d",
        598516980,
        "4b8699299b1e8997753c64b052ba32031449d5d853f55a039148560ee02b820f",
    ),
    _clip(
        "clip_vit_l_14",
        "ViT-L-14-quickgelu",
        "timm/vit_large_patch14_clip_224.openai",
        "18d0535469bb561bf468d76c1d73aa35156c922b",
        1710517724,
        "9ce2e8a8ebfff3793d7d375ad6d3c35cb9aebf3de7ace0fc7308accab7cd207e",
    ),
    _clip(
        "clip_vit_b_32_laion2b",
        "ViT-B-32",
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        "1a25a446712ba5ee05982a381eed697ef9b435cf",
        605143316,
        "ac4f8c4b88af6d963118cbf40ad93176d092abbedfcb752601ae1866352656e6",
    ),
)

MODELS = {model.name: model for model in _ALL}

DEFAULT_CLIP = "clip_vit_b_32"
