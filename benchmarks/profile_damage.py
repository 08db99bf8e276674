"""Forms of the profile damaged in many ways: no answer may ever be read as that of another item, or lost in silence.

Every item has words of its own, so that an answer in a wrong place is noticed whatever happened.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from benchmarks import questionnaire_damage
from benchmarks.questionnaire_damage import Case, Cells, Sent, shifted, swapped
from sdmxmig.catalogue import Catalogue, load
from sdmxmig.catalogue.benchmarking import Profile
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.conversion import tables
from sdmxmig.forms.cells import read_sheet_mark
from sdmxmig.forms.profiles import keys
from sdmxmig.forms.profiles.plan import read_questions
from sdmxmig.forms.profiles.reading import read_form
from sdmxmig.forms.profiles.writing import COLUMN_POSITIONS, write_form
from sdmxmig.primitives.errors import InputError
from sdmxmig.sdmx.frames import CellColumns
from sdmxmig.sdmx.words import read_words

MODULE = "B"
"""The module whose sheet is damaged."""


def sent(catalogue: Catalogue) -> Sent:
    """A short form with words of its own for every item of the module."""
    words = read_words((find_shipped_folder("templates") / "profile" / "words.csv").read_text(encoding="utf-8"))
    form = write_form(Profile("GE", "2026", answers={}, about={}, sources={}), catalogue, words, short=True)
    sheets = tables.read("sent.xlsx", form)
    (table,) = [sheet for sheet in sheets if read_sheet_mark(sheet, keys.FORM_MARK) == MODULE]
    cells = {(row, column): (text, kind) for row, column, text, kind, *_ in table.cells.iter_rows()}
    found = {row: keys.parsed(text) for (row, column), (text, _) in cells.items() if column == 1}
    expected = {key.name: f"Practice {key.name}" for key in found.values() if key and key.kind == keys.ITEM}
    for row, key in found.items():
        if key and key.kind == keys.ITEM:
            cells[row, COLUMN_POSITIONS[keys.PRACTICE]] = (expected[key.name], "text")
    return Sent(catalogue, sheets, cells=cells, expected=expected)


def pair(chance: random.Random, first: int, last: int) -> tuple[int, int]:
    one, two = chance.sample(range(first, last + 1), 2)
    return one, two


def renumbered(cells: Cells, chance: random.Random) -> Cells:
    """The number of an item replaced by that of another one."""
    numbers = [cell for cell in cells if cell[1] == COLUMN_POSITIONS[keys.ID] and cell[0] > 4]
    one, two = chance.sample(numbers, 2)
    return {**cells, one: cells[two]}


DAMAGES: dict[str, Callable[[Cells, random.Random], Cells]] = {
    "rows inserted": lambda cells, chance: shifted(cells, chance.randint(2, 20), chance.randint(1, 3), 0),
    "rows deleted": lambda cells, chance: shifted(cells, chance.randint(1, 20), -chance.randint(1, 3), 0),
    "columns inserted": lambda cells, chance: shifted(cells, chance.randint(2, 12), chance.randint(1, 3), 1),
    "columns deleted": lambda cells, chance: shifted(cells, chance.randint(1, 12), -chance.randint(1, 3), 1),
    "rows sorted": lambda cells, chance: swapped(cells, pair(chance, 5, 18), 0, 1),
    "rows sorted without keys": lambda cells, chance: swapped(cells, pair(chance, 5, 18), 0, 2),
    "columns sorted": lambda cells, chance: swapped(cells, pair(chance, 2, 12), 1, 1),
    "columns sorted without keys": lambda cells, chance: swapped(cells, pair(chance, 2, 12), 1, 2),
    "items renumbered": renumbered,
    "sheet emptied": lambda _, __: {},
}


def cases(count: int) -> list[Case]:
    """So many damages, all kinds in turn."""
    return questionnaire_damage.cases(count, DAMAGES)


class Reader:
    """Reads a damaged form and reports the outcome."""

    def __init__(self) -> None:
        self.sent = sent(load())

    def outcome(self, case: Case) -> str:
        """Return ``read`` if every answer is kept, ``found`` if losses are named, else the fault."""
        chance = random.Random(case.seed)  # noqa: S311 - no secret
        columns = CellColumns()
        for (row, column), (text, kind) in sorted(DAMAGES[case.damage](self.sent.cells, chance).items()):
            columns.add(row, column, text, kind=kind)
        sheets = [
            replace(sheet, cells=columns.frame()) if read_sheet_mark(sheet, keys.FORM_MARK) == MODULE else sheet
            for sheet in self.sent.sheets
        ]
        try:
            profile, findings, _ = read_form(sheets, read_questions(self.sent.catalogue))
        except InputError:
            return "found"
        said = {item: str(answer.practice) for item, answer in profile.answers.items() if answer.practice}
        misread = [item for item, words in said.items() if self.sent.expected.get(item) != words]
        if misread:
            return f"{len(misread)} answers read as others, such as {misread[0]}"
        lost = len(self.sent.expected) - len(said)
        if lost and not findings.items:
            return f"{lost} answers lost in silence"
        return "found" if findings.items else "read"
