"""Files that are made to do harm, and what they cost: seconds and memory until they are read or refused.

``python -m benchmarks.hostile_workbooks`` reads each of them in its own process and writes a dated table. Memory is the
peak above what the process had before; the limit of seconds is one of processors, since the machine may be busy.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from benchmarks import hostile_others
from benchmarks.data_speed import RESULTS, memory
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
KINDS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
BLOCK = 10_000
NOISE, NOISE_PER = 20_000, 40
LIMITS = (10.0, 300.0)
"""So many seconds and MiB one of them may cost."""
SLOW, SLOW_SECONDS = (".ods", ".xls", ".xlsb", ".html"), 60.0
"""Files of these formats are read cell by cell, and may take as long as a very large honest one."""
Parts = dict[str, Iterable[str]]


def related(*links: tuple[str, str]) -> list[str]:
    """A part that points to others by kind and target."""
    found = [
        f'<Relationship Id="r{at}" Type="{KINDS}/{kind}" Target="{target}"/>' for at, (kind, target) in enumerate(links)
    ]
    return ["<Relationships>", *found, "</Relationships>"]


def workbook(parts: Parts, *, twice: str = "") -> bytes:
    """A workbook of these parts and the few that every one has; the part `twice` is written two times."""
    written = io.BytesIO()
    sheets = f'<workbook {MAIN}><sheets><sheet name="S" sheetId="1" r:id="r0" xmlns:r="{KINDS}"/></sheets></workbook>'
    always: Parts = {
        "_rels/.rels": related(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": [sheets],
        "xl/_rels/workbook.xml.rels": related(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
        ),
        SHEET: sheet(cell("A1")),
    }
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, texts in {**always, **parts}.items():
            with archive.open(name, "w") as part:
                size = sum(part.write(text.encode()) for text in texts)
                for text in padding(size):
                    part.write(text.encode())
        if twice:
            archive.writestr(twice.upper(), b"<worksheet/>")
    return written.getvalue()


def padding(size: int) -> Iterable[str]:
    """Comments of noise that keep a part of so many bytes below the ratio at which an archive is refused by itself."""
    noise = Random(1)  # noqa: S311 - it keeps no secret
    return (f"<!--{noise.randbytes(NOISE // 2).hex()}-->" for _ in range(size // NOISE_PER // NOISE))


def cell(name: str, value: str = "1") -> str:
    """A cell with a figure."""
    return f'<c r="{name}"><v>{value}</v></c>'


def sheet(*rows: str, before: str = "", after: Iterable[str] = ()) -> Iterable[str]:
    """The XML of a sheet."""
    yield f"<worksheet {MAIN}>{before}<sheetData>"
    yield from rows if rows and rows[0].startswith("<row") else ("<row>", *rows, "</row>")
    yield "</sheetData>"
    yield from after
    yield "</worksheet>"


def repeated(text: str, times: int) -> list[str]:
    """A text so many times, in blocks."""
    return [text * BLOCK] * (times // BLOCK)


def distinct(template: str, times: int) -> Iterable[str]:
    """A template with each number from 1."""
    return ("".join(template.format(n=start + at) for at in range(1, BLOCK + 1)) for start in range(0, times, BLOCK))


def strings(texts: Iterable[str]) -> Parts:
    """Shared strings."""
    return {STRINGS: (f"<sst {MAIN}>", *texts, "</sst>")}


def merges(times: int) -> Iterable[str]:
    """So many merged cells."""
    return ("<mergeCells>", *distinct('<mergeCell ref="A{n}:B{n}"/>', times), "</mergeCells>")


def comments(times: int) -> Parts:
    """So many comments on one cell each."""
    body = distinct('<comment ref="A{n}"><text><t>x</t></text></comment>', times)
    links = related(("comments", "../comments1.xml"))
    return {"xl/worksheets/_rels/sheet1.xml.rels": links, "xl/comments1.xml": ("<comments>", *body, "</comments>")}


LONG = "x" * 1_000_000
CASES: dict[str, Callable[[], bytes]] = {
    "10 M cells in one row, without names": lambda: workbook({SHEET: sheet(*repeated("<c><v>1</v></c>", 10**7))}),
    "10 M cells in one row, all A1": lambda: workbook({SHEET: sheet(*repeated(cell("A1"), 10**7))}),
    "10 M empty cells in one row": lambda: workbook({SHEET: sheet(*repeated("<c/>", 10**7))}),
    "one cell at XFD1048576": lambda: workbook({SHEET: sheet(cell("XFD1048576"))}),
    "a false dimension": lambda: workbook({SHEET: sheet(cell("A1"), before='<dimension ref="A1:XFD1048576"/>')}),
    "300 MB of strings, one letter": lambda: workbook(strings(("<si><t>", *["x" * 10**6] * 300, "</t></si>"))),
    "300 MB of strings of 1 MB": lambda: workbook(strings([f"<si><t>{LONG}</t></si>"] * 300)),
    "300 MB of numbered strings": lambda: workbook(strings(distinct("<si><t>string {n} of many</t></si>", 8_000_000))),
    "a string of 1 MB in 60,000 cells": lambda: workbook(
        {**strings([f"<si><t>{LONG}</t></si>"]), SHEET: sheet(*distinct('<row><c t="s"><v>0</v></c></row>', 60_000))}
    ),
    "a part of 2 GB of blanks": lambda: workbook({SHEET: sheet("<row>", *[" " * 10**6] * 2_000, "</row>")}),
    "depth of 100,000": lambda: workbook({SHEET: sheet(*repeated("<c>", 100_000))}),
    "200,000 attributes": lambda: workbook({SHEET: ("<worksheet", *distinct(' a{n}="1"', 200_000), "/>")}),
    "a member twice": lambda: workbook({}, twice=SHEET),
    "a million merged ranges": lambda: workbook({SHEET: sheet(cell("A1"), after=merges(10**6))}),
    "a million comments": lambda: workbook(comments(10**6)),
    "a million hidden ranges of columns": lambda: workbook(
        {SHEET: sheet(before="<cols>" + '<col min="1" max="16384" hidden="1"/>' * 10**6 + "</cols>")}
    ),
    "a million cell styles": lambda: workbook(
        {"xl/styles.xml": ("<styleSheet><cellXfs>", *repeated('<xf numFmtId="1"/>', 10**6), "</cellXfs></styleSheet>")}
    ),
    "5 M rows without an end": lambda: workbook({SHEET: sheet(*repeated('<row r="1"/>', 5 * 10**6))}),
    "2 M cells of one shared formula": lambda: workbook(
        {SHEET: sheet(*repeated('<c><f t="shared" si="0"/><v>1</v></c>', 2 * 10**6))}
    ),
    "entities that laugh": lambda: workbook(
        {SHEET: ('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>', *sheet(cell("A1", "&b;")))}
    ),
}


def measure(path: Path) -> None:
    """Read one workbook in this process and tell what it took and what was said."""
    read("warm.xlsx", workbook({}))
    content = path.read_bytes()
    before = memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    start, processors = time.perf_counter(), time.process_time()
    try:
        said = f"read: {sum(table.cells.height for table in read(path.name, content))} cells"
    except InputError as error:
        said = f"refused: {error.message}"
    took = [time.perf_counter() - start, time.process_time() - processors]
    print(json.dumps([*took, (memory("VmHWM") - before) / 1024, said]))  # noqa: T201


def main() -> None:
    """Read all of them, each in its own process, and write the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--only", default="", help="cases with this text in their names; no table is written")
    arguments = parser.parse_args()
    if arguments.file:
        measure(arguments.file)
        return
    lines = [
        "# Hostile files",
        "",
        f"{os.cpu_count()} processors; other work when it began: load average {os.getloadavg()[0]:.1f}.",
        "",
        "| file | kB | seconds | CPU s | MiB | what was said | met |",
        "|---" * 7 + "|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, make in {**CASES, **hostile_others.CASES}.items():
            if arguments.only not in name:
                continue
            suffix = Path(name).suffix or ".xlsx"
            path = Path(folder) / f"hostile{suffix}"
            path.write_bytes(make())
            command = [sys.executable, "-m", "benchmarks.hostile_workbooks", "--file", str(path)]
            answer = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)  # noqa: S603
            seconds, processors, peak, said = json.loads(answer.stdout.splitlines()[-1])
            seconds_allowed = SLOW_SECONDS if suffix in SLOW else LIMITS[0]
            met = "yes" if processors <= seconds_allowed and peak <= LIMITS[1] else "**no**"
            said = " ".join(said.split())
            size = path.stat().st_size // 1000
            lines.append(f"| {name} | {size} | {seconds:.2f} | {processors:.2f} | {peak:.0f} | {said} | {met} |")
            print(lines[-1], file=sys.stderr, flush=True)  # noqa: T201
    if not arguments.only:
        RESULTS.mkdir(exist_ok=True)
        text = "\n".join(lines) + "\n"
        (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-hostile-workbooks.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
