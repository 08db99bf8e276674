"""Shared fixtures: a small hand-made dataflow, shipped declarations for commands, and golden files.

The position of this file also lets the tests in the folders below import the modules beside it.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import astuple
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol
from browsing import chromium
from console import Console
from folders import TESTS
from hypothesis import settings
from sampling import Changes, changes_since_main, skipped_cases, summary
from tries import tries

from sdmxmig.sdmx.model.artefacts import Item, ItemScheme, Text
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.data_structures import Component, Dataflow, DataStructure
from sdmxmig.sdmx.model.references import Ref

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# How long a test takes says much of the machine and little of us; the campaigns of `make long` try more examples.
settings.register_profile("sdmxmig", deadline=None, max_examples=tries(90))
settings.load_profile("sdmxmig")

# Tests make few cycles and keep much: to look for them after every 700 objects took a quarter of all their time.
gc.set_threshold(200_000, 20, 50)

SLOWEST = (
    "test_line.py",
    "test_manual.py",
    "test_journey.py",
    "test_everybody.py",
    "test_wheel.py",
    "test_package.py",
    "test_campaigns.py",
    "test_retitled.py",
)
"""Files whose few tests take long: they come first, so that no worker is left alone with one of them at the end."""

DAYS_OF_FOLDERS = {
    "tests/catalogue/": 12,
    "tests/cli/": 16,
    "tests/conversion/": 24,
    "tests/forms/": 16,
    "tests/quality/": 16,
    "tests/records/": 16,
    "tests/reporting/": 16,
    "tests/sdmx/": 24,
    "tests/statistics/": 12,
    "tests/transmission/": 16,
    "tests/web/": 24,
    "tests/workspace/": 16,
}
"""The days within which each case of a parametrized test runs once."""
DAYS_OF_MODULES = 4
"""The days within which the tests without cases of each module of these folders run once, all on the same day."""
EVERY_CASE = "SDMXMIG_WHOLE"
"""The environment variable with which every case runs, and invented cases are tried more often."""

GOLDEN = TESTS / "golden"
CHANGES = pytest.StashKey[Changes]()
SKIPPED = pytest.StashKey[tuple[list[str], int]]()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Run folders in two processes; files, and tests that are debugged, run in one."""
    folders_only = all(Path(arg).is_dir() for arg in config.args)
    is_debugged = config.option.usepdb or config.option.capture == "no" or config.option.collectonly
    if (
        folders_only
        and not is_debugged
        and config.getoption("numprocesses", "missing") is None
        and not hasattr(config, "workerinput")
    ):
        config.option.numprocesses, config.option.dist = 2, "loadfile"


def pytest_configure(config: pytest.Config) -> None:
    """Find the day and what was changed; `pytest_configure_node` passes them to workers."""
    if hasattr(config, "workerinput"):
        config.option.sample_day, *changes = config.workerinput["sample"]
        config.stash[CHANGES] = Changes(*changes)
        return
    config.option.sample_day = config.option.sample_day or date.today().isoformat()  # noqa: DTZ011 - the local day
    config.stash[CHANGES] = Changes() if config.option.every_case else changes_since_main(config.rootpath)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker the day and what was changed."""
    node.workerinput["sample"] = (node.config.option.sample_day, *astuple(node.config.stash[CHANGES]))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put slow modules first, and leave out the cases that do not run today."""
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))
    if config.option.every_case:
        return
    sampled = {item.nodeid: days for item in items if (days := days_of(item))}
    skipped = skipped_cases(sampled, date.fromisoformat(config.option.sample_day), config.stash[CHANGES])
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in skipped])
    items[:] = [item for item in items if item.nodeid not in skipped]
    config.stash[SKIPPED] = (sorted(skipped), len(items))


def days_of(item: pytest.Item) -> int:
    """The days within which a test or case runs once; 0 if it runs each day, as all tests of a named file do."""
    days = next((days for folder, days in DAYS_OF_FOLDERS.items() if item.nodeid.startswith(folder)), 0)
    if item.get_closest_marker("every_day"):
        return 0
    if item.nodeid.endswith("]"):
        return max([days, *(int(mark.args[0]) for mark in item.iter_markers("sampled"))])
    is_named = any(Path(arg.partition("::")[0]).suffix == ".py" for arg in item.config.args)
    marked = [int(mark.args[0]) for mark in item.own_markers if mark.name == "sampled"]
    return 0 if is_named else max([DAYS_OF_MODULES if days else 0, *marked])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Each worker reports its skipped cases; all of them skip the same ones."""
    if hasattr(session.config, "workeroutput") and SKIPPED in session.config.stash:
        session.config.workeroutput["skipped"] = session.config.stash[SKIPPED]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Keep what a worker has told."""
    if "skipped" in getattr(node, "workeroutput", {}):
        node.config.stash[SKIPPED] = node.workeroutput["skipped"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """List the modules whose cases were skipped, and write down each case."""
    skipped, total = config.stash.get(SKIPPED, ([], 0))
    if not skipped:
        return
    terminalreporter.section(f"cases that are not of {config.option.sample_day}")
    for line in summary(skipped, total):
        terminalreporter.write_line(line)
    if getattr(config, "cache", None):
        path = config.cache.mkdir("sampling") / "skipped.txt"
        path.write_text("\n".join(skipped) + "\n", encoding="utf-8")
        terminalreporter.write_line(f"Each of them: {path.relative_to(config.rootpath)}")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """A worker says once that a test has passed: to send five messages of each of 28 000 took 20 seconds and more."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return None
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        if report.when == "call" or not report.passed:
            item.ihook.pytest_runtest_logreport(report=report)
    return True


def pytest_sessionstart(session: pytest.Session) -> None:
    """The second worker begins with the last file, so that each worker compiles half of the files for both.

    Otherwise both compile all files and libraries, which takes each of them half of that time.
    """
    folder = TESTS
    are_all = [Path(arg).resolve() for arg in session.config.args] == [folder]
    if os.environ.get("PYTEST_XDIST_WORKER") != "gw1" or not are_all:
        return
    for path in sorted(folder.rglob("test_*.py"), reverse=True):
        if str(path.parent) not in sys.path:
            sys.path.insert(0, str(path.parent))
        with suppress(Exception, pytest.skip.Exception):  # the collection tells of it
            import_module(path.stem)


def pytest_collection_finish() -> None:
    """Exempt the loaded test files from garbage collection: they stay until the end."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_disks() -> Iterator[None]:
    """Nobody pulls the plug of what tests write: to wait until it is on the disk took a twentieth of their time.

    Tests of that waiting look for the calls; a file that is closed or none is still refused.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="session")
def running_browser() -> Iterator[Browser]:
    """A browser for all tests of a process: to start one for each file took a second of each."""
    with chromium() as running:
        yield running


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """A browser without pages, which are closed before the servers of a file wait for their connections."""
    yield running_browser
    for context in running_browser.contexts:
        context.close()


@pytest.fixture(scope="session", autouse=True)
def shipped_declarations_are_read_once() -> Iterator[None]:
    """Commands take what ships as the tests have read it; reading it took a quarter of their time."""
    from quickly import reuse_loaded_declarations

    with pytest.MonkeyPatch.context() as patch:
        reuse_loaded_declarations(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep files that programs leave on a machine, such as bug reports and lists of recent files, with the tests.

    The workers of a run share the cache.
    """
    base = tmp_path_factory.getbasetemp()
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("t", numbered=False))  # short: names of sockets below it must be
        patch.setattr(tempfile, "tempdir", folder)
        patch.setenv("TMPDIR", folder)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CACHE_HOME", str((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"))
        yield


CODES = {
    "FREQ": ("A", "Q"),
    "REF_AREA": ("GE", "SE"),
    "SEX": ("_T", "M", "F", "_U"),
    "AGE": ("_T", "Y0T14", "Y15T64", "Y_GE65", "_U"),
    "UNIT_MEASURE": ("PS", "PT"),
    "OBS_STATUS": ("A", "B", "E", "M", "O", "P"),
    "UNIT_MULT": ("0", "3"),
}


def _component(id_: str, role: str, attachment: str = "") -> Component:
    codelist = Ref("Codelist", "TEST", id=f"CL_{id_}", version="1.0") if id_ in CODES else None
    data_type = {"OBS_VALUE": "Decimal", "TIME_PERIOD": "ObservationalTimePeriod"}.get(id_, "String")
    concept = Ref("Concept", "TEST", id="CS_TEST", version="1.0", item=id_)
    return Component(
        id_, role, concept=concept, codelist=codelist, data_type="" if codelist else data_type, attachment=attachment
    )


@pytest.fixture
def population_flow() -> Flow:
    """Population by sex and age: four dimensions and time, one attribute at least at every level."""
    components = (
        *(_component(id_, "dimension") for id_ in ("FREQ", "REF_AREA", "SEX", "AGE")),
        _component("TIME_PERIOD", "time"),
        _component("OBS_VALUE", "measure"),
        _component("REF_DATE", "attribute", "dataset"),
        _component("UNIT_MEASURE", "attribute", "series"),
        *(_component(id_, "attribute", "observation") for id_ in ("OBS_STATUS", "UNIT_MULT", "COMMENT_OBS")),
    )
    structure = DataStructure(
        Ref("DataStructure", "TEST", id="DSD_TEST", version="1.0"), Text.of(en="Test"), components=components
    )
    flow = Dataflow(
        Ref("Dataflow", "TEST", id="DF_TEST", version="1.0"), Text.of(en="Population"), structure=structure.ref
    )
    lists = {
        id_: ItemScheme(
            Ref("Codelist", "TEST", id=f"CL_{id_}", version="1.0"), Text(), items=tuple(Item(c, Text()) for c in codes)
        )
        for id_, codes in CODES.items()
    }
    return Flow(flow, structure, codelists=lists, concepts={id_: Text.of(en=id_) for id_ in CODES})


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of our own."""
    parser.addoption("--update-golden", action="store_true", help="write golden files instead of comparing them")
    every_case = bool(os.environ.get(EVERY_CASE))
    parser.addoption("--every-case", action="store_true", default=every_case, help="run every case of large tables")
    parser.addoption("--sample-day", metavar="DATE", default="", help="run the cases of another day (YYYY-MM-DD)")


@pytest.fixture
def console(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    """Commands that run in this process, and what they print."""
    return Console(capfd, monkeypatch)


@pytest.fixture
def readable_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports come as HTML and Markdown."""
    from quickly import write_readably

    write_readably(monkeypatch)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Compare bytes with a golden file, or write it when --update-golden is given."""

    def compare(name: str, content: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        assert path.is_file(), f"{name} is missing; write it with: pytest --update-golden"
        assert content.decode() == path.read_bytes().decode(), f"{name} differs; look, then: pytest --update-golden"

    return compare
