"""Questionnaires damaged in many ways: no figure may ever be read as another one, and what is lost must be named.

Every figure of the questionnaire is a number of its own, so that a figure in a wrong place of the cube is noticed
whatever happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, replace

from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.conversion import tables
from sdmxmig.forms.questionnaires import keys, plan, read, read_layouts, write_workbook
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.model.tables import Cell, Table
from sdmxmig.sdmx.words import read_words

FLOW = "DF_ESTAT_DEMO_PJAN"
Cells = dict[Cell, tuple[str, str]]


@dataclass(frozen=True, eq=False)
class Sent:
    """A filled-in form: its sheets, the cells of the damaged one, and the keys or words that belong together."""

    catalogue: Catalogue
    sheets: tuple[Table, ...]
    _: KW_ONLY
    cells: Cells
    expected: Mapping[str, object]


def sent(catalogue: Catalogue) -> Sent:
    """A questionnaire with a number of its own in every cell."""
    folder = find_shipped_folder("templates") / "questionnaire"
    layouts = read_layouts((folder / "tables.toml").read_bytes())
    words = read_words((folder / "words.csv").read_text(encoding="utf-8"))
    asked = plan(catalogue, catalogue.flow(FLOW), layouts, area="GE", years=(2022, 2024))
    sheets = tables.read("sent.xlsx", write_workbook(asked, catalogue, words))
    (table,) = [sheet for sheet in sheets if sheet.sheet == "T1"]
    cells = {(row, column): (text, kind) for row, column, text, kind, *_ in table.cells.iter_rows()}
    rows = [row for (row, column), (text, _) in cells.items() if column == 1 and text.startswith(keys.ROW)]
    columns = [column for (row, column), (text, _) in cells.items() if row == 1 and text.startswith(keys.VALUE)]
    for number, cell in enumerate((row, column) for row in rows for column in columns):
        cells[cell] = (str(100_003 + 7 * number), "number")
    plain = Sent(catalogue, sheets, cells=cells, expected={})
    return replace(plain, expected={value: key for key, value in figures(plain, cells)[0]})


def figures(one: Sent, cells: Cells) -> tuple[list[tuple[tuple[str, ...], str]], int]:
    """Return the figures read from cells with their keys, and the number of findings on headers."""
    columns = CellColumns()
    for (row, column), (text, kind) in cells.items():
        columns.add(row, column, text, kind=kind)
    sheets = [replace(sheet, cells=columns.frame()) if sheet.sheet == "T1" else sheet for sheet in one.sheets]
    answers = read(sheets, one.catalogue)
    structure = answers.dataset.flow.structure
    frame = answers.dataset.observations.select([*structure.key, structure.measure.id])
    about = [finding for finding in answers.findings.items if finding.rule != "MIG-0-204"]
    return [(tuple(row[:-1]), row[-1]) for row in frame.iter_rows()], len(about)


def shifted(cells: Cells, at: int, by: int, axis: int) -> Cells:
    """Rows (axis 0) or columns (axis 1) inserted before a place, or (`by` negative) deleted there."""
    found: Cells = {}
    for cell, content in cells.items():
        place = cell[axis]
        if by < 0 and at <= place < at - by:
            continue
        moved = place + by if place >= at else place
        found[(moved, cell[1]) if axis == 0 else (cell[0], moved)] = content
    return found


def swapped(cells: Cells, pair: tuple[int, int], axis: int, least: int) -> Cells:
    """Two rows or columns exchanged, from the column or row `least` on: 1 with their hidden keys, 2 without."""
    other = {pair[0]: pair[1], pair[1]: pair[0]}
    found: Cells = {}
    for cell, content in cells.items():
        place = other.get(cell[axis], cell[axis]) if cell[1 - axis] >= least else cell[axis]
        found[(place, cell[1]) if axis == 0 else (cell[0], place)] = content
    return found


def labels(cells: Cells) -> list[Cell]:
    return [cell for cell, (_, kind) in cells.items() if kind == "text" and (cell[1] == 2 or cell[0] in (5, 6))]


def with_label(cells: Cells, chance: random.Random, *, other: bool) -> Cells:
    """Replace a header by another one or an unknown text."""
    listed = labels(cells)
    cell = chance.choice(listed)
    text = cells[chance.choice(listed)][0] if other else f"x{chance.random()}"
    return {**cells, cell: (text, "text")}


def labels_exchanged(cells: Cells, chance: random.Random) -> Cells:
    one, two = chance.sample(labels(cells), 2)
    return {**cells, one: cells[two], two: cells[one]}


def pair(chance: random.Random) -> tuple[int, int]:
    one, two = chance.sample(range(3, 30), 2)
    return one, two


DAMAGES: dict[str, Callable[[Cells, random.Random], Cells]] = {
    "rows inserted": lambda cells, chance: shifted(cells, chance.randint(2, 30), chance.randint(1, 3), 0),
    "rows deleted": lambda cells, chance: shifted(cells, chance.randint(2, 30), -chance.randint(1, 3), 0),
    "columns inserted": lambda cells, chance: shifted(cells, chance.randint(2, 20), chance.randint(1, 3), 1),
    "columns deleted": lambda cells, chance: shifted(cells, chance.randint(2, 20), -chance.randint(1, 3), 1),
    "rows sorted": lambda cells, chance: swapped(cells, pair(chance), 0, 1),
    "rows sorted without keys": lambda cells, chance: swapped(cells, pair(chance), 0, 2),
    "columns sorted": lambda cells, chance: swapped(cells, pair(chance), 1, 1),
    "columns sorted without keys": lambda cells, chance: swapped(cells, pair(chance), 1, 2),
    "header renamed": lambda cells, chance: with_label(cells, chance, other=False),
    "header copied": lambda cells, chance: with_label(cells, chance, other=True),
    "headers exchanged": labels_exchanged,
}


@dataclass(frozen=True)
class Case:
    """A damage: its kind and seed."""

    id: str
    damage: str
    _: KW_ONLY
    seed: int


def cases(count: int, kinds: Iterable[str] = DAMAGES) -> list[Case]:
    """So many damages, all kinds in turn."""
    names = list(kinds)
    return [
        Case(f"{number} {names[number % len(names)]}", names[number % len(names)], seed=number)
        for number in range(count)
    ]


class Reader:
    """Reads a damaged questionnaire and reports the outcome."""

    def __init__(self) -> None:
        self.sent = sent(load())

    def outcome(self, case: Case) -> str:
        """Return ``read`` if every figure is kept, ``found`` if losses are named, else the fault."""
        chance = random.Random(case.seed)  # noqa: S311 - no secret
        read_back, noticed = figures(self.sent, DAMAGES[case.damage](self.sent.cells, chance))
        misread = [value for key, value in read_back if self.sent.expected.get(value, key) != key]
        if misread:
            return f"{len(misread)} figures read as others, such as {misread[0]}"
        lost = len(self.sent.expected) - len(read_back)
        if lost > 0 and not noticed:
            return f"{lost} figures lost in silence"
        return "found" if noticed else "read"
