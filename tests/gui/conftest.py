# SPDX-License-Identifier: GPL-3.0-or-later
"""One Blender window for all tests of this folder, with the built extension installed.

All tests run in each place, one after the other (driver/places.py says which there are). `-k sid`
chooses one of them. Screenshots and Blender's log are kept in out/gui, or where SEMVEC_GUI_OUTPUT
says, in a folder for each place. Not part of a plain test run (pytest's `testpaths` leave this
folder out): `python3 dev.py gui` builds the extension and runs it.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from xdist.scheduler import LoadScopeScheduling

from semvec.core.version import VERSION

sys.path.insert(0, str(Path(__file__).parent / "driver"))

from places import ThisMachine, UnavailableError, open_place, wanted_places
from screen import Screen, ScreenError
from window import Window

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = Path(os.environ.get("SEMVEC_GUI_OUTPUT") or ROOT / "out" / "gui")
LOG_LINES = 25

# Without brush assets: nothing can be painted in this Debian's Blender.
NO_BRUSHES = "trixie"
# What is in it changes every day. Where it can't be had today, that is no failure of ours.
UNSTABLE = "sid"


@pytest.fixture(scope="session")
def zip_file() -> Path:
    """The extension's full edition, as users get it."""
    package = ROOT / "dist" / f"semvec_ai-{VERSION}.zip"
    if not package.exists():
        give_up(f"there is no dist/{package.name}: run python3 dev.py build")
    return package


@pytest.fixture(scope="session", params=wanted_places())
def place(request: pytest.FixtureRequest) -> Iterator[ThisMachine]:
    """A place with Blender; its Debian root is made where there is none, which takes minutes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")
    try:
        with capture.global_and_fixture_disabled():  # so that one sees what takes so long
            place = open_place(request.param)
    except UnavailableError as error:
        if request.param == UNSTABLE:
            pytest.skip(str(error))
        give_up(str(error))
    yield place
    place.close()


@pytest.fixture(scope="session")
def output(place: ThisMachine) -> Path:
    """Folder of screenshots and logs, emptied at first."""
    folder = OUTPUT / place.name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session")
def screen(place: ThisMachine) -> Iterator[Screen]:
    """An empty screen."""
    screen = Screen(place)
    yield screen
    screen.close()


@pytest.fixture(scope="session")
def installed(screen: Screen, place: ThisMachine, zip_file: Path) -> str:
    """Output of Blender's installation of the extension."""
    copy = place.folder / zip_file.name
    copy.write_bytes(zip_file.read_bytes())
    install = ["extension", "install-file", "-r", "user_default", "-e"]
    return screen.run("blender", "--command", *install, str(copy)).decode()


@pytest.fixture(scope="session")
def open_window(
    screen: Screen, place: ThisMachine, installed: str, output: Path
) -> Callable[..., Window]:
    """Opens a new window; its name is that of its log. The rest is as `Window` takes it."""

    def open_one(name: str, **options: Any) -> Window:
        folder = place.folder / name
        folder.mkdir()
        return Window(screen, folder, output / f"{name}.log", **options)

    return open_one


@pytest.fixture(scope="session")
def blender(open_window: Callable[..., Window]) -> Window:
    """Blender's window, for all tests; it takes some seconds to open."""
    return open_window("blender")


@pytest.fixture
def window(blender: Window) -> Iterator[Window]:
    """Blender's window with the start-up file, offline, the pointer over the 3D viewport."""
    blender.do("bpy.context.preferences.system.use_online_access = False")
    blender.do("bpy.ops.wm.read_homefile(use_factory_startup=True)")
    blender.point_at("VIEW_3D")
    yield blender
    assert "Traceback" not in blender.printed()


@pytest.fixture(scope="session")
def picture_file(place: ThisMachine) -> Path:
    """A picture of flat shapes, 480 x 360, where Blender can read it."""
    picture = Image.new("RGB", (480, 360), (40, 70, 140))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 240, 480, 360), fill=(60, 130, 50))
    draw.ellipse((50, 40, 190, 180), fill=(250, 210, 60))
    draw.polygon([(220, 280), (320, 80), (420, 280)], fill=(170, 60, 50))
    file = place.folder / "shapes.png"
    picture.save(file)
    return file


@pytest.fixture(scope="session")
def photograph(place: ThisMachine, shared: Path) -> Path:
    """A photograph, 600 x 400, where Blender can read it."""
    file = place.folder / "coffee.png"
    file.write_bytes((shared / "images" / "ski_coffee.png").read_bytes())
    return file


def pytest_collection_modifyitems(config: pytest.Config, items: list[Any]) -> None:
    """Leave out painting where there are no brushes."""
    impossible = [
        item
        for item in items
        if item.get_closest_marker("painting") and item.callspec.params["place"] == NO_BRUSHES
    ]
    config.hook.pytest_deselected(items=impossible)
    items[:] = [item for item in items if item not in impossible]


class PlaceScheduling(LoadScopeScheduling):
    """Places side by side: the tests of one share its window, and so their process."""

    def _split_scope(self, nodeid: str) -> str:
        """Return the place, which a test's name has in brackets."""
        return nodeid.rpartition("[")[2]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> PlaceScheduling:
    """Have as many places at once as `-n` says."""
    return PlaceScheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, Any]:
    """A failed test tells what Blender printed and leaves a screenshot."""
    report = yield
    used = getattr(item, "funcargs", {})
    if report.failed and "screen" in used and "output" in used:
        screen, output = used["screen"], used["output"]
        log = output / "blender.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        report.sections.append(("Blender's log", "\n".join(lines[-LOG_LINES:])))
        try:
            screen.picture().save(output / f"failed-{item.name}.png")
        except ScreenError as error:
            report.sections.append(("no screenshot", str(error)))
    return report


def give_up(reason: str) -> None:
    """Skip, but never in CI: there a test that can't run has failed."""
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
