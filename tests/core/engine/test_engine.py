# SPDX-License-Identifier: GPL-3.0-or-later
"""The AI engine: installed from a folder of tiny wheels, broken off, tried, removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fake_engine import index, locked, make_locks, make_wheel
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from semvec.core.cli.main import main as semvec
from semvec.core.engine import environment
from semvec.core.engine import install as installation
from semvec.core.engine.environment import engine_python, python_in, remove, status
from semvec.core.engine.install import install
from semvec.core.engine.lock_files import Locks
from semvec.core.engine.rerun_on_engine import needs_engine, run_on_engine
from semvec.core.engine.tasks import TASKS, run_task
from semvec.core.engine.verify import check
from semvec.core.errors import Cancelled, EngineError, ModelMissingError, WorkerError
from semvec.core.models import MODELS
from semvec.core.settings import Settings
from semvec.core.system.process import run

UV = shutil.which("uv", path=str(Path(sys.executable).parent)) or ""
pytestmark = pytest.mark.skipif(not UV, reason="uv is not installed beside this Python")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Homes of this test alone."""
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "user"))
    return tmp_path / "home"


@pytest.fixture
def wheels(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that pip and uv find anything in."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    # Only these wheels: no registry, and no settings of the machine, such as a cap on torch.
    only = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull}
    for name, value in only.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    return folder


@pytest.fixture
def locks(tmp_path: Path, wheels: Path) -> Locks:
    """An engine of three modules; its torch needs a package that is in the lock."""
    tool, package = make_wheel(wheels, "tool"), make_wheel(wheels, "package")
    make_wheel(wheels, "torch", "import package", "package")
    return make_locks(tmp_path / "locks", locked(tool), locked(package), "torch==1.0\n")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment to copy: making one takes much longer."""
    folder = tmp_path_factory.mktemp("template") / "environment"
    subprocess.run([sys.executable, "-I", "-m", "venv", folder], check=True)
    shutil.copy2(UV, python_in(folder).with_name(Path(UV).name))
    return folder


@pytest.fixture
def quick(template: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy(self: Any) -> None:
        self._progress.step(0.0, "Making an environment")
        if self._should_stop():
            raise Cancelled("Stopped.")
        shutil.copytree(template, environment.environment_folder(), symlinks=True)

    monkeypatch.setattr(installation._Installation, "make_environment", copy)


def put_uv_into_environments(monkeypatch: pytest.MonkeyPatch, program: bytes) -> None:
    """This program is installed as uv, with the tools."""
    real = installation._Installation.install_tools

    def with_uv(self: Any, locks: Locks) -> None:
        real(self, locks)
        uv = python_in(environment.environment_folder()).with_name("uv")
        uv.write_bytes(program)
        uv.chmod(0o755)

    monkeypatch.setattr(installation._Installation, "install_tools", with_uv)


def try_modules(python: str, should_stop: Callable[[], bool]) -> dict[str, Any]:
    """Return a stand-in for the self-test of the real engine."""
    subprocess.run([python, "-c", "import tool, package, torch"], check=True)
    return {"python": "3", "torch": "1.0", "device": "cpu"}


def installed(locks: Locks, **options: Any) -> Any:
    return install(sys.executable, locks=locks, **{"check": try_modules, **options})


def packages_of(python: str) -> set[str]:
    """Everything installed for a Python."""
    site_packages = (Path(path) for path in Path(python).parents[1].rglob("site-packages"))
    return {info.stem for folder in site_packages for info in folder.glob("*.dist-info")}


def test_installing_and_removing(
    home: Path, locks: Locks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is installed anywhere else, not even where pip is told to."""
    elsewhere = tmp_path / "elsewhere"
    for name in ("PIP_TARGET", "PIP_PREFIX", "PYTHONPATH"):
        monkeypatch.setenv(name, str(elsewhere))
    put_uv_into_environments(monkeypatch, Path(UV).read_bytes())
    before = packages_of(sys.executable)
    seen: list[tuple[float, str]] = []
    assert status().state == "missing" and engine_python() == ""
    found = installed(locks, on_progress=lambda *news: seen.append(news))
    assert found.state == "installed" and "PyTorch 1.0, on cpu" in found.message
    assert engine_python() == str(python_in(environment.environment_folder()))
    assert {"package-1.0", "torch-1.0", "tool-1.0"} <= packages_of(engine_python())
    assert packages_of(sys.executable) == before and not elsewhere.exists()
    assert not environment.downloads_folder().exists()
    fractions = [fraction for fraction, _ in seen]
    assert fractions == sorted(fractions) and fractions[0] == 0.0 and fractions[-1] < 1.0
    assert any("PyTorch" in message for _, message in seen)
    remove()
    assert status().state == "missing"
    assert [path.name for path in (home / "engine").iterdir() if path.is_dir()] == []
    remove()


def test_installing_again_starts_from_nothing(home: Path, locks: Locks, quick: None) -> None:
    first = installed(locks)
    assert first.message.endswith("install it again to update it"), "these aren't the real locks"
    left_over = Path(first.python).with_name("left over")
    left_over.write_text("by an earlier version")
    assert installed(locks).usable and not left_over.exists()
    Path(first.python).unlink()
    assert status().state == "broken" and engine_python() == ""


def test_a_wrong_hash(home: Path, locks: Locks, quick: None) -> None:
    """A package that differs from its locked hash is never installed."""
    locks.packages.write_text(f"package==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(EngineError, match=r"(?i)can't be installed.*hash"):
        installed(locks)
    assert not environment.environment_folder().exists() and not status().usable


def test_a_package_that_is_not_in_the_lock(
    home: Path, wheels: Path, locks: Locks, quick: None
) -> None:
    """It isn't installed, although another one says that it needs it."""
    make_wheel(wheels, "stray")
    needy = make_wheel(wheels, "needy", requires="stray")
    locks.packages.write_text(locks.packages.read_text() + locked(needy))
    installed(locks)
    assert "needy-1.0" in packages_of(engine_python())
    assert "stray-1.0" not in packages_of(engine_python())


def test_a_package_without_a_hash(home: Path, locks: Locks, quick: None) -> None:
    locks.packages.write_text("package==1.0\n")
    with pytest.raises(EngineError, match="can't be installed"):
        installed(locks)


@pytest.mark.parametrize("missing", ["package", "torch"])
def test_a_package_that_cannot_be_had(
    home: Path, wheels: Path, locks: Locks, quick: None, missing: str
) -> None:
    """A clean start is left, and the next installation is well."""
    wheel = wheels / f"{missing}-1.0-py3-none-any.whl"
    content = wheel.read_bytes()
    wheel.unlink()
    with pytest.raises(EngineError, match=missing):
        installed(locks)
    assert not environment.environment_folder().exists() and not status().usable
    wheel.write_bytes(content)
    assert installed(locks).usable


def test_the_next_time_goes_on_with_what_was_downloaded(
    home: Path, wheels: Path, locks: Locks, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    torch = (wheels / "torch-1.0-py3-none-any.whl").rename(wheels.parent / "for later")
    with index(wheels) as (address, asked):
        for name in ("PIP_INDEX_URL", "UV_DEFAULT_INDEX"):
            monkeypatch.setenv(name, address)
        with pytest.raises(EngineError, match="torch"):
            installed(locks)
        assert sorted(asked) == ["package-1.0-py3-none-any.whl", "tool-1.0-py3-none-any.whl"]
        torch.rename(wheels / "torch-1.0-py3-none-any.whl")
        asked.clear()
        assert installed(locks).usable
        assert "package-1.0-py3-none-any.whl" not in asked, "it is there"


def test_an_engine_that_does_not_work(home: Path, locks: Locks, quick: None) -> None:
    def fails(python: str, should_stop: object) -> dict[str, Any]:
        raise EngineError("AI features do not run: no luck.")

    with pytest.raises(EngineError, match="no luck"):
        installed(locks, check=fails)
    assert engine_python() == "" and not environment.environment_folder().exists()


@pytest.mark.parametrize("moment", ["Making", "PyTorch", "Testing"])
def test_cancelling(home: Path, locks: Locks, quick: None, moment: str) -> None:
    """At any step: the child ends, nothing half-done stays, and it can be begun again."""
    reached: list[float] = []

    def on_progress(fraction: float, message: str) -> None:
        if moment in message:
            reached.append(fraction)

    def patient(python: str, should_stop: Callable[[], bool]) -> dict[str, Any]:
        run([python, "-c", "import time; time.sleep(60)"], print, should_stop)
        raise AssertionError

    started = time.monotonic()
    with pytest.raises(Cancelled, match="Stopped installing"):
        installed(locks, on_progress=on_progress, should_stop=lambda: bool(reached), check=patient)
    assert time.monotonic() - started < 50.0
    assert not environment.environment_folder().exists() and not status().usable


def test_a_killed_installation(home: Path, locks: Locks, quick: None) -> None:
    """Its process is gone without a word: what it left doesn't count, and isn't in the way."""
    folder = environment.environment_folder()
    python_in(folder).parent.mkdir(parents=True)
    python_in(folder).write_text("half a Python")
    assert status().state == "unfinished" and engine_python() == ""
    (folder / environment.MARKER).write_text('{"torch": ')
    assert status().state == "unfinished", "half a marker is none"
    assert installed(locks).usable


def test_one_installation_at_a_time(home: Path, locks: Locks, quick: None) -> None:
    with environment.in_use():
        for attempt in (lambda: installed(locks), remove):
            with pytest.raises(EngineError, match="Another process"):
                attempt()


def test_no_space(home: Path, locks: Locks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "DISK", 1e18)
    with pytest.raises(EngineError, match="not enough space"):
        installed(locks)
    assert not environment.environment_folder().exists()


@pytest.mark.parametrize("python", ["/no/such/python", __file__], ids=["missing", "no program"])
def test_a_python_that_makes_no_environment(home: Path, locks: Locks, python: str) -> None:
    with pytest.raises(EngineError, match="can't make an environment"):
        install(python, locks=locks, check=try_modules)
    assert not environment.environment_folder().exists()


@pytest.mark.skipif(os.name == "nt", reason="a script for a Unix shell")
def test_a_blocked_index_of_pytorch_is_gone_round(
    home: Path, locks: Locks, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uv is a script that notes its calls, and fails where PyTorch's index is asked for."""
    calls = home.parent / "calls"
    script = f'#!/bin/sh\necho "$@" >> "{calls}"\ncase "$*" in *backend*) exit 2;; esac\n'
    put_uv_into_environments(monkeypatch, script.encode())
    installed(locks, check=lambda python, should_stop: {"torch": "?"})
    packages, first, second = calls.read_text().splitlines()
    assert "--require-hashes --no-deps" in packages
    assert first == f"{second} --torch-backend=auto" and "torch.txt" in second


@pytest.mark.skipif(os.name == "nt", reason="a script for a Unix shell")
def test_uv_takes_mirrors_from_the_settings_of_pip(
    home: Path, locks: Locks, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = home.parent / "calls"
    script = f'#!/bin/sh\necho "$UV_DEFAULT_INDEX $SSL_CERT_FILE" >> "{calls}"\n'
    put_uv_into_environments(monkeypatch, script.encode())
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CERT", "/pip.pem")
    monkeypatch.setenv("SSL_CERT_FILE", "/own.pem")
    installed(locks, check=lambda python, should_stop: {"torch": "?"})
    assert set(calls.read_text().splitlines()) == {"http://127.0.0.1:9/simple /own.pem"}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(content=st.binary(max_size=30) | st.sampled_from([b"[]", b"{}", b'{"python": 3}', b"null"]))
def test_whatever_stands_in_our_files(home: Path, content: bytes) -> None:
    folder = environment.environment_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for file in (folder / environment.MARKER, environment.engine_folder() / "chosen.json"):
        file.write_bytes(content)
        assert not status().usable
        file.unlink()


def test_the_engine_of_the_command_line_counts_in_blender(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as command_line:
        command_line.delenv("SEMVEC_HOME")
        python = python_in(environment.environment_folder())
        python.parent.mkdir(parents=True)
        python.write_text("a program")
        environment.finish({"torch": "1.0"}, Locks())
        assert status().usable and not status().message.endswith("update it")
    assert engine_python() == str(python) and home not in python.parents
    assert run_task("remove", "", print, lambda: False).endswith(f"is used now: {python}")
    assert engine_python() == str(python), "Blender removes nothing that isn't its own"


# Trying a Python


def test_trying_a_python_with_everything() -> None:
    pytest.importorskip("torch", reason="PyTorch is installed for one of the two Pythons only")
    import torch

    found = check(sys.executable)
    assert found["torch"] == torch.__version__ and found["device"] in ("cpu", "cuda", "mps")


@pytest.mark.skipif(os.name == "nt", reason="scripts for a Unix shell")
@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo hello", "gave no answer"),
        ("exit 3", "exit code 3"),
        ("echo 'semvec-engine: {}'", "do not run"),
        ("echo 'semvec-engine: []'", "do not run"),
        ("echo 'semvec-engine: nonsense'", "do not run"),
        ("echo Traceback; echo \"ModuleNotFoundError: No module named 'torch'\"; exit 1", "torch"),
    ],
)
def test_trying_what_will_not_do(tmp_path: Path, script: str, message: str) -> None:
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    with pytest.raises(EngineError, match=message) as raised:
        check(str(python))
    assert "torchvision" in raised.value.hint


def test_trying_nothing(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no program"):
        check(str(tmp_path))


# Tasks, and the command line


def test_tasks(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(WorkerError, match="Unknown task"):
        run_task("cook", "", print, lambda: False)
    for name in ("download", "remove model"):
        with pytest.raises(ModelMissingError, match="no model 'nothing'"):
            run_task(name, "nothing", print, lambda: False)
    assert run_task("remove", "", print, lambda: False) == "Removed"
    messages: list[str] = []
    flood = {"flood": lambda subject, tell, stop: [tell(i / 1e4, str(i)) for i in range(10**4)]}
    monkeypatch.setattr("semvec.core.engine.tasks.TASKS", {**TASKS, **flood})
    run_task("flood", "", lambda fraction, message: messages.append(message), lambda: False)
    assert messages[0] == "0" and len(messages) < 100


def test_the_command_line(
    home: Path,
    locks: Locks,
    quick: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    command_line = "semvec.core.cli.engine_commands"
    monkeypatch.setattr(f"{command_line}.install", lambda **options: installed(locks, **options))
    monkeypatch.setattr(f"{command_line}.check", lambda python: try_modules(sys.executable, bool))
    assert semvec(["engine", "status"]) == 1
    assert semvec(["engine"]) == 1
    assert semvec(["engine", "install"]) == 0
    assert "PyTorch 1.0" in capsys.readouterr().out
    assert semvec(["engine", "status"]) == 0
    assert engine_python() in capsys.readouterr().out
    assert semvec(["engine", "remove"]) == 0 and semvec(["engine", "status"]) == 1


def test_another_python_on_the_command_line(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert semvec(["engine", "--python", "/no/such/python"]) == 1
    assert "no program" in capsys.readouterr().err and engine_python() == ""
    found = {"python": "3", "torch": "1.0", "device": "cpu"}
    monkeypatch.setattr("semvec.core.cli.engine_commands.check", lambda python: found)
    assert semvec(["engine", "--python", sys.executable]) == 0
    assert engine_python() == sys.executable and status().state == "chosen"
    assert semvec(["engine", "remove"]) == 0 and engine_python() == ""
    environment.choose_python("/gone")
    assert status().state == "broken"


def test_models_on_the_command_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert semvec(["models"]) == semvec(["models", "list"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in MODELS)
    assert semvec(["models", "path", "sam_vit_h"]) == 1
    assert "semvec models download sam_vit_h" in capsys.readouterr().err
    assert semvec(["models", "download", "nothing"]) == 1
    assert semvec(["models", "path", __file__]) == 0
    assert capsys.readouterr().out.strip() == __file__
    assert semvec(["models", "remove", "sam_vit_h"]) == 0
    with pytest.raises(SystemExit):
        semvec(["models", "eat"])


def test_what_runs_on_the_engine(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what needs it, only where there is no torch, and never for ever."""
    prompted = Settings(prompt="a cat")
    assert not needs_engine(Settings()) and needs_engine(prompted)
    assert needs_engine(Settings(segmenter="sam"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run_on_engine(prompted, []) is None, "there is no engine"
    environment.choose_python(sys.executable)
    assert run_on_engine(prompted, []) is None, "we are the engine"
    assert run_on_engine(Settings(), []) is None
    if os.name != "nt":
        other = home / "python"
        other.write_text(f'#!/bin/sh\necho "$@" > "{home}/calls"; exit 7\n')
        other.chmod(0o755)
        environment.choose_python(str(other))
        assert run_on_engine(prompted, ["a.png", "-o", "b.svg"]) == 7
        assert (home / "calls").read_text().rstrip().endswith("core.__main__ a.png -o b.svg")


def test_the_real_locks_are_complete() -> None:
    """Every package has hashes, torch has none of its own, and nothing is a choice."""
    locks = Locks()
    packages = [line for line in locks.packages.read_text().splitlines() if "==" in line]
    names = {line.partition("==")[0] for line in packages if not line.startswith(" ")}
    assert {"numpy", "pillow", "open-clip-torch", "segment-anything", "timm"} <= names
    assert not names & {"torch", "torchvision", "triton"}
    assert not any(name.startswith(("nvidia", "cuda")) for name in names)
    for path in (locks.packages, locks.tools):
        entries = path.read_text().split("\n# ")[-1].splitlines()[1:]
        assert all("==" in line or "--hash=sha256:" in line for line in entries)
    pins = [line for line in locks.torch.read_text().splitlines() if line[0] != "#"]
    assert [pin.partition("==")[0] for pin in pins] == ["torch", "torchvision"]


def test_a_task_of_the_worker(home: Path, locks: Locks, quick: None) -> None:
    """Through the process that Blender starts, with progress and an end."""
    from semvec.core.worker.process import Worker

    worker = Worker()
    try:
        worker.send("task", name="remove")
        events = [worker.receive(30.0) for _ in range(2)]
        assert [event["event"] for event in events if event] == ["progress", "done"]
        worker.send("task", name="download", subject="nothing")
        error = worker.receive(30.0)
        assert error is not None and error["type"] == "ModelMissingError"
    finally:
        worker.close()
