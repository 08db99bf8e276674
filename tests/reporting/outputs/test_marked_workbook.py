"""Faulty cells are marked in a copy of the office's workbook; everything else is unchanged."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from folders import TESTS
from made_findings import finding_at
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font
from saved_workbooks import saved

from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.reporting.outputs.marked_workbook import FILL_COLOURS, RELATED_COLOURS, copy_with_marks
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Finding, Findings

NAME = "population.xlsx"


def finding(
    cell: str, *others: str, rule: str = "MIG-1-003", severity: str = "error", value: str = "Mal", sheet: str = "Data"
) -> Finding:
    return Finding(
        rule,
        "1",
        severity=severity,
        level=1,
        flow="DF_POP",
        message=Text.of(en="“{value}” is not a code.", fr="« {value} » n’est pas un code."),
        hint=Text.of(en="Did you mean {nearest}?"),
        parameters=(("nearest", "M"), ("value", value)),
        observed=value,
        expected="M, F",
        place=Place(NAME, sheet, cell=cell) if cell else None,
        others=tuple(Place(NAME, sheet, cell=other) for other in others),
    )


def workbook(title: str = "Data") -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    sheet["A1"] = "Population"
    sheet["A1"].font = Font(bold=True, size=18)
    sheet.merge_cells("A1:C1")
    sheet["A2"], sheet["B2"], sheet["C2"] = "Sex", "Mal", 1793.8
    sheet["B3"] = 1793.8
    sheet["B3"].comment = Comment("Our own note", "Office")
    sheet["B3"].number_format = "#,##0.0"
    sheet["B4"] = "=not a formula"
    sheet["B4"].data_type = "s"
    return saved(book)


def marked(content: bytes, *items: Finding, **options: Any) -> Workbook:
    return load_workbook(io.BytesIO(copy_with_marks(NAME, content, Findings(items), **options)))


def rows(book: Workbook) -> list[tuple[object, ...]]:
    return list(book.worksheets[0].iter_rows(values_only=True))


def test_cells_are_coloured_with_fault_and_fix() -> None:
    book = marked(workbook(), finding("B2"), finding("B3", severity="warning", value="5"))
    sheet = book["Data"]
    assert sheet["B2"].fill.fgColor.rgb == FILL_COLOURS["error"]
    assert sheet["B2"].comment.text == "MIG-1-003 – “Mal” is not a code. – Did you mean M?"
    assert sheet["B3"].fill.fgColor.rgb == FILL_COLOURS["warning"]
    assert sheet["B3"].comment.text.startswith("Our own note\n\nMIG-1-003 – “5”")
    assert sheet["A2"].fill.fill_type is None


def test_related_cells_have_a_lighter_colour_and_a_note() -> None:
    book = load_workbook(io.BytesIO(workbook()))
    book.create_sheet("Parts")["C8"] = 30041
    wrong_total = replace(finding("B2"), related=(Place(NAME, "Parts", cell="C8"), Place(NAME, "Data", cell="B3")))
    copy = marked(saved(book), wrong_total, finding("B3", severity="information"))
    assert copy["Parts"]["C8"].fill.fgColor.rgb == RELATED_COLOURS["error"] != FILL_COLOURS["error"]
    assert "MIG-1-003" in copy["Parts"]["C8"].comment.text
    assert "Data!B2" in copy["Parts"]["C8"].comment.text
    assert copy["Data"]["B3"].fill.fgColor.rgb == FILL_COLOURS["information"], "its own finding determines its colour"
    assert " B2. " in copy["Data"]["B3"].comment.text
    listed = [line for line in rows(copy) if line[1] == "MIG-1-003"]
    assert listed[0][9] == "Parts!C8, Data!B3"


def test_workbook_of_related_cells_lists_findings_of_others() -> None:
    elsewhere = replace(finding(""), place=Place("flows.xlsx", "Table 2", cell="B11"))
    copy = marked(workbook(), replace(elsewhere, related=(Place(NAME, "Data", cell="B3"),)), elsewhere)
    assert copy["Data"]["B3"].fill.fgColor.rgb == RELATED_COLOURS["error"]
    assert "related to the finding in flows.xlsx › Table 2 › B11." in copy["Data"]["B3"].comment.text
    listed = [line for line in rows(copy) if line[1] == "MIG-1-003"]
    assert [(line[8], line[9]) for line in listed] == [("flows.xlsx › Table 2 › B11", "Data!B3")]


def test_content_of_the_office_is_kept() -> None:
    before, after = load_workbook(io.BytesIO(workbook()))["Data"], marked(workbook(), finding("B2"))["Data"]
    assert [[cell.value for cell in line] for line in after] == [[cell.value for cell in line] for line in before]
    assert after.merged_cells.ranges == before.merged_cells.ranges
    assert after["A1"].font.size == 18
    assert after["B3"].number_format == "#,##0.0"
    assert after["B4"].data_type == "s"


def test_first_sheet_counts_findings_and_links_to_cells() -> None:
    book = marked(
        workbook(), finding("B3", "B4", severity="warning"), finding("B2"), finding("", severity="information")
    )
    sheet = book.worksheets[0]
    assert book.active is sheet
    assert sheet.title == "Findings"
    assert [(line[0], str(line[1])[0]) for line in rows(book)[3:6]] == [(1, "✕"), (1, "!"), (1, "i")]
    listed = [line for line in rows(book) if line[1] == "MIG-1-003"]
    assert listed[0] == (
        *(
            "✕ error",
            "MIG-1-003",
            "Data › B2",
            "DF_POP",
            "“Mal” is not a code.",
            "Did you mean M?",
            "Mal",
            "M, F",
            None,
            None,
        ),
    )
    assert [line[0] for line in listed] == ["✕ error", "! warning", "i information"]
    assert listed[1][8] == "Data › B4"
    links = [cell.hyperlink.location for line in sheet for cell in line if cell.hyperlink]
    assert links == ["'Data'!B2", "'Data'!B3"]


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("http://example.org")', "a\x00b\x1b", "x" * 50_000]
)
def test_text_from_data_does_not_become_a_formula(text: str) -> None:
    book = marked(workbook(), finding("B2", value=text))
    for line in book.worksheets[0]:
        for cell in line:
            assert cell.data_type in ("s", "n")
    seen = book.worksheets[0].cell(11, 7)
    assert seen.value[:1] == text[:1]
    assert seen.quotePrefix == (text[0] in "=+-@")


@pytest.mark.parametrize("title", ["Findings", "FINDINGS"])
def test_existing_sheet_named_findings_keeps_its_name(title: str) -> None:
    book = marked(workbook(title), finding("B2", sheet=title))
    assert book.sheetnames == ["Findings 2", title]
    assert book[title]["B2"].comment


def test_sheet_name_with_an_apostrophe_can_be_linked() -> None:
    book = marked(workbook("l'année"), finding("B2", sheet="l'année"))
    assert [cell.hyperlink.location for line in book.worksheets[0] for cell in line if cell.hyperlink] == [
        "'l''année'!B2"
    ]


def test_fault_in_a_merged_cell_is_marked_visibly() -> None:
    assert marked(workbook(), finding("C1"))["Data"]["A1"].comment


def test_cell_with_two_findings_has_the_worse_colour() -> None:
    book = marked(workbook(), finding("B2", severity="warning", rule="MIG-2-001"), finding("B2"))
    assert book["Data"]["B2"].fill.fgColor.rgb == FILL_COLOURS["error"]
    assert "MIG-2-001" in book["Data"]["B2"].comment.text
    assert "MIG-1-003" in book["Data"]["B2"].comment.text


def test_findings_of_other_workbooks_are_left_out() -> None:
    book = marked(workbook(), finding_at(Place("other.xlsx", "Data", cell="B2"), rule="MIG-9-999"))
    assert book["Data"]["B2"].comment is None
    assert not any("MIG-9-999" in line for line in rows(book))


def test_sentences_are_in_the_language_of_the_office() -> None:
    book = marked(workbook(), finding("B2"), language="fr")
    assert "« Mal » n’est pas un code." in book["Data"]["B2"].comment.text
    assert marked(workbook(), language="ar").worksheets[0].sheet_view.rightToLeft


def test_text_file_becomes_a_workbook() -> None:
    findings = Findings((finding_at(Place("a.csv", "", cell="B2")),))
    book = load_workbook(io.BytesIO(copy_with_marks("a.csv", b"Year,Men\n2022,=1+1\n", findings)))
    sheet = book.worksheets[1]
    assert (sheet["B2"].value, sheet["B2"].data_type) == ("=1+1", "s")
    assert sheet["B2"].comment.text == "R – x"


@pytest.mark.parametrize("suffix", ["xls", "ods"])
def test_workbook_of_another_format_keeps_its_sheets(suffix: str) -> None:
    content = (TESTS / "conversion" / "workbooks" / "twins" / f"stocks.{suffix}").read_bytes()
    place = Place("stocks", "Working", cell="B2")
    finding = Finding("R", "1", severity="error", level=1, flow="DF", message=Text.of(en="x"), hint=Text(), place=place)
    book = load_workbook(io.BytesIO(copy_with_marks("stocks", content, Findings((finding,)))))
    assert book.sheetnames[1:] == ["Stocks", "Working"]
    assert book["Stocks"]["A4"].value == "Côte d'Ivoire"
    assert book["Working"]["B2"].comment.text == "R – x"


def test_finding_at_a_missing_cell_is_listed_without_mark() -> None:
    book = marked(workbook(), finding("ZZZZ99", sheet="Data"), finding("B2", sheet="Gone"))
    assert sum(line[1] == "MIG-1-003" for line in rows(book)) == 2


def test_damaged_workbook_is_refused() -> None:
    with pytest.raises(InputError):
        copy_with_marks(NAME, b"PK\x03\x04 not a workbook", Findings())
