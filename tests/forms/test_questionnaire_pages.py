"""How a questionnaire looks: on paper, in Arabic, and within what spreadsheet programs can hold."""

from __future__ import annotations

import io
from typing import Any

import pytest
from edited_workbooks import edited, put
from filled_questionnaires import WORDS, asked, back, empty
from openpyxl import Workbook, load_workbook
from shipped import CATALOGUE

from sdmxmig.forms.questionnaires import to_workbook
from sdmxmig.reporting.outputs import marked_workbook

LONGEST_FORMULA = 8192  # signs, in Excel


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def test_labels_repeat_on_every_page_and_no_year_is_split() -> None:
    sheet: Any = opened(empty())["T1"]
    assert (sheet.print_title_cols, sheet.print_title_rows) == ("$A:$B", "$5:$9")
    assert [page_break.id for page_break in sheet.col_breaks.brk] == [11]  # behind the last column of 2023
    assert [sheet.cell(5, column).value for column in (9, 12)] == ["2023", "2024"]


def test_a_label_is_as_wide_as_its_column_or_has_lines_enough() -> None:
    sheet: Any = opened(to_workbook(asked("DF_UNSD_C01", (2024, 2024)), CATALOGUE, WORDS))["T1"]
    for row in range(10, 60):
        label, width = str(sheet.cell(row, 2).value or ""), sheet.column_dimensions["B"].width
        assert len(label) <= width or sheet.row_dimensions[row].height >= 2 * 15


@pytest.mark.parametrize("sheet", ["Sources and methods", "Further figures", "Notes", "Codes", "Instructions"])
def test_sheets_beside_the_tables_are_one_page_wide(sheet: str) -> None:
    page: Any = opened(empty())[sheet]
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight == 0


def test_no_formula_is_too_long_however_many_periods_are_asked_for() -> None:
    decades = to_workbook(asked(years=(1960, 2024)), CATALOGUE, WORDS)
    guide: Any = opened(decades).worksheets[0]
    formulas = [str(cell.value) for row in guide.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) == 2
    assert max(map(len, formulas)) < LONGEST_FORMULA


def test_english_words_in_an_arabic_questionnaire_run_from_left_to_right() -> None:
    sheet: Any = opened(empty("ar")).worksheets[0]
    texts = {str(cell.value): cell.alignment for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    english = [text for text in texts if text.isascii() and len(text.split()) > 3]
    assert english
    assert {(texts[text].horizontal, texts[text].readingOrder) for text in english} == {("left", 1)}


def test_marked_cells_are_explained_in_the_questionnaire_language() -> None:
    wrong = edited(empty("ar"), put("T1", C11="1,234"))
    answers = back(wrong)
    assert answers.language == "ar"
    marked = opened(marked_workbook.copy_with_marks("x.xlsx", wrong, answers.findings, language=answers.language))
    comment = marked["T1"]["C11"].comment
    assert comment is not None
    assert "اكتب الرقم من جديد" in comment.text
