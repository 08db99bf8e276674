"""Entries of offices outside the questions, and deletions, are never lost."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from console import Console
from edited_workbooks import put, save_edited
from filled_questionnaires import back, empty, figures, found
from openpyxl import Workbook
from openpyxl.comments import Comment
from shipped import CATALOGUE

from sdmxmig.cli import run
from sdmxmig.primitives.errors import InputError
from sdmxmig.reporting.outputs import marked_workbook

SOURCES, MORE, NOTES = "Sources and methods", "Further figures", "Notes"
ONE = [("_T", "_T", "2023", "1", "A")]
Edit = Callable[[Workbook], object]


def in_column(sheet: str, key: str, row: int, value: object) -> Edit:
    """Fill the cell of a row under a hidden key of the first row."""

    def edit(workbook: Workbook) -> None:
        page = workbook[sheet]
        (column,) = [cell.column for cell in page[1] if cell.value == key]
        page.cell(row, column).value = value

    return edit


def added_sheet(workbook: Workbook) -> None:
    workbook.create_sheet("Ours")["B2"].value = 77


def comment(sheet: str, cell: str) -> Edit:
    def edit(workbook: Workbook) -> None:
        workbook[sheet][cell].comment = Comment("break in series", "office")

    return edit


UNASKED: dict[str, tuple[Edit, tuple[str, str]]] = {
    "a figure on a sheet of the office's own": (added_sheet, ("MIG-0-208", "B2")),
    "a figure over a check": (put("T1", E10=5), ("MIG-0-208", "E10")),
    "a figure in a title": (put("T1", D3=5), ("MIG-0-208", "D3")),
    "a remark below a table": (put("T1", B40="Estimated from the census"), ("MIG-0-209", "B40")),
    "a remark beside the answers": (put(SOURCES, G8="see our page"), ("MIG-0-209", "G8")),
    "a remark beside the notes": (put(NOTES, Z9="see our page"), ("MIG-0-209", "Z9")),
    "a comment on a figure": (comment("T1", "C10"), ("MIG-0-209", "C10")),
}


@pytest.mark.parametrize("case", UNASKED)
def test_entry_outside_the_questions_is_reported(case: str) -> None:
    edit, expected = UNASKED[case]
    answers = back(save_edited(empty(), put("T1", C10=1), edit))
    assert found(answers) == [expected]
    assert figures(answers) == ONE


GONE: dict[str, Edit] = {
    SOURCES: lambda workbook: workbook[SOURCES].delete_cols(3),
    MORE: lambda workbook: workbook[MORE].delete_rows(1),
    NOTES: lambda workbook: workbook[NOTES].delete_cols(2),
}


@pytest.mark.parametrize("sheet", GONE)
def test_sheet_missing_or_without_a_column_is_reported(sheet: str) -> None:
    taken_out: Edit = lambda workbook: workbook.remove(workbook[sheet])  # noqa: E731 - one of two edits
    for edit in (GONE[sheet], taken_out):
        answers = back(save_edited(empty(), put("T1", C10=1), edit))
        assert "MIG-0-210" in dict(found(answers))
        assert [row[:4] for row in figures(answers)] == [ONE[0][:4]]


def test_figures_below_lost_keys_are_counted() -> None:
    lost = save_edited(save_edited(empty(), in_column(MORE, "attribute;OBS_VALUE", 6, 5)), GONE[MORE])
    assert ("MIG-0-208", "K5") in found(back(lost))


def test_removed_column_does_not_widen_a_note() -> None:
    noted = save_edited(
        empty(),
        put("T1", C10=1),
        in_column(NOTES, "label;AGE", 5, "Y0T14"),
        in_column(NOTES, "attribute;COMMENT_OBS", 5, "children"),
    )
    answers = back(save_edited(noted, lambda workbook: workbook[NOTES].delete_cols(3)))
    assert "MIG-0-210" in dict(found(answers))
    assert answers.dataset.observations["COMMENT_OBS"].to_list() == [None]


def test_answers_are_found_in_a_moved_column() -> None:
    moved = save_edited(save_edited(empty(), put("T1", C10=1)), lambda workbook: workbook[SOURCES].insert_cols(2))
    assert found(back(moved)) == []
    assert figures(back(moved)) == ONE


@pytest.mark.parametrize(
    "edits",
    [
        [in_column(NOTES, "attribute;COMMENT_OBS", 5, "unused"), in_column(NOTES, "label;TIME_PERIOD", 5, "2031")],
        [in_column(NOTES, "label;TIME_PERIOD", 5, "2023")],
    ],
)
def test_note_without_a_figure_is_reported(edits: list[Edit]) -> None:
    answers = back(save_edited(empty(), put("T1", C10=1), *edits))
    assert [rule for rule, _ in found(answers)] == ["MIG-0-211"]


@pytest.mark.parametrize("language", ["en", "ar"])
def test_corrected_marked_copy_is_read_as_questionnaire(language: str) -> None:
    wrong = save_edited(empty(language), put("T1", C10=1, C11="1,234"))
    copy = marked_workbook.copy_with_marks(
        "x.xlsx", wrong, back(wrong).findings, language=language, flows=CATALOGUE.flows
    )
    answers = back(save_edited(copy, put("T1", C11=1)))
    assert found(answers) == []
    assert len(figures(answers)) == 2


@pytest.mark.parametrize("text", ["١٢٣٤", "١٬٢٣٤", "۱۲۳۴", "１２３４", "1'234", "1’234", "1 234"])
def test_numbers_are_parsed_in_national_digits_and_separators(text: str) -> None:
    assert figures(back(save_edited(empty(), put("T1", C10=text)))) == [("_T", "_T", "2023", "1234", "A")]


def test_decimals_after_a_zero_are_not_read_as_thousands() -> None:
    assert figures(back(save_edited(empty(), put("T1", C10="0,125")))) == [("_T", "_T", "2023", "0.125", "A")]


def test_workbook_other_than_a_questionnaire_is_refused() -> None:
    written = io.BytesIO()
    Workbook().save(written)
    with pytest.raises(InputError, match="not a questionnaire"):
        back(save_edited(written.getvalue(), put("Sheet", A1="Population")))


def test_questionnaire_findings_do_not_mention_a_mapping(tmp_path: Path, console: Console) -> None:
    wrong = save_edited(
        empty(),
        put("T1", C10="..", C11=0.5, D12="Estimatd value", C12=3),
        in_column(MORE, "attribute;OBS_VALUE", 5, 7),
        in_column(MORE, "label;TIME_PERIOD", 5, "May 2020"),
    )
    (tmp_path / "q.xlsx").write_bytes(wrong)
    assert run(["questionnaire", "read", str(tmp_path / "q.xlsx"), "-o", str(tmp_path / "answers")]) == 1
    text = console.readouterr().out + (tmp_path / "answers" / "answers.json").read_text(encoding="utf-8")
    assert "Enter a number. If you do not have the figure, leave the cell empty" in text
    assert "mapping file" not in text
    assert "archivo de correspondencias" not in text
