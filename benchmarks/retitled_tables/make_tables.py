"""Makes the 2,000 tables of the planted campaign.

`cases()` yields them one by one, using only the files next to this one.
"""

from __future__ import annotations

import copy
import csv
import hashlib
import random
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache

import benchmarks.retitled_tables.kinds_cells
import benchmarks.retitled_tables.kinds_plain
import benchmarks.retitled_tables.kinds_title  # noqa: F401 - registers its kinds
from benchmarks.retitled_tables.model import (
    HERE,
    Sheet,
    Table,
    load_base,
    place,
    to_csv,
    to_markdown,
    to_xlsx,
    value_of,
)
from benchmarks.retitled_tables.tools import KINDS, NotApplicableError

CASES = 2000
TRIES = 60
RIGHT_TO_LEFT = ("ar",)


@dataclass(frozen=True)
class Figure:
    """The correct reading of the figure in a cell."""

    sheet: str
    cell: str
    _: KW_ONLY
    value: str
    use: str  # must, may, never
    components: dict[str, str]


@dataclass(frozen=True)
class Kind:
    """A row of kinds.csv."""

    id: str
    family: str
    _: KW_ONLY
    harm: bool
    languages: tuple[str, ...]
    count: int


@dataclass(frozen=True)
class Case:
    """A damaged table with its truth, and the table before the damage."""

    id: str
    base: str
    _: KW_ONLY
    kind: Kind
    language: str
    dataflow: str
    area: str
    file_name: str
    content: bytes
    truth: list[Figure]
    base_content: bytes
    base_truth: list[Figure]


@cache
def kinds() -> list[Kind]:
    with (HERE / "kinds.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        count = round(float(row["rate"].rstrip("%")) * CASES / 100)
        languages = tuple(row["languages"].split())
        found.append(Kind(row["id"], row["family"], harm=row["harm"] == "yes", languages=languages, count=count))
    return found


@cache
def base_names() -> list[str]:
    return sorted(path.stem for path in (HERE / "base").glob("B??.toml"))


@cache
def pristine(name: str) -> Table:
    return load_base(name)


def content(table: Table) -> bytes:
    if table.base.file.endswith(".csv"):
        return to_csv(table.main, table.base.delimiter)
    return to_xlsx(table.sheets, right_to_left=table.base.language in RIGHT_TO_LEFT)


def truth(sheets: list[Sheet]) -> list[Figure]:
    """The figures of all sheets, with place and components."""
    found = []
    for sheet in sheets:
        for r, c, cell in sheet.figures():
            found.append(
                Figure(sheet.name, place(r, c), value=value_of(cell), use=cell.use, components=dict(cell.said))
            )
    return found


def damaged(base: str, kind: str, attempt: int) -> Table | None:
    """A base with a damage, or None where it does not fit."""
    table = copy.deepcopy(pristine(base))
    try:
        KINDS[kind](table, random.Random(f"{base} {kind} {attempt}"))  # noqa: S311 - a seed
    except NotApplicableError:
        return None
    return table


def drawn(kind: Kind) -> Iterator[tuple[str, Table]]:
    """As many different tables of a kind as its rate asks for, taken from the bases in turn."""
    bases = [b for b in base_names() if not kind.languages or pristine(b).base.language in kind.languages]
    start = int(hashlib.sha256(kind.id.encode()).hexdigest(), 16) % max(1, len(bases))
    seen: set[str] = {to_markdown(pristine(b).sheets) for b in bases}
    left = kind.count
    for attempt in range(TRIES):
        for base in bases[start:] + bases[:start]:
            if not left:
                return
            table = damaged(base, kind.id, attempt)
            text = to_markdown(table.sheets) if table else ""
            if table and text not in seen:
                seen.add(text)
                left -= 1
                yield base, table
    if left:
        raise ValueError(f"{kind.id}: {left} tables are missing; its rate is too high")


def cases(only: set[str] | None = None) -> Iterator[Case]:
    number = 0
    for kind in kinds():
        names = [f"P{at:04d}" for at in range(number + 1, number + 1 + kind.count)]
        number += kind.count
        if only and only.isdisjoint(names):
            continue
        for name, (base, table) in zip(names, drawn(kind), strict=False):
            if only and name not in only:
                continue
            old = pristine(base)
            yield Case(
                id=name,
                base=base,
                kind=kind,
                language=table.base.language,
                dataflow=table.base.dataflow,
                area=table.base.area,
                file_name="table.csv" if table.base.file.endswith(".csv") else "table.xlsx",
                content=content(table),
                truth=truth(table.sheets),
                base_content=content(old),
                base_truth=truth(old.sheets),
            )
