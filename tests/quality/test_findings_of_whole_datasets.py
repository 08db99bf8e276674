"""A finding on a dataset attribute points to the cell that gave it, or to the line of the mapping."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from case_tables import text_from
from folders import write_files
from small_office import COUNTRY
from stored_findings import listed as findings_in

from sdmxmig.cli import run

MAPPING = text_from("quality/cases/findings_of_whole_datasets_mapping.toml")


def found(folder: Path, table: str) -> dict[str, dict[str, Any]]:
    """The findings of a table, by component."""
    write_files(folder, {"country.toml": COUNTRY, "mappings/pop.toml": MAPPING, "tables/office.csv": table})
    assert run(["convert", str(folder)]) == 0
    run(["validate", str(folder)])
    listed = findings_in(folder / "out" / "findings" / "findings.jsonl")
    return {record["component"]: record for record in listed}


def test_wrong_code_is_located_at_its_cell(tmp_path: Path) -> None:
    findings = found(tmp_path, "Reference date,1 Juli\n\nYear,Persons\n2022,10\n2023,12\n")
    place = findings["REF_DATE"]["place"]
    assert (place["file"], place["cell"]) == ("office.csv", "B1")


def test_missing_attribute_is_located_at_its_mapping_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    findings = found(tmp_path, "Reference date,1 January\n\nYear,Persons\n2022,10\n")
    assert set(findings) == {"RES_RULE", "DUR_BASIS", "SRC_TYPE"}  # the last two are declared as unknown, or not at all
    line = MAPPING.splitlines().index("[block.fixed]") + 1
    assert (findings["RES_RULE"]["place"]["file"], findings["RES_RULE"]["place"]["line"]) == ("pop.toml", line)
    assert f"pop.toml:{line} › block[1].fixed" in capsys.readouterr().out


def test_marked_workbook_lists_missing_attribute(tmp_path: Path) -> None:
    found(tmp_path, "Reference date,1 January\n\nYear,Persons\n2022,10\n")
    book = openpyxl.load_workbook(tmp_path / "out" / "findings" / "office.checked.xlsx")
    texts = [str(cell.value) for row in book.worksheets[0].iter_rows() for cell in row if cell.value]
    assert any("RES_RULE" in text for text in texts)
