"""Proposals of ``sdmxmig map`` for texts in and around a table: the rows of two tables of cases.

Each row has the layout of a table (`map_layouts.md`), a dataflow, an area, and the text that is put into the table.

- `map_questions.csv`: `asks` is part of a question that the text must raise, `asks_not` part of one that it must not
  raise. Without both, it raises no question.
- `map_proposals.csv`: `asked` names parts with a question, perhaps with the proposed code (``fixed SEX=F``; empty: no
  proposal) or an offered one (``fixed SEX~M``). `not_asked` names parts without a question; ``*`` stands
  for all that depend on the text. `sets` are codes of all figures.
"""

from __future__ import annotations

import re

import pytest
from case_tables import cases_from
from folders import TESTS
from proposed import CATALOGUE, proposed

from sdmxmig.conversion.recognition.labels import plain
from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.suggestion.wording import describe_question_reason, explain_line

pytestmark = pytest.mark.sampled(6)

_, *PARTS = re.split(r"^# (.+)\n", (TESTS / "conversion/map_layouts.md").read_text(encoding="utf-8"), flags=re.M)
LAYOUTS = dict(zip(PARTS[::2], PARTS[1::2], strict=True))
ALWAYS = {"fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE", "fixed PROT_ITEM", "fixed CTZ_ITEM"}
"""Questions that do not depend on the text."""


def proposal_for(layout: str, text: str, flow: str, area: str) -> Proposal:
    return proposed(LAYOUTS[layout].replace("{}", text), flow, area)


def texts_of_questions(proposal: Proposal) -> str:
    listed = [each for each in proposal.open if each.part not in ALWAYS]
    return plain(" ; ".join(f"{each.part} {each.label} {each.chosen.code} {each.chosen.reason}" for each in listed))


@cases_from("conversion/map_questions.csv")
def test_text_raises_the_listed_question(
    layout: str, flow: str, area: str, text: str, asks: str, asks_not: str
) -> None:
    questions = texts_of_questions(proposal_for(layout, text, flow, area))
    if asks:
        assert plain(asks) in questions
    elif asks_not:
        assert plain(asks_not) not in questions
    else:
        assert questions == ""


@cases_from("conversion/map_proposals.csv")
def test_text_leads_to_the_listed_questions_and_codes(
    layout: str, flow: str, area: str, text: str, asked: str, not_asked: str, sets: str
) -> None:
    proposal = proposal_for(layout, text, flow, area)
    parts = {question.part for question in proposal.open}
    proposed_codes = {f"{question.part}={question.chosen.code}" for question in proposal.open}
    offered_codes = {
        f"{question.part}~{offer.code}" for question in proposal.open for offer in (question.chosen, *question.others)
    }
    fixed = {f"{component}={code}" for block in proposal.mapping.blocks[:1] for component, code in block.fixed}
    assert set(filter(None, asked.split("; "))) <= parts | proposed_codes | offered_codes
    assert not (parts - ALWAYS if not_asked == "*" else parts.intersection(not_asked.split("; ")))
    assert set(sets.split()) <= fixed


@pytest.mark.parametrize("title", ["Immigrants by citizenship", "Immigrants by citizenship in 2020 and 2021"])
def test_reason_for_an_open_period_is_translated(title: str) -> None:
    table = f"## Sheet A\n| {title} | |\n| Citizenship | Persons |\n| Fiji | 10 |\n| Tonga | 20 |\n"
    (question,) = (each for each in proposed(table, "DF_IMM").open if each.part == "fixed TIME_PERIOD")
    assert "stated" not in describe_question_reason(question, CATALOGUE.flows["DF_IMM"], "fr")


@pytest.mark.parametrize(
    ("title", "head", "row", "english"),
    [
        ("Immigrants by citizenship, fiscal years", "2022", "Bhutan", "years begin"),
        ("Immigrants by citizenship", "2022e", "Bhutan", "usually"),
        ("Immigrants by citizenship, 2022", "Persons", "Others, total", "listed"),
    ],
)
def test_reasons_of_questions_are_translated(title: str, head: str, row: str, english: str) -> None:
    rows = f"| Nepal | 10 |\n| Other countries | 5 |\n| {row} | 20 |\n"
    table = f"## Sheet A\n| {title} | |\n| Citizenship | {head} |\n{rows}"
    questions, flow = proposed(table, "DF_IMM").open, CATALOGUE.flows["DF_IMM"]
    assert any(english in explain_line(question, flow, "en") for question in questions)
    assert not any(english in explain_line(question, flow, "fr") for question in questions)
