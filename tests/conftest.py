"""What many tests need: a small dataflow, made by hand, what ships for commands, and golden files.

That this file stands here also lets the tests in the folders below import the modules beside it.
"""

from __future__ import annotations

import gc
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol
from browsing import chromium
from folders import TESTS
from hypothesis import settings
from tries import WHOLE, tries

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

SEED, FEWEST = 20261121, 9
"""By what the samples of `sampled` tests are drawn; tests with fewer cases are run whole."""
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

FAMILIES = {"tests/conversion/test_map_": 4, "tests/web/": 2} | dict.fromkeys(
    [
        f"tests/{folder}/"
        for folder in (
            *("sdmx/formats", "reporting/outputs", "transmission/test_pull", "conversion/recognition"),
            *("quality/rules", "conversion/tables"),
        )
    ],
    3,
)
"""Files with thousands of small tables and messages, and of how many cases of a test one is tried for each change."""

GOLDEN = TESTS / "golden"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave all but every n-th case of a test out that is marked ``sampled(n)``, the same ones in every run."""
    for item in items:
        every = next((every for family, every in FAMILIES.items() if item.nodeid.startswith(family)), 0)
        if every and not item.get_closest_marker("sampled"):
            item.add_marker(pytest.mark.sampled(every))
    items.sort(key=lambda item: SLOWEST.index(item.path.name) if item.path.name in SLOWEST else len(SLOWEST))
    if os.environ.get(WHOLE):
        return
    groups: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sampled"):
            groups.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left: set[str] = set()
    for name, cases in groups.items():
        every = int(cases[0].get_closest_marker("sampled").args[0])  # type: ignore[union-attr]
        if len(cases) >= FEWEST:
            kept = random.Random(f"{SEED} {name}").sample(range(len(cases)), -(-len(cases) // every))
            left |= {case.nodeid for at, case in enumerate(cases) if at not in kept}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in left])
    items[:] = [item for item in items if item.nodeid not in left]


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
    """The second worker begins with the last file: what a worker has compiled, the other one reads.

    Both read all files. To compile them, and the libraries, took each of them half of that time.
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
    """What the files of tests have read stays to the end, so that nobody looks there for what may be thrown away."""
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_wait_for_disks() -> Iterator[None]:
    """Nobody pulls the plug of what tests write: to wait until it is on the disk took a twentieth of their time.

    Tests of that waiting look for the calls; a file that is closed or none is still refused.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", os.fstat)
        yield


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What programs leave on a machine, such as reports of bugs and lists of what was opened, stays with the tests."""
    with pytest.MonkeyPatch.context() as patch:
        folder = str(tmp_path_factory.mktemp("t", numbered=False))  # short: names of sockets below it must be
        patch.setattr(tempfile, "tempdir", folder)
        patch.setenv("TMPDIR", folder)
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
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


@pytest.fixture
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands take what ships as the tests have read it already."""
    from quickly import take_what_is_read

    take_what_is_read(monkeypatch)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files change only when they are asked to, and the change is reviewed as a difference."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


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
