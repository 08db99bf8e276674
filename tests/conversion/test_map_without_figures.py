"""For a file without a table of figures, the message names what was searched for and the next step."""

from __future__ import annotations

from pathlib import Path

import pytest
from console import Console
from markdown_workbooks import workbook

from sdmxmig.cli import run

TEXTS = {
    "words.csv": "Country,Note\nKenya,none known\nUganda,see below\n",
    "one.csv": "People\n",
    "names.tsv": "Country\tRegion\nKenya\tEast\nUganda\tEast\n",
    "prose.csv": "This file holds no table. Ask the office.\nIt has moved.\n",
    "heads.csv": "Year,Sex,Persons\n",
    "years.csv": "Country,2020,2021\nKenya,,\n",
    "sign.csv": "x\n",
    "blank.csv": ",,\n,,\n",
}
SHEETS = {
    "notes.xlsx": "## Sheet Notes\n| See the next edition |\n| It has moved |\n",
    "two.xlsx": "## Sheet A\n| Note |\n| Text |\n\n## Sheet B\n| Other | Note |\n| Some | Text |\n",
}


@pytest.mark.parametrize("flow", [(), ("DF_IMM",)])
@pytest.mark.parametrize("name", [*TEXTS, *SHEETS])
def test_error_names_the_file_and_the_expected_content(
    name: str, flow: tuple[str, ...], tmp_path: Path, console: Console
) -> None:
    file = tmp_path / name
    file.write_bytes(TEXTS[name].encode() if name in TEXTS else workbook(SHEETS[name]))
    assert run(["map", str(file), *flow, "--area", "KE"]) > 1
    message = " ".join(console.readouterr().err.split())
    assert name in message
    assert "No table of figures was found" in message
    assert "Looked for several numbers" in message
    assert "filled cell" in message
    assert "It has no figures: save the table with its figures" in message
    assert "--delimiter" not in message
    assert "workbook" not in message


def test_wrong_delimiter_is_reported_if_the_file_has_digits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Year/Persons\n2020/12\n2021/14\n", encoding="utf-8")
    assert run(["map", str(file), "--area", "KE"]) > 1
    message = " ".join(capsys.readouterr().err.split())
    assert "--delimiter" in message
    assert "no figures" not in message


@pytest.mark.parametrize("name", ["figures.csv", "figures.tsv"])
def test_file_with_figures_is_not_refused(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / name
    sign = "," if name.endswith("csv") else "\t"
    rows = "Year,Immigrants\n2020,12\n2021,14\n2022,17\n"
    file.write_bytes(rows.replace(",", sign).encode())
    assert run(["map", str(file), "DF_IMM", "--area", "KE"]) in (0, 1)
    assert "No table" not in capsys.readouterr().err


def test_workspace_without_tables_names_the_mapping_command(tmp_path: Path, console: Console) -> None:
    home, table = tmp_path / "office", tmp_path / "figures.csv"
    table.write_text("Year,Immigrants\n2020,12\n2021,14\n", encoding="utf-8")
    assert run(["init", str(home), "--table", str(table), "--area", "KE"]) == 0
    (home / "tables" / table.name).unlink()
    console.readouterr()
    assert f"sdmxmig start stocks.xlsx {home}" in " ".join(console.errors("run", home).split())
