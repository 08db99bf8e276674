"""A cell is corrected in the office's own table, and nothing else in the file changes."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from case_tables import cases_from, listed
from console import Console
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook
from saved_workbooks import book_of
from small_validation import HEAD, MAPPING, TABLE, workspace
from tries import tries

from sdmxmig.cli import run
from sdmxmig.conversion.tables import read
from sdmxmig.conversion.tables.text import replace_cell_text
from sdmxmig.primitives.places import parse_cell
from sdmxmig.workspace.tasks.history import read_history


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return workspace(tmp_path, TABLE)


def test_cell_of_a_text_table_is_corrected(folder: Path) -> None:
    assert run(["correct", str(folder), "office.csv!D3", "--to", "410", "--was", "427"]) == 0
    assert (folder / "tables" / "office.csv").read_text() == TABLE.replace("427", "410")
    step = read_history(folder)[-1]
    assert (step.what, step.files) == ("correct", ("tables/office.csv",))
    assert step.command == f"sdmxmig correct {folder} 'office.csv!D3' --to 410 --was 427"
    assert run(["history", str(folder), "--undo", str(step.number)]) == 0
    assert (folder / "tables" / "office.csv").read_text() == TABLE


def test_corrected_cell_is_converted_before_validation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["convert", str(folder)]) == 0
    assert run(["correct", str(folder), "office.csv!D3", "--to", "410"]) == 0
    capsys.readouterr()
    run(["validate", str(folder)])
    assert run(["trace", str(folder), "office.csv!D3"]) == 0
    captured = capsys.readouterr()
    assert " 410" in captured.out
    assert "older than its sources" not in captured.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["office.csv!D3", "--to", "410", "--was", "400"], "The cell now contains “427”, no longer “400”."),
        (["office.csv!D30", "--to", "410"], "The table does not reach this cell."),
        (["offices.csv!D3", "--to", "410"], "Did you mean “office.csv”?"),
        (["office.csv", "--to", "410"], "is not a cell of a workbook"),
        (["office.csv!D3", "--to", "4\n10"], "A cell takes one line"),
        (["office.csv!D3", "--to", "see note"], "“see note” is not a number."),
        (["office.csv!D4", "--to", "41O"], "“41O” is not a number."),
        (["office.csv!D3", "--to", "4" * 1001], "A cell takes one line"),
        (["office.csv!D3", "--to", "4\u202810"], "A cell takes one line"),
    ],
)
def test_invalid_correction_is_refused_and_the_table_unchanged(
    folder: Path, words: list[str], message: str, console: Console
) -> None:
    assert message in " ".join(console.errors("correct", folder, *words).split())
    assert (folder / "tables" / "office.csv").read_text() == TABLE


@pytest.mark.parametrize("text", ["398c", "410", ":", ""])
def test_figure_accepts_numbers_and_marks_of_its_mapping(folder: Path, text: str) -> None:
    mapping = folder / "mappings" / "pop.toml"
    mapping.write_text(mapping.read_text().replace("[block.values]", '[block.values]\nmissing = { ":" = "O" }'))
    assert run(["correct", str(folder), "office.csv!D3", "--to", text]) == 0
    assert (folder / "tables" / "office.csv").read_text() == TABLE.replace("427", text)


def test_label_accepts_any_text(folder: Path) -> None:
    assert run(["correct", str(folder), "office.csv!D1", "--to", "Females"]) == 0


def test_correction_to_an_equal_value_adds_no_step(folder: Path) -> None:
    steps = len(read_history(folder))
    assert run(["correct", str(folder), "office.csv!D3", "--to", "427"]) == 0
    assert [step.what for step in read_history(folder)[steps:]] in ([], ["begin"])


def test_command_for_table_named_like_an_option_can_be_typed(folder: Path) -> None:
    (folder / "tables" / "office.csv").rename(folder / "tables" / "--help.csv")
    (folder / "mappings" / "pop.toml").unlink()
    assert run(["correct", str(folder), "--to", "410", "--", "--help.csv!D3"]) == 0
    assert read_history(folder)[-1].command == f"sdmxmig correct {folder} --to 410 -- '--help.csv!D3'"


@pytest.mark.parametrize("text", ["1\u00a0410", "1\u202f410", "410\u200f"])
def test_thousands_spaces_and_direction_marks_are_text(folder: Path, text: str) -> None:
    assert run(["correct", str(folder), "office.csv!D3", "--to", text]) == 0
    assert (folder / "tables" / "office.csv").read_text(encoding="utf-8") == TABLE.replace("427", text)


def test_character_missing_from_the_file_encoding_is_refused(folder: Path, console: Console) -> None:
    path = folder / "tables" / "regions.csv"
    path.write_bytes("Région;Étrangers;Année\nÎle-de-France;1020;Décembre\n".encode("cp1252"))
    before = path.read_bytes()
    assert "has no “Т”" in console.errors("correct", folder, "regions.csv!A2", "--to", "Тбилиси")
    assert path.read_bytes() == before


@pytest.mark.parametrize("was", ["first line\nsecond line", "first line\r\nsecond line"])
def test_previous_value_may_have_other_line_ends(folder: Path, was: str) -> None:
    path = folder / "tables" / "lines.csv"
    path.write_text('Year,Note\n2020,"first line\nsecond line"\n')
    assert run(["correct", str(folder), "lines.csv!B2", "--to", "one line", "--was", was]) == 0
    assert path.read_text() == "Year,Note\n2020,one line\n"


def with_results(formulas: dict[str, tuple[str, str]]) -> bytes:
    """A workbook as a spreadsheet program saves it, in which some cells hold formulas and what they gave."""
    book = openpyxl.Workbook()
    book.active.title = "T"
    book.active["A1"] = "Persons"
    for cell, (formula, _) in formulas.items():
        book.active[cell] = f"={formula}"
    written, saved = io.BytesIO(), io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as source, zipfile.ZipFile(saved, "w") as target:
        for member in source.namelist():
            content = source.read(member).decode("latin-1")
            for formula, result in formulas.values():
                head = f"<f>{formula}</f>"
                content = re.sub(rf"{re.escape(head)}<v ?/?>(</v>)?", f"{head}<v>{result}</v>", content)
            target.writestr(member, content.encode("latin-1"))
    return saved.getvalue()


def test_corrected_cell_keeps_its_format_and_neighbours(folder: Path) -> None:
    path = folder / "tables" / "book.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Table 1"
    for row in [["Year", "All", "Men"], [2020, 1000, 600], [2021, 1010, "=B3-400"]]:
        sheet.append(row)
    sheet["B3"].font = openpyxl.styles.Font(bold=True)
    book.save(path)
    assert run(["correct", str(folder), "book.xlsx!Table 1!B3", "--to", "1011"]) == 0
    corrected = openpyxl.load_workbook(path)["Table 1"]
    assert [[cell.value for cell in row] for row in corrected] == [
        ["Year", "All", "Men"],
        [2020, 1000, 600],
        [2021, 1011, "=B3-400"],
    ]
    assert corrected["B3"].font.bold


def test_unaffected_formula_keeps_its_result(folder: Path, console: Console) -> None:
    path = folder / "tables" / "book.xlsx"
    path.write_bytes(with_results({"B1": ("C1+D1", "74000"), "B2": ("SUM(C2:D2)", "5")}))
    assert "outdated" not in console.errors("correct", folder, "book.xlsx!T!A1", "--to", "Migrants", code=0)
    said = " ".join(console.errors("correct", folder, "book.xlsx!T!C1", "--to", "43000", code=0).split())
    assert "Outdated formula results were removed in book.xlsx › T › B1." in said
    values = openpyxl.load_workbook(path, data_only=True)["T"]
    assert (values["B1"].value, values["B2"].value) == (None, 5)


def test_cell_covered_by_a_merged_cell_is_not_changed(folder: Path, console: Console) -> None:
    path = folder / "tables" / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["Year", 2020, 2021])
    book.active.merge_cells("A2:C2")
    book.save(path)
    before = path.read_bytes()
    assert "The cell is covered by A2" in console.errors("correct", folder, "book.xlsx!Sheet!B2", "--to", "3")
    assert path.read_bytes() == before
    assert run(["correct", str(folder), "book.xlsx!Sheet!A2", "--to", "Persons"]) == 0


def test_undo_keeps_later_corrections_of_a_workbook(folder: Path, console: Console) -> None:
    path = folder / "tables" / "book.xlsx"
    book = book_of([["Year", "All"], [2020, 1000], [2021, "n.a."]])
    book.create_sheet("Births").append([5])
    book.save(path)
    for cell, text in (("Sheet!B2", "1001"), ("Births!A1", "6"), ("Sheet!B3", "1010"), ("Sheet!B3", "1011")):
        assert run(["correct", str(folder), f"book.xlsx!{cell}", "--to", text]) == 0
    first = len(read_history(folder)) - 3
    assert run(["history", str(folder), "--undo", str(first)]) == 0
    corrected = openpyxl.load_workbook(path)
    assert [[cell.value for cell in row] for row in corrected["Sheet"]] == [["Year", "All"], [2020, 1000], [2021, 1011]]
    assert corrected["Births"]["A1"].value == 6
    assert run(["history", str(folder), "--undo", str(first + 2)]) == 2
    assert "changed the same place in tables/book.xlsx" in " ".join(console.readouterr().err.split())


@cases_from("workspace/cases/refused_workbook_correction_gives_its_reason.csv", words=listed)
def test_refused_workbook_correction_states_its_reason(
    folder: Path, words: tuple[str, ...], message: str, console: Console
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Year", 5])
    book.save(folder / "tables" / "book.xlsx")
    before = (folder / "tables" / "book.xlsx").read_bytes()
    assert message in " ".join(console.errors("correct", folder, f"book.xlsx!{words[0]}", *words[1:]).split())
    assert (folder / "tables" / "book.xlsx").read_bytes() == before


@pytest.mark.parametrize(
    ("to", "is_corrected"),
    [("1234", True), ("1234.5", True), ("..", True), ("398c", True), ("", True)]
    + [
        (text, False)
        for text in ("1,234", "1 234", "1\u202f234", "1'234", "1e3", "1.234,5", "−5", "+7", "01", "12 %", ".5")
    ],
)
def test_corrected_figure_remains_a_number(folder: Path, console: Console, to: str, is_corrected: bool) -> None:
    book = openpyxl.Workbook()
    book.active.append([1000])  # type: ignore[union-attr]
    book.save(folder / "tables" / "book.xlsx")
    assert run(["correct", str(folder), "book.xlsx!Sheet!A1", f"--to={to}"]) == (0 if is_corrected else 2)
    assert ("Write digits only" in console.readouterr().err) is not is_corrected


TYPED = [
    "79,000",
    "79 000",
    "=1+1",
    "@SUM(1)",
    "NaN",
    "1e3",
    "-",
    "'01",
    "'79000",
    "01",
    "007",
    "1.50",
    "+7",
    "TRUE",
    "1/2",
    "2020-01-01",
    "#N/A",
    "12 %",
    "'Eua",
    "a_x0041_b",
    "1234.5",
    "0.5",
    "-3",
    "12345678901234567890",
]
REFUSED = {
    "empty": {"=1+1", "@SUM(1)", "'01", "'79000", "1.50", "a_x0041_b", "12345678901234567890"},
    "number": {"79,000", "79 000", "1e3", "01", "007", "+7", "12 %"},
    "below": {"79,000", "79 000", "1e3", "01", "007", "+7", "12 %"},
    "text": set(),
    "csv": {"=1+1", "@SUM(1)", "'01", "'79000"},
}
REFUSED |= {where: REFUSED["empty"] | REFUSED[where] for where in ("number", "below", "text")}
CELLS = {"empty": "C1", "number": "A1", "below": "A3", "text": "B1"}


@pytest.mark.sampled(4)
@pytest.mark.parametrize("text", TYPED)
def test_typed_value_is_unambiguous_or_refused(folder: Path, console: Console, text: str) -> None:
    book = book_of(([1000, "n.a."], [2000, "all"]))
    book.save(folder / "tables" / "book.xlsx")
    path = folder / "tables" / "book.xlsx"
    before = path.read_bytes()
    for where, cell in CELLS.items():
        path.write_bytes(before)
        is_refused = text in REFUSED[where]
        assert run(["correct", str(folder), f"book.xlsx!Sheet!{cell}", f"--to={text}"]) == (2 if is_refused else 0), (
            where
        )
        said = console.readouterr().err
        if is_refused:
            assert path.read_bytes() == before
            assert "Write " in said, said
        else:
            assert texts_by_programs(path, cell) == {text}, where


def test_typed_value_in_a_text_table_is_read_by_all_programs(folder: Path) -> None:
    path = folder / "tables" / "office.csv"
    (folder / "mappings" / "pop.toml").unlink()  # it reads figures there
    for text in TYPED:
        path.write_text(TABLE)
        assert run(["correct", str(folder), "office.csv!D3", f"--to={text}"]) == (2 if text in REFUSED["csv"] else 0), (
            text
        )
        rows = list(csv.reader(path.read_text().splitlines()))
        assert rows[2][3] == ("427" if text in REFUSED["csv"] else text)
        assert texts(path.read_bytes())[3, 4] == rows[2][3]


def texts_by_programs(path: Path, cell: str) -> set[str]:
    row, column = parse_cell(cell)
    (table,) = read(path.name, path.read_bytes())
    seen = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)[row - 1][column - 1]
    whole = int(seen) if isinstance(seen, float) and seen.is_integer() else seen
    return {table.text(row, column), str(openpyxl.load_workbook(path)["Sheet"][cell].value), str(whole)}


def test_formula_is_not_changed(folder: Path, console: Console) -> None:
    path = folder / "tables" / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.append([1, "=A1+1"])
    book.save(path)
    before = path.read_bytes()
    assert "This cell contains a formula." in console.errors("correct", folder, "book.xlsx!Sheet!B1", "--to", "3")
    assert path.read_bytes() == before


FIELDS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\x00\x1a\ufeff", exclude_categories=("C",)), max_size=8
)


@given(rows=st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=2, max_size=5), new=FIELDS, data=st.data())
@settings(max_examples=tries(200), suppress_health_check=[HealthCheck.too_slow])
def test_correction_changes_only_its_cell(rows: list[list[str]], new: str, data: st.DataObject) -> None:
    rows = [["Année", "Всего", "男"], *rows]  # by three words there is no doubt that it is UTF-8

    def written(cells: list[list[str]]) -> bytes:
        return "\r\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells).encode()

    row = data.draw(st.integers(1, len(rows) - 1))
    column = data.draw(st.integers(0, 2))
    corrected = replace_cell_text("a.csv", written(rows), at=(row + 1, column + 1), text=new)
    rows[row][column] = new
    assert texts(corrected) == texts(written(rows))


def spelled(folder: Path, thousands: str, decimal: str, figures: list[object]) -> Path:
    """A workspace with a workbook of these figures for 2020 and after, and a mapping with these signs."""
    signs = f"thousands = '{thousands}'\ndecimal = '{decimal}'\n"
    mapping = HEAD.replace("office.csv", "book.xlsx") + signs + MAPPING.removeprefix(HEAD)
    (folder / "mappings" / "pop.toml").write_text(mapping, encoding="utf-8")
    (folder / "tables" / "office.csv").unlink()
    book = openpyxl.Workbook()
    rows = [["Year", "All"], *([str(2020 + number), figure] for number, figure in enumerate(figures))]
    for row in rows:
        book.active.append(row)
    book.save(folder / "tables" / "book.xlsx")
    return folder / "tables" / "book.xlsx"


def figures_of(folder: Path) -> list[str]:
    run(["convert", str(folder), "--quiet"])
    lines = csv.DictReader(io.StringIO((folder / "out" / "data" / "DF_POP.csv").read_text(encoding="utf-8")))
    return [line["OBS_VALUE"] for line in sorted(lines, key=lambda line: line["TIME_PERIOD"])]


@pytest.mark.parametrize(
    ("signs", "was", "to", "figure"),
    [
        (".,", "25.904", "25.404", "25404"),
        (" ,", "3 208", "3 028", "3028"),
        (" ,", "3 208", "3\u00a0028", "3028"),
        (",.", "3,208", "3,028", "3028"),
        (".,", "13,5", "12,5", "12.5"),
        (".,", "25.904", "25404", "25404"),
        (".,", "25.904c", "25.404c", "25404"),
        (".,", "904", "1.404", "1404"),
        (".,", "..", "25.404", "25404"),
        (".,", "", "25.404", "25404"),
        (",.", "25.904", "25.404", "25.404"),
    ],
)
def test_figure_stored_as_text_is_corrected_as_text(folder: Path, signs: str, was: str, to: str, figure: str) -> None:
    path = spelled(folder, signs[0], signs[1], ["1" + signs[0] + "000", was])
    assert run(["correct", str(folder), "book.xlsx!Sheet!B3", "--to", to, "--was", was]) == 0
    assert openpyxl.load_workbook(path)["Sheet"]["B3"].value == to
    assert figures_of(folder)[1] == figure


def test_undone_correction_restores_the_original_text(folder: Path) -> None:
    path = spelled(folder, ".", ",", ["25.904", "1.000"])
    for cell, text in (("B2", "25.404"), ("B3", "1.001")):
        assert run(["correct", str(folder), f"book.xlsx!Sheet!{cell}", "--to", text]) == 0
    assert run(["history", str(folder), "--undo", str(len(read_history(folder)) - 1)]) == 0
    assert [openpyxl.load_workbook(path)["Sheet"][cell].value for cell in ("B2", "B3")] == ["25.904", "1.001"]
    assert figures_of(folder) == ["25904", "1001"]


def test_year_in_a_text_cell_remains_text(folder: Path) -> None:
    path = spelled(folder, "", ".", [1000])
    assert run(["correct", str(folder), "book.xlsx!Sheet!A2", "--to", "2023"]) == 0
    assert openpyxl.load_workbook(path)["Sheet"]["A2"].value == "2023"


def test_thousands_point_is_not_read_as_decimal_point(folder: Path, console: Console) -> None:
    spelled(folder, ".", ",", [25904, 12.345, ".."])
    assert "Write 25404." in " ".join(console.errors("correct", folder, "book.xlsx!Sheet!B2", "--to", "25.404").split())
    assert run(["correct", str(folder), "book.xlsx!Sheet!B3", "--to", "12.435"]) == 0
    assert run(["correct", str(folder), "book.xlsx!Sheet!B2", "--to", "25404"]) == 0
    assert figures_of(folder)[:2] == ["25404", "12.435"]


def texts(content: bytes) -> dict[tuple[int, int], str]:
    (table,) = read("a.csv", content)
    return {(row, column): text for row, column, text in table.cells.select("row", "column", "text").iter_rows()}
