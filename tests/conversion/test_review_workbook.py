"""The review workbook asks in words of the office's language, and reads names, codes or both back."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from case_tables import cases_from
from proposed import WORDS
from saved_workbooks import saved
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.review_workbook import read_decisions, write_review
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.workspace.proposals import propose

FLOW = CATALOGUE.flow("DF_IMM")
NO_ANSWERS = Answers("t.xlsx", FLOW.id)
TABLES = read(
    "people.csv", b"Regularised immigrants\nCitizenship,2022,2023\nGermany,1,3\nNiger,2,8\nSchmurgeland,3,4\n"
)
ANSWER, PART = 7, 9
ACCEPT = "all proposals"
IDS_ALONE = re.compile(r"(?<![(“])\b(?:[A-Z]+_[A-Z_]+|0\.\d\d)\b(?![)”])")


def review(language: str = "en") -> Any:
    tried = propose(TABLES, FLOW.id, CATALOGUE, WORDS, area="KE")
    content = write_review(tried.proposal, tried.questions, NO_ANSWERS, tried.examples, TABLES, FLOW, language=language)
    return openpyxl.load_workbook(io.BytesIO(content))


def row_of(sheet: Any, part: str) -> int:
    return next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, PART).value == part)


def answered(book: Any) -> dict[str, str]:
    answers = read_decisions("review.xlsx", read("review.xlsx", saved(book)), FLOW)
    return {answer.part: answer.answer for answer in answers}


def test_visible_cells_of_a_review_contain_no_bare_id_or_score() -> None:
    for sheet in (each for each in review() if each.sheet_state == "visible"):
        columns = [column for column, shape in sheet.column_dimensions.items() if not shape.hidden]
        texts = [str(cell.value) for row in sheet for cell in row if cell.value and cell.column_letter in columns]
        assert [text for text in texts if IDS_ALONE.search(text)] == []


def test_first_sheet_lists_steps_and_number_of_questions() -> None:
    book = review()
    texts = [cell.value for row in book.worksheets[0] for cell in row if cell.value]
    assert "Table: people.csv" in texts
    rows = [book["Questions"].cell(row, PART).value for row in range(2, book["Questions"].max_row + 1)]
    assert f"Open questions: {len(rows) - rows.count(ACCEPT)}" in texts
    assert {"1.", "2.", "3.", "4.", "5."} <= set(texts)


@cases_from("conversion/cases/questions_are_in_the_language_of_the_office.csv")
def test_questions_are_in_the_language_of_the_office(language: str, sheet: str, question: str, listed: str) -> None:
    book = review(language)
    row = row_of(book[sheet], "fixed RES_RULE")
    assert question in book[sheet].cell(row, 1).value
    drop = next(each for each in book[sheet].data_validations.dataValidation if f"G{row}" in str(each.sqref))
    title, _, cells = drop.formula1.partition("!")
    names = [cell.value for (cell,) in book[title.strip("'")][cells.replace("$", "")]]
    assert len(names) == len(FLOW.codelist("RES_RULE") or ())
    assert any(listed in name for name in names)
    book[sheet].cell(row, ANSWER).value = next(name for name in names if "(R12)" in name)
    assert answered(book) == {"fixed RES_RULE": "R12"}


@cases_from("conversion/cases/an_answer_is_read_by_its_name_or_code.csv")
def test_answer_is_read_by_its_name_or_code(part: str, text: str, answer: str) -> None:
    book = review()
    sheet = book["Questions"]
    sheet.cell(row_of(sheet, part), ANSWER).value = text
    assert answered(book) == {part: answer}


def test_answer_survives_sorting_of_rows() -> None:
    book = review()
    sheet = book["Questions"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for at, row in enumerate(reversed(rows), start=2):
        for column, text in enumerate(row, start=1):
            sheet.cell(at, column).value = text
    sheet.cell(row_of(sheet, "fixed RES_RULE"), ANSWER).value = "At least 12 months"
    assert answered(book) == {"fixed RES_RULE": "R12"}


@pytest.mark.parametrize(
    ("accept", "others", "expected"),
    [
        ("Yes", {}, {"fixed RES_RULE": "_U"}),
        ("oui", {}, {"fixed RES_RULE": "_U"}),
        ("Yes", {"fixed RES_RULE": "R12"}, {"fixed RES_RULE": "R12"}),
        ("Yes", {"codes C_CITIZEN": "FR"}, {"fixed RES_RULE": "_U", "codes C_CITIZEN": "FR"}),
        ("No", {}, {}),
        ("", {"codes C_CITIZEN": "FR"}, {"codes C_CITIZEN": "FR"}),
    ],
)
@pytest.mark.parametrize("is_sorted", [True, False])
def test_one_answer_accepts_all_proposals(
    accept: str, others: dict[str, str], expected: dict[str, str], *, is_sorted: bool
) -> None:
    book = review()
    sheet = book["Questions"]
    for part, answer in {ACCEPT: accept, **others}.items():
        sheet.cell(row_of(sheet, part), ANSWER).value = answer
    if is_sorted:
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        for at, row in enumerate(reversed(rows), start=2):
            for column, text in enumerate(row, start=1):
                sheet.cell(at, column).value = text
    assert answered(book) == expected


def test_questions_without_a_proposal_are_listed_first() -> None:
    sheet = review()["Questions"]
    proposed = [sheet.cell(row, 4).value or "" for row in range(2, sheet.max_row + 1)]
    row = row_of(sheet, ACCEPT) - 2
    assert not any(proposed[: row + 1])
    assert all(proposed[row + 1 :])


def test_unclear_answer_accepts_no_proposal() -> None:
    book = review()
    sheet = book["Questions"]
    sheet.cell(row := row_of(sheet, ACCEPT), ANSWER).value = "perhaps"
    with pytest.raises(InputError) as refused:
        answered(book)
    assert str(refused.value.place).endswith(f"Questions › G{row}")


@cases_from("conversion/cases/usual_reasons_are_translated.csv")
def test_usual_reasons_are_translated(language: str, sheet: str, asked: str, reason: str) -> None:
    questions = review(language)[sheet]
    assert questions.cell(row_of(questions, "title"), 1).value.startswith(asked)
    assert questions.cell(row_of(questions, "codes C_CITIZEN"), 5).value == reason


def test_certain_value_is_corrected_in_its_own_sheet() -> None:
    book = review()
    sheet = book["Certain"]
    sheet.cell(row_of(sheet, "fixed UNIT_MULT"), ANSWER).value = "Thousands"
    assert answered(book) == {"fixed UNIT_MULT": "3"}


@pytest.mark.parametrize(
    ("part", "text", "hint"),
    [("fixed RES_RULE", "At least 13 months", "At least 12 months"), ("title", "perhaps", "as it is")],
)
def test_unreadable_answer_is_named_with_its_cell(part: str, text: str, hint: str) -> None:
    book = review()
    sheet = book["Questions"]
    row = row_of(sheet, part)
    sheet.cell(row, ANSWER).value = text
    with pytest.raises(InputError) as refused:
        answered(book)
    assert str(refused.value.place).endswith(f"Questions › G{row}")
    assert hint in refused.value.hint


def test_workbook_without_questions_is_refused() -> None:
    with pytest.raises(InputError, match="no sheet of questions"):
        read_decisions("review.xlsx", TABLES, FLOW)


def test_answer_that_closes_its_question_is_kept() -> None:
    tables = read("people.csv", b"Country;All;With family;Alone\nGermany;30;10;20\nNiger;15;7;8\n")
    asked = propose(tables, FLOW.id, CATALOGUE, WORDS).open
    first = next(question for question in asked if question.part == "line header 1")
    decisions = {(first.sheet, first.part, first.label): "only All"}
    for _ in range(2):
        tried = propose(tables, FLOW.id, CATALOGUE, WORDS, decisions=decisions)
        assert first.part not in {question.part for question in tried.open}
        answers = Answers("people.csv", FLOW.id, decisions=decisions)
        content = write_review(tried.proposal, tried.questions, answers, tried.examples, tables, FLOW)
        decisions = {each.about: each.answer for each in read_decisions("r.xlsx", read("r.xlsx", content), FLOW)}
