# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the C sources: includes run down, functions are short, structures match Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from semvec.core.native import build, structures

SOURCES = sorted(build.SOURCES.rglob("*.[ch]"))
MODULES = [path for path in SOURCES if path.suffix == ".c"]
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def named(path: Path) -> str:
    return path.relative_to(build.SOURCES).as_posix()


def code(path: Path) -> str:
    """The source without comments."""
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def included(path: Path) -> list[Path]:
    """The headers of the library that a file includes, in order."""
    names = re.findall(r'#include "(.*)"', code(path))
    return [(path.parent / name).resolve() for name in names]


def functions(path: Path) -> Iterator[tuple[str, str]]:
    """Name and body of every function; bodies end at the first brace without indentation."""
    pattern = r"^(?:\w[\w \*]*?)(\w+)\([^;{]*\)\n\{\n(.*?)^\}"
    for match in re.finditer(pattern, code(path), re.DOTALL | re.MULTILINE):
        yield match[1], match[2]


def exported() -> dict[str, str]:
    """Parameters of all functions that a header declares, by name."""
    headers = "".join(code(path) for path in SOURCES if path.suffix == ".h")
    prototypes = re.findall(r"^[\w \*]*?\b(\w+)\(([^{};]*)\);", headers, re.MULTILINE)
    return {name: parameters for name, parameters in prototypes if name != "border_cost"}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_includes_its_own_header_first(path):
    assert included(path)[0] == path.with_suffix(".h")


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_functions_are_at_most_sixty_lines_long(path):
    bodies = dict(functions(path))
    assert bodies, "found no function"
    assert {name for name, body in bodies.items() if body.count("\n") > 60} == set()


def test_no_module_depends_on_itself():
    """A module is a source with its header; includes among modules form no circle."""
    uses = {
        path.with_suffix(""): {header.with_suffix("") for header in included(path)}
        for path in SOURCES
        if path.suffix == ".h"
    }
    for path in MODULES:
        uses[path.with_suffix("")] |= {header.with_suffix("") for header in included(path)}
    for module, used in uses.items():
        used.discard(module)
    assert len(list(TopologicalSorter(uses).static_order())) == len(uses)


def test_declared_functions_have_at_most_eight_parameters():
    counts = {name: parameters.count(",") + 1 for name, parameters in exported().items()}
    assert len(counts) > 20
    assert {name: count for name, count in counts.items() if count > 8} == {}


def c_fields() -> dict[str, list[tuple[str, bool]]]:
    """Fields of all structures in headers, in order: name, and whether it is a pointer."""
    found = {}
    for path in SOURCES:
        for body, name in re.findall(r"typedef struct \{([^}]*)\} (\w+);", code(path)):
            fields = []
            for each in filter(str.strip, re.split("[;,]", body)):
                fields.append((re.split(r"\W+", each.strip())[-1], "*" in each))
            found[name] = fields
    return found


@pytest.mark.parametrize(
    "mirror", structures.Structure.__subclasses__(), ids=lambda mirror: mirror.__name__
)
def test_structures_have_the_fields_of_their_headers(mirror):
    fields = [(name, hasattr(kind, "dtype")) for name, kind in mirror._fields_]
    assert c_fields()[f"semvec_{mirror.__name__.lower()}"] == fields
