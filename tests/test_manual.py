"""Every command and every snippet of the manual and the README runs, and prints what the page shows."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner
from manual_pages import ROOT, Block, blocks, expected, head, pages

from sdmxmig.cli import run

PAGES = [
    pytest.param(page, id=page.relative_to(ROOT).as_posix(), marks=[pytest.mark.long] if "long" in head(page) else [])
    for page in pages()
]


class Demo(NamedTuple):
    """What ``sdmxmig demo NAME --example NAME`` made in an empty folder, how it ended and what it printed."""

    folder: Path
    code: int
    told: str


Finished = Callable[[str], Demo]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """A shipped example on which the line has run, made when a page first asks for it."""
    made: dict[str, Demo] = {}

    def give(name: str) -> Demo:
        if name not in made:
            folder = tmp_path_factory.mktemp("finished")
            with contextlib.chdir(folder):
                made[name] = Demo(folder / name, *command(["demo", name, "--example", name], ""))
            assert made[name].code in (0, 1), made[name].told
        return made[name]

    return give


@pytest.mark.usefixtures("readable_reports")
@pytest.mark.sampled(16)
@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_shows_is_what_happens(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, finished: Finished
) -> None:
    top = head(page)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1768478400")
    for example in filter(None, top.get("from", "").split(";")):
        name, _, state = (part.strip() for part in example.partition(","))
        shutil.copytree(finished(name).folder if state else ROOT / "examples" / name, tmp_path / name)
    for name in filter(None, (one.strip() for one in top.get("brings", "").split(";"))):
        shutil.copy(page.parent / name, tmp_path / Path(name).name)
    walk(page, tmp_path, monkeypatch, finished)


def walk(page: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, finished: Finished) -> None:
    """Do what a page says, from top to bottom, in one folder and one Python."""
    names: dict[str, Any] = {"__name__": "page"}
    printed = ""
    before = ""
    for block in blocks(page):
        where = f"{page.relative_to(ROOT)}, line {block.line}"
        if "not run" in block.says:
            before = ""
            continue
        if "file" in block.says or "append" in block.says:
            write(folder, block)
        elif block.language == "console":
            console(block, where, monkeypatch, finished)
        elif block.language in ("python", "by hand"):
            printed = execute(block, where, names)
        elif block.language == "text" and before == "python":
            assert expected(block.text).fullmatch(lines_of(printed)), f"{where} shows:\n{block.text}\nIt is:\n{printed}"
        elif block.language == "toml":
            tomllib.loads(block.text)
        before = block.language


def write(folder: Path, block: Block) -> None:
    """A block that is a file, or is added to one."""
    path = folder / (block.says.get("file") or block.says["append"])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if "append" in block.says else "w", encoding="utf-8") as file:
        file.write(block.text)


def execute(block: Block, where: str, names: dict[str, Any]) -> str:
    """What a piece of Python prints."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(block.text, where, "exec"), names)  # noqa: S102 - the manual is ours
    return told.getvalue()


def console(block: Block, where: str, monkeypatch: pytest.MonkeyPatch, finished: Finished) -> None:
    """The commands of a block, each with what it prints."""
    typed = "".join(f"{one.strip()}\n" for one in block.says["typed"].split("|")) if "typed" in block.says else ""
    codes = [int(code) for code in block.says.get("exit code", "0").split(",")]
    parts = re.split(r"(?m)^\$ ", block.text)
    assert not parts[0].strip(), f"{where}: a line before the first command"
    for number, part in enumerate(parts[1:], start=1):
        line, _, shown = part.partition("\n")
        while line.endswith("\\"):
            more, _, shown = shown.partition("\n")
            line = f"{line[:-1]} {more.strip()}"
        words = [name for word in shlex.split(line, comments=True) for name in there(word)]
        if words[0] == "cd":
            monkeypatch.chdir(Path.cwd() / words[1])
            continue
        if words[0] == "cp":
            for name in words[1:-1]:
                shutil.copy(name, words[-1])
            continue
        assert words[0] == "sdmxmig", f"{where}: {line} is no command of sdmxmig; say why it is not run"
        code, told = demo(words[2], finished) if is_demo(words) else command(words[1:], typed)
        wanted = codes[number - len(parts)] if len(parts) - number <= len(codes) else 0
        assert code == wanted, f"{where}: {line} ends with {code}\n{told}"
        if shown.strip():
            assert expected(shown).fullmatch(lines_of(told)), f"{where} shows:\n{shown}\nIt is:\n{told}"


def is_demo(words: list[str]) -> bool:
    """Whether a command makes a shipped example under its own name, which is done once for all pages."""
    return words[1] == "demo" and words[3:] == ["--example", words[2]]


def demo(name: str, finished: Finished) -> tuple[int, str]:
    """The example as if it were made here."""
    made = finished(name)
    shutil.copytree(made.folder, Path(name))
    return made.code, made.told


def there(word: str) -> list[str]:
    """The files that a pattern stands for, as a shell gives them; the word itself if it is none."""
    found = sorted(path.as_posix() for path in Path().glob(word)) if "*" in word else []
    return found or [word]


def command(words: list[str], typed: str) -> tuple[int, str]:
    """The exit code of a command, and all that a terminal shows of it."""
    with CliRunner().isolation(input=typed) as streams:
        code = run(words)
        told = streams[-1].getvalue() if hasattr(streams[-1], "getvalue") else streams[0].getvalue()
    return code, told.decode()


def lines_of(told: str) -> str:
    """What was printed, with plain blanks, without empty lines around it and blanks at the ends of lines."""
    told = re.sub("[\u00a0\u202f]", " ", told)
    return "".join(f"{line.rstrip()}\n" for line in told.strip("\n").splitlines())


@pytest.mark.sampled(8)
@pytest.mark.parametrize("page", PAGES)
def test_every_block_is_seen(page: Path) -> None:
    """A fence behind the number of a list, or one without an end, would hide what follows it from the walker."""
    text = page.read_text(encoding="utf-8")
    fences = sum(1 for line in text.splitlines() if "```" in line and not line.strip().startswith("- ``<!--"))
    assert fences == 2 * sum(1 for block in blocks(page) if block.language != "by hand")
