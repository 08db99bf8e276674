"""The tables of records and their columns, which the manual lists."""

from __future__ import annotations

from folders import ROOT
from shipped import CATALOGUE

from sdmxmig.records.record_tables import TABLES

ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_tables_and_columns_have_names_of_their_own() -> None:
    assert len({table.name for table in TABLES}) == len(TABLES)
    for table in TABLES:
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        assert {"person", "record"} & set(table.needed), "who, in all tables or in those of one source"


def test_codes_are_of_lists_that_exist() -> None:
    lists = {ref.id for ref in CATALOGUE.artefacts if ref.kind == "Codelist"}
    named = {column.codelist for table in TABLES for column in table.columns if column.codelist}
    assert named
    assert named <= lists


def test_manual_lists_the_tables_and_their_columns() -> None:
    for table in TABLES:
        columns = ", ".join(f"**{column.name}**" if column.needed else column.name for column in table.columns)
        assert f"| {table.name} | {table.row} | {columns} |" in ARCHITECTURE
