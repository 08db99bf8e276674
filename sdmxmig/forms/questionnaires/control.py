"""Control sheet of a questionnaire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.forms.cells import read_sheet_mark
from sdmxmig.forms.questionnaires import keys
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.sdmx.model.references import Ref
from sdmxmig.sdmx.model.tables import Table

NEW_FORM_HINT = "Make a new questionnaire, and copy the answers into its yellow cells."


@dataclass(frozen=True, slots=True, kw_only=True)
class SentTable:
    id: str
    fixed: Mapping[str, str]
    rows: tuple[keys.CellKey, ...]
    columns: tuple[keys.CellKey, ...]
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSheet:
    file: str
    flow: Ref
    area: str
    freq: str
    language: str
    metadataflow: Ref | None
    tables: tuple[SentTable, ...]
    sheets: Mapping[str, Table]
    columns: Mapping[str, tuple[keys.CellKey, ...]]
    titles: Mapping[str, str]


def is_questionnaire(tables: Iterable[Table]) -> bool:
    return any(read_sheet_mark(table, keys.FORM_MARK) for table in tables)


def read_control(tables: Sequence[Table]) -> ControlSheet:
    """Read the control sheet; raise `InputError` if it is damaged or of a newer version."""
    place = Place(tables[0].file if tables else "")
    sheets: dict[str, Table] = {}
    for table in tables:
        mark = read_sheet_mark(table, keys.FORM_MARK)
        if mark in sheets:
            message = f"The sheets “{sheets[mark].sheet}” and “{table.sheet}” are the same sheet of the questionnaire."
            raise InputError(message, Place(table.file, table.sheet), "Delete the one that you do not want to send.")
        if mark:
            sheets[mark] = table
    if not sheets:
        raise InputError(
            "This is not a questionnaire of sdmxmig.",
            place,
            "Only questionnaires of sdmxmig are read here; other tables need a mapping.",
        )
    if keys.CONTROL not in sheets:
        raise InputError("The hidden sheet of the questionnaire is missing.", place, NEW_FORM_HINT)
    facts, keyed_lines = list_control_lines(sheets[keys.CONTROL])
    if facts.get("format") != keys.FORMAT_VERSION or not {"dataflow", "area", "frequency", "language"} <= facts.keys():
        message = f"This is a questionnaire of another release (format {facts.get('format') or 'unknown'})."
        raise InputError(message, place, NEW_FORM_HINT)
    metadata = Ref.parse(facts["metadataflow"], kind="Metadataflow") if "metadataflow" in facts else None
    flow = Ref.parse(facts["dataflow"], kind="Dataflow")
    words = {kind: facts[kind] for kind in keys.CELL_COLUMNS if kind in facts}
    sent_tables = tuple(build_sent_table(name, keyed_lines, words) for kind, name, _ in keyed_lines if kind == "table")
    columns = {
        mark: tuple(key for kind, name, key in keyed_lines if (kind, name) == (keys.LIST_KIND, mark))
        for mark in keys.OTHER_SHEETS
    }
    titles = {mark: facts[mark] for mark in keys.OTHER_SHEETS if mark in facts}
    return ControlSheet(
        file=place.file,
        flow=flow,
        area=facts["area"],
        freq=facts["frequency"],
        language=facts["language"],
        metadataflow=metadata,
        tables=sent_tables,
        sheets=sheets,
        columns=columns,
        titles=titles,
    )


def list_control_lines(table: Table) -> tuple[dict[str, str], list[tuple[str, str, keys.CellKey]]]:
    facts: dict[str, str] = {}
    keyed_lines = []
    for row in sorted(table.rows)[1:]:
        kind, name, text = (table.text(row, column) for column in (2, 3, 4))
        key = keys.parsed(text)
        if key:
            keyed_lines.append((kind, name, key))
        else:
            facts[kind] = name
    return facts, keyed_lines


def build_sent_table(
    name: str, keyed_lines: Sequence[tuple[str, str, keys.CellKey]], words: Mapping[str, str]
) -> SentTable:
    table_lines = [(kind, key) for kind, table, key in keyed_lines if table == name]
    return SentTable(
        id=name,
        fixed={dimension: code for kind, key in table_lines if kind == "table" for dimension, code in key.pairs},
        rows=tuple(key for kind, key in table_lines if kind == "row"),
        columns=tuple(key for kind, key in table_lines if kind == "column"),
        words=words,
    )
