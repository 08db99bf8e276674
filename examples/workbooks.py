"""Make the workbooks of the example workspaces from the figures in their CSV files.

Run ``python examples/workbooks.py``. Each workspace declares its content: ``figures/*.csv`` has one row per published
figure (with confidence mark and source keys), ``figures/sources.csv`` the citations, ``figures/workbooks.toml`` the
layout of tables. The workspace with planted faults is made from the one of Georgia and ``georgia-faults/faults.csv``.
The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from sheets import NO_BREAK_SPACE, Country, Figure, write_sheet

HERE = Path(__file__).parent
COUNTRIES = ("georgia", "moldova", "norway", "sweden", "chile", "colombia", "mexico", "peru")
FAULTY = "georgia-faults"
LABELS = {"source": "Source", "sources": "Sources", "notes": "Notes"}  # unless a country declares its own
WRITTEN = datetime(2026, 1, 1)  # noqa: DTZ001 - openpyxl wants a naive time; any fixed one serves


def read_rows(path: Path) -> tuple[Figure, ...]:
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def read_country(folder: Path) -> Country:
    """Everything that the workbooks of a country are made from; `folder` is its ``figures`` folder."""
    declared = tomllib.loads((folder / "workbooks.toml").read_text(encoding="utf-8"))
    files = sorted({layout["figures"] for layout in declared["sheet"]})
    return Country(
        notice=declared["notice"],
        coverage=declared.get("coverage", ""),
        layouts=tuple(declared["sheet"]),
        figures={name: read_rows(folder / name) for name in files},
        sources={row["key"]: row for row in read_rows(folder / "sources.csv")},
        labels={**LABELS, **declared.get("labels", {})},
    )


def build(country: Country) -> dict[str, Workbook]:
    """All workbooks of a country, by file name."""
    workbooks: dict[str, Workbook] = {}
    for layout in country.layouts:
        name = layout["workbook"]
        if name not in workbooks:
            workbooks[name] = Workbook()
            workbooks[name].remove(workbooks[name].worksheets[0])
            workbooks[name].properties.creator = "sdmxmig"
            workbooks[name].properties.title = country.notice
            workbooks[name].properties.created = WRITTEN
        write_sheet(workbooks[name].create_sheet(layout["name"]), layout, country)
    return workbooks


def content(workbook: Workbook) -> bytes:
    """Write a workbook deterministically.

    The archive is rewritten with one date for all its members and without compression, so that the bytes do not
    depend on the clock, the system or the version of the compression library.
    """
    written = io.BytesIO()
    workbook.save(written)
    moment = WRITTEN.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    stable = io.BytesIO()
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(stable, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            member = zipfile.ZipInfo(name, date_time=WRITTEN.timetuple()[:6])
            member.create_system = 3
            body = source.read(name)
            if name == "docProps/core.xml":  # saving always stamps the time of writing
                body = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + moment, body)
            target.writestr(member, body)
    return stable.getvalue()


def plant(workbooks: Mapping[str, Workbook], faults: Sequence[Figure], notice: str) -> None:
    """Put each declared fault into its cell, and a notice on every sheet.

    Raises ValueError if a cell does not hold what the list of faults says it held before.
    """
    for fault in faults:
        cell = workbooks[fault["workbook"]][fault["sheet"]][fault["cell"]]
        before = "" if cell.value is None else str(cell.value).replace(NO_BREAK_SPACE, " ")
        if before != fault["was"]:
            raise ValueError(f"{fault['workbook']} › {fault['sheet']} › {fault['cell']}: holds {before!r}")
        is_number = re.fullmatch(r"-?\d+(\.\d+)?", fault["is"]) is not None
        cell.value = (float(fault["is"]) if "." in fault["is"] else int(fault["is"])) if is_number else fault["is"]
    for workbook in workbooks.values():
        workbook.properties.title = notice
        for sheet in workbook.worksheets:
            sheet["A4"].value = notice


def faults_page(faults: Sequence[Figure]) -> str:
    """The list of planted faults as a page that people read."""
    lines = [
        "# Georgia with planted faults",
        "",
        "A copy of the example `georgia` with deliberate faults in its workbooks, to show how sdmxmig reports them:",
        "run `sdmxmig demo --example georgia-faults`. It ends with exit code 1.",
        "",
        "**Demonstration workbooks, not Geostat publications.** The true figures are those of `examples/georgia`;",
        "the example makes no statement about Geostat's statistics. Everything but `faults.csv` is written by",
        "`python examples/workbooks.py`.",
        "",
        "| Workbook | Sheet | Cell | Was | Is | Fault | Expected finding | Rule | Severity | Reported at |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    columns = ("workbook", "sheet", "cell", "was", "is", "wrong", "finding", "rule", "severity", "reported_at")
    lines += ["| " + " | ".join(fault[column] or "(empty)" for column in columns) + " |" for fault in faults]
    return "\n".join(lines) + "\n"


def make(examples: Path, into: Path) -> None:
    """Write all workbooks, and the workspace with planted faults, below the folder `into`."""
    for name in COUNTRIES:
        for file, workbook in build(read_country(examples / name / "figures")).items():
            write(into / name / "tables" / file, content(workbook))
    faults = read_rows(examples / FAULTY / "faults.csv")
    georgia = read_country(examples / "georgia" / "figures")
    workbooks = build(georgia)
    plant(workbooks, faults, f"{georgia.notice}. Faults have been planted in it on purpose.")
    for file, workbook in workbooks.items():
        write(into / FAULTY / "tables" / file, content(workbook))
    write(into / FAULTY / "README.md", faults_page(faults).encode())
    declarations = ["country.toml", "profile.toml", *(f"mappings/{p.name}" for p in mappings(examples / "georgia"))]
    for declaration in declarations:
        copy = into / FAULTY / declaration
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(examples / "georgia" / declaration, copy)


def mappings(workspace: Path) -> list[Path]:
    return sorted((workspace / "mappings").glob("*.toml"))


def write(path: Path, body: bytes) -> None:
    """Write a file and create its folder if necessary."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)


if __name__ == "__main__":
    make(HERE, HERE)
