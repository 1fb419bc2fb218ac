# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the Python API, out/api, built from the docstrings by pdoc."""

from __future__ import annotations

from pathlib import Path

OUTPUT = Path(__file__).resolve().parents[1] / "out" / "api"
MODULES = ("semvec.core.api", "semvec.core.settings", "semvec.core.drawing", "semvec.core.errors")


def main() -> None:
    """Write the page."""
    import pdoc
    import pdoc.render

    pdoc.render.configure(docformat="google", show_source=False, search=False)
    pdoc.pdoc(*MODULES, output_directory=OUTPUT)
    print(OUTPUT / "index.html")


if __name__ == "__main__":
    main()
