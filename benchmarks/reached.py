"""A plugin of pytest: which functions of sdmxmig each test reaches, and how long it takes; and a limit of memory.

``pytest -p benchmarks.reached --reached FILE`` writes one line for each test that passed, and one, of no name, for what
was reached while the tests were collected. What a test reaches in another process is not seen.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FrameType

import pytest

PACKAGE = Path(__file__).parents[1] / "sdmxmig"
MEMORY = 12 * 1024**3
"""A program that is wrong may take no more, so that it ends and not the machine."""


class Reached:
    """Notes the functions that are called between two moments."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.codes: dict[int, CodeType] = {}
        self.passed = True

    def trace(self, frame: FrameType, _event: str, _argument: object) -> None:
        """Called by Python whenever a function begins; asks for no more of it."""
        self.codes.setdefault(id(frame.f_code), frame.f_code)

    def begin(self) -> None:
        """Forget what was reached before."""
        self.codes = {}
        self.passed = True
        threading.settrace(self.trace)
        sys.settrace(self.trace)

    def end(self, test: str, seconds: float) -> None:
        """Write what was reached."""
        sys.settrace(None)
        functions = sorted({name for code in tuple(self.codes.values()) if (name := function_of(code))})
        line = json.dumps({"test": test, "seconds": round(seconds, 4), "functions": functions})
        with self.file.open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """What is reached while the tests are read."""
        self.begin()
        result = yield
        self.end("", 0.0)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """What is reached by a test with all that it needs."""
        self.begin()
        start = time.perf_counter()
        result = yield
        if self.passed:
            self.end(item.nodeid, time.perf_counter() - start)
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Only a test that passes now can fail because of a wrong program."""
        self.passed = self.passed and report.passed


def function_of(code: CodeType) -> str:
    """The module, and the outermost function, that a piece of code belongs to; empty if it is not ours."""
    if "sdmxmig" not in code.co_filename or code.co_name == "<module>":
        return ""
    path = Path(code.co_filename)
    if not path.is_relative_to(PACKAGE):
        return ""
    return f"{path.relative_to(PACKAGE).as_posix()}::{code.co_qualname.split('.<locals>')[0]}"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write it; nowhere unless asked."""
    parser.addoption("--reached", default="", help="write which functions each test reaches to this file")


def pytest_configure(config: pytest.Config) -> None:
    """Watch if asked; limit the memory in any case."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    if config.getoption("--reached"):
        config.pluginmanager.register(Reached(Path(config.getoption("--reached"))))
