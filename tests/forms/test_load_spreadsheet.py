"""Lists survive a round trip through a spreadsheet; damage by spreadsheet programs is reported with its cell."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import Workbook, load_workbook
from saved_workbooks import saved

from sdmxmig.catalogue import load
from sdmxmig.catalogue.folders import find_shipped_folder, index_first_files
from sdmxmig.cli import cli
from sdmxmig.forms.sheets import ListSheet, compare, convert_to_csv, find_damage, read_sheet, write_codelist
from sdmxmig.primitives.errors import SdmxmigError

HEAD = "id,parent,name_en,status,source\n,,List,national,Own\n"
FILES = index_first_files([find_shipped_folder("codelists")], ".csv")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(
        cli, [str(argument) for argument in arguments], catch_exceptions=False, standalone_mode=False
    )


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "country"
    (folder / "codelists").mkdir(parents=True)
    return folder


def listed(*codes: str) -> bytes:
    return (HEAD + "".join(f"{code},,Name of {code},national,Own\n" for code in codes)).encode()


def build_sheet(codes: Sequence[object]) -> ListSheet:
    """A list as a careless program saves it, with numbers where text was."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(["id", "parent", "name_en", "status", "source"])
    sheet.append([None, None, "List", "national", "Own"])
    for code in codes:
        sheet.append([code, None, "Name", "national", "Own"])
    return read_sheet("list.xlsx", saved(workbook), "OWN:CL_OWN(1.0.0)")


def harms(codes: Sequence[object], before: Sequence[str] = ()) -> list[tuple[str, str, str, str, bool]]:
    cells = find_damage(build_sheet(codes), {"id": before})
    return [(cell.place.cell, cell.kind, cell.text, cell.expected, cell.is_certain) for cell in cells]


def workbook_of(content: bytes) -> bytes:
    return write_codelist(content, kind="Codelist", ref="A:CL_X(1.0)", name="X", status="verified")


@pytest.mark.parametrize("name", [*FILES], ids=lambda name: name.removesuffix(".csv"))
@pytest.mark.sampled(8)
def test_every_list_survives_a_round_trip(name: str) -> None:
    content = FILES[name].read_bytes()
    back = read_sheet("list.xlsx", workbook_of(content))
    assert str(back.name) == "=A:CL_X(1.0)"
    rows = [
        list(csv.reader(io.StringIO(csv_bytes.decode(), newline=""))) for csv_bytes in (content, convert_to_csv(back))
    ]
    assert rows[0] == rows[1]
    assert compare(content, convert_to_csv(back)) == ()
    assert find_damage(back, {column: {cells[column] for _, cells in back.rows} for column in back.columns}) == ()


def test_cells_are_text_and_equal_lists_have_equal_bytes() -> None:
    codes = listed("01", "1E5", "5-1", "=A1", "TRUE")
    content = workbook_of(codes)
    assert content == workbook_of(codes)
    sheet = load_workbook(io.BytesIO(content))["List"]
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert {cell.number_format for cell in cells} == {"@"}
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert [sheet.cell(row, 1).value for row in range(3, 8)] == ["01", "1E5", "5-1", "=A1", "TRUE"]


def test_lost_leading_zeros_are_reported_with_their_cell() -> None:
    assert harms([1, "02", 10], ["01", "02", "10"]) == [("A3", "zeros", "1", "01", True)]
    assert harms(["1.1", "2"], ["01.1", "2"]) == [("A3", "zeros", "1.1", "01.1", True)]


def test_codes_turned_into_dates_are_reported() -> None:
    from datetime import date

    assert harms([date(2024, 5, 1)], ["05-01"]) == [("A3", "date", "2024-05-01", "05-01", True)]
    assert harms(["5-Jan"], ["05-01"]) == [("A3", "date", "5-Jan", "05-01", True)]
    assert harms([date(2024, 3, 1)], ["MAR1"]) == [("A3", "date", "2024-03-01", "MAR1", True)]
    assert harms(["Sep-02"], ["SEPT2"]) == [("A3", "date", "Sep-02", "SEPT2", True)]


def test_numbers_and_logical_values_are_reported() -> None:
    assert harms(["7.0"], ["7"]) == [("A3", "decimals", "7.0", "7", True)]
    assert harms([100000], ["1E5"]) == [("A3", "scientific", "100000", "1E5", True)]
    assert harms(["1E+05"], ["100000"]) == [("A3", "scientific", "1E+05", "100000", True)]
    assert harms([True], ["true"]) == [("A3", "logical", "TRUE", "true", True)]
    assert harms(["FAUX"], ["False"]) == [("A3", "logical", "FAUX", "False", True)]


def test_suspicious_code_of_a_new_list_is_a_warning() -> None:
    assert harms(["2024-05-01", "7.0", "1E+05", "TRUE"]) == [
        ("A3", "date", "2024-05-01", "", False),
        ("A4", "decimals", "7.0", "", False),
        ("A5", "scientific", "1E+05", "", False),
        ("A6", "logical", "TRUE", "", False),
    ]
    assert harms(["001", "002", "003", 4]) == [("A6", "width", "4", "", False)]


def test_undamaged_codes_are_accepted() -> None:
    assert harms(["Y0T4", "1", "10", "100", "M", "_T", "A-B", "T", "NUTS2"]) == []
    assert harms(["01", "11"], ["01"]) == []


def test_list_is_stored_in_the_workspace_and_shown(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "sex.xlsx"
    assert run("show", "CL_SEX", "-o", file).exit_code == 0
    edited = load_workbook(file)
    edited["List"]["C3"] = "Women"
    edited.save(file)
    tried = run("load", file, workspace, "--dry-run")
    assert "“Female” → “Women”" in tried.stdout
    assert not [*workspace.rglob("*.csv")]
    assert run("load", file, workspace).return_value == 0
    assert str(load(workspace).item_scheme("CL_SEX")["F"].name) == "Women"
    again = run("load", file, workspace)
    assert "No changes" in again.stderr


def test_damaged_list_is_not_written(workspace: Path, tmp_path: Path) -> None:
    own_list = workspace / "codelists" / "OWN" / "CL_REGION.1.0.0.csv"
    own_list.parent.mkdir(parents=True)
    own_list.write_bytes(listed("01", "02", "11"))
    file = tmp_path / "CL_REGION.1.0.0.csv"
    file.write_bytes(listed("1", "02", "11"))
    result = run("load", file, workspace)
    assert result.return_value == 1
    assert "› A3" in result.stdout
    assert "“1” where the list had “01”" in result.stdout
    assert own_list.read_bytes() == listed("01", "02", "11")
    findings = json.loads(run("load", file, workspace, "--format", "json").stdout)
    assert (findings[0]["what"], findings[0]["expected"], findings[0]["severity"]) == ("zeros", "01", "error")


@pytest.mark.parametrize(
    ("row", "cell"),
    [
        (b"B,,Twice,national,Own\n", "A5"),
        (b"C,D,Child,national,Own\n", "B5"),
        (b"C,,,national,Own\n", "C5"),
        (b"C,,Third,sure,Own\n", "D5"),
    ],
)
def test_unsuitable_list_is_refused_with_its_cell(row: bytes, cell: str, workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_bytes(listed("A", "B") + row)
    with pytest.raises(SdmxmigError) as caught:
        run("load", file, workspace, "--as", "OWN:CL_NEW(1.0.0)")
    assert caught.value.place.cell == cell
    assert not [*workspace.rglob("*.csv")]


def test_new_list_requires_a_full_name(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "CL_SEXX.csv"
    file.write_bytes(listed("A"))
    with pytest.raises(SdmxmigError) as caught:
        run("load", file, workspace)
    assert "CL_SEX" in caught.value.hint
    assert "--as AGENCY:ID(VERSION)" in caught.value.hint
    assert run("load", file, workspace, "--as", "OWN:CL_NEW(1.0.0)").return_value == 0
    assert (workspace / "codelists" / "OWN" / "CL_NEW.1.0.0.csv").read_bytes() == listed("A")


def test_sheet_without_a_list_is_refused(workspace: Path, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("Year,Population\n2024,3\n", encoding="utf-8")
    with pytest.raises(SdmxmigError, match="No sheet is a list"):
        run("load", file, workspace)
    with pytest.raises(SdmxmigError, match="not declared as a list"):
        run("show", "DSD_FLOW", "-o", tmp_path / "x.xlsx")


def test_differences_are_listed_row_by_row() -> None:
    changes = compare(listed("A", "B", "C"), listed("B", "A", "D"))
    assert [(change.kind, change.row) for change in changes] == [("new", "D"), ("gone", "C"), ("order", "B")]
