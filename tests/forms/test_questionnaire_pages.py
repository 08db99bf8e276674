"""How a questionnaire looks: on paper, in Arabic, and within what spreadsheet programs can hold."""

from __future__ import annotations

import io
from typing import Any

from edited_workbooks import put, save_edited
from filled_questionnaires import WORDS, asked, back, empty
from openpyxl import Workbook, load_workbook
from shipped import CATALOGUE

from sdmxmig.forms.questionnaires import write_workbook
from sdmxmig.reporting.outputs import marked_workbook

LONGEST_FORMULA = 8192  # signs, in Excel


def opened(content: bytes) -> Workbook:
    return load_workbook(io.BytesIO(content))


def test_formulas_stay_short_for_any_number_of_periods() -> None:
    decades = write_workbook(asked(years=(1960, 2024)), CATALOGUE, WORDS)
    guide: Any = opened(decades).worksheets[0]
    formulas = [str(cell.value) for row in guide.iter_rows() for cell in row if cell.data_type == "f"]
    assert len(formulas) == 2
    assert max(map(len, formulas)) < LONGEST_FORMULA


def test_marked_cells_are_explained_in_the_form_language() -> None:
    wrong = save_edited(empty("ar"), put("T1", C11="1,234"))
    answers = back(wrong)
    assert answers.language == "ar"
    marked = opened(marked_workbook.copy_with_marks("x.xlsx", wrong, answers.findings, language=answers.language))
    comment = marked["T1"]["C11"].comment
    assert "اكتب الرقم من جديد" in comment.text
