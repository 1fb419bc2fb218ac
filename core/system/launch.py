# SPDX-License-Identifier: GPL-3.0-or-later
"""How one of our modules is started in another process, on this Python or another one."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[2] / "__init__.py"

# Makes our package importable as `semvec`, whatever the extension's folder is called, and the
# native library from where Blender put it: no other add-on's packages get onto sys.path.
_BOOTSTRAP = """
import importlib.util, os, runpy, sys
package, native, niceness, module, *arguments = sys.argv[1:]
if hasattr(os, "nice"):
    os.nice(int(niceness))
for name, origin in (("semvec", package), ("semvec_native", native)):
    if origin:
        spec = importlib.util.spec_from_file_location(
            name, origin, submodule_search_locations=[os.path.dirname(origin)])
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
sys.argv = [module, *arguments]
runpy.run_module("semvec." + module, run_name="__main__")
"""


def command(python: str, module: str, *arguments: str, niceness: int = 0) -> list[str]:
    """What runs `semvec.MODULE` on the program `python`, as `python -m` would.

    niceness: how much less urgent it is than we are, where the system knows such a thing.
    -I: neither the current folder nor the user's variables and packages have a say.
    """
    found = importlib.util.find_spec("semvec_native")
    native = found.origin if found is not None and found.origin else ""
    start = [python, "-I", "-c", _BOOTSTRAP, str(_PACKAGE), native, str(niceness)]
    return [*start, module, *arguments]


def own_python() -> str:
    """The program of this very Python; "" where there is none.

    Inside Blender that is its bundled Python: sys.executable may be Blender itself.
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
