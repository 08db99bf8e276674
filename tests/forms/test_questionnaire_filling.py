"""Mappings run backwards: workbooks that were emptied are filled in again, with statuses and notes in their cells."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from console import Console
from edited_workbooks import put, save_edited
from folders import ROOT
from openpyxl import Workbook, load_workbook
from saved_workbooks import saved
from shipped import CATALOGUE
from small_office import POPULATION

from sdmxmig.cli import run
from sdmxmig.conversion import convert as conversion
from sdmxmig.conversion import tables
from sdmxmig.conversion.mapping import load as load_mapping
from sdmxmig.forms.questionnaires.filling import Filling, determine_fillings, probe
from sdmxmig.reporting.outputs.patched_workbook import patch
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.statistics.model.availability import LOWER, UPPER

EXAMPLES = ROOT / "examples"
MAPPINGS = sorted(EXAMPLES.glob("[!.]*/mappings/*.toml"))


class Form:
    """A workbook of an example with the mapping that reads it."""

    def __init__(self, path: Path) -> None:
        self.mapping = load_mapping(path.name, path.read_bytes(), CATALOGUE.flows)
        self.flow = CATALOGUE.flow(self.mapping.flow)
        self.content = (path.parents[1] / "tables" / self.mapping.file).read_bytes()

    def read(self, content: bytes) -> Dataset:
        return conversion.convert(tables.read(self.mapping.file, content), self.mapping, self.flow).dataset

    def emptied(self) -> bytes:
        probed = probe(tables.read(self.mapping.file, self.content), self.mapping, self.flow)
        return patch(self.mapping.file, self.content, dict.fromkeys(probed.numbers, "")).content

    def filling(self, content: bytes, dataset: Dataset) -> Filling:
        probed = probe(tables.read(self.mapping.file, content), self.mapping, self.flow)
        read = conversion.convert(probed.tables, self.mapping, self.flow).dataset
        return determine_fillings(probed, read, dataset)


def figures(dataset: Dataset) -> pl.DataFrame:
    structure = dataset.flow.structure
    bounds = [name for name in (LOWER, UPPER) if name in dataset.observations.columns]
    return dataset.observations.select([*structure.key, "OBS_VALUE", *bounds]).sort(structure.key)


@pytest.mark.parametrize(
    "path",
    [path for path in MAPPINGS if path.parents[1].name not in ("georgia-faults", "fictional", "integrated")],
    ids=lambda path: f"{path.parents[1].name}-{path.stem}",
)
@pytest.mark.sampled(6)
def test_emptied_workbook_is_filled_in_as_before(path: Path) -> None:
    form = Form(path)
    dataset = form.read(form.content)
    assert dataset.observations.height
    empty = form.emptied()
    filling = form.filling(empty, dataset)
    assert filling.left_out == ()
    filled = patch(form.mapping.file, empty, filling.cells).content
    assert figures(form.read(filled)).equals(figures(dataset))


FORM = (
    """
id = "MAP_FORM"
flow = "DF_POP"
file = "form.xlsx"
[[block]]
sheet = "Form"
anchor = "Year"
header_rows = 1
"""
    + POPULATION
    + """[block.components.OBS_STATUS]
from = "beside 1"
codes = { "p" = "P", "e" = "E", ":" = "M" }
[block.components.COMMENT_OBS]
from = "column Notes"
"""
)
FLAGS = FORM[FORM.index("[block.components.OBS_STATUS]") : FORM.index("[block.components.COMMENT_OBS]")]
MARKED = (
    FORM.replace(FLAGS, "") + '[block.values]\nmarks = { "p" = { OBS_STATUS = "P" }, "*" = { OBS_STATUS = "E" } }\n'
)
HEAD = "STRUCTURE,STRUCTURE_ID,ACTION,FREQ,REF_AREA,BIRTH_STATUS,CTZ_STATUS,SEX,AGE,C_BIRTH,C_CITIZEN,TIME_PERIOD,"
HEAD += "OBS_VALUE,UNIT_MEASURE,UNIT_MULT,OBS_STATUS,COMMENT_OBS,REF_DATE,RES_RULE,DUR_BASIS\n"


def form() -> bytes:
    """An agency's form: figures of men and women with a cell for a flag beside each, and notes of the year."""
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.title = "Form"
    sheet.append(["Year", "Men", None, "Women", None, "Notes"])
    for year in ("2022", "2023"):
        sheet.append([year])
    return saved(workbook)


def without_columns(sheet: str, *columns: int) -> Callable[[Workbook], None]:
    def edit(workbook: Workbook) -> None:
        for column in columns:
            workbook[sheet].delete_cols(column)

    return edit


def figure(year: str, sex: str, value: str, status: str, note: str = "") -> str:
    key = f"dataflow,SDMXMIG:DF_POP(1.0.0),R,A,GE,_T,_T,{sex},_T,_T,_T,{year}"
    return f"{key},{value},PS,0,{status},{note},D0101,_U,_U\n"


def filled(folder: Path, content: bytes, mapping: str, *figures: str) -> dict[str, object]:
    """The cells of the form when the command has filled it in."""
    (folder / "form.xlsx").write_bytes(content)
    (folder / "form.toml").write_text(mapping, encoding="utf-8")
    (folder / "data.csv").write_text(HEAD + "".join(figures), encoding="utf-8")
    (folder / "o.xlsx").unlink(missing_ok=True)  # it would not be written over
    arguments = [
        "--mapping",
        str(folder / "form.toml"),
        "--data",
        str(folder / "data.csv"),
        "-o",
        str(folder / "o.xlsx"),
    ]
    assert run(["questionnaire", "fill", str(folder / "form.xlsx"), *arguments]) == 0
    sheet = load_workbook(folder / "o.xlsx").worksheets[0]
    return {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None}


def test_flags_and_notes_are_written_beside_the_figures(tmp_path: Path, console: Console) -> None:
    cells = filled(
        tmp_path,
        form(),
        FORM,
        figure("2022", "M", value="10", status="P", note="Census year"),
        figure("2022", "F", value="20", status="A", note="Census year"),
        figure("2023", "M", "", "M"),
        figure("2023", "F", "21", "E"),
    )
    assert {name: cells.get(name) for name in ("B2", "C2", "D2", "E2", "F2")} == {
        "B2": 10,
        "C2": "p",
        "D2": 20,
        "E2": None,
        "F2": "Census year",
    }
    assert {name: cells.get(name) for name in ("B3", "C3", "D3", "E3", "F3")} == {
        "B3": None,
        "C3": ":",
        "D3": 21,
        "E3": "e",
        "F3": None,
    }
    assert "not in the workbook" not in console.readouterr().err


def test_filled_questionnaire_survives_a_round_trip(tmp_path: Path) -> None:
    figures = [
        figure("2022", "M", value="10", status="P", note="One"),
        figure("2022", "F", value="20", status="E", note="One"),
    ]
    filled(tmp_path, form(), FORM, *figures)
    mapping = load_mapping("form.toml", FORM.encode(), CATALOGUE.flows)
    content = (tmp_path / "o.xlsx").read_bytes()
    dataset = conversion.convert(tables.read("form.xlsx", content), mapping, CATALOGUE.flow("DF_POP")).dataset
    rows = dataset.observations.select("TIME_PERIOD", "SEX", "OBS_VALUE", "OBS_STATUS", "COMMENT_OBS").rows()
    assert rows == [("2022", "M", "10", "P", "One"), ("2022", "F", "20", "E", "One")]


def test_flag_of_an_older_figure_is_removed(tmp_path: Path) -> None:
    cells = filled(tmp_path, save_edited(form(), put("Form", B2=9, C2="e")), FORM, figure("2022", "M", "10", "A"))
    assert (cells["B2"], cells.get("C2")) == (10, None)


def test_differing_notes_are_not_written_to_a_common_cell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = [
        figure("2022", "M", value="10", status="A", note="One"),
        figure("2022", "F", value="20", status="A", note="Two"),
    ]
    cells = filled(tmp_path, form(), FORM, *figures)
    assert (cells["B2"], cells["D2"], cells.get("F2")) == (10, 20, None)
    assert "not in the workbook: 2 values of COMMENT_OBS that differ in one cell" in capsys.readouterr().err


def test_mark_in_place_of_a_figure_requires_no_flag(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shared = FORM.replace("beside 1", "beside Flag").replace(', ":" = "M"', "")
    shared += '[block.values]\nmissing = { ".." = "M" }\n'
    both = save_edited(form(), without_columns("Form", 3), put("Form", D1="Flag"))
    cells = filled(tmp_path, both, shared, figure("2022", "M", "", "M"), figure("2022", "F", "20", "P"))
    assert {name: cells.get(name) for name in ("B2", "C2", "D2")} == {"B2": "..", "C2": 20, "D2": "p"}
    cells = filled(tmp_path, both, shared, figure("2022", "M", "", "M"), figure("2022", "F", "20", "A"))
    assert {name: cells.get(name) for name in ("B2", "C2", "D2")} == {"B2": "..", "C2": 20, "D2": None}
    assert "not in the workbook" not in capsys.readouterr().err


def test_status_without_a_mark_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = filled(
        tmp_path,
        form(),
        FORM.replace(', "e" = "E"', "").replace(
            "[block.components.OBS_STATUS]", '[block.components.OBS_STATUS]\notherwise = "P"'
        ),
        figure("2022", "M", "10", "E"),
    )
    assert (cells["B2"], cells.get("C2")) == (10, None)
    assert "not in the workbook: 1 statuses E" in capsys.readouterr().err


def test_mark_is_appended_only_to_figures_outside_formulas(tmp_path: Path, console: Console) -> None:
    figures = [figure("2022", "M", "10", "P"), figure("2022", "F", "20.5", "E"), figure("2023", "F", "21", "A")]
    narrow = save_edited(form(), without_columns("Form", 5, 3))
    cells = filled(tmp_path, narrow, MARKED, *figures)
    assert (cells["B2"], cells["C2"], cells["C3"]) == ("10p", "20.5*", 21)
    console.readouterr()
    summed = save_edited(narrow, put("Form", A5="=SUM(B2:B3)"))
    cells = filled(tmp_path, summed, MARKED.replace('anchor = "Year"', 'anchor = "Year"\nlast = "D3"'), *figures)
    assert (cells["B2"], cells["C2"]) == (10, 20.5)
    assert "1 statuses E" in console.readouterr().err


@pytest.mark.parametrize(
    ("parts", "row", "named"),
    [
        ({"xl/vbaProject.bin": b"\xd0\xcf"}, "", "macros or embedded objects"),
        ({"xl/embeddings/o.bin": b"MZ"}, "", "macros or embedded objects"),
        ({"xl/connections.xml": b"<x/>"}, "", "data connections or links to other files"),
        (
            {},
            '<row r="9"><c r="A9"><f>HYPERLINK("http://e")</f><v>0</v></c></row>',
            "formulas that may reach out of it",
        ),
        ({}, '<row r="9"><c r="A9"><f>SUM(B2:B3)</f></c></row>', ""),
        ({}, "", ""),
    ],
)
def test_active_content_of_a_form_is_reported_and_kept(
    parts: dict[str, bytes], row: str, named: str, tmp_path: Path, console: Console
) -> None:
    content = io.BytesIO(form())
    with zipfile.ZipFile(content) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").replace(b"</sheetData>", f"{row}</sheetData>".encode())
        members = (
            {member: archive.read(member) for member in archive.namelist()}
            | {"xl/worksheets/sheet1.xml": sheet}
            | parts
        )
    with zipfile.ZipFile(tmp_path / "form.xlsx", "w") as archive:
        for member, part in members.items():
            archive.writestr(member, part)
    (tmp_path / "form.toml").write_text(FORM, encoding="utf-8")
    (tmp_path / "data.csv").write_text(HEAD + figure("2022", "M", "5", "A"), encoding="utf-8")
    arguments = ["--mapping", "form.toml", "--data", "data.csv", "-o", "o.xlsx"]
    arguments = [str(tmp_path / argument) if "." in argument else argument for argument in arguments]
    messages = console.errors("questionnaire", "fill", tmp_path / "form.xlsx", *arguments, code=0)
    assert ("and so has the copy: open it only if you trust who made it" in messages) == bool(named)
    assert f"The form has {named}" in messages or not named
    with zipfile.ZipFile(tmp_path / "o.xlsx") as archive:
        assert set(parts) <= set(archive.namelist())
