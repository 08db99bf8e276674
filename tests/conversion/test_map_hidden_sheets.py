"""``sdmxmig map`` asks about hidden sheets, rows and columns, and names hidden rows that repeat a label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from case_tables import as_list, cases_from, text_from
from edited_workbooks import save_edited
from markdown_workbooks import workbook
from openpyxl import Workbook
from proposed import WORDS
from saved_workbooks import saved
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.wording import open_question
from sdmxmig.conversion.tables import read
from sdmxmig.sdmx.model.data import SavedAnswer
from sdmxmig.sdmx.model.tables import Table
from sdmxmig.workspace.edited_mappings import apply_answers as edited_mapping
from sdmxmig.workspace.proposals import propose

BOOK = text_from("conversion/cases/map_hidden_sheets_book.md")


def hidden_book(state: str) -> Sequence[Table]:
    def hide(book: Workbook) -> None:
        book["Draft"].sheet_state = state

    return read("t.xlsx", save_edited(workbook(BOOK), hide))


def proposed(state: str, decisions: Decisions | None = None) -> Proposal:
    return suggest(hidden_book(state), FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), "GE", decisions)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheet_with_figures_is_asked_about(state: str) -> None:
    asked = [question for question in proposed(state).open if question.label == "a hidden sheet"]
    assert [question.sheet for question in asked] == ["Draft"]
    assert {candidate.code for candidate in asked[0].others} == {"as it is", "leave out"}


def test_visible_sheets_raise_no_question() -> None:
    assert "a hidden sheet" not in {question.label for question in proposed("visible").questions}


@pytest.mark.parametrize(("decision", "sheets"), [("leave out", ["2022"]), ("as it is", ["2022", "Draft"])])
def test_hidden_sheet_is_included_on_request(decision: str, sheets: list[str]) -> None:
    proposal = proposed("hidden", {("Draft", "title", "a hidden sheet"): decision})
    assert [region.table.sheet for region in proposal.regions] == sheets
    assert "a hidden sheet" not in {question.label for question in proposal.open}


TABLE = """
## Sheet T
| Immigrants by sex | | |
| Year | Men | Women |
| 2021 | 160 | 140 |
| 2022 | 170 | 150 |
| 2023 | 175 | 155 |

hidden rows: 4
hidden columns: C
"""


@cases_from("conversion/cases/hidden_rows_and_columns_can_be_left_out.csv", years=as_list, sexes=as_list)
def test_hidden_rows_and_columns_can_be_left_out(decision: str, years: list[str], sexes: list[str]) -> None:
    tables = read("t.xlsx", workbook(TABLE))
    decisions = {("T", "hidden", ""): decision} if decision else {}
    tried = propose(tables, "DF_IMM", CATALOGUE, WORDS, area="GE", decisions=decisions)
    asked = [open_question(question, tried.flow) for question in tried.open if question.part == "hidden"]
    sentence = "? T: use the figures in hidden rows and columns? 4, C. Possible: Yes: use them; Leave them out."
    assert asked == ([] if decision else [sentence])
    read_columns = tried.conversion.dataset.observations
    assert [sorted(set(read_columns[name].cast(str))) for name in ("TIME_PERIOD", "SEX")] == [years, sexes]
    answers = Answers("t.xlsx", "DF_IMM", decisions={("T", "hidden", ""): "leave out"})
    changed = edited_mapping(tried.proposal.mapping, answers, tables)
    assert [block.skip_hidden for block in changed.blocks] == [True]


@pytest.mark.parametrize("is_sheet", [False, True])
@pytest.mark.parametrize("decision", ["", "as it is"])
def test_hidden_figures_in_use_are_not_reported(is_sheet: bool, decision: str) -> None:
    sheet, part, label = ("Draft", "title", "a hidden sheet") if is_sheet else ("T", "hidden", "")
    tables = hidden_book("hidden") if is_sheet else read("t.xlsx", workbook(TABLE))
    tried = propose(tables, "DF_IMM", CATALOGUE, WORDS, area="GE", decisions={(sheet, part, label): "as it is"})
    answers = (SavedAnswer(sheet, part, label, answer=decision),) if decision else ()
    mapping = replace(tried.proposal.mapping, answers=answers)
    found = convert(tables, mapping, tried.flow, CATALOGUE.rules).findings.items
    assert ("MIG-0-013" in {finding.rule for finding in found}) == (not decision)


@pytest.mark.parametrize(("hidden", "cells"), [(0, "(A4, A5)"), (4, "(A4 (hidden), A5)"), (5, "(A4, A5 (hidden))")])
def test_year_in_two_rows_is_asked_about_with_both_cells(hidden: int, cells: str) -> None:
    rows = "| Immigrants by sex | | |\n| Year | Men | Women |\n| 2021 | 160 | 140 |\n"
    book = f"## Sheet T\n{rows}| 2022 | 170 | 150 |\n| 2022 | 175 | 155 |\n"

    def hide(book: Workbook) -> None:
        book["T"].row_dimensions[hidden or 99].hidden = bool(hidden)

    tables = read("t.xlsx", save_edited(workbook(book), hide))
    used = {("T", "hidden", ""): "as it is"} if hidden else {}
    proposal = suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), "GE", used)
    (asked,) = (question for question in proposal.open if question.part == "rows")
    assert cells in asked.chosen.reason


@pytest.mark.parametrize(
    ("decision", "asked"), [("", ["hidden"]), ("leave out", []), ("as it is", ["codes TIME_PERIOD"])]
)
def test_hidden_column_is_asked_about_only_if_used(decision: str, asked: list[str]) -> None:
    rows = [
        ["Immigrants by sex"],
        ["Country of citizenship", 2023, None, None, None, 2024],
        [None, "Men", "Women", "Total", "Draft", "Men", "Women", "Total"],
        ["Total", 9, 8, 17, 16, 10, 9, 19],
        ["Kenya", 5, 4, 9, 9, 6, 5, 11],
        ["Ghana", 4, 4, 8, 7, 4, 4, 8],
    ]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "T"
    for row in rows:
        sheet.append(row)
    sheet.merge_cells("B2:D2")
    sheet.merge_cells("F2:H2")
    sheet.column_dimensions["E"].hidden = True
    decisions = {("T", "hidden", ""): decision} if decision else {}
    tried = propose(read("t.xlsx", saved(book)), "DF_IMM", CATALOGUE, WORDS, area="GE", decisions=decisions)
    parts = [question.part for question in tried.open if question.part in ("hidden", "codes TIME_PERIOD")]
    assert parts == asked
    assert tried.conversion.dataset.observations.height == 18
