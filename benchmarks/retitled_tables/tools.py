"""Shared parts of damages: registry of kinds, words, and operations on rows, columns and facts."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable
from typing import Any

from benchmarks.retitled_tables.model import HERE, PARTNERS, Cell, Row, Sheet, Table, number_of, restate

WORDS: dict[str, Any] = tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8"))
Damage = Callable[[Table, random.Random], None]
KINDS: dict[str, Damage] = {}
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
MEMBERS = {
    name: set(codes.split())
    for name, codes in {
        "EU": "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK",
        "NORDIC": "DK FI IS NO SE GB IE EE LV LT",
        "GCC": "AE BH KW OM QA SA IR IQ",
    }.items()
}
CONTINENT = {
    "002": "AO BF CM CV DZ EG ER ET LY MA NG RW SD SN SO TG TN TZ UG ZW KE GH",
    "019": "AR BR CA CL CO CU EC MX PE US VE",
    "142": "AE AF AM AZ BD CN GE ID IN IQ IR JO JP KR KW KZ LB LK NP PH PK QA SA SG SY TH TJ TR UZ VN YE",
    "150": "AT BA BE DE ES FR GB HU IT MD NO PL PT RO RS RU UA",
    "009": "AU NZ",
}


class NotApplicableError(Exception):
    """The damage does not fit this table."""


def kind(name: str) -> Callable[[Damage], Damage]:
    """Register a damage under the id of its kind."""

    def keep(damage: Damage) -> Damage:
        KINDS[name] = damage
        return damage

    return keep


def need(condition: object) -> None:
    if not condition:
        raise NotApplicableError


def word(table: Table, key: str, rng: random.Random) -> Any:
    words = WORDS[key].get(table.base.language)
    need(words)
    return rng.choice(words) if isinstance(words, list) else words


def words_of(table: Table, key: str) -> Any:
    words = WORDS[key].get(table.base.language)
    need(words)
    return words


def alternative(table: Table, key: str, rng: random.Random) -> dict[str, Any]:
    need(key in table.base.alt)
    return dict(rng.choice(table.base.alt[key]))


def figures(table: Table, **facts: str) -> list[Cell]:
    found = [cell for _, _, cell in table.main.figures() if cell.facts is not None]
    return [c for c in found if all(c.said.get(k) == v for k, v in facts.items())]


def put(cells: list[Cell], **facts: str) -> None:
    """Set facts of figures that have such a component (or any, if its name is in capitals that no flow has)."""
    for cell in cells:
        for key, code in facts.items():
            if key in cell.said or key in ("MEASURE", "EXTRA", "REV_STAGE"):
                cell.said[key] = code


def scaled(cells: list[Cell], factor: float, digits: int) -> None:
    """Multiply the numbers of cells."""
    for cell in cells:
        value = number_of(cell.text)
        if value is not None:
            cell.text = f"{value * factor:.{digits}f}"


def territory(cells: list[Cell]) -> None:
    """The figures are of a part of the country: which, must be asked."""
    for cell in cells:
        unknown = {"REF_AREA": "?a", "REGION": "?a"} if "REGION" in cell.said else {"REF_AREA": "?"}
        cell.said.update(unknown)


def is_stock(table: Table) -> bool:
    return any("REF_DATE" in c.said for c in figures(table))


def is_cross(table: Table, heads: int = 0) -> None:
    """Go on only with a cross table, of so many rows of heads."""
    need(table.base.heads and (not heads or len(table.base.heads) == heads))


def label_rows(table: Table) -> list[int]:
    return sorted({r for r, _, _ in table.main.figures()})


def code_of(table: Table, row: int, dim: str) -> str:
    return next((c.facts[dim] for c in table.main.rows[row] if c.facts is not None and dim in c.facts), "")


def head_row(table: Table) -> int:
    return min(r for r, _, c in table.main.cells() if c.role in ("stub", "head", "value"))


def columns(table: Table) -> list[int]:
    return sorted({c for _, c, cell in table.main.figures() if cell.use != "never"})


def total_row(table: Table) -> int:
    is_cross(table)
    dim = table.base.labels[0]
    found = [r for r in label_rows(table) if code_of(table, r, dim) == "_T"]
    need(len(found) == 1)
    return found[0]


def body(table: Table) -> range:
    return range(head_row(table), label_rows(table)[-1] + 1)


def heads(table: Table, dim: str = "TIME_PERIOD") -> list[Cell]:
    return [c for _, _, c in table.main.cells() if c.role in ("head", "label") and c.dim == dim]


def years(table: Table) -> list[int]:
    found = heads(table)
    need(found)
    return sorted({int(m[0]) for c in found if (m := YEAR.search(c.text))})


def retime(table: Table, new: dict[int, tuple[str, str]]) -> None:
    """Give the heads of years other texts and their figures other times: year to text (of the cell) and time."""
    for cell in heads(table):
        match = YEAR.search(cell.text)
        if match and int(match[0]) in new:
            cell.text = new[int(match[0])][0]
    for cell in figures(table):
        year = cell.said.get("TIME_PERIOD", "")
        if year.isdigit() and int(year) in new:
            cell.said["TIME_PERIOD"] = new[int(year)][1]
            if "/P" in new[int(year)][1]:
                cell.said.pop("FREQ", None)


def table_column(table: Table, at: int, cells: dict[int, Cell]) -> None:
    """Put a column into the rows of the table only, so that title and notes stay where they are."""
    sheet = table.main
    for r in body(table):
        row = sheet.rows[r]
        if not row:
            continue
        row.extend(Cell() for _ in range(at - len(row)))
        spans = at < len(row) and row[at].text == "<"
        below = r > head_row(table) and r < label_rows(table)[0] and not table.base.sections
        row.insert(at, cells.get(r, Cell("<") if spans else Cell("^") if below and cells else Cell()))


def new_row(table: Table, label: str, codes: dict[str, str], share: float, rng: random.Random, like: int) -> Row:
    """A row like another one, with a label, other codes and figures drawn at random around a share of its own."""
    row: Row = []
    dim = table.base.labels[0]
    share *= rng.uniform(0.9, 1.1)
    for cell in table.main.rows[like]:
        if cell.role == "label":
            row.append(Cell(label, "label", dim=dim))
        elif cell.facts is not None:
            value = number_of(cell.text) or 0
            facts = dict(cell.facts) | codes
            restate(facts, dim, table.base.group, table.base.area)
            row.append(Cell(str(max(1, round(value * share))), "", dim="", facts=facts, use=cell.use))
        else:
            row.append(Cell(cell.text))
    add_up(row, table.base.heads)
    return row


def add_up(row: Row, dims: list[str]) -> None:
    """Make totals of sex, age or reason in a row the sums of their parts again."""
    for dim in {"SEX", "AGE", "REASON"} & set(dims):
        for cell in row:
            if cell.facts is not None and cell.facts[dim] == "_T":
                rest = {k: v for k, v in cell.facts.items() if k != dim}
                parts = [c for c in row if c.facts and c.facts[dim] != "_T" and c.facts.items() >= rest.items()]
                cell.text = str(sum(int(c.text) for c in parts)) if parts else cell.text


def into_totals(table: Table, row: Row, sign: int = 1) -> None:
    """Add the figures of a row to the total row, so that sums stay right."""
    for cell, other in zip(table.main.rows[total_row(table)], row, strict=False):
        if cell.facts is not None:
            cell.text = str(int(cell.text) + sign * int(other.text))


def relabel(table: Table, text: str, code: str, rng: random.Random, over: str = "") -> None:
    """Put another country's label, with its code, in the place of one (of `over`, if the table has it)."""
    dim = table.base.partner
    need(dim and table.base.sections != "continent")
    named = {c for cell in figures(table) if (c := cell.said[dim]) not in ("_T", "_O", "_U", "STLS")}
    named.discard(table.base.area)
    need(code not in named)
    old = "_O" if code == "_O" else over if over in named else rng.choice(sorted(named))
    rows = {r for r in label_rows(table) if code_of(table, r, dim) == old}
    need(rows)
    for r in rows:
        for cell in table.main.rows[r]:
            if cell.role == "label" and cell.dim == dim:
                cell.text = text
            elif cell.facts is not None:
                cell.facts[dim] = code


def note(table: Table, text: str) -> None:
    """Put a line below the table."""
    table.main.rows.append([Cell(text, "note")])


def regroup(table: Table, group: str) -> None:
    """The whole table is of another population group: set the status of all figures."""
    for cell in figures(table):
        for dim in PARTNERS:
            if dim == table.base.partner or (dim == "C_CITIZEN" and dim in cell.said):
                restate(cell.said, dim, group, table.base.area)


def split_rows(table: Table, head: str, texts: list[str], after: str) -> list[tuple[Cell, int]]:
    """Double each row of a long table by a further column; returns the figures with the number of their text."""
    need(table.base.long)
    sheet = table.main
    start, top = head_row(table), label_rows(table)
    at = next(c for c, cell in enumerate(sheet.rows[start]) if cell.dim == after) + 1
    made: list[tuple[Cell, int]] = []
    rows: list[Row] = []
    for r, row in enumerate(sheet.rows):
        if r == start:
            row.insert(at, Cell(head, "extra"))
            rows.append(row)
        elif r in top:
            value = int(row[-1].text)
            for n, (text, part) in enumerate(zip(texts, (value * 3 // 5, value - value * 3 // 5), strict=True)):
                twin = [
                    Cell(c.text, c.role, dim=c.dim, facts=dict(c.facts) if c.facts is not None else None, use=c.use)
                    for c in row
                ]
                twin[-1].text = str(part)
                twin.insert(at, Cell(text, "extra"))
                made.append((twin[-1], n))
                rows.append(twin)
        else:
            rows.append(row)
    sheet.rows = rows
    return made


def copy_sheet(table: Table, name: str) -> Sheet:
    """A copy of the main sheet behind it; its figures may be left out, but must not be read wrongly."""
    twin = table.main.copy()
    twin.name = name
    for _, _, cell in twin.figures():
        cell.use = "may"
    table.sheets.append(twin)
    return twin
