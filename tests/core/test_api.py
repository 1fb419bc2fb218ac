# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python API, as a script uses it."""

from __future__ import annotations

import doctest
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import semvec
from semvec.core import api
from semvec.core.errors import ImageError, SettingsError
from semvec.core.image import Image, load_image
from semvec.core.pipeline.vectorize import vectorize as pipeline
from semvec.core.svg import to_svg

QUICK = {"kind": "photo", "budget": 6, "iterations": 10, "threads": 1}


@pytest.fixture
def pixels() -> np.ndarray:
    """A red box on a slope of gray: uint8 [40, 60, 3]."""
    picture = np.repeat(np.linspace(0, 255, 60).astype(np.uint8)[None, :, None], 40, axis=0)
    picture = np.repeat(picture, 3, axis=2)
    picture[10:30, 20:40] = (200, 30, 30)
    return picture


def test_a_file_gives_the_same_svg_as_the_pipeline(pixels: np.ndarray, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    PIL.Image.fromarray(pixels).save(photo)
    expected = pipeline(load_image(photo), semvec.Settings(**QUICK)).drawing
    result = semvec.vectorize(photo, **QUICK)
    result.save(tmp_path / "photo.svg")
    assert (tmp_path / "photo.svg").read_text(encoding="utf-8") == to_svg(expected) == result.svg


def test_bytes_floats_and_an_image_are_the_same_picture(pixels: np.ndarray) -> None:
    floats = pixels.astype(np.float32) / 255
    drawings = [semvec.vectorize(each, **QUICK).svg for each in (pixels, floats, Image(floats))]
    assert drawings[0] == drawings[1] == drawings[2]


def test_a_saved_drawing_is_loaded_again(pixels: np.ndarray, tmp_path: Path) -> None:
    result = semvec.vectorize(pixels, **QUICK)
    result.save(tmp_path / "a.svg")
    assert to_svg(semvec.load(tmp_path / "a.svg")) == result.svg


def test_progress_rises_to_the_end(pixels: np.ndarray) -> None:
    fractions: list[float] = []
    semvec.vectorize(pixels, on_progress=lambda fraction, _: fractions.append(fraction), **QUICK)
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 2), (0, 4, 3), (4, 4, 3, 1)])
def test_an_array_that_is_no_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ImageError, match="no image"):
        semvec.vectorize(np.zeros(shape))


def test_an_unknown_setting_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(SettingsError, match="bugdet"):
        semvec.vectorize(pixels, bugdet=5)


def test_importing_semvec_loads_no_numpy() -> None:
    program = "import sys, semvec; print('numpy' in sys.modules, 'bpy' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.split() == ["False", "False"], run.stderr


def test_every_name_of_the_api_can_be_used() -> None:
    assert all(getattr(semvec, name) is not None for name in semvec.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = semvec.nothing


def test_the_examples_in_the_docstrings_run() -> None:
    assert doctest.testmod(api).attempted > 5
    assert doctest.testmod(api).failed == 0
