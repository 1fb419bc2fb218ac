# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes core/engine/locks/ anew: every package of the AI engine, for all platforms.

    python wheels/lock_engine.py

Needs `uv`. Change the versions here, run this, and install the engine once to try it.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

LOCKS = Path(__file__).resolve().parents[1] / "core" / "engine" / "locks"

# Of these, builds differ with the graphics card: locked by version alone.
TORCH = ("torch==2.13.0", "torchvision==0.28.0")
PACKAGES = (
    "segment-anything==1.0",
    "open_clip_torch==3.3.0",
    "wgpu==0.32.0",
    *("numpy", "pillow", "setuptools"),
)
TOOLS = ("uv",)

# What builds of torch for graphics cards bring along, each in versions of its own.
COMPANIONS = re.compile(r"torch|torchvision|triton|nvidia-.*|cuda-.*")
OLDEST_PYTHON = "3.11"


def resolved(*requirements: str) -> str:
    """All packages that these need, with hashes, for all platforms and Pythons."""
    options = ["--universal", "--generate-hashes", "--no-annotate", "--no-header", "--quiet"]
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(requirements))
        file.flush()
        command = ["uv", "pip", "compile", *options, "--python-version", OLDEST_PYTHON, file.name]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def without_companions(lock: str) -> str:
    """Return the lock less torch and all that only belongs to it."""
    entries = re.split(r"\n(?=\S)", lock.strip())
    kept = [entry for entry in entries if not COMPANIONS.fullmatch(entry.partition("==")[0])]
    return "\n".join(entry for entry in kept if "== 'emscripten'" not in entry) + "\n"


def write(name: str, text: str) -> None:
    """One file of the lock."""
    head = "# SPDX-License-Identifier: GPL-3.0-or-later\n# Made by wheels/lock_engine.py.\n"
    (LOCKS / name).write_text(head + text, encoding="utf-8")


def main() -> None:
    """Resolve and write all three files."""
    write("tools.txt", resolved(*TOOLS))
    write("packages.txt", without_companions(resolved(*PACKAGES, *TORCH)))
    write("torch.txt", "\n".join(TORCH) + "\n")


if __name__ == "__main__":
    main()
