"""A page loaded during a change of results shows the old or the new ones completely, and never fails.

The change is timed to when the page opens one of the result files, from the first to the last.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from quickly import write_readably
from small_validation import NOW, TABLE, workspace
from starlette.testclient import TestClient
from workbenches import OURS, stranger, visitor, workbench

from sdmxmig.cli import run
from sdmxmig.io.publishing.files import publish_file
from sdmxmig.io.publishing.folders import exchange_paths, find_system_exchange
from sdmxmig.web.application import SCREENS
from sdmxmig.web.workbench import Workbench

BRIEF = "/report/file/of/brief-draft.en.html"
PATHS = [
    *(path for screen in SCREENS if screen.rail for path in (screen.path, f"/{screen.name}.json")),
    *(
        "/findings?severity=error",
        "/findings.json?first=1",
        "/profile.json?module=A",
        "/data.json?file=office.csv",
        BRIEF,
    ),
]
TIMES = 20
FEW = ["/findings.json", BRIEF]
WRONG, RIGHT = TABLE.replace("398c", "390"), TABLE.replace("398c", "410").replace("427", "410")
LINE = (["convert"], ["validate"], ["assess"], ["report", "--document", "brief"], ["protect"])


def make(folder: Path, *commands: list[str]) -> None:
    for name, *options in commands:
        assert run([name, str(folder), *options, "--now", NOW, "--quiet"]) in (0, 1)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with results of one table, and beside it those of another one; tests work on copies."""
    place = tmp_path_factory.mktemp("results")
    folder = workspace(place / "ws", WRONG)
    run(["init", str(place / "new"), "--quiet"])
    shutil.copy(place / "new" / "profile.toml", folder / "profile.toml")
    with pytest.MonkeyPatch.context() as patch:
        write_readably(patch)
        make(folder, *LINE)
        shutil.move(folder / "out", place / "others")
        (folder / "tables" / "office.csv").write_text(RIGHT)
        make(folder, *LINE)
    return place


@pytest.fixture
def bench(once: Path, tmp_path: Path) -> Workbench:
    shutil.copytree(once / "others", tmp_path / "others")
    return workbench(Path(shutil.copytree(once / "ws", tmp_path / "ws")))


@dataclass
class Moment:
    results: Path
    others: Path
    left: int = 0

    def looks_at(self, path: object) -> None:
        if self.left and isinstance(path, (str, os.PathLike)) and Path(path).is_relative_to(self.results):
            self.left -= 1
            if not self.left:
                assert exchange_paths(self.others, self.results)


@contextmanager
def watched(moment: Moment) -> Iterator[None]:
    """See every look at a file or folder, before it is done."""

    def seen(call: Callable[..., Any]) -> Callable[..., Any]:
        def look(path: Any, *arguments: Any, **options: Any) -> Any:
            moment.looks_at(path)
            return call(path, *arguments, **options)

        return look

    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((os, "stat"), (os, "listdir"), (io, "open")):
            patch.setattr(module, name, seen(getattr(module, name)))
        yield


@pytest.mark.skipif(find_system_exchange() is None, reason="where folders change places by two renamings")
@pytest.mark.parametrize(
    ("paths", "step"), [pytest.param(FEW, 17, id="sample"), pytest.param(PATHS, 1, id="all", marks=pytest.mark.long)]
)
def test_page_shows_old_or_new_results_completely(
    bench: Workbench, tmp_path: Path, paths: list[str], step: int
) -> None:
    moment, client = Moment(bench.folder / "out", tmp_path / "others"), visitor(bench)
    for path in paths:
        wholes = []
        for _ in range(2):
            exchange_paths(moment.others, moment.results)
            wholes.append(client.get(path).content)
        for at in range(1, 10_000, step):
            moment.left = at
            with watched(moment):
                answer = client.get(path)
            assert answer.status_code == 200, (path, at, answer.text[-800:])
            assert answer.content in wholes, (path, at)
            if moment.left:  # the page has looked less often
                break


def reader(bench: Workbench, over: threading.Event, seen: Counter[tuple[str, int]], seed: int) -> None:
    """Somebody who looks at one page after the other until it is over."""
    client, dice = came_in(bench), random.Random(seed)
    while not over.is_set():
        path = dice.choice(PATHS)
        seen[path, client.get(path).status_code] += 1


def came_in(bench: Workbench) -> TestClient:
    client = stranger(bench)
    client.cookies.set(bench.access.cookie, bench.access.session)
    client.headers.update(OURS)
    return client


@pytest.mark.long
def test_pages_load_while_commands_rebuild_results(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    write_readably(monkeypatch)
    over = threading.Event()
    seen: Counter[tuple[str, int]] = Counter()
    people = [threading.Thread(target=reader, args=(bench, over, seen, seed)) for seed in range(2)]
    for person in people:
        person.start()
    try:
        for number in range(TIMES):
            publish_file(bench.folder / "tables" / "office.csv", (WRONG, RIGHT)[number % 2].encode())
            make(bench.folder, *LINE)
    finally:
        over.set()
        for person in people:
            person.join()
    assert {status for _, status in seen} == {200}, seen
