"""The sheets of a questionnaire with one row an entry: notes on figures, and further figures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sdmxmig.forms.cells import Filled, cells_of
from sdmxmig.forms.noticed import Noticed
from sdmxmig.model.data import Flow
from sdmxmig.model.tables import Cell, Table
from sdmxmig.questionnaires import keys
from sdmxmig.questionnaires.answers import NO_NUMBER, Names, number
from sdmxmig.questionnaires.grid_reading import Entry
from sdmxmig.questionnaires.prefill import NONE


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the codes of its dimensions, what it says of attributes and the figure, and the cell of each."""

    key: Mapping[str, str]
    said: Mapping[str, Filled]
    cells: Mapping[str, Cell]
    table: Table
    names: Names

    def answers(self) -> Iterator[tuple[str, str | None]]:
        """The attributes with their codes or texts, None for “not given”."""
        for name, one in self.said.items():
            text = one.text.strip()
            yield name, None if text == NONE else self.names.code(name, text)


def read_rows(table: Table, names: Names) -> Iterator[Row]:
    """The rows that hold anything, below the head."""
    cells = cells_of(table)
    across = {column: key for (row, column), one in cells.items() if row == 1 and (key := keys.parsed(one.text))}
    heads = [row for (row, column), one in cells.items() if column == 1 and one.text.startswith(keys.HEADER)]
    rows: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        if heads and row > heads[0] and column in across and cells[row, column].text.strip():
            rows.setdefault(row, []).append(column)
    for row, columns in rows.items():
        pairs = {
            across[column].name: names.code(across[column].name, cells[row, column].text)
            for column in columns
            if across[column].kind == keys.LABEL
        }
        said = {across[column].name: cells[row, column] for column in columns if across[column].kind == keys.ATTRIBUTE}
        yield Row(pairs, said, {across[column].name: (row, column) for column in columns}, table, names)


def apply_notes(entries: Iterable[Entry], notes: Iterable[Row]) -> None:
    """Give the figures that a note is about what it says; a later note counts more than an earlier one."""
    by_dimensions: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[int, Row]]]] = {}
    for number_, note in enumerate(notes):
        names = tuple(sorted(note.key))
        codes = tuple(note.key[name] for name in names)
        by_dimensions.setdefault(names, {}).setdefault(codes, []).append((number_, note))
    for entry in entries:
        fitting = [
            one
            for names, known in by_dimensions.items()
            for one in known.get(tuple(entry.values.get(name, "") for name in names), ())
        ]
        for _, note in sorted(fitting, key=lambda pair: pair[0]):
            entry.said.update(note.answers())


def entries_of(rows: Iterable[Row], flow: Flow, whole: Mapping[str, str], noticed: Noticed) -> Iterator[Entry]:
    """The figures of the sheet for further figures; country and frequency are those of the questionnaire, if empty."""
    measure = flow.structure.measures[0].id
    for row in rows:
        key = {**{name: code for name, code in whole.items() if name in flow.structure}, **row.key}
        entry = Entry(key, dict(row.cells), row.table, is_in_grid=False)
        entry.cells.setdefault(measure, min(row.cells.values()))
        if measure in row.said:
            written = number(row.said[measure])
            if written is None:
                place = row.table.place(*row.cells[measure])
                noticed.add(NO_NUMBER, [place], measure, said=row.said[measure].text.strip())
                continue
            entry.values[measure] = written
        entry.said.update((name, value) for name, value in row.answers() if name != measure)
        yield entry
