"""How fast the workbench answers, and how much memory it takes, seen from a browser's place.

``python -m benchmarks.workbench`` makes Georgia's workspace with all its results, starts ``sdmxmig serve`` on it as
people do, and asks for every screen in English and Arabic: for the first time after a start, and again. It answers
lines of proposed mappings, shows a workbook of 100,000 × 34 cells, and pages through it and through 100,000 findings
while the memory of the server is watched. Times are medians, by the clock from the request to the last byte of the
answer, and of the processor time that the server took for it. One cell of the large workbook is corrected in a
command, with the time and the memory of the whole command. Goals are judged by the processor, since the clock also
counts what else the machine does. It writes a dated table, and ends with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlencode

from benchmarks.data_speed import RESULTS, machine
from benchmarks.region import NOW
from benchmarks.table_cases import WORKBOOK, write_workbook
from sdmxmig.catalogue.folders import shipped
from sdmxmig.reporting.outputs.findings_lines import NAME, RECORD
from sdmxmig.workspace.folder import COUNTRY_FILE
from sdmxmig.workspace.tasks.new_workspace import copy_workspace

PAGE, PREVIEW, WORKBOOK_SHOWN, START, CORRECTED = 0.2, 1.0, 3.0, 2.0, 15.0
"""Limits in seconds for a page, a preview of a mapping, a large workbook, the start, and the correction of a cell."""
CORRECTED_IN = 700
"""Limit of memory for the correction of a cell of a large workbook, in MiB."""
GROWTH = 32
"""By so many MiB the memory of the server may grow while 200 pages are looked at."""
LANGUAGES = ("en", "ar")
ROUNDS, AGAIN = 5, 5
"""So often the server is started, and so often a page is asked for again in each of them."""
ROWS, FINDINGS, PAGED = 100_000, 100_000, 200
FILE, FLOW = "migration.xlsx", "DF_IMM"
GEORGIA, GREAT, OFFICE = "pages/georgia", "findings/georgia", "workbook/office"
"""The workspaces, each alone in a folder, since the screen *Region* looks at all that lie beside each other."""
PAGES = {
    "Home": "/",
    "Data": "/data",
    "Data, a sheet": f"/data?file={FILE}",
    "Mapping": "/mapping",
    "Mapping, a proposal": f"/mapping?file={FILE}&flow={FLOW}",
    "Findings": "/findings",
    "Accounts": "/accounts",
    "Accounts, small cells": "/accounts?view=small",
    "Profile": "/profile",
    "Profile, a module": "/profile?module=A",
    "Report": "/report",
    "Submission": "/submission",
    "Catalogue": "/catalogue",
    "Catalogue, a page of the site": "/catalogue/file/site/{language}/definitions.html",
    "Catalogue, a search": "/catalogue?q=immigration",
    "Region": "/region",
    "Start": "/start",
}
"""Every screen, in the order in which they stand in the rail, with what is looked at on it."""
UNHURRIED = ("Mapping, a proposal",)
"""What is worked out when it is first asked for, and is no page until then."""
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)(/enter\?key=[\w-]+)")
PROCESSOR = 2
"""What makes of the number of a process the name of its clock, which Linux lets run while it is on a processor."""
PATIENCE = 300
PAUSE, QUIET = 3.0, 0.01
"""A server is quiet that takes less than so much of its processor while so many seconds go by."""


@dataclass(frozen=True, slots=True)
class Took:
    """How long something took: seconds of the clock, and seconds of the server's processor."""

    wall: float
    processor: float


@dataclass(slots=True)
class Browser:
    """Somebody who has come into a workbench: its process, the connection, and the cookies that say so."""

    process: subprocess.Popen[str]
    port: int
    _: KW_ONLY
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: Mapping[str, str] | None = None) -> tuple[int, str, bytes]:
        """The status of an answer, where it leads to, and what it holds."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Cookie": cookies, "Sec-Fetch-Site": "same-origin", "Connection": "close"}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        cookie, _, value = (answer.getheader("set-cookie") or "").partition(";")[0].partition("=")
        if cookie:
            self.cookies[cookie] = value
        connection.close()
        return answer.status, answer.getheader("location") or "", content

    def get(self, path: str) -> bytes:
        """A page; raises `RuntimeError` if there is none."""
        status, _, content = self.ask("GET", path)
        if status != 200:
            raise RuntimeError(f"{path} gave {status}: {content[:500]!r}")
        return content

    def facts(self, path: str) -> dict[str, Any]:
        """What a screen says in JSON."""
        facts: dict[str, Any] = json.loads(self.get(path))
        return facts

    def speak(self, language: str) -> None:
        """Read pages in a language from now on."""
        self.ask("POST", "/language", {"language": language, "back": "/"})

    def timed(self, path: str) -> Took:
        """How long a page takes."""
        processor, start = self.processor(), time.perf_counter()
        self.get(path)
        return Took(time.perf_counter() - start, self.processor() - processor)

    def until_quiet(self) -> Took:
        """How long the server is still at work by itself, as it is while somebody reads the first page."""
        begin, start = self.processor(), time.perf_counter()
        now = begin
        while True:
            time.sleep(PAUSE)
            before, now = now, self.processor()
            if now - before < QUIET:
                return Took(time.perf_counter() - start, now - begin)

    def processor(self) -> float:
        """How many seconds of the processor the server has taken until now."""
        return time.clock_gettime(~self.process.pid << 3 | PROCESSOR)

    def memory(self, name: str = "VmRSS") -> float:
        """The memory of the server that is in use, or that was at most (``VmHWM``); in MiB."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024


@contextmanager
def served(workspace: Path, state: Path) -> Iterator[tuple[Browser, Took]]:
    """A workbench that runs, with a browser in it, and how long it took from the command to the first page."""
    command = [sys.executable, "-m", "sdmxmig", "serve", str(workspace)]
    environment = {**os.environ, "XDG_STATE_HOME": str(state)}
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)  # noqa: S603 - our own
    try:
        assert process.stderr is not None  # noqa: S101 - it was started so
        address = next(match for line in process.stderr if (match := ADDRESS.search(line)))
        browser = Browser(process, int(address[1]))
        browser.ask("GET", address[2])
        browser.get("/")
        yield browser, Took(time.perf_counter() - start, browser.processor())
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


def run(*words: str) -> None:
    """Run a command; what it says, and that it has findings, is no matter here."""
    command = [sys.executable, "-m", "sdmxmig", *words, "--now", NOW]
    subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - our own program


def with_results(folder: Path) -> Path:
    """Georgia's workspace with all that the line makes of it, its accounts, protected data and a submission."""
    copy_workspace(shipped("examples") / "georgia", folder)
    for command in ("run", "accounts", "protect", "package"):
        run(command, str(folder))
    return folder


def with_findings(folder: Path, count: int) -> Path:
    """The same workspace with so many findings: those that it has, each again and again under another fingerprint."""
    store = folder / "out" / "findings" / NAME
    records = [json.loads(line) for line in store.read_text(encoding="utf-8").splitlines()]
    own = [record for record in records if record[RECORD] == "finding"]
    grown = [
        {**record, "fingerprint": f"{number:016x}"}
        for number, record in enumerate(itertools.islice(itertools.cycle(own), count))
    ]
    counts = records[0]["counts"]
    for severity in ("error", "warning", "information"):
        counts[severity] = sum(record["severity"] == severity for record in grown)
    for state in ("new", "unchanged"):
        counts[state] = sum(record["state"] == state for record in grown)
    others = [record for record in records if record[RECORD] not in ("finding", "unlisted")]
    at = next(number for number, record in enumerate(others) if record[RECORD] not in ("run", "rule"))
    lines = (json.dumps(record, ensure_ascii=False) for record in [*others[:at], *grown, *others[at:]])
    store.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def with_workbook(folder: Path) -> Path:
    """A new workspace with a workbook of 100,000 × 34 cells."""
    copy_workspace(shipped("templates") / "workspace", folder)
    write_workbook(folder / "tables" / WORKBOOK, ROWS)
    return folder


def middle(times: Sequence[Took]) -> Took:
    """The medians of some times."""
    return Took(median(each.wall for each in times), median(each.processor for each in times))


def met(figure: float, goal: float) -> str:
    """Whether a goal was met, as the table says it."""
    return "yes" if figure <= goal else "**no**"


def pages(workspace: Path, state: Path, rounds: int) -> Iterator[str]:
    """The start, and every screen in each language: when it is first asked for, and again."""
    starts: list[Took] = []
    readies: list[Took] = []
    first: dict[tuple[str, str], list[Took]] = {}
    again: dict[tuple[str, str], list[Took]] = {}
    for _ in range(rounds):
        with served(workspace, state) as (browser, start):
            starts.append(start)
            readies.append(browser.until_quiet())
            for times, repeats in ((first, 1), (again, AGAIN)):
                for language in LANGUAGES:
                    browser.speak(language)
                    browser.get("/")
                    browser.until_quiet()
                    for name, path in PAGES.items():
                        asked = [browser.timed(path.format(language=language)) for _ in range(repeats)]
                        times.setdefault((name, language), []).extend(asked)
    start, ready = middle(starts), middle(readies)
    yield "| the start | s | processor s | goal s | met |\n|---|--:|--:|--:|---|"
    judged = met(start.processor, START)
    yield f"| from the command to the first page | {start.wall:.2f} | {start.processor:.2f} | {START:.0f} | {judged} |"
    yield f"| then, while it is read, the other pages are made ready | {ready.wall:.2f} | {ready.processor:.2f} | | |\n"
    yield "| screen | language | first, ms | processor ms | again, ms | processor ms | goal ms | met |"
    yield "|---|---|--:|--:|--:|--:|--:|---|"
    for (name, language), times in first.items():
        fresh, warm = middle(times), middle(again[name, language])
        cells = [f"{1000 * figure:.0f}" for figure in (fresh.wall, fresh.processor, warm.wall, warm.processor)]
        judged = met(warm.processor if name in UNHURRIED else max(fresh.processor, warm.processor), PAGE)
        yield f"| {name} | {language} | {' | '.join(cells)} | {1000 * PAGE:.0f} | {judged} |"
    yield ""


def previews(workspace: Path, state: Path, rounds: int) -> Iterator[str]:
    """From an answer about a line of a proposal to the page that shows what comes of it, by table and dataflow."""
    yield "| workbook | dataflow | preview s | processor s | goal s | met |\n|---|---|--:|--:|--:|---|"
    with served(workspace, state) as (browser, _):
        browser.until_quiet()
        tables = browser.facts("/mapping.json")["tables"]
        readers = [
            (table["name"], mapping["flow"])
            for table in tables
            for sheet in table["sheets"]
            for mapping in sheet["mappings"]
        ]
        for file, flow in dict.fromkeys(readers):
            times = [preview(browser, file, flow) for _ in range(rounds)]
            took = middle(times)
            cells = f"{took.wall:.2f} | {took.processor:.2f} | {PREVIEW:.0f} | {met(took.processor, PREVIEW)}"
            yield f"| {file} | {flow} | {cells} |"
    yield ""


def preview(browser: Browser, file: str, flow: str) -> Took:
    """Answer an open line as it is proposed, or take an answer back if none is open, and look at what comes of it."""
    about = {"file": file, "flow": flow}
    lines = browser.facts(f"/mapping.json?{urlencode(about)}")["proposal"]["lines"]
    open_lines = [line for line in lines if line["kind"] == "fixed" and line["proposed"] and not line["answer"]]
    line = open_lines[0] if open_lines else next(line for line in lines if line["answer"])
    answer = line["proposed"] if open_lines else "?"
    processor, start = browser.processor(), time.perf_counter()
    status, path, content = browser.ask("POST", "/mapping/do/answer", {**about, f"other:{line['id']}": answer})
    if status != 303:
        raise RuntimeError(f"The answer gave {status}: {content[:500]!r}")
    browser.get(path)
    return Took(time.perf_counter() - start, browser.processor() - processor)


def paged(file: Path, state: Path, paths: Sequence[str], rounds: int) -> tuple[Took, Took, list[float]]:
    """The first page of a long file, all others, and the memory in MiB: after the first page, then, and at most."""
    firsts: list[Took] = []
    workspace = next(folder for folder in file.parents if (folder / COUNTRY_FILE).is_file())
    for number in range(rounds):
        with served(workspace, state) as (browser, _):
            browser.until_quiet()
            file.touch()  # so that it has to be read anew, as one that has just come
            firsts.append(browser.timed(paths[0]))
            if number < rounds - 1:
                continue
            browser.until_quiet()
            memory = [browser.memory()]
            others = [browser.timed(path) for path in paths[1:]]
            memory += [browser.memory(), browser.memory("VmHWM")]
    return middle(firsts), middle(others), memory


def long_ones(folder: Path, state: Path, rounds: int) -> Iterator[str]:
    """A large workbook and very many findings: the first page, and all that follow, with the memory that they take."""
    steps = [1 + number * (ROWS // PAGED) for number in range(PAGED + 1)]
    findings = [number * (FINDINGS // PAGED) for number in range(PAGED + 1)]
    rows = [f"/data?{urlencode({'file': WORKBOOK, 'row': step})}" for step in steps]
    cases = {
        f"a workbook of {ROWS:,} × 34 cells": (folder / OFFICE / "tables" / WORKBOOK, rows, WORKBOOK_SHOWN),
        f"{FINDINGS:,} findings": (
            folder / GREAT / "out" / "findings" / NAME,
            [f"/findings?first={first}" for first in findings],
            WORKBOOK_SHOWN,
        ),
    }
    yield "| what | first page s | processor s | goal s | met | further page ms | processor ms | goal ms | met |"
    yield "|---|--:|--:|--:|---|--:|--:|--:|---|"
    memories = []
    for name, (file, paths, goal) in cases.items():
        first, others, memory = paged(file, state, paths, rounds)
        begin = f"{name} | {first.wall:.2f} | {first.processor:.2f} | {goal:.0f} | {met(first.processor, goal)}"
        further = f"{1000 * others.wall:.0f} | {1000 * others.processor:.0f}"
        yield f"| {begin} | {further} | {1000 * PAGE:.0f} | {met(others.processor, PAGE)} |"
        grown = memory[1] - memory[0]
        cells = " | ".join(f"{figure:.0f}" for figure in (*memory, grown))
        memories.append(f"| {name} | {cells} | {GROWTH} | {met(grown, GROWTH)} |")
    yield f"\n| memory in MiB | after the first page | after {PAGED} more | at most | grown by | goal | met |"
    yield "|---|--:|--:|--:|--:|--:|---|"
    yield from memories
    yield ""


def corrections(workspace: Path, state: Path, rounds: int) -> Iterator[str]:
    """A cell of a large workbook says something else: one that is filled, one that was empty, each with the command."""
    yield "| correction of a cell | s | processor s | goal s | met | memory at most, MiB | goal | met |"
    yield "|---|--:|--:|--:|---|--:|--:|---|"
    for name, cell in {"a filled one": "I50000", "one beyond the others": "AK99999"}.items():
        times, memory = [], 0.0
        for number in range(rounds):
            command = [sys.executable, "-m", "sdmxmig", "correct", str(workspace), f"{WORKBOOK}!Sheet!{cell}"]
            start = time.perf_counter()
            with subprocess.Popen(  # noqa: S603 - our own program
                [*command, "--to", str(1000 + number)],
                stderr=subprocess.DEVNULL,
                env={**os.environ, "XDG_STATE_HOME": str(state)},
            ) as process:
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError(f"The correction of {cell} ended with {process.returncode}.")
            times.append(Took(time.perf_counter() - start, usage.ru_utime + usage.ru_stime))
            memory = max(memory, usage.ru_maxrss / 1024)
        took = middle(times)
        cells = f"{took.wall:.2f} | {took.processor:.2f} | {CORRECTED:.0f} | {met(took.processor, CORRECTED)}"
        yield f"| {name} | {cells} | {memory:.0f} | {CORRECTED_IN} | {met(memory, CORRECTED_IN)} |"
    yield ""


def main() -> int:
    """Time what was asked for, and write the dated table; 1 if a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", choices=("pages", "previews", "long", "corrections"), help="no table is written")
    parser.add_argument("--folder", type=Path, help="where the workspaces lie; those that are there are taken")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = arguments.folder or Path(name)
        state = Path(name) / "state"
        georgia = folder / GEORGIA
        if not georgia.is_dir():
            with_results(georgia)
            shutil.copytree(georgia, folder / GREAT)
            with_findings(folder / GREAT, FINDINGS)
        if not (folder / OFFICE).is_dir():
            with_workbook(folder / OFFICE)
        parts = {
            "pages": lambda: pages(georgia, state, arguments.rounds),
            "previews": lambda: previews(georgia, state, arguments.rounds),
            "long": lambda: long_ones(folder, state, arguments.rounds),
            "corrections": lambda: corrections(folder / OFFICE, state, arguments.rounds),
        }
        lines = ["# Speed of the workbench", "", machine(), ""]
        print("\n".join(lines), flush=True)  # noqa: T201
        for part, measure in parts.items():
            if arguments.only in (None, part):
                for line in measure():
                    print(line, flush=True)  # noqa: T201
                    lines.append(line)
    text = "\n".join(lines).rstrip() + "\n"
    if arguments.only is None:
        (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-workbench.md").write_text(text, encoding="utf-8")
    return int("**no**" in text)


if __name__ == "__main__":
    sys.exit(main())
