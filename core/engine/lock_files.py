# SPDX-License-Identifier: GPL-3.0-or-later
"""What the engine consists of, to the last version: the files of locks/.

`wheels/lock_engine.py` makes them. torch's wheels differ with the graphics card and come from
different indexes, so that torch.txt fixes their versions only; all else is fixed by hashes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent / "locks"


@dataclass(frozen=True)
class Locks:
    """tools: what installs the rest. packages: all but torch. torch: torch and torchvision."""

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
        """Changes whenever one of the files does."""
        files = (self.tools, self.packages, self.torch)
        return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
