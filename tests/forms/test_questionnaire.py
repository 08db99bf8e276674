"""Questionnaires: made from a structure, filled in, damaged as people damage workbooks, and read back."""

from __future__ import annotations

import io
import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from case_tables import cases_from, text_from
from click.testing import CliRunner, Result
from edited_workbooks import put, save_edited
from filled_questionnaires import LAYOUTS, WORDS, asked, back, empty, figures, found
from openpyxl import Workbook, load_workbook
from saved_workbooks import saved
from shipped import CATALOGUE

from benchmarks import questionnaire_damage
from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.cli import cli
from sdmxmig.conversion import tables
from sdmxmig.forms.questionnaires import is_questionnaire, plan, write_workbook
from sdmxmig.primitives.errors import InputError, SdmxmigError
from sdmxmig.sdmx.formats import FORMATS, data_bytes
from sdmxmig.sdmx.frames import build_origins, build_text_frame
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.sdmx.model.submission import Header, Party

FLOW = CATALOGUE.flow("DF_ESTAT_DEMO_PJAN")
STRUCTURE = FLOW.structure
FIXED = dict.fromkeys(STRUCTURE.series_key, "_T") | {"FREQ": "A", "REF_AREA": "GE"}
LANGUAGES = ("en", "fr", "es", "ar", "ru", "zh")


def observations(rows: Iterable[dict[str, str]]) -> Dataset:
    columns = [*STRUCTURE.key, "OBS_VALUE", *(component.id for component in STRUCTURE.attributes("observation"))]
    listed = [{**FIXED, **row} for row in rows]
    keys = STRUCTURE.series_key
    series = {tuple(row[name] for name in keys): {name: row[name] for name in keys} for row in listed}
    series_rows = [row | {"UNIT_MEASURE": "PS"} for row in series.values()]
    names = [*keys, *(component.id for component in STRUCTURE.attributes("series"))]
    return Dataset(
        FLOW,
        build_text_frame(columns, listed),
        series=build_text_frame(names, series_rows),
        attributes={},
        origins=build_origins(),
    )


KNOWN = (
    {"AGE": "_T", "TIME_PERIOD": "2023", "OBS_VALUE": "100", "OBS_STATUS": "A", "UNIT_MULT": "0"},
    {"AGE": "_T", "TIME_PERIOD": "2024", "OBS_VALUE": "110.50", "OBS_STATUS": "P", "UNIT_MULT": "0"},
    {"AGE": "Y0T14", "TIME_PERIOD": "2024", "OBS_STATUS": "O", "UNIT_MULT": "0", "COMMENT_OBS": "= not yet"},
    {"AGE": "Y0T4", "SEX": "F", "TIME_PERIOD": "2024", "OBS_VALUE": "7", "OBS_STATUS": "A", "UNIT_MULT": "3"},
    {"AGE": "Y0T4", "SEX": "M", "TIME_PERIOD": "2024", "OBS_VALUE": "1234567890.1234567", "UNIT_MULT": "0"},
    {"AGE": "Y7", "TIME_PERIOD": "1999", "OBS_VALUE": "3", "OBS_STATUS": "E"},
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_dataset_survives_a_round_trip_as_questionnaire(language: str) -> None:
    dataset = observations(KNOWN)
    answers = back(write_workbook(asked(), CATALOGUE, WORDS, language=language, dataset=dataset))
    assert found(answers) == []
    assert answers.dataset.observations.sort(STRUCTURE.key).equals(dataset.observations.sort(STRUCTURE.key))
    keys = list(STRUCTURE.series_key)
    assert answers.dataset.series.sort(keys).equals(dataset.series.sort(keys))


def test_every_figure_has_cells_of_value_status_and_headers() -> None:
    answers = back(save_edited(empty(), put("T1", C10=5, D10="E – Estimated value")))
    origins = answers.dataset.origins.with_columns(answers.dataset.origins["component"].cast(str))
    cells = {row[1]: row[4:] for row in origins.rows()}
    assert cells["OBS_VALUE"] == (10, 3)
    assert cells["OBS_STATUS"] == (10, 4)
    assert cells["AGE"] == (10, 2)
    assert cells["TIME_PERIOD"] == (5, 3)


def test_equal_questionnaires_have_equal_bytes() -> None:
    assert empty() == write_workbook(asked(), CATALOGUE, WORDS)


def test_only_input_cells_are_unlocked() -> None:
    sheet: Any = load_workbook(io.BytesIO(empty()))["T1"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    assert sheet["B10"].protection.locked
    assert not sheet["C10"].protection.locked
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["A"].hidden
    kinds = sorted({rule.type for rule in sheet.data_validations.dataValidation})
    assert kinds == ["decimal", "list"]


def test_arabic_questionnaire_runs_from_right_to_left() -> None:
    workbook = load_workbook(io.BytesIO(write_workbook(asked(), CATALOGUE, WORDS, language="ar")))
    assert all(sheet.sheet_view.rightToLeft for sheet in workbook.worksheets)
    assert workbook["T1"]["B10"].value == "المجموع"


def test_technical_sheet_is_hidden() -> None:
    workbook = load_workbook(io.BytesIO(empty()))
    assert workbook["sdmxmig"].sheet_state == "veryHidden"
    assert workbook.worksheets[0].title == "Instructions"


def test_status_can_be_typed_as_code_name_or_both() -> None:
    typed = put("T1", C10=12.5, D10="Estimated value", C11="1 234", D11="e", C12="12,5", D12="E – Estimated value")
    values = [(row[3], row[4]) for row in figures(back(save_edited(empty(), typed)))]
    assert sorted(values) == [("12.5", "E"), ("12.5", "E"), ("1234", "E")]


@pytest.mark.parametrize("text", ["1,234", "1.234", "12.345"])
def test_ambiguous_number_is_refused(text: str) -> None:
    answers = back(save_edited(empty(), put("T1", C10=text)))
    assert found(answers) == [("MIG-0-206", "C10")]
    assert figures(answers) == []


def test_non_numeric_text_is_kept_for_validation() -> None:
    answers = back(save_edited(empty(), put("T1", C10="12o4")))
    assert [row[3] for row in figures(answers)] == ["12o4"]


def test_empty_cell_with_a_status_is_a_missing_value() -> None:
    answers = back(save_edited(empty(), put("T1", D10="L")))
    assert figures(answers) == [("_T", "_T", "2023", None, "L")]


def test_empty_figures_are_counted() -> None:
    answers = back(save_edited(empty(), put("T1", C10=1, D11="L")))
    (finding,) = answers.findings.items
    assert dict(finding.parameters)["count"] == "136"
    assert finding.sentence() == "136 of 138 figures of table T1 are empty and have no status."


def test_renamed_header_is_reported_and_read_by_hidden_key() -> None:
    answers = back(save_edited(empty(), put("T1", C10=1, B10="Everybody")))
    assert found(answers) == [("MIG-0-201", "B10")]
    assert figures(answers) == [("_T", "_T", "2023", "1", "A")]


def test_header_in_another_language_is_not_reported_as_renamed() -> None:
    assert found(back(save_edited(empty(), put("T1", C11=1, B11="0 à 14 ans")))) == []


def test_header_contradicting_its_hidden_code_is_ignored() -> None:
    answers = back(save_edited(empty(), put("T1", C10=1, C11=2, B10="0 to 14 years", B11="Total")))
    assert found(answers) == [("MIG-0-202", "B10"), ("MIG-0-202", "B11")]
    assert figures(answers) == []


def test_column_contradicting_its_hidden_year_is_ignored() -> None:
    answers = back(save_edited(empty(), put("T1", C10=1, C5="2019")))
    assert found(answers) == [("MIG-0-202", "C5")]
    assert figures(answers) == []


def test_row_moved_with_its_hidden_key_is_recognised() -> None:
    def sort(workbook: Workbook) -> None:
        sheet = workbook["T1"]
        first, second = ([sheet.cell(row, column).value for column in range(1, 30)] for row in (10, 11))
        for column, (lower, upper) in enumerate(zip(second, first, strict=True), start=1):
            if not str(lower).startswith("=") and not str(upper).startswith("="):
                sheet.cell(10, column).value, sheet.cell(11, column).value = lower, upper

    answers = back(save_edited(save_edited(empty(), put("T1", C10=1, C11=2)), sort))
    assert found(answers) == []
    assert figures(answers) == [("Y0T14", "_T", "2023", "2", "A"), ("_T", "_T", "2023", "1", "A")]


def test_deleted_or_copied_row_is_reported_and_not_read() -> None:
    gone = back(save_edited(empty(), put("T1", C11=2), lambda workbook: workbook["T1"].delete_rows(10)))
    assert found(gone)[0] == ("MIG-0-203", "")
    assert figures(gone) == [("Y0T14", "_T", "2023", "2", "A")]

    twice = back(save_edited(empty(), put("T1", C10=1, C11=2, A11="row;;AGE=_T", B11="Total")))
    assert figures(twice) == []
    assert found(twice)[0] == ("MIG-0-203", "B10")


def test_figures_beside_the_table_are_reported() -> None:
    answers = back(save_edited(empty(), put("T1", C40=99)))
    assert found(answers) == [("MIG-0-208", "C40")]
    assert figures(answers) == []


def test_renamed_sheet_is_recognised_by_its_hidden_cell() -> None:
    def rename(workbook: Workbook) -> None:
        workbook["T1"].title = "Data 2024"

    answers = back(save_edited(empty(), put("T1", C10=1), rename))
    assert figures(answers) == [("_T", "_T", "2023", "1", "A")]


def test_missing_sheet_is_reported() -> None:
    answers = back(save_edited(empty(), lambda workbook: workbook.remove(workbook["T1"])))
    assert found(answers) == [("MIG-0-203", "")]


def test_questionnaire_without_hidden_sheet_is_refused() -> None:
    content = save_edited(empty(), lambda workbook: workbook.remove(workbook["sdmxmig"]))
    assert is_questionnaire(tables.read("x.xlsx", content))
    with pytest.raises(InputError, match="hidden sheet"):
        back(content)


def test_copied_sheet_is_refused() -> None:
    content = save_edited(empty(), lambda workbook: workbook.copy_worksheet(workbook["T1"]))
    with pytest.raises(InputError, match="same sheet"):
        back(content)


def test_errors_and_unevaluated_formulas_are_not_figures() -> None:
    answers = back(save_edited(empty(), put("T1", C10="=1+1", C11="#N/A")))
    assert [rule for rule, _ in found(answers)] == ["MIG-0-012", "MIG-0-014"]
    assert figures(answers) == []


def test_notes_and_answers_apply_to_their_figures() -> None:
    content = write_workbook(asked(), CATALOGUE, WORDS, dataset=observations(KNOWN[:2]))
    workbook = load_workbook(io.BytesIO(content))
    heads = {workbook["Notes"].cell(1, column).value: column for column in range(1, 20)}
    year, comment = heads["label;TIME_PERIOD"], heads["attribute;COMMENT_OBS"]

    def note(workbook: Workbook) -> None:
        rows = [row for row in range(5, 12) if not workbook["Notes"].cell(row, year).value]
        workbook["Notes"].cell(rows[0], year).value = "2024"
        workbook["Notes"].cell(rows[0], comment).value = "revised"

    answers = back(save_edited(content, note))
    comments = dict(answers.dataset.observations.select("TIME_PERIOD", "COMMENT_OBS").rows())
    assert comments == {"2023": None, "2024": "revised"}


def test_sources_and_methods_become_reference_metadata() -> None:
    content = empty()
    sheet = load_workbook(io.BytesIO(content))["Sources and methods"]
    rows = {str(sheet.cell(row, 1).value): row for row in range(1, sheet.max_row + 1)}
    name = f"C{rows['report;CONTACT.CONTACT_ORGANISATION']}"
    answers = back(save_edited(content, put("Sources and methods", **{name: "Office"})))
    (contact,) = answers.metadata.reports[0].attributes
    assert (contact.id, contact.attributes[0].id, contact.attributes[0].values) == (
        "CONTACT",
        "CONTACT_ORGANISATION",
        ("Office",),
    )


def test_totals_are_checked_by_formulas_naming_their_parts() -> None:
    workbook = load_workbook(io.BytesIO(write_workbook(asked("DF_ESTAT_DEMO_PJAN", (2024, 2024)), CATALOGUE, WORDS)))
    sheet = workbook["T1"]
    assert sheet["B10"].value == "Total"
    formula = str(sheet["E10"].value)
    assert "AND(COUNT(C10)=1,COUNT(F10,I10)=2),ROUND(C10-SUM(F10,I10),6)<>0" in formula
    assert '"✕ Sex: "&ROUND(C10-SUM(F10,I10),2)' in formula
    assert "SUM(C11,C15,C26,C32)" in formula


@pytest.mark.parametrize("flow", [name for name in CATALOGUE.flows if name.startswith("DF_") and name != "DF_FINDING"])
def test_every_statistical_dataflow_has_a_questionnaire(flow: str) -> None:
    found_ = asked(flow, (2024, 2024))
    keys = {component.id for component in found_.flow.structure.select_role("dimension")}
    for grid in found_.grids:
        assert {*grid.fixed, *grid.by_row, *grid.by_column[1:]} == keys
        assert len(set(grid.rows)) == len(grid.rows)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(
        cli, [str(argument) for argument in arguments], catch_exceptions=False, standalone_mode=False
    )


@pytest.mark.every_day
def test_questionnaire_command_writes_and_reads_the_form(tmp_path: Path) -> None:
    target = tmp_path / "pop.xlsx"
    made = run("questionnaire", "make", "DF_ESTAT_DEMO_PJAN", "--area", "GE", "--years", "2023:2024", "-o", target)
    assert made.stdout.strip() == str(target)
    target.write_bytes(save_edited(target.read_bytes(), put("T1", C10=10, F10=5, I10="12x")))
    result = run("questionnaire", "read", target, "-o", tmp_path / "answers", "--now", "2026-01-01")
    assert result.return_value == 1
    assert "pop.xlsx › T1 › I10" in result.stdout
    files = sorted(path.name for path in (tmp_path / "answers").iterdir())
    assert files == [
        "DF_ESTAT_DEMO_PJAN.csv",
        "DF_ESTAT_DEMO_PJAN.origins.parquet",
        "DF_ESTAT_DEMO_PJAN.xml",
        "answers.json",
        "made.json",
        "pop.checked.xlsx",
    ]


@cases_from("forms/cases/a_request_that_cannot_be_met_is_explained.csv")
def test_impossible_request_is_refused_with_a_reason(
    line: str, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SdmxmigError, match=expected):
        run("questionnaire", *line.split())


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"area": "GX"}, "“GX” is not a country"),
        ({"area": "Suède"}, r"“Suède” is not a country of DF_\w+\. Did you mean SE \(Sweden\)\?"),
        ({"freq": "X"}, "“X” is not a frequency"),
        ({"years": (2024, 2023)}, "is not a range of years"),
        ({"years": (1000, 2000)}, "at most 120 periods"),
    ],
)
def test_impossible_country_or_period_is_refused_by_name(choices: dict[str, Any], expected: str) -> None:
    with pytest.raises(SdmxmigError, match=expected):
        plan(CATALOGUE, FLOW, LAYOUTS, **{"area": "GE", "years": (2024, 2024), **choices})


def test_language_without_translation_is_refused() -> None:
    with pytest.raises(SdmxmigError, match="not translated into “ka”"):
        write_workbook(asked(), CATALOGUE, WORDS, language="ka")


def test_data_of_another_dataflow_are_refused() -> None:
    with pytest.raises(SdmxmigError, match="not of DF_POP"):
        write_workbook(asked("DF_POP"), CATALOGUE, WORDS, dataset=observations(KNOWN))


def test_figures_of_a_damaged_form_are_right_or_reported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(questionnaire_damage, "load", lambda: CATALOGUE)
    reader = questionnaire_damage.Reader()
    for case in questionnaire_damage.cases(22):
        assert reader.outcome(case) in ("read", "found"), case.id


FORM_MAPPING = text_from("forms/cases/questionnaire_form_mapping.toml")


def form() -> bytes:
    """An agency's own workbook: years over sexes, totals as formulas, colours and a picture of no importance."""
    workbook = Workbook()
    sheet: Any = workbook.worksheets[0]
    sheet.title = "Table"
    sheet["A1"].value = "Population in thousands"
    for column, texts in enumerate([("Age", ""), ("2023", "Both"), ("", "Men"), ("", "Women")], start=1):
        sheet.cell(3, column).value, sheet.cell(4, column).value = texts
    for row, label in ((5, "All ages"), (6, "Children")):
        sheet.cell(row, 1).value = label
        sheet.cell(row, 2).value = f"=C{row}+D{row}"
        sheet.cell(row, 3).number_format = "#,##0.0"
    workbook.create_sheet("Notes")["A1"].value = "Please return by May."
    return saved(workbook)


def test_mapping_run_backwards_fills_in_its_workbook(tmp_path: Path) -> None:
    (tmp_path / "form.xlsx").write_bytes(form())
    (tmp_path / "form.toml").write_text(FORM_MAPPING, encoding="utf-8")
    listed = [
        {"SEX": sex, "AGE": age, "TIME_PERIOD": "2023", "OBS_STATUS": status, "UNIT_MULT": "0"}
        | ({"OBS_VALUE": value} if value else {})
        for sex, age, value, status in (
            ("M", "_T", "1200", "A"),
            ("F", "_T", "1250", "A"),
            ("_T", "_T", "2450", "A"),
            ("M", "Y0T14", "", "L"),
            ("F", "Y15T64", "9", "A"),
        )
    ]
    dataset = observations(listed)
    target = tmp_path / "data.csv"
    target.write_bytes(data_bytes(FORMATS["sdmx-csv-2.0"], [dataset], Header("D", "2026-01-01", sender=Party("GE"))))
    filled = tmp_path / "filled.xlsx"
    arguments = ("--mapping", tmp_path / "form.toml", "--data", target, "-o", filled)
    result = run("questionnaire", "fill", tmp_path / "form.xlsx", *arguments)
    assert "1 figures for which the workbook has no cell" in result.stderr
    assert "3 cells filled in, 1 without data" in result.stderr
    sheet = load_workbook(filled)["Table"]
    assert [[cell.value for cell in row] for row in sheet["B5:D6"]] == [["=C5+D5", 1.2, 1.25], ["=C6+D6", "..", None]]
    assert sheet["C5"].number_format == "#,##0.0"
    before, after = (zipfile.ZipFile(tmp_path / name) for name in ("form.xlsx", "filled.xlsx"))
    assert sorted(before.namelist()) == sorted(after.namelist())
    changed = [name for name in before.namelist() if before.read(name) != after.read(name)]
    assert changed == ["xl/worksheets/sheet1.xml"]


def test_corrected_figures_are_written_to_the_office_workbook(tmp_path: Path) -> None:
    folder = tmp_path / "ge"
    shutil.copytree(find_shipped_folder("examples") / "georgia", folder)
    run("convert", folder, "--now", "2026-01-01")
    data = folder / "out" / "data" / "DF_POP.csv"
    text = data.read_text(encoding="utf-8")
    assert text.count(",2017,3726.4,") == 1
    (tmp_path / "new.csv").write_text(text.replace(",2017,3726.4,", ",2017,3726.5,"), encoding="utf-8")
    result = run("questionnaire", "correct", "--data", tmp_path / "new.csv", "--workspace", folder, "-o", tmp_path)
    assert "1 cells written, 1 marked" in result.stderr
    before = load_workbook(folder / "tables" / "population.xlsx")
    changed = [
        (cell.coordinate, cell.value)
        for sheet in load_workbook(tmp_path / "population.corrected.xlsx")
        for row in sheet.iter_rows()
        for cell in row
        if cell.value != before[sheet.title][cell.coordinate].value
    ]
    assert [value for _, value in changed] == [3726.5], "all else stays, formulas too"
    workbook = load_workbook(tmp_path / "population.checked.xlsx")
    marked = [
        (sheet.title, cell.value, cell.comment.text)
        for sheet in workbook.worksheets[1:]
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment and "MIG-0-207" in cell.comment.text
    ]
    assert [value for _, value, _ in marked] == [3726.5]
    assert "3726.4" in marked[0][2]


def test_general_answer_is_the_source_cell_of_its_figures() -> None:
    workbook = load_workbook(io.BytesIO(empty()))["Sources and methods"]
    (row,) = [row for row in range(1, 60) if workbook.cell(row, 1).value == "attribute;RES_RULE"]
    answers = back(save_edited(empty(), put("T1", C10=1), put("Sources and methods", **{f"C{row}": "by law"})))
    assert answers.dataset.series["RES_RULE"].to_list() == ["by law"]  # validation says that it is no code
    origins = [row[3:] for row in answers.dataset.origins.rows() if row[1] == "RES_RULE"]
    assert origins == [("Sources and methods", row, 3)]


def test_workspace_reads_a_questionnaire_without_mapping(tmp_path: Path) -> None:
    folder = tmp_path / "ge"
    (folder / "tables").mkdir(parents=True)
    shutil.copy(find_shipped_folder("examples") / "georgia" / "country.toml", folder)
    (folder / "tables" / "pop.xlsx").write_bytes(save_edited(empty(), put("T1", C10=10, B12="Infants", C12=3)))
    (folder / "tables" / "notes.pdf").write_bytes(b"%PDF")
    result = run("convert", folder, "--now", "2026-01-01")
    assert "No mapping reads notes.pdf" in result.stderr
    assert "2 observations in 1 dataset" in result.stderr
    result = run("validate", folder, "--now", "2026-01-01")
    assert "pop.xlsx › T1 › B12" in result.stdout


def test_workspace_without_mapping_is_refused_with_a_fix(tmp_path: Path) -> None:
    shutil.copy(find_shipped_folder("examples") / "georgia" / "country.toml", tmp_path)
    with pytest.raises(SdmxmigError, match="no mapping"):
        run("convert", tmp_path)
