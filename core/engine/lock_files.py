# SPDX-License-Identifier: GPL-3.0-or-later
"""Requirement locks of the AI engine: the files of locks/.

`wheels/lock_engine.py` generates them. The wheels of torch differ with the graphics card and come
from different indexes, so that torch.txt pins only their versions; all others are hashed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "locks"


@dataclass(frozen=True)
class Locks:
    """Paths of the locks.

    tools: the installer. packages: all except torch. torch: torch and torchvision.
    """

    folder: Path = _FOLDER

    @property
    def tools(self) -> Path:
        return self.folder / "tools.txt"

    @property
    def packages(self) -> Path:
        return self.folder / "packages.txt"

    @property
    def torch(self) -> Path:
        return self.folder / "torch.txt"

    @property
    def key(self) -> str:
        """Digest of the content of all files."""
        files = (self.tools, self.packages, self.torch)
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
