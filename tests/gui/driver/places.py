# SPDX-License-Identifier: GPL-3.0-or-later
"""Places for Blender's window: this machine, or a Debian root made for it.

Places are `machine` and two Debian suites, `trixie` (Blender 4.3) and `sid` (5.2 LTS). The
environment variable SEMVEC_GUI lists those to use, with commas. Where it is not set, this machine
is taken if it has all PROGRAMS, and both suites otherwise.

Roots are kept in ~/.cache/semvec/gui from one run to the next, for every checkout.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MAKE_ROOT = HERE / "make_root.sh"
ENTER_ROOT = HERE / "enter_root.sh"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "semvec" / "gui"

KEEPER = ("unshare", "--mount", "--pid", "--fork", "--kill-child")
ENTER = ("nsenter", "--mount", "--pid", "--root", "--wd", "--target")
PROGRAMS = ("blender", "Xvfb", "openbox", "xdotool", "import")


class UnavailableError(Exception):
    """There is no place for Blender's window here."""


class ThisMachine:
    """Programs as they are installed. folder: an empty one, gone after `close`."""

    path = os.environ.get("PATH", os.defpath)

    def __init__(self, name: str) -> None:
        self.name = name
        self._temporary = tempfile.TemporaryDirectory(prefix="semvec-gui-")
        self.folder = Path(self._temporary.name)

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs these arguments."""
        return [*arguments]

    def close(self) -> None:
        """Leave nothing behind."""
        self._temporary.cleanup()


class DebianRoot(ThisMachine):
    """Programs of a root, where `folder` is seen under its own path.

    What is started there never outlives this object, nor this process.
    """

    path = "/usr/local/bin:/usr/bin:/bin"

    def __init__(self, name: str, root: Path) -> None:
        super().__init__(name)
        self._keeper = subprocess.Popen(
            [*KEEPER, ENTER_ROOT, root, self.folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._keeper.stdin and self._keeper.stdout
        with contextlib.suppress(BrokenPipeError):  # it has failed, as we are about to read
            self._keeper.stdin.write(b"ready\n")
            self._keeper.stdin.flush()
        if self._keeper.stdout.readline() != b"ready\n":
            self.close()
            raise UnavailableError(f"the root {root} can't be entered")
        children = Path(f"/proc/{self._keeper.pid}/task/{self._keeper.pid}/children")
        self._inside = children.read_text().strip()

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs these arguments in the root."""
        return [*ENTER, self._inside, *arguments]

    def close(self) -> None:
        """End all processes in the root, undo all mounts."""
        self._keeper.communicate()  # closes its input
        super().close()


def wanted_places() -> list[str]:
    """The names of the places to use."""
    wanted = os.environ.get("SEMVEC_GUI")
    if wanted:
        return wanted.split(",")
    return ["machine"] if all(map(shutil.which, PROGRAMS)) else ["trixie", "sid"]


def open_place(name: str) -> ThisMachine:
    """Open a place to run Blender. Raises UnavailableError."""
    return ThisMachine(name) if name == "machine" else DebianRoot(name, cached_root(name))


def cached_root(suite: str) -> Path:
    """The root of a Debian suite; made where there is none yet. Raises UnavailableError."""
    if os.name == "nt" or os.geteuid() != 0:
        missing = ", ".join(name for name in PROGRAMS if not shutil.which(name))
        raise UnavailableError(
            f"a root of Debian {suite} needs root rights (or install here: {missing})"
        )
    import fcntl  # not on Windows

    CACHE.mkdir(parents=True, exist_ok=True)
    version = hashlib.sha256(MAKE_ROOT.read_bytes()).hexdigest()[:12]
    root = CACHE / f"{suite}-{version}"
    with (CACHE / f"{suite}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.exists():
            for outdated in CACHE.glob(f"{suite}-*"):
                shutil.rmtree(outdated)
            _make_root(suite, root)
    return root


def _make_root(suite: str, root: Path) -> None:
    unfinished = root.with_name(f"{root.name}.part")
    print(f"making a root of Debian {suite} with Blender in {root}", flush=True)
    made = subprocess.run([MAKE_ROOT, suite, unfinished], capture_output=True, text=True)
    if made.returncode != 0:
        last_words = "\n".join((made.stdout + made.stderr).splitlines()[-10:])
        raise UnavailableError(f"no root of Debian {suite} could be made:\n{last_words}")
    unfinished.rename(root)
