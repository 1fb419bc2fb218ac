#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a developer of semvec runs; needs nothing but Python.

    python3 dev.py COMMAND [ARGUMENT ...]

Everything is installed into .venv, versions as in requirements.txt. What a command needs
is made first, and only where something has changed since.
"""

from __future__ import annotations

import hashlib
import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PROGRAMS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = PROGRAMS / "python"

# Blender as a Python module exists for these Pythons only.
BLENDERS = {(3, 11): "Blender 4.5 LTS", (3, 13): "Blender 5.2 LTS"}


# What you can ask for


def demo(arguments: list[str]) -> None:
    """Vectorize a photograph in Blender, or the one named; results in out/."""
    run(PYTHON, "demo.py", *(Path(image).resolve() for image in arguments))


def test(arguments: list[str]) -> None:
    """Run the tests, a worker on each processor; arguments are for pytest."""
    vulkan_driver()
    run(PROGRAMS / "pytest", "-n", processors(), *arguments)


def build(arguments: list[str]) -> None:
    """Pack dist/semvec-VERSION.zip, the extension for all platforms."""
    run(PYTHON, "wheels/build.py")
    run(PYTHON, "wheels/extension.py")


def bench(arguments: list[str]) -> None:
    """Run the benchmarks named (benchmarks/NAME.py), or all of them; options are for them."""
    names = list(itertools.takewhile(lambda argument: argument[0] != "-", arguments))
    options = arguments[len(names) :]
    for name in names or sorted(path.stem for path in ROOT.glob("benchmarks/[!_]*.py")):
        run(PYTHON, f"benchmarks/{name}.py", *options)


def lint(arguments: list[str]) -> None:
    """Check style, format and types."""
    # mypy names a module after its path, so it sees the checkout as a folder called semvec.
    package = VENV / "source" / "semvec"
    package.parent.mkdir(exist_ok=True)
    if not package.is_symlink():
        package.symlink_to(ROOT, target_is_directory=True)
    checks: list[list[str | Path]] = [
        [PROGRAMS / "ruff", "check"],
        [PROGRAMS / "ruff", "format", "--check"],
        [PROGRAMS / "clang-format", "--dry-run", "--Werror", *ROOT.glob("core/native/**/*.[ch]")],
        [PROGRAMS / "mypy", *(package / name for name in TYPED)],
    ]
    codes = [subprocess.run(check, cwd=ROOT).returncode for check in checks]
    if any(codes):
        sys.exit(1)


def gui(arguments: list[str]) -> None:
    """Build, and run the tests that drive real Blender windows; arguments are for pytest."""
    build([])
    run(PROGRAMS / "pytest", "tests/gui", "-rs", *arguments)


COMMANDS = {f.__name__: f for f in (demo, test, build, bench, lint, gui)}
TYPED = ("__init__.py", "core", "operators", "panels", "wheels", "dev.py", "demo.py")


# What is made first


def prepare() -> None:
    """Make .venv with all packages, semvec itself and its native library."""
    pins = ROOT / "requirements.txt"
    once("python", f"{sys.version} {ROOT}", "making .venv", make_venv)
    once("packages", content(pins), "installing packages", lambda: pip("-r", pins))
    # Installed as a link: changes to the code need no second run.
    once(
        "semvec",
        content(ROOT / "pyproject.toml", ROOT / "blender_manifest.toml"),
        "linking semvec",
        lambda: pip("--no-deps", "--no-index", "--no-build-isolation", "--editable", ROOT),
    )
    wheel = output(PYTHON, "-m", "semvec.core.native.build", ROOT / "wheels")
    once(
        "native",
        Path(wheel).name,
        "installing the native library",
        lambda: pip("--no-deps", "--no-index", "--force-reinstall", wheel),
    )


def vulkan_driver() -> None:
    """Install Mesa's software Vulkan driver where none is and apt may; else GPU tests skip."""
    folders = (Path("/usr/share/vulkan/icd.d"), Path("/etc/vulkan/icd.d"))
    has_driver = any(folder.glob("*.json") for folder in folders if folder.is_dir())
    is_root = getattr(os, "geteuid", lambda: -1)() == 0
    if has_driver or not is_root or shutil.which("apt-get") is None:
        return
    print("dev.py: installing a software Vulkan driver for the GPU's tests", flush=True)
    packages = ("--no-install-recommends", "mesa-vulkan-drivers", "libvulkan1")
    for command in (("apt-get", "-qq", "update"), ("apt-get", "-qq", "install", "-y", *packages)):
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            print("dev.py: apt-get failed; the GPU's tests will be skipped", flush=True)
            return


def once(name: str, key: str, message: str, action: Callable[[], None]) -> None:
    """Do `action` unless it was done, to its end, for the same `key`."""
    stamp = VENV / "stamps" / name
    if stamp.exists() and stamp.read_text(encoding="utf-8") == key:
        return
    print(f"dev.py: {message}", flush=True)
    stamp.unlink(missing_ok=True)
    action()
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(key, encoding="utf-8")


def make_venv() -> None:
    """A fresh .venv of the running Python."""
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("This Python comes without pip. On Debian and Ubuntu: apt install python3-venv")
    venv.create(VENV, clear=True, with_pip=True, symlinks=os.name != "nt")


def pip(*arguments: str | Path) -> None:
    """Install into .venv."""
    quiet = ("--quiet", "--disable-pip-version-check", "--root-user-action=ignore")
    run(PYTHON, "-m", "pip", "install", *quiet, *arguments)


def content(*files: Path) -> str:
    """A hash of what the files hold."""
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


# Running programs


def run(*command: str | Path) -> None:
    """Run a program in the checkout; its failure ends ours."""
    subprocess.run(command, cwd=ROOT, check=True)


def output(*command: str | Path) -> str:
    """What a program prints."""
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def processors() -> str:
    """The number of processors that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return str(len(usable(0)) if usable else os.cpu_count())


def usage() -> str:
    """The help text: how to call, and a line for each command."""
    lines = [f"  {name:6} {command.__doc__}" for name, command in COMMANDS.items()]
    return "\n".join([__doc__ or "", "Commands:", *lines])


def main() -> int:
    """Carry out the command line; returns the exit code."""
    name, *arguments = sys.argv[1:] or ["--help"]
    if name not in COMMANDS:
        print(usage())
        return 0 if name in ("-h", "--help", "help") else 2
    if sys.version_info[:2] not in BLENDERS:
        known = " or ".join(f"{a}.{b} ({blender})" for (a, b), blender in BLENDERS.items())
        print(
            f"This is Python {sys.version.split()[0]}; semvec is developed with Python {known}.\n"
            "Start dev.py with one of these, for example: python3.11 dev.py test",
            file=sys.stderr,
        )
        return 2
    try:
        prepare()
        COMMANDS[name](arguments)
    except subprocess.CalledProcessError as error:
        return error.returncode if error.returncode > 0 else 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
