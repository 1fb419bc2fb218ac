# SPDX-License-Identifier: GPL-3.0-or-later
"""The user's guide: its commands run, its links lead somewhere, its messages are ours."""

from __future__ import annotations

import ast
import functools
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from semvec.core.cli.main import main
from semvec.core.models import download

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from dev import COMMANDS  # noqa: E402
from tools.guide_pictures import DRAWN, PICTURES, write_samples  # noqa: E402

GUIDE = ROOT / "docs" / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
BLOCK = re.compile(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!`)\[[^\]]*\]\(([^)\s]+)\)")
MESSAGE = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)

SCALE = 0.2  # of the samples
QUICK = ["--iterations", "20"]  # for all drawings of one image, unless a command says otherwise

# Nothing can be downloaded, and no engine or model is installed.
OFFLINE = {
    "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/nowhere", "UV_OFFLINE": "1",
    "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9",
}  # fmt: skip


def blocks(page: Path, language: str, kind: str = "") -> list[str]:
    """The fenced blocks of a page."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [text for name, mark, text in found if (name, mark) == (language, kind)]


def commands(page: Path, kind: str = "") -> list[str]:
    return [line for block in blocks(page, "sh", kind) for line in block.splitlines() if line]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the samples in it; nothing can be downloaded."""
    write_samples(tmp_path, SCALE)
    monkeypatch.chdir(tmp_path)
    for name, value in {**OFFLINE, "SEMVEC_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def run(command: str) -> int:
    """Run a command of the guide in this process, as the installed program does."""
    program, *arguments = shlex.split(command)
    assert program == "semvec"
    draws_one = Path(arguments[0]).is_file() and "--iterations" not in arguments
    try:
        return main([*arguments, *(QUICK if draws_one else [])])
    except SystemExit as end:  # --version and --help
        return end.code if isinstance(end.code, int) else 1


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = HEADING.findall(page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@functools.cache
def texts_of_the_code() -> set[str]:
    return set(_texts())


def _texts() -> Iterator[str]:
    """All texts in the code, with … for values that are put in."""
    for folder in ("core", "operators", "panels"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                elif isinstance(node, ast.JoinedStr):
                    parts = (
                        str(part.value) if isinstance(part, ast.Constant) else "…"
                        for part in node.values
                    )  # fmt: skip
                    yield "".join(parts)


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda p: p.stem)
def test_the_commands_of_a_page_work(
    page: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in commands(page):
        code = run(command)
        assert code == 0, f"{command}\n{capsys.readouterr().err}"
        for output in re.findall(r"(?:-o|--preview|--report|--contact-sheet) (\S+)", command):
            assert (folder / output).exists(), command


@pytest.mark.parametrize(
    "page", [page for page in PAGES if commands(page, "download")], ids=lambda p: p.stem
)
def test_commands_that_download_say_what_is_missing(
    page: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(download, "PAUSE", 0.0)
    for command in commands(page, "download"):
        code, said = run(command), capsys.readouterr().err
        last = said.strip().splitlines()[-1]
        assert code == 1 and last.startswith("semvec: "), f"{command}\n{said}"
        assert "Traceback" not in said and "internal error" not in last.lower()


@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python")], ids=lambda p: p.stem
)
def test_the_scripts_of_a_page_work(page: Path, folder: Path) -> None:
    for script in blocks(page, "python"):
        exec(compile(script, "guide", "exec"), {"__name__": "__main__"})


def test_every_block_of_the_guide_is_tested() -> None:
    tested = {("sh", ""), ("sh", "download"), ("python", ""), ("python", "blender")}
    for page in PAGES:
        found = {(name, kind) for name, kind, _ in BLOCK.findall(page.read_text(encoding="utf-8"))}
        assert found <= tested, page.name


def test_commands_of_developers_exist_and_run_in_ci() -> None:
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = re.findall(r"^    (python3 dev\.py (\w+).*)$", "\n".join(map(Path.read_text, PAGES)),
                       re.MULTILINE)  # fmt: skip
    assert lines
    for line, name in lines:
        assert name in COMMANDS and line in ci


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in LINK.findall(document.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            assert link.startswith("https://"), link
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_is_on_the_first_one() -> None:
    links = set(LINK.findall((GUIDE / "README.md").read_text(encoding="utf-8")))
    assert links == {page.name for page in PAGES} - {"README.md"}


@pytest.mark.parametrize(
    "message", MESSAGE.findall((GUIDE / "troubleshooting.md").read_text(encoding="utf-8"))
)
def test_every_message_is_one_of_the_code(message: str) -> None:
    assert message in texts_of_the_code()


def test_there_are_messages() -> None:
    assert len(MESSAGE.findall((GUIDE / "troubleshooting.md").read_text(encoding="utf-8"))) > 20


def test_the_pictures_are_those_that_the_tool_makes() -> None:
    shown = {
        link for page in PAGES for link in LINK.findall(page.read_text()) if link.endswith(".png")
    }
    assert shown == {f"pictures/{Path(name).stem}.png" for name in DRAWN}
    assert {picture.name for picture in PICTURES.iterdir()} == {Path(name).name for name in shown}
    for picture in PICTURES.iterdir():
        width, height = Image.open(picture).size
        assert width >= 600 and height >= 200 and picture.stat().st_size < 60_000
