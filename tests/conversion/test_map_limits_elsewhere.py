"""Limits outside titles: short notes, cell comments, headers, second measures."""

from __future__ import annotations

from io import BytesIO

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from openpyxl import load_workbook
from openpyxl.comments import Comment
from proposed import ALWAYS, CATALOGUE, WORDS, proposed
from saved_workbooks import saved

from sdmxmig.conversion.suggestion import FlowKnowledge, Proposal, suggest
from sdmxmig.conversion.tables import read

ROWS = "| Uganda | 110 | 120 |\n| Somalia | 230 | 240 |\n"


def asked(proposal: Proposal) -> set[str]:
    return {question.part for question in proposal.open if question.part not in ALWAYS}


@cases_from("conversion/cases/a_limit_in_a_note_is_proposed_as_a_comment.csv")
def test_limit_in_a_note_is_proposed_as_a_comment(title: str, note: str, answer: str) -> None:
    proposal = proposed(f"## Sheet S\n| {title} |\n| Citizenship | 2019 | 2020 |\n{ROWS}\n| {note} |", "DF_IMM")
    questions = [question for question in proposal.open if question.part == "title"]
    assert [question.chosen.code for question in questions] == [answer] * len(questions)
    assert questions


@pytest.mark.parametrize("note", ["Pramen: Ministerstvo vnitra", "Vir: Statistični urad", "Prameň: Úrad"])
def test_note_naming_only_the_source_raises_no_question(note: str) -> None:
    table = f"## Sheet S\n| Immigrants |\n| Citizenship | 2019 | 2020 |\n{ROWS}\n| {note} |"
    assert not asked(proposed(table, "DF_IMM"))


def with_comment(text: str, cell: str, flow: str = "DF_POP") -> Proposal:
    book = load_workbook(BytesIO(workbook(f"## Sheet S\n| Population | | |\n| Citizenship | 2019 | 2020 |\n{ROWS}")))
    book.active[cell].comment = Comment(text, "office")
    return suggest(read("t.xlsx", saved(book)), FlowKnowledge(CATALOGUE.flows[flow], WORDS), "GE")


@pytest.mark.parametrize(
    ("text", "cell"),
    [("in thousands", "C3"), ("provisional", "C2"), ("Women only", "B2"), ("excluding refugees", "C2")],
)
def test_comment_may_apply_to_the_whole_table(text: str, cell: str) -> None:
    assert asked(with_comment(text, cell)) & {"title", "fixed OBS_STATUS", "fixed UNIT_MULT"}


@pytest.mark.parametrize("text", ["provisional", "Revised figure"])
def test_status_of_a_figure_is_read_from_its_comment(text: str) -> None:
    proposal = with_comment(text, "C3")
    assert not asked(proposal)
    assert proposal.mapping.blocks[0].values.comments == "COMMENT_OBS"


def test_comment_without_attribute_is_asked_about() -> None:
    assert asked(with_comment("checked by the office", "C3", "MIGR_IMM1CTZ")) >= {"unread comments"}


@pytest.mark.parametrize("text", ["January to October only", "Provisional", "Excludes students", "vorläufig"])
@pytest.mark.parametrize("cell", ["A2", "B2", "A3", "B3"])
def test_table_with_a_comment_is_proposed(text: str, cell: str) -> None:
    assert not with_comment(text, cell).mapping.blocks[0].required_texts[1:]


@pytest.mark.parametrize(("text", "cell"), [("checked by the office", "C3"), ("provisional", "H9")])
def test_unrelated_or_distant_comment_raises_no_question(text: str, cell: str) -> None:
    assert not asked(with_comment(text, cell))


def test_stays_without_title_may_be_of_one_kind() -> None:
    proposal = proposed(
        "## Sheet S\n| Year | Quarter 1 | Quarter 2 |\n| 2022 | 14 | 25 |\n| 2023 | 12 | 23 |\n", "DF_TEMPMOB"
    )
    assert "fixed MOB_TYPE" in {question.part for question in proposal.open}


@pytest.mark.parametrize(
    "note",
    [
        "Tabel hõlmab 15-aastaseid ja vanemaid isikuid.",
        "Duomenys apima 15 metų ir vyresnius asmenis.",
        "Die Tabelle enthält Personen ab 15 Jahren.",
    ],
)
def test_age_in_a_note_is_proposed_and_asked_about_once(note: str) -> None:
    rows = "| Italy | 100 | 90 |\n| Poland | 60 | 50 |\n| Ukraine | 40 | 45 |\n"
    head = "| Immigration by citizenship, 2021 |\n| Citizenship | Men | Women |\n"
    proposal = proposed(f"## Sheet S\n{head}{rows}\n| {note} |\n", "DF_IMM", "EE")
    assert asked(proposal) == {"fixed AGE"}
    assert [question.chosen.code for question in proposal.open if question.part == "fixed AGE"] == ["Y_GE15"]
