"""``sdmxmig map`` and ``start`` refuse answers that do not fit the question, so that no figure is dropped unnoticed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from case_tables import cases_from
from console import Console
from proposed import WORDS, observations, proposed
from saved_workbooks import saved
from shipped import CATALOGUE
from unseen import FOLDER, unseen

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import FlowKnowledge, Question, suggest
from sdmxmig.conversion.suggestion.answers import Answers, check_decision, list_choices
from sdmxmig.conversion.suggestion.figures import SIGNS
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT
from sdmxmig.conversion.suggestion.review_workbook import read_decisions, write_review
from sdmxmig.conversion.tables import read
from sdmxmig.primitives.errors import InputError
from sdmxmig.primitives.places import Place

FLOW = CATALOGUE.flows["DF_POP"]
NO_ANSWERS = Answers("t.xlsx", FLOW.id)
REPEATED = """Foreign citizens resident on 31 December, by citizenship
Country of citizenship,2022,2023
Nigeria,100,110
Niger,20,25
Nigeria,7,8
Ghana,5,6
"""


def is_free(question: Question, flow: str) -> bool:
    """Whether a question is about a component that takes any text, such as the districts of a country."""
    structure = CATALOGUE.flows[flow].structure
    name = question.part.partition(" ")[2]
    is_time = structure.time is not None and name == structure.time.id
    return question.part.startswith(("codes", "fixed")) and not CATALOGUE.flows[flow].codelist(name) and not is_time


@pytest.mark.sampled(4)
@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.md")))
def test_questions_do_not_accept_arbitrary_text(name: str) -> None:
    case = unseen(name)
    flow = CATALOGUE.flows[case.flow]
    proposal = suggest(read(case.file, case.content), FlowKnowledge(flow, WORDS), case.area)
    asked = [question for question in proposal.questions if not is_free(question, case.flow)]
    assert asked
    for question in asked:
        with pytest.raises(InputError):
            check_decision(question.part, "banana", flow, Place("review.xlsx"), label=question.label)
        for code in list_choices(question, flow) if question.is_open else ():
            label, proposed_code = question.label, question.chosen.code
            check_decision(question.part, code, flow, Place("r.xlsx"), label=label, proposed=proposed_code)


@cases_from("conversion/cases/invalid_answer_is_refused_with_its_cell.csv")
def test_invalid_answer_is_refused_with_its_cell(part: str, label: str, decision: str) -> None:
    with pytest.raises(InputError) as refusal:
        check_decision(part, decision, FLOW, Place("review.xlsx", "Confirm", cell="H2"), label=label)
    assert refusal.value.hint
    assert "H2" in str(refusal.value.place)


@pytest.mark.parametrize(("decision", "is_taken"), [("banana", False), ("1", False), (LEAVE_OUT, True)])
def test_repeated_labels_can_be_left_out(tmp_path: Path, console: Console, decision: str, *, is_taken: bool) -> None:
    from openpyxl import load_workbook

    tables = read("t.csv", REPEATED.encode())
    proposal = suggest(tables, FlowKnowledge(FLOW, WORDS), "GE")
    book = load_workbook(io.BytesIO(write_review(proposal, proposal.questions, NO_ANSWERS, (), tables, FLOW)))
    row = next(row for row in book["Questions"].iter_rows() if row[8].value == "rows")
    row[6].value = decision
    sheets = read("review.xlsx", saved(book))
    if is_taken:
        decisions = {read.about: read.answer for read in read_decisions("review.xlsx", sheets, FLOW)}
        skips = suggest(tables, FlowKnowledge(FLOW, WORDS), "GE", decisions).mapping.blocks[0].skip_rows
        assert [(skip.match, skip.reason) for skip in skips] == [("Nigeria", "left out as answered")]
    else:
        with pytest.raises(InputError, match="is not one of the possible answers"):
            read_decisions("review.xlsx", sheets, FLOW)


def test_start_accepts_the_name_of_a_country(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "w"
    table.write_text("Residents by citizenship\nCitizenship,2022,2023\nHomeland,1,3\nNiger,2,8\n", encoding="utf-8")
    console.run("start", table, home, "--area", "GE", typed="DF_POP\nSpain\n")
    assert "is not a code" not in console.readouterr().err
    assert 'label = "Homeland"\nanswer = "ES"' in (home / "drafts" / "t.DF_POP.toml").read_text(encoding="utf-8")


def test_start_names_the_answer_and_asks_again(tmp_path: Path, console: Console) -> None:
    table, home = tmp_path / "t.csv", tmp_path / "w"
    table.write_text(REPEATED, encoding="utf-8")
    talk = console.errors("start", table, home, "--area", "GE", typed="DF_POP\nbanana\n", code=1)
    assert "1. Leave them out" in talk
    assert "“banana” is not one of the possible answers. Write “leave out”." in talk
    assert "[[answer]]" not in (home / "drafts" / "t.DF_POP.toml").read_text(encoding="utf-8")
    assert not (home / "mappings").exists()


def test_start_refuses_an_invalid_status_for_a_sign(tmp_path: Path, console: Console) -> None:
    table = tmp_path / "t.csv"
    table.write_text("Residents by citizenship\nCitizenship,2022,2023\nChad,1,3\nNiger,n/e,8\n", encoding="utf-8")
    console.run("start", table, tmp_path / "w", "--area", "GE", typed="DF_POP\n2\nbanana\nO\n")
    assert "“banana” is not a code of OBS_STATUS" in console.readouterr().err


NUMBERS = "Residents by citizenship;\nCitizenship;2022\nChad;1.234\nNiger;2.345\n"


@pytest.mark.parametrize(("sign", "value"), [("", "1234"), (".", "1234"), (",", "1.234")])
def test_answered_thousands_separator_is_used(sign: str, value: str) -> None:
    decisions = {("", "values", SIGNS): sign} if sign else {}
    tables = read("t.csv", NUMBERS.encode())
    proposal = suggest(tables, FlowKnowledge(FLOW, WORDS), "GE", decisions)
    frame = convert(tables, proposal.mapping, FLOW, CATALOGUE.rules).dataset.observations
    assert dict(frame.select("C_CITIZEN", "OBS_VALUE").iter_rows())["TD"] == value


def test_rows_with_one_label_of_a_line_can_be_chosen() -> None:
    table = "\n## Sheet A\n| Citizenship | Wave | 2022 |\n| Chad | a | 1 |\n| Chad | b | 2 |\n"
    table += "| Niger | a | 3 |\n| Niger | b | 4 |\n"
    part = next(question.part for question in proposed(table, "DF_POP").open if question.part.startswith("line"))
    observed = observations(table, proposed(table, "DF_POP", decisions={("A", part, ""): "only b"}))
    assert set(observed.values()) == {"2", "4"}
    with pytest.raises(InputError, match="“banana” is not a label of"):
        proposed(table, "DF_POP", decisions={("A", part, ""): "only banana"})
