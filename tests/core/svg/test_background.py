# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading SVG files in the background."""

from __future__ import annotations

import threading

import pytest

from semvec.core.errors import Cancelled, SvgError
from semvec.core.svg import from_svg
from semvec.core.svg.background import BackgroundReading

START = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 90">'
MANY = START + '<path d="M0 0L50 80C20 3 4 70 0 0"/>' * 2000 + "</svg>"


def test_files_come_in_order_with_their_drawing_or_error(tmp_path):
    (tmp_path / "a.svg").write_text(MANY)
    (tmp_path / "b.svg").write_text("nothing")
    paths = [str(tmp_path / name) for name in ("a.svg", "b.svg", "c.svg", "a.svg")]
    reading = BackgroundReading(paths)
    files = reading.wait()
    assert reading.is_over
    assert [file.path for file in files] == paths
    assert [file.drawing is not None for file in files] == [True, False, False, True]
    assert all(isinstance(file.error, SvgError) for file in files[1:3])


def test_progress_rises_to_the_end():
    heard = []
    from_svg(MANY, heard.append)
    assert heard == sorted(heard) and len(heard) > 10
    assert 0.0 < heard[0] < 0.1 and 0.5 <= heard[-1] <= 1.0


@pytest.mark.parametrize("last", [1, 10, 21, 24])
def test_reading_can_be_stopped_at_any_report(last):
    heard = []

    def stop(fraction):
        heard.append(fraction)
        if len(heard) == last:
            raise Cancelled

    with pytest.raises(Cancelled):
        from_svg(MANY, stop)


def test_what_is_cancelled_is_not_among_the_files(tmp_path, monkeypatch):
    (tmp_path / "a.svg").write_text(MANY)
    begun = threading.Event()
    original = BackgroundReading._reporter

    def waiting(self, number):
        begun.wait(30)
        return original(self, number)

    monkeypatch.setattr(BackgroundReading, "_reporter", waiting)
    reading = BackgroundReading([str(tmp_path / "a.svg")] * 3)
    reading.cancel()
    begun.set()
    assert reading.wait() == []
