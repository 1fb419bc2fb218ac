# SPDX-License-Identifier: GPL-3.0-or-later
"""The native library under sanitizers, called with random and hostile input (fuzz.c)."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from lengths import trials

from semvec.core.native.build import SOURCES

DRIVER = Path(__file__).with_name("fuzz.c")
MEMORY = "address,undefined,float-cast-overflow"
THREADS = "thread"
COMPILERS = [[name] for name in ("gcc", "clang", "cc") if shutil.which(name)]
ZIG = [sys.executable, "-m", "ziglang", "cc"]


def compiled(compiler: list[str], sanitizers: str, program: Path, *sources: Path) -> bool:
    """Compile C sources with sanitizers; False where the compiler cannot."""
    flags = ["-std=c11", "-O1", "-g", f"-fsanitize={sanitizers}", "-fno-sanitize-recover=all"]
    command = [*compiler, *flags, "-I", SOURCES, *sources, "-o", program, "-lm", "-pthread"]
    return subprocess.run(command, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that does nothing."""
    source = tmp_path_factory.mktemp("trial") / "nothing.c"
    source.write_text("int main(void) { return 0; }\n")
    return source


def find_compiler(sanitizers: str, trial: Path) -> list[str] | None:
    """A compiler whose programs with these sanitizers run on this machine."""
    program = trial.with_suffix("")
    for compiler in [*COMPILERS, ZIG]:
        if compiled(compiler, sanitizers, program, trial) and not subprocess.call(program):
            return compiler
    return None


def fuzz(compiler: list[str], sanitizers: str, folder: Path, seeds: int) -> None:
    """Compile library and driver, and fail with the sanitizer's report on any error."""
    program = folder / "fuzz"
    sources = [DRIVER, *sorted(SOURCES.rglob("*.c"))]
    assert compiled(compiler, sanitizers, program, *sources), "the library does not compile"
    run = subprocess.run([program, "0", str(seeds)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr.rpartition("\r")[2]


def test_no_call_touches_foreign_memory_or_undefined_behavior(trial: Path, tmp_path: Path) -> None:
    for sanitizers in (MEMORY, "undefined"):  # zig comes without AddressSanitizer
        compiler = find_compiler(sanitizers, trial)
        if compiler:
            fuzz(compiler, sanitizers, tmp_path, trials(3000))
            return
    pytest.skip("no compiler with sanitizers works on this machine")


def test_threads_do_not_race(trial: Path, tmp_path: Path) -> None:
    compiler = find_compiler(THREADS, trial)
    if compiler is None:
        pytest.skip("no compiler with ThreadSanitizer works on this machine")
    fuzz(compiler, THREADS, tmp_path, trials(500))


def test_the_fuzzer_finds_a_planted_error(trial: Path, tmp_path: Path) -> None:
    """Cells without the last row, to which pieces without length are written."""
    compiler = find_compiler("address", trial)
    if compiler is None:
        pytest.skip("no compiler with AddressSanitizer works on this machine")
    copy = tmp_path / "native"
    shutil.copytree(SOURCES, copy)
    coverage = copy / "raster" / "coverage.c"
    text = coverage.read_text()
    assert "(TILE_SIZE + 1) * (size_t)stride" in text
    coverage.write_text(text.replace("(TILE_SIZE + 1) * (size_t)", "TILE_SIZE * (size_t)"))
    program = tmp_path / "fuzz"
    assert compiled(compiler, "address", program, DRIVER, *sorted(copy.rglob("*.c")))
    run = subprocess.run([program, "0", "500"], capture_output=True, text=True)
    assert run.returncode != 0 and "heap-buffer-overflow" in run.stderr
