# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads against a server that is good, slow, broken or lying; nothing leaves the computer."""

from __future__ import annotations

import hashlib
import multiprocessing
import re
import shutil
import socket
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from model_server import PIECE, Behavior, serving

from semvec.core.errors import Cancelled, DownloadError, ModelMissingError, OutputError
from semvec.core.models import MODELS, Model, download, locate
from semvec.core.models.download import download as fetch
from semvec.core.models.download import partial, remove
from semvec.core.models.location import find, target
from semvec.core.models.transfer import CHUNK

SHORT = 3 * PIECE + 7
CONTENT = np.random.default_rng(0).bytes(3 * CHUNK + 12345)


def model(address: str, content: bytes = CONTENT) -> Model:
    digest = hashlib.sha256(content).hexdigest()
    return Model("tiny", "sam", "vit_b", "tiny.pth", len(content), "MIT", address, digest)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Homes of this test alone, no proxy, and no waiting between attempts."""
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("HOME", str(tmp_path / "user"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "user"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(download, "PAUSE", 0.01)
    return tmp_path / "home"


def files(home: Path) -> set[str]:
    return {path.name for path in home.rglob("*") if path.is_file() and path.suffix != ".lock"}


def test_a_good_server(home: Path) -> None:
    server, seen = Behavior(CONTENT), []
    with serving(server) as address:
        path = fetch(model(address), lambda done, total: seen.append((done, total)))
        assert path.read_bytes() == CONTENT and files(home) == {"tiny.pth"}
        assert fetch(model(address)) == path and len(server.requests) == 1, "it is there"
    assert seen == sorted(seen) and seen[-1] == (len(CONTENT), len(CONTENT))
    assert find(model("")) == path


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_connection_that_breaks(home: Path, ranges: bool) -> None:
    server = Behavior(CONTENT, ranges=ranges, breaks=[CHUNK + 5, 3 * PIECE, None])
    with serving(server) as address:
        assert fetch(model(address)).read_bytes() == CONTENT
    assert len(server.requests) == 3
    assert server.requests[1] == f"bytes={CHUNK}-", "from the last whole piece on"


def test_going_on_another_day(home: Path) -> None:
    server = Behavior(CONTENT, breaks=[2 * CHUNK] + [0] * 10)
    with serving(server) as address, pytest.raises(DownloadError, match="again to go on: 1 MB"):
        fetch(model(address))
    assert files(home) == {"tiny.pth.part"} and find(model("")) is None
    server.breaks, server.requests = [], []
    with serving(server) as address:
        assert fetch(model(address)).read_bytes() == CONTENT
    assert server.requests == [f"bytes={2 * CHUNK}-"] and files(home) == {"tiny.pth"}


def test_no_length_given(home: Path) -> None:
    with serving(Behavior(CONTENT, length=lambda true: None)) as address:
        assert fetch(model(address)).read_bytes() == CONTENT


@pytest.mark.parametrize(
    ("behavior", "message"),
    [
        ({"content": CONTENT[:-1]}, "has .* bytes, not"),
        ({"content": CONTENT + b"x"}, "has .* bytes, not"),
        ({"content": CONTENT + b"x", "length": lambda true: None}, "more than .* bytes came"),
        ({"content": CONTENT[:-1], "length": lambda true: None}, "has .* bytes, not"),
        ({"content": CONTENT, "length": lambda true: true - 7}, "has .* bytes, not"),
        ({"content": CONTENT[:-9], "length": lambda true: len(CONTENT)}, "has .* bytes|broke off"),
        ({"content": bytes(len(CONTENT))}, "SHA-256"),
        ({"content": CONTENT, "status": 404}, "answered 404"),
        ({"content": CONTENT, "status": 403}, "answered 403"),
        ({"content": CONTENT, "status": 503}, "answered 503"),
        ({"content": b"<html>log in", "kind": "text/html; charset=utf-8"}, "web page"),
        ({"content": b"<html>log in"}, "has .* bytes, not"),
        ({"content": b""}, "has .* bytes, not"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_not_the_file(home: Path, behavior: dict, message: str) -> None:
    server = Behavior(**behavior)
    with serving(server) as address:
        with pytest.raises(DownloadError, match=message) as raised:
            fetch(model(address))
        assert raised.value.hint
        assert files(home) <= {"tiny.pth.part"} and find(model("")) is None
        server.__init__(CONTENT)  # the next day, all is well
        assert fetch(model(address)).read_bytes() == CONTENT
    assert files(home) == {"tiny.pth"}


@pytest.mark.parametrize("span", ["rubbish", "bytes 5-10/11", f"bytes 0-1/{len(CONTENT)}"])
def test_parts_that_are_others_than_asked_for(home: Path, span: str) -> None:
    server = Behavior(CONTENT, breaks=[CHUNK], content_range=span)
    with serving(server) as address, pytest.raises(DownloadError):
        fetch(model(address))
    assert find(model("")) is None


def test_a_part_of_another_file(home: Path) -> None:
    """A partial file of the right size but other content is removed and downloaded again."""
    with serving(Behavior(CONTENT)) as address:
        wanted = model(address)
        target(wanted).parent.mkdir(parents=True)
        partial(wanted).write_bytes(bytes(CHUNK))
        with pytest.raises(DownloadError, match="SHA-256"):
            fetch(wanted)
        assert files(home) == set()
        partial(wanted).write_bytes(bytes(len(CONTENT) + 1))
        assert fetch(wanted).read_bytes() == CONTENT


def test_a_finished_part_is_not_asked_for_again(home: Path) -> None:
    server = Behavior(CONTENT)
    with serving(server) as address:
        target(model(address)).parent.mkdir(parents=True)
        partial(model(address)).write_bytes(CONTENT)
        assert fetch(model(address)).read_bytes() == CONTENT
    assert server.requests == []


def test_a_damaged_file_is_replaced(home: Path) -> None:
    with serving(Behavior(CONTENT)) as address:
        path = fetch(model(address))
        path.write_bytes(bytes(len(CONTENT)))
        assert fetch(model(address)).read_bytes() == CONTENT
        path.write_bytes(CONTENT[:100])
        assert find(model(address)) is None
        assert fetch(model(address)).read_bytes() == CONTENT


def test_stopping_keeps_what_has_come(home: Path) -> None:
    seen: list[int] = []
    with serving(Behavior(CONTENT, delay=0.01)) as address:
        with pytest.raises(Cancelled, match="Stopped downloading 'tiny'"):
            fetch(model(address), lambda done, total: seen.append(done), lambda: len(seen) == 2)
        assert partial(model(address)).stat().st_size == seen[1] < len(CONTENT)
        assert fetch(model(address)).read_bytes() == CONTENT


def test_stopping_while_nothing_answers(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "PAUSE", 60.0)
    stopping = threading.Event()
    with serving(Behavior(CONTENT, breaks=[0] * 9)) as address:
        threading.Timer(0.3, stopping.set).start()
        with pytest.raises(Cancelled):
            fetch(model(address), should_stop=stopping.is_set)


def test_nobody_there(home: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/model.pth"
    with pytest.raises(DownloadError, match="can't be reached"):
        fetch(model(address))
    assert files(home) == set()


def test_a_silent_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It accepts the connection and says nothing, or says something and then no more."""
    monkeypatch.setattr("semvec.core.models.transfer.PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/model.pth"
        with pytest.raises(DownloadError, match="timed out"):
            fetch(model(address))
    with serving(Behavior(CONTENT, delay=1.0)) as address, pytest.raises(DownloadError):
        fetch(model(address))


def test_rubbish_instead_of_http(home: Path) -> None:
    def babble(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.recv(1000)
                connection.sendall(b"\x00\xff not http at all\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=babble, args=(server,), daemon=True).start()
        address = f"http://127.0.0.1:{server.getsockname()[1]}/model.pth"
        with pytest.raises(DownloadError):
            fetch(model(address))
        server.shutdown(socket.SHUT_RDWR)


def test_no_space(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(home.parent)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    server = Behavior(CONTENT)
    with serving(server) as address, pytest.raises(DownloadError, match="not enough space"):
        fetch(model(address))
    assert server.requests == [] and files(home) == set()


def test_space_that_runs_out(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, mode: str) -> object:
        return real(Path("/dev/full"), mode) if self.suffix == ".part" else real(self, mode)

    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    real = Path.open
    monkeypatch.setattr(Path, "open", full)
    with serving(Behavior(CONTENT)) as address, pytest.raises(DownloadError, match="written"):
        fetch(model(address))


def test_a_folder_that_cannot_be_made(home: Path) -> None:
    home.write_text("a file is in the way")
    with pytest.raises(OutputError):
        fetch(model("http://127.0.0.1:9/"))


def test_one_download_at_a_time(home: Path) -> None:
    """A second process is told so; a process that is killed holds nothing up."""
    with serving(Behavior(CONTENT, delay=0.2)) as address:
        context = multiprocessing.get_context("spawn")
        other = context.Process(target=fetch, args=(model(address),))
        other.start()
        while not partial(model(address)).exists():
            other.join(0.05)
        with pytest.raises(DownloadError, match="another process"):
            fetch(model(address))
        other.kill()
        other.join()
    with serving(Behavior(CONTENT)) as address:
        assert fetch(model(address)).read_bytes() == CONTENT


def test_removing(home: Path) -> None:
    with serving(Behavior(CONTENT)) as address:
        remove(model(address))
        fetch(model(address))
        partial(model(address)).write_bytes(b"x")
        remove(model(address))
    assert files(home) == set()


@hypothesis_settings(max_examples=40)
@given(
    cuts=st.lists(st.none() | st.integers(0, SHORT), max_size=3),
    ranges=st.booleans(),
    told=st.booleans(),
    change=st.none() | st.integers(0, SHORT - 1),
)
def test_whatever_happens_the_file_is_right_or_not_there(
    cuts: list[int | None], ranges: bool, told: bool, change: int | None
) -> None:
    content = CONTENT[:SHORT]
    wanted = model("", content)
    remove(wanted)
    served = bytearray(content)
    if change is not None:
        served[change] ^= 1
    server = Behavior(
        bytes(served), ranges=ranges, breaks=cuts, length=lambda true: true if told else None
    )
    with serving(server) as address:
        try:
            path = fetch(model(address, content))
        except DownloadError:
            assert find(wanted) is None
        else:
            assert change is None and path.read_bytes() == content


def test_locating(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    published = MODELS["sam_vit_b"]
    with pytest.raises(ModelMissingError, match="semvec models download sam_vit_b"):
        locate("sam_vit_b")
    target(published).parent.mkdir(parents=True)
    target(published).write_bytes(b"cut short")
    with pytest.raises(ModelMissingError):
        locate("sam_vit_b")
    with target(published).open("r+b") as file:
        file.truncate(published.bytes)  # sparse: no space is used
    assert locate("sam_vit_b") == target(published)
    monkeypatch.setenv("SEMVEC_HOME", str(tmp_path / "other"))
    with pytest.raises(ModelMissingError):
        locate("sam_vit_b")
    own = tmp_path / "own.pt"
    own.write_bytes(b"mine")
    assert locate(str(own)) == own


def test_a_model_of_the_command_line_is_found_in_blender(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Behavior(CONTENT)) as address:
        with monkeypatch.context() as command_line:
            command_line.delenv("SEMVEC_HOME")
            path = fetch(model(address))
        assert home not in path.parents and find(model(address)) == path


@given(st.text())
def test_locating_what_is_no_model(name: str) -> None:
    try:
        assert locate(name).is_file()
    except ModelMissingError as error:
        assert "Name a checkpoint's file" in error.hint or name in MODELS


@pytest.mark.parametrize("published", MODELS.values(), ids=lambda item: item.name)
def test_the_registry_is_well_formed(published: Model) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", published.sha256)
    assert published.address.startswith("https://") and published.bytes > 3e8
    assert re.fullmatch(r"[a-z0-9_]+", published.name), "easy to type"


def test_names_and_files_are_unique() -> None:
    for values in ([item.file for item in MODELS.values()], [m.sha256 for m in MODELS.values()]):
        assert len(set(values)) == len(MODELS)
