#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands for the development of semvec; needs nothing but Python.

    python3 dev.py [--python VERSION] COMMAND [ARGUMENT ...]

Each command installs what it needs into .venv, versions as in requirements.txt, and only
where something has changed since. --python takes 3.11 or 3.13, with an environment of its own.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

from tools.pythons import BLENDERS, choose_python

ROOT = Path(__file__).resolve().parent


# Commands


def demo(arguments: list[str]) -> None:
    """Vectorize a photograph in Blender, or the image named; results in out/."""
    from tools.blender_module import find_problem
    from tools.photograph import sample_photograph

    photograph = Path(arguments[0]) if arguments else sample_photograph()
    problem = find_problem(python())
    if not problem:
        run(python(), "demo.py", str(photograph.resolve()))
        return
    (ROOT / "out").mkdir(exist_ok=True)
    run(program("semvec"), str(photograph), "-o", "out/")
    print(f"  {ROOT / 'out' / photograph.with_suffix('.svg').name}")
    print(f"Blender was left out: {problem}")


def test(arguments: list[str]) -> None:
    """Run the tests on every processor; arguments are for pytest."""
    from tools.vulkan import install_driver

    install_driver()
    # A file's tests stay together, so that what they share is made once. Files come in the order
    # of tests/conftest.py; pytest-xdist would begin with those of the most tests.
    order = ("--dist", "loadfile", "--no-loadscope-reorder")
    run(program("pytest"), "-n", processors(), *order, *arguments)


def coverage(arguments: list[str]) -> None:
    """Run the tests, which then takes half as long again, and report the lines they reach."""
    test(["--cov", "--cov-report=", *arguments])
    run(program("coverage"), "html", "--quiet", "-d", "out/coverage")
    total = output(program("coverage"), "report", "--format=total")
    print(f"Coverage: {total} % of the lines; see out/coverage/index.html")


def build(arguments: list[str]) -> None:
    """Pack the extension into dist/, in two editions; --all: for each platform as well."""
    run(python(), "wheels/build.py")
    run(python(), "wheels/extension.py", *arguments)


def repository(arguments: list[str]) -> None:
    """Make dist/repository, a static repository of the full edition for any web server."""
    build(["--repository", *arguments])


def bench(arguments: list[str]) -> None:
    """Run the benchmarks named (benchmarks/NAME.py), or all of them; options are for them."""
    names = list(itertools.takewhile(lambda argument: argument[0] != "-", arguments))
    options = arguments[len(names) :]
    for name in names or sorted(path.stem for path in ROOT.glob("benchmarks/[!_]*.py")):
        run(python(), f"benchmarks/{name}.py", *options)


def lint(arguments: list[str]) -> None:
    """Check style, format, spelling and types."""
    run(python(), "tools/lint.py", *arguments)


def gui(arguments: list[str]) -> None:
    """Build, and run the tests that drive real Blender windows; arguments are for pytest."""
    build([])
    run(program("pytest"), "tests/gui", "-rs", "-n", "2", *arguments)


def docs(arguments: list[str]) -> None:
    """Write the page of the Python API, out/api/index.html, from the docstrings."""
    run(python(), "tools/api_page.py", *arguments)


def release(arguments: list[str]) -> None:
    """Check the changelog, set VERSION everywhere, build, and tag; see CONTRIBUTING.md."""
    run(python(), "tools/release.py", *arguments)


COMMANDS = {
    command.__name__: command
    for command in (demo, test, coverage, build, repository, bench, lint, gui, docs, release)
}


# Running programs


def python() -> str:
    """Return the environment's Python."""
    return program("python")


def program(name: str) -> str:
    """Return a program of the environment."""
    from tools.environment import programs

    return str(programs() / name)


def run(*command: str) -> None:
    """Run a program in the checkout; its failure is ours."""
    subprocess.run(command, cwd=ROOT, check=True)


def output(*command: str) -> str:
    """Return what a program prints."""
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def processors() -> str:
    """Return the number of processors that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return str(len(usable(0)) if usable else os.cpu_count())


# The command line


def usage() -> str:
    """Return the help text: the call, and a line for each command."""
    lines = [f"  {name:10} {command.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join([__doc__ or "", "Commands:", *lines])


def main() -> int:
    """Carry out the command line; return the exit code."""
    wanted, words = None, sys.argv[1:]
    if words[:1] == ["--python"]:
        wanted, words = (words[1:2] or [""])[0], words[2:]
    name, *arguments = words or ["--help"]
    if name not in COMMANDS or (wanted is not None and wanted not in BLENDERS):
        print(usage())
        return 0 if name in ("-h", "--help", "help") else 2
    chosen = choose_python(wanted)
    if chosen != sys.executable:
        version = () if wanted is None else ("--python", wanted)
        return subprocess.run([chosen, str(ROOT / "dev.py"), *version, *words]).returncode
    return carry_out(name, arguments)


def carry_out(name: str, arguments: list[str]) -> int:
    """Prepare the environment and run one command; return the exit code."""
    from tools.preparation import prepare

    try:
        prepare(name)
        COMMANDS[name](arguments)
    except subprocess.CalledProcessError as error:
        return error.returncode if error.returncode > 0 else 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
