"""A workbook of alike sheets raises each question once; where sheets differ, each may be answered by itself."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
from case_tables import as_set, cases_from, listed
from console import Console
from proposed import WORDS
from saved_workbooks import saved
from shipped import CATALOGUE

from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.recognition import Candidate
from sdmxmig.conversion.suggestion.answers import Answers
from sdmxmig.conversion.suggestion.questions import ask, gather_questions
from sdmxmig.conversion.suggestion.review_workbook import read_decisions, write_review
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

YEARS = range(2010, 2023)
FLOW = CATALOGUE.flow("DF_IMM")
NO_ANSWERS = Answers("t.xlsx", FLOW.id)


def workbook(title: str, rows: tuple[str, ...] = (), years: range = YEARS) -> bytes:
    book = openpyxl.Workbook()
    for year in years:
        sheet = book.create_sheet(str(year))
        sheet.append([title.format(year=year)])
        sheet.append(["Citizenship", "Total", "Men", "Women"])
        for at, country in enumerate(("Germany", "Canada", "France", *rows), start=1):
            men, women = 100 * at + year - 2000, 90 * at + 2 * (year - 2000)
            sheet.append([country, men + women, men, women])
    book.remove(book.worksheets[0])
    return saved(book)


@cases_from("conversion/cases/thirteen_alike_sheets_raise_each_question_once.csv", rows=listed, asked=as_set)
def test_thirteen_alike_sheets_raise_each_question_once(title: str, rows: tuple[str, ...], asked: set[str]) -> None:
    tried = propose(read("t.xlsx", workbook(title, rows)), FLOW.id, CATALOGUE, WORDS, area="KE")
    assert sorted(question.part for question in tried.open) == sorted(asked)
    assert {len(question.sheets) for question in tried.open} == {13}


def test_equal_codes_in_another_order_are_one_question() -> None:
    candidates = tuple(Candidate(code, 0.1, reason="possible") for code in ("A", "B", "C"))
    asked = [
        ask(sheet, "fixed SEX", "several are possible", others=others)
        for sheet, others in (("1", candidates), ("2", candidates[::-1]))
    ]
    (question,) = gather_questions(asked)
    assert question.sheets == ("1", "2")


def test_answer_on_one_sheet_applies_to_the_whole_dataset() -> None:
    tables = read("t.xlsx", workbook("Immigrants by citizenship and sex, {year}"))
    decisions = {("2010", "fixed RES_RULE", ""): "R12"}
    tried = propose(tables, FLOW.id, CATALOGUE, WORDS, area="KE", decisions=decisions)
    assert not tried.open
    assert {dict(block.fixed)["RES_RULE"] for block in tried.proposal.mapping.blocks} == {"R12"}


def test_start_asks_about_each_differing_sheet(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.xlsx", tmp_path / "w"
    table.write_bytes(workbook("Immigrants, {year}", ("Schmurgeland",), range(2020, 2023)))
    answers = ["4", "Spain", "Italy", "leave out", "y"]
    words = ("start", table, home, "--area", "KE", "--dataflow", FLOW.id)
    shown = console.errors(*words, typed="\n".join([*answers, ""]), code=0)
    assert "4. Different by sheet" in shown
    mapping = load("t.toml", (home / "mappings" / "t.toml").read_bytes(), CATALOGUE.flows)
    codes = [
        dict(component_map.codes).get("Schmurgeland", "")
        for block in mapping.blocks
        for component_map in block.components
        if component_map.component == "C_CITIZEN"
    ]
    assert codes == ["ES", "IT", ""]


def test_review_workbook_has_a_row_per_sheet_below_a_question() -> None:
    tables = read("t.xlsx", workbook("Immigrants, {year}", ("Schmurgeland",), range(2020, 2023)))
    tried = propose(tables, FLOW.id, CATALOGUE, WORDS, area="KE")
    book = openpyxl.load_workbook(
        io.BytesIO(write_review(tried.proposal, tried.questions, NO_ANSWERS, (), tables, FLOW))
    )
    sheet = book["Questions"]
    rows = {sheet.cell(row, 3).value: row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 2).value}
    assert list(rows) == ["2020, 2021, 2022", "2020", "2021", "2022"]
    assert [sheet.row_dimensions[row].outlineLevel for row in rows.values()] == [0, 1, 1, 1]
    sheet.cell(rows["2021"], 7).value = "Italy"
    (answer,) = read_decisions("review.xlsx", read("review.xlsx", saved(book)), FLOW)
    assert (answer.about, answer.answer) == (("2021", "codes C_CITIZEN", "Schmurgeland"), "IT")
