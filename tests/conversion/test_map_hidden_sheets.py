"""``sdmxmig map`` asks whether to include hidden sheets, and names hidden rows that repeat a label."""

from __future__ import annotations

import pytest
from case_tables import text_from
from edited_workbooks import edited
from markdown_workbooks import workbook
from openpyxl import Workbook
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.suggestion import Decisions, FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

BOOK = text_from("conversion/cases/map_hidden_sheets_book.md")


def proposed(state: str, decisions: Decisions | None = None) -> Proposal:
    def hide(book: Workbook) -> None:
        book["Draft"].sheet_state = state

    tables = read("t.xlsx", edited(workbook(BOOK), hide))
    return suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), "GE", decisions)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_it_is_asked_whether_the_figures_of_a_hidden_sheet_are_meant(state: str) -> None:
    asked = [question for question in proposed(state).open if question.label == "a hidden sheet"]
    assert [question.sheet for question in asked] == ["Draft"]
    assert {candidate.code for candidate in asked[0].others} == {"as it is", "leave out"}


def test_visible_sheets_raise_no_question() -> None:
    assert "a hidden sheet" not in {question.label for question in proposed("visible").questions}


@pytest.mark.parametrize(("decision", "sheets"), [("leave out", ["2022"]), ("as it is", ["2022", "Draft"])])
def test_hidden_sheet_is_included_if_answered_so(decision: str, sheets: list[str]) -> None:
    proposal = proposed("hidden", {("Draft", "title", "a hidden sheet"): decision})
    assert [region.table.sheet for region in proposal.regions] == sheets
    assert "a hidden sheet" not in {question.label for question in proposal.open}


@pytest.mark.parametrize(("hidden", "cells"), [(0, "(A4, A5)"), (4, "(A4 (hidden), A5)"), (5, "(A4, A5 (hidden))")])
def test_a_year_in_two_rows_is_asked_with_both_cells(hidden: int, cells: str) -> None:
    rows = "| Immigrants by sex | | |\n| Year | Men | Women |\n| 2021 | 160 | 140 |\n"
    book = f"## Sheet T\n{rows}| 2022 | 170 | 150 |\n| 2022 | 175 | 155 |\n"

    def hide(book: Workbook) -> None:
        book["T"].row_dimensions[hidden or 99].hidden = bool(hidden)

    tables = read("t.xlsx", edited(workbook(book), hide))
    proposal = suggest(tables, FlowKnowledge(CATALOGUE.flows["DF_IMM"], WORDS), "GE")
    (asked,) = (question for question in proposal.open if question.part == "rows")
    assert cells in asked.chosen.reason
