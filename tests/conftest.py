# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures and rules of all tests."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

# Tests don't measure time: a busy machine is no failure. As in Hypothesis's own profile for CI,
# the examples of a test are the same in every run there, so that a change is judged by what it
# changes; elsewhere each run tries new ones.
hypothesis.settings.register_profile(
    "semvec", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True
)
hypothesis.settings.load_profile("semvec")

# No test finds, or changes, an AI engine and models that are installed here.
HOME = tempfile.mkdtemp(prefix="semvec-test-home-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ["SEMVEC_HOME"] = os.environ["XDG_DATA_HOME"] = HOME

sys.path.insert(0, str(Path(__file__).resolve().parent))

from allowed_skips import is_allowed  # noqa: E402
from lengths import LONGEST  # noqa: E402

TESTS = Path(__file__).resolve().parent
SHARED = TESTS.parents[1] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of test photographs beside the checkout; it is not part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' with test photographs is not beside this checkout")
    return SHARED


def blender_problem() -> str:
    """Return the reason for which Blender cannot be imported; "" if it can."""
    try:
        import bpy  # noqa: F401
    except ImportError as error:
        return str(error)
    return ""


class WithoutBlender(pytest.Directory):
    """The tests of operators and panels where Blender can't be imported: all are skipped."""

    def collect(self) -> Any:
        pytest.skip(f"all tests in tests/blender: {blender_problem()}")


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Skip tests/blender as one where Blender can't be imported."""
    if path == TESTS / "blender" and blender_problem():
        return WithoutBlender.from_parent(parent, path=path)
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the others keep their order."""
    places = {TESTS / file: place for place, file in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Name what was not tested: each reason once."""
    reasons = Counter(_reason(report) for report in terminalreporter.stats.get("skipped", ()))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"not tested ({count}): {reason}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Turn a skip that is not on the list into a failure in CI."""
    report = yield
    return _strict(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Do the same for a whole file that is skipped when it is imported."""
    report = yield
    return _strict(report)


def _reason(report: Any) -> str:
    """Return why a test or a file was skipped."""
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
    return str(reason).removeprefix("Skipped: ")


def _strict(report: Any) -> Any:
    """Return the report, as a failure where a skip in CI hides something."""
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = _reason(report)
        if not is_allowed(reason):
            report.outcome = "failed"
            report.longrepr = f"{reason}\nThis skip is not listed in tests/allowed_skips.py."
    return report
