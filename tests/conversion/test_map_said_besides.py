"""Attributes and notes that a person adds although no question asks for them."""

from __future__ import annotations

import io
from collections.abc import Mapping

import openpyxl
import pytest
from case_tables import cases_from
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.mapping.writing import write
from sdmxmig.conversion.suggestion import Decisions, Question
from sdmxmig.conversion.suggestion.answers import Answers, check_answers, check_decision, write_answers
from sdmxmig.conversion.suggestion.earlier_mapping import extract_decisions
from sdmxmig.conversion.suggestion.review_workbook import read_decisions, write_review
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place
from sdmxmig.workspace.proposals import TriedProposal, propose
from sdmxmig.workspace.tasks.proposing import list_optional_statements

TABLES = read("people.csv", b"Immigrants by age\nYear,Total,Under 20,20 and over\n2023,30,10,20\n2024,31,11,20\n")
FLOW = CATALOGUE.flow("DF_IMM")
NO_ANSWERS = Answers("people.csv", FLOW.id)
PLACE = Place("review.xlsx", "Confirm", cell="H2")
SOURCE = ("*", "fixed SRC_TYPE", "")
PROVISIONAL = ("", "note OBS_STATUS", "TIME_PERIOD=2024")
SAID: Mapping[tuple[str, str, str], str] = {
    SOURCE: "PER_RES",
    ("*", "fixed COMMENT_DSET", ""): "From the register.",
    PROVISIONAL: "P",
    ("", "note COMMENT_OBS", "TIME_PERIOD=2024 AGE=_T"): "To be revised.",
}


def tried(decisions: Decisions) -> TriedProposal:
    return propose(TABLES, FLOW.id, CATALOGUE, WORDS, area="GE", decisions=decisions)


def sayable(decisions: Decisions) -> dict[tuple[str, str], Question]:
    return {
        (question.part, question.label): question for question in list_optional_statements(tried(decisions), CATALOGUE)
    }


def test_attributes_given_for_all_figures_are_in_the_mapping() -> None:
    (block,) = tried(SAID).proposal.mapping.blocks
    assert {("SRC_TYPE", "PER_RES"), ("COMMENT_DSET", "From the register.")} <= set(block.fixed)
    assert not {"SRC_TYPE", "AGEDEF"} & set(dict(tried({}).proposal.mapping.blocks[0].fixed)), "unsaid stays unsaid"


@cases_from("conversion/cases/name_and_value_above_a_table_set_an_attribute.csv")
def test_name_and_value_above_a_table_set_an_attribute(line: str, part: str, code: str) -> None:
    content = f"Immigrants by age\n{line}\n\nYear,Total,Under 20,20 and over\n2023,30,10,20\n2024,31,11,20\n"
    proposal = propose(read("people.csv", content.encode()), FLOW.id, CATALOGUE, WORDS, area="GE", decisions={})
    (block,) = proposal.proposal.mapping.blocks
    assert dict(block.fixed).get(part, "") == code
    (question,) = (question for question in proposal.questions if question.part == f"fixed {part}")
    assert question.is_open == (not code)
    assert "title" not in {question.part for question in proposal.questions if code}


@pytest.mark.parametrize(("codes", "proposed"), [(("REG", "REG"), "REG"), (("REG", "SURVEY"), None)])
def test_type_of_source_of_all_other_tables_is_proposed_once(codes: tuple[str, str], proposed: str | None) -> None:
    others = [tried({SOURCE: code}).proposal.mapping for code in codes]
    tables = read("left.csv", b"Emigrants by age\nYear,Total,Under 20,20 and over\n2023,30,10,20\n2024,31,11,20\n")
    other = propose(tables, "DF_EMI", CATALOGUE, WORDS, area="GE", decisions={}, mappings=others)
    found = [question for question in other.questions if question.part == "fixed SRC_TYPE"]
    assert [question.chosen.code for question in found if question.is_open] == ([proposed] if proposed else [])


def test_source_type_is_asked_about_if_source_is_named() -> None:
    others = [tried({SOURCE: "REG"}).proposal.mapping]
    content = (
        b"Emigrants by age\nYear,Total,Under 20,20 and over\n2023,30,10,20\n2024,31,11,20\nSource: Census of 2024\n"
    )
    other = propose(read("left.csv", content), "DF_EMI", CATALOGUE, WORDS, area="GE", decisions={}, mappings=others)
    (question,) = (question for question in other.questions if question.part == "fixed SRC_TYPE")
    assert question.is_open
    assert not question.chosen.code
    assert "Census of 2024" in question.chosen.reason
    assert {"REG", "CEN"} <= {candidate.code for candidate in question.others}


def test_attributes_of_some_figures_apply_only_to_those() -> None:
    proposal = tried(SAID)
    frame = proposal.conversion.dataset.observations
    assert frame["OBS_STATUS"].to_list() == ["A", "A", "A", "P", "P", "P"]
    assert frame["COMMENT_OBS"].to_list() == [None, None, None, "To be revised.", None, None]
    mapping = proposal.proposal.mapping
    assert load("t.toml", write(mapping).encode(), CATALOGUE.flows) == mapping


def test_attributes_required_by_a_rule_are_offered_first() -> None:
    parts = [part for part, _ in sayable({})]
    assert parts[:2] == ["fixed AGEDEF", "fixed SRC_TYPE"]
    assert sayable({})["fixed SRC_TYPE", ""].chosen.reason == "a rule requires it"
    assert next(part for part, _ in sayable(SAID)) == "fixed AGEDEF"
    assert ("fixed SRC_TYPE", "") not in sayable(SAID)
    assert {"fixed REF_DATE", "fixed CONF_STATUS", "fixed COMMENT_DSET"} <= set(parts)


def test_component_already_asked_about_is_not_offered_again() -> None:
    asked = {question.part for question in tried({}).questions}
    assert "fixed RES_RULE" in asked
    assert not asked & {part for part, _ in sayable({})}


def test_status_is_offered_for_the_last_year() -> None:
    codes = [candidate.code for candidate in sayable({})["note OBS_STATUS", "TIME_PERIOD=2024"].others]
    assert {"P", "E", "B"} <= set(codes)


def test_note_without_matching_figures_is_reported() -> None:
    proposal = tried({**SAID, ("", "note OBS_STATUS", "TIME_PERIOD=1999"): "E"})
    (doubt,) = [question for question in proposal.open if question.part == "note"]
    assert (doubt.label, "no figure now has these codes" in doubt.chosen.reason) == ("TIME_PERIOD=1999", True)
    assert [noted.where for noted in proposal.proposal.mapping.blocks[0].notes] == [
        (("TIME_PERIOD", "2024"),),
        (("TIME_PERIOD", "2024"), ("AGE", "_T")),
    ]


def test_drafts_and_review_workbooks_keep_given_attributes() -> None:
    answers = Answers("people.csv", FLOW.id, decisions=SAID)
    assert check_answers("draft.toml", write_answers(answers), FLOW).decisions == SAID
    proposal = tried(SAID)
    review = write_review(
        proposal.proposal,
        proposal.questions,
        answers,
        proposal.examples,
        TABLES,
        FLOW,
        unsaid=list_optional_statements(proposal, CATALOGUE),
    )
    answered = read_decisions("review.xlsx", read("review.xlsx", review), FLOW)
    again = tried({each.about: each.answer for each in answered}).proposal.mapping
    assert again == proposal.proposal.mapping


def test_review_workbook_omits_optional_attributes() -> None:
    proposal, besides = tried({}), list_optional_statements(tried({}), CATALOGUE)
    content = write_review(
        proposal.proposal, proposal.questions, NO_ANSWERS, proposal.examples, TABLES, FLOW, unsaid=besides
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    asked, further = (
        [row[8].value for row in book[name].iter_rows(min_row=2)] for name in ("Questions", "Further details")
    )
    assert asked == ["all proposals", *(question.part for question in proposal.open)]
    assert further == [question.part for question in besides]


@cases_from("conversion/cases/invalid_attribute_is_refused.csv")
def test_invalid_attribute_is_refused(part: str, label: str, answer: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        check_decision(part, answer, FLOW, PLACE, label=label)


def test_next_year_keeps_definitions_but_not_notes() -> None:
    decisions = extract_decisions(tried(SAID).proposal.mapping, TABLES)
    assert decisions[SOURCE] == "PER_RES"
    assert not [part for _, part, _ in decisions if part.startswith("note") or "COMMENT" in part]
