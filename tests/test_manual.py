"""A reader who follows a page of the manual or the README in an empty folder sees what the page shows.

The package is installed from its wheel, outside the checkout.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from folders import ROOT, TESTS
from installed import install
from manual_pages import Block, blocks, expected, head, pages

from benchmarks.declared_versions import Environment

EXTRAS = ("report", "web", "exchange", "disclosure", "signature", "link", "notebook")
PAGES = [
    pytest.param(page, id=page.relative_to(ROOT).as_posix(), marks=[pytest.mark.long] if "long" in head(page) else [])
    for page in pages()
]
PORT = "8080"
"""The port that pages show. A free one takes its place, since several tests may run at once."""


@dataclass
class Answer:
    """How a command or a snippet ended, and what it printed."""

    code: int
    printed: str


class Runner:
    """A process of the installed package that runs what a page shows."""

    def __init__(self, environment: Environment, state: Path) -> None:
        self.variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        self.variables |= {"COLUMNS": "200", "SOURCE_DATE_EPOCH": "1768478400", "XDG_STATE_HOME": str(state)}
        self.process = subprocess.Popen(
            [environment.python, TESTS / "support" / "page_runner.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=self.variables,
        )
        assert self.process.stdout.readline().startswith(str(environment.folder)), (
            "the package is not that of the wheel"
        )

    def ask(self, **request: Any) -> Answer:
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return Answer(**json.loads(self.process.stdout.readline()))

    def end(self) -> None:
        with self.process:
            self.process.stdin.close()


@dataclass
class Installation:
    """The installed package, and the examples on which it has run already."""

    environment: Environment
    runner: Runner
    examples: Path
    answers: dict[str, Answer] = field(default_factory=dict)

    def demo(self, name: str, folder: Path) -> Answer:
        """Run ``sdmxmig demo --example NAME``, once for all pages."""
        if name not in self.answers:
            words = ["demo", "--example", name]
            self.answers[name] = self.runner.ask(words=words, typed="", folder=str(self.examples), variables={})
        shutil.copytree(self.examples / name, folder / name)
        return self.answers[name]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("installed")
    environment = install(folder / "package", *EXTRAS)
    (folder / "examples").mkdir()
    runner = Runner(environment, folder / "state")
    yield Installation(environment, runner, folder / "examples")
    runner.end()


@pytest.mark.sampled(36)
@pytest.mark.parametrize("page", PAGES)
def test_examples_of_a_page_work_as_shown(page: Path, tmp_path: Path, installation: Installation) -> None:
    with ExitStack() as stack:
        Reader(page, tmp_path, installation, stack).follow()


class Reader:
    """Somebody who follows a page from top to bottom, in one folder and one Python."""

    def __init__(self, page: Path, folder: Path, installation: Installation, stack: ExitStack) -> None:
        self.page = page
        self.folder = self.top = folder
        self.installation = installation
        self.stack = stack
        self.variables: dict[str, str] = {}
        self.python: Runner | None = None
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])

    def follow(self) -> None:
        """Do what the page says."""
        printed = before = ""
        for block in blocks(self.page, {PORT: self.port}):
            where = f"{self.page.relative_to(ROOT)}, line {block.line}"
            before, last = block.language, before
            if "not run" in block.says:
                before = ""
            elif "file" in block.says or "append" in block.says:
                self.write(block)
            elif block.language == "console":
                self.console(block, where)
            elif block.language in ("python", "by hand"):
                printed = self.execute(block.text, where)
            elif block.language == "text" and last == "python":
                assert_shown(block.text, printed, where)
            elif block.language == "toml":
                tomllib.loads(block.text)

    def write(self, block: Block) -> None:
        """Save a block that is a file, or add it to one."""
        path = self.folder / (block.says.get("file") or block.says["append"])
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if "append" in block.says else "w", encoding="utf-8") as file:
            file.write(block.text)

    def execute(self, code: str, where: str) -> str:
        """Run a snippet of Python; gives what it prints."""
        if self.python is None:
            self.python = Runner(self.installation.environment, self.top / ".state")
            self.stack.callback(self.python.end)
        answer = self.python.ask(code=code, where=where, folder=str(self.folder), variables=self.variables)
        assert answer.code == 0, f"{where}:\n{answer.printed}"
        return answer.printed

    def console(self, block: Block, where: str) -> None:
        """Run the commands of a block, and compare what each prints."""
        typed = "".join(f"{one.strip()}\n" for one in block.says["typed"].split("|")) if "typed" in block.says else ""
        codes = [int(code) for code in block.says.get("exit code", "0").split(",")]
        parts = re.split(r"(?m)^\$ ", block.text)
        assert not parts[0].strip(), f"{where}: a line before the first command"
        for number, part in enumerate(parts[1:], start=1):
            line, _, shown = part.partition("\n")
            while line.endswith("\\"):
                more, _, shown = shown.partition("\n")
                line = f"{line[:-1]} {more.strip()}"
            words = [name for word in shlex.split(line, comments=True) for name in self.there(word)]
            if words[0] != "sdmxmig":
                self.in_shell(words, f"{where}: {line}")
            elif "keeps running" in block.says:
                self.start(words, shown, f"{where}: {line}")
            else:
                answer = self.run(words, typed)
                wanted = codes[number - len(parts)] if len(parts) - number <= len(codes) else 0
                assert answer.code == wanted, f"{where}: {line} ends with {answer.code}\n{answer.printed}"
                assert_shown(shown, answer.printed, where)

    def in_shell(self, words: list[str], where: str) -> None:
        """Do what the shell does for a few words."""
        match words:
            case ["cd", folder]:
                self.folder /= folder
            case ["cp", *sources, target]:
                for source in sources:
                    shutil.copy(self.folder / source, self.folder / target)
            case ["export", setting]:
                self.variables |= dict([setting.replace("$PWD", str(self.folder)).split("=", 1)])
            case ["python", "-c", code, ">", target]:
                (self.folder / target).write_text(self.execute(code, where), encoding="utf-8")
            case _:
                raise AssertionError(f"{where} is not a command of sdmxmig; say why it is not run")

    def run(self, words: list[str], typed: str) -> Answer:
        """Run a command; an example is run once for all pages."""
        match words:
            case ["sdmxmig", "demo", "--example", name] if not typed:
                return self.installation.demo(name, self.folder)
        return self.installation.runner.ask(
            words=words[1:], typed=typed, folder=str(self.folder), variables=self.variables
        )

    def start(self, words: list[str], shown: str, where: str) -> None:
        """Start a command that ends with the page, and wait until it has printed what the page shows."""
        command = self.installation.environment.python.parent / words[0]
        process = subprocess.Popen(
            [command, *words[1:]],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=self.installation.runner.variables | self.variables,
        )
        self.stack.enter_context(process)
        self.stack.callback(process.kill)
        assert process.stdout is not None
        printed = "".join(process.stdout.readline() for _ in shown.strip().splitlines())
        assert_shown(shown, printed, where)

    def there(self, word: str) -> list[str]:
        """The files that match a pattern, as in a shell; the word itself without a match."""
        found = (
            sorted(path.relative_to(self.folder).as_posix() for path in self.folder.glob(word)) if "*" in word else []
        )
        return found or [word]


def assert_shown(shown: str, printed: str, where: str) -> None:
    """Check that the output is as the page shows."""
    if shown.strip():
        assert expected(shown).fullmatch(lines_of(printed)), f"{where} shows:\n{shown}\nIt is:\n{printed}"


def lines_of(printed: str) -> str:
    """The output lines with plain blanks, without empty lines around them and blanks at their ends."""
    printed = re.sub("[\u00a0\u202f]", " ", printed)
    return "".join(f"{line.rstrip()}\n" for line in printed.strip("\n").splitlines())


def test_every_block_of_a_page_is_recognised() -> None:
    """A fence behind the number of a list, or one without an end, would hide what follows it from the reader here."""
    for page in pages():
        lines = page.read_text(encoding="utf-8").splitlines()
        fences = sum(1 for line in lines if "```" in line and not line.strip().startswith("- ``<!--"))
        assert fences == 2 * sum(1 for block in blocks(page) if block.language != "by hand"), page.name
        for block in blocks(page):
            name = block.says.get("file") or block.says.get("append")
            assert name is None or f"`{name}`" in block.before, f"{page.name}, line {block.line}: name {name} before it"
