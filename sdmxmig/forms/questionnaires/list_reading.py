"""Reading of notes and further figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from sdmxmig.forms.cells import FilledCell, cells_of
from sdmxmig.forms.questionnaires import keys
from sdmxmig.forms.questionnaires.answers import CodeNames, number
from sdmxmig.forms.questionnaires.grid_reading import FigureEntry
from sdmxmig.forms.questionnaires.prefill import NONE
from sdmxmig.forms.questionnaires.unasked import look_for_unasked
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.finding_collector import FindingCollector
from sdmxmig.sdmx.model.rule_ids import RuleId
from sdmxmig.sdmx.model.tables import Cell, Table


@dataclass(frozen=True, slots=True)
class ListRow:
    """A row: codes, attributes, figure, cells."""

    key: Mapping[str, str]
    filled: Mapping[str, FilledCell]
    _: KW_ONLY
    cells: Mapping[str, Cell]
    table: Table
    names: CodeNames

    def answers(self) -> Iterator[tuple[str, str | None]]:
        for name, filled in self.filled.items():
            text = filled.text.strip()
            yield name, None if text == NONE else self.names.code(name, text)


def read_rows(table: Table, names: CodeNames, collector: FindingCollector) -> Iterator[ListRow]:
    cells = cells_of(table)
    across = columns_in(cells)
    head = min(
        (row for (row, column), filled in cells.items() if column == 1 and filled.text.startswith(keys.HEADER)),
        default=1,
    )
    rows: dict[int, list[int]] = {}
    for row, column in sorted(cells):
        if row > head and column in across and cells[row, column].text.strip():
            rows.setdefault(row, []).append(column)
    for row, columns in rows.items():
        pairs = {
            across[column].name: names.code(across[column].name, cells[row, column].text)
            for column in columns
            if across[column].kind == keys.LABEL
        }
        answers = {
            across[column].name: cells[row, column] for column in columns if across[column].kind == keys.ATTRIBUTE
        }
        yield ListRow(
            pairs, answers, cells={across[column].name: (row, column) for column in columns}, table=table, names=names
        )
    look_for_unasked(table, cells, lambda cell, _: cell[0] <= head or cell[1] in (1, *across), collector)


def columns_in(cells: Mapping[Cell, FilledCell]) -> dict[int, keys.CellKey]:
    across = {column: keys.parsed(filled.text) for (row, column), filled in cells.items() if row == 1 and column > 1}
    return {column: key for column, key in across.items() if key}


def lacking_columns(table: Table, sent: Iterable[keys.CellKey]) -> list[str]:
    counts = Counter(columns_in(cells_of(table)).values())
    return [key.name or key.kind for key in sent if counts[key] != 1]


def apply_notes(entries: Iterable[FigureEntry], notes: Sequence[ListRow], collector: FindingCollector) -> None:
    """Apply notes; later ones take precedence, unused ones are reported."""
    used_notes: set[int] = set()
    by_dimensions: dict[tuple[str, ...], dict[tuple[str, ...], list[tuple[int, ListRow]]]] = {}
    for number_, note in enumerate(notes):
        names = tuple(sorted(note.key))
        codes = tuple(note.key[name] for name in names)
        by_dimensions.setdefault(names, {}).setdefault(codes, []).append((number_, note))
    for entry in entries:
        fitting = [
            numbered_note
            for names, notes_by_codes in by_dimensions.items()
            for numbered_note in notes_by_codes.get(tuple(entry.values.get(name, "") for name in names), ())
        ]
        for number_, note in sorted(fitting, key=lambda pair: pair[0]):
            entry.answers.update(note.answers())
            used_notes.add(number_)
    for number_, note in enumerate(notes):
        if number_ not in used_notes or not note.filled:
            collector.add(RuleId.UNUSED_NOTE, [note.table.place(*min(note.cells.values()))])


def entries_of(
    rows: Iterable[ListRow], flow: Flow, whole: Mapping[str, str], collector: FindingCollector
) -> Iterator[FigureEntry]:
    """The figures of the sheet for further figures; country and frequency are those of the questionnaire, if empty."""
    measure = flow.structure.measure.id
    for row in rows:
        key = {**{name: code for name, code in whole.items() if name in flow.structure}, **row.key}
        entry = FigureEntry(key, dict(row.cells), table=row.table, is_in_grid=False)
        entry.cells.setdefault(measure, min(row.cells.values()))
        if measure in row.filled:
            written = number(row.filled[measure])
            if written is None:
                place = row.table.place(*row.cells[measure])
                collector.add(RuleId.AMBIGUOUS_NUMBER, [place], measure, said=row.filled[measure].text.strip())
                continue
            entry.values[measure] = written
        entry.answers.update((name, value) for name, value in row.answers() if name != measure)
        yield entry
