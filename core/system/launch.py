# SPDX-License-Identifier: GPL-3.0-or-later
"""Command lines that run one of our modules in another process, on any Python."""

from __future__ import annotations

import importlib.util
import json
import shutil
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2] / "__init__.py"

# Packages of the extension's wheels that `core` imports. Another Python may not have them.
_BUNDLED = ("semvec_native", "filelock", "platformdirs")

# Makes these packages, and ours as `semvec`, importable from where they are, whatever the
# extension's folder is called. No other add-on's packages get onto sys.path.
_BOOTSTRAP = """
import importlib.util, json, os, runpy, sys
origins, niceness, module, *arguments = sys.argv[1:]
if hasattr(os, "nice"):
    os.nice(int(niceness))
class Finder:
    origins = json.loads(origins)
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in cls.origins:
            origin = cls.origins[name]
            return importlib.util.spec_from_file_location(
                name, origin, submodule_search_locations=[os.path.dirname(origin)])
sys.meta_path.insert(0, Finder)
sys.argv = [module, *arguments]
runpy.run_module("semvec." + module, run_name="__main__")
"""


def command(python: str, module: str, *arguments: str, niceness: int = 0) -> list[str]:
    """Return the command that runs `semvec.MODULE` on the program `python`, like `python -m`.

    niceness: decrease of the priority, where the system has priorities. -I excludes the current
    folder and the user's variables and packages.
    """
    origins = {"semvec": str(_PACKAGE)}
    for name in _BUNDLED:
        found = importlib.util.find_spec(name)
        if found is not None and found.origin:
            origins[name] = found.origin
    start = [python, "-I", "-c", _BOOTSTRAP, json.dumps(origins), str(niceness)]
    return [*start, module, *arguments]


def own_python() -> str:
    """Return the path of the running Python's program; "" where there is none.

    Inside Blender that is the bundled Python: sys.executable may be Blender itself.
    """
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    prefix = Path(sys.prefix)
    candidates = [
        Path(sys.executable or "."),
        *(prefix / "bin" / program for program in (name, "python.exe")),
        Path(shutil.which(name) or "."),
    ]
    for candidate in candidates:
        if candidate.name.startswith("python") and candidate.is_file():
            return str(candidate)
    return ""
