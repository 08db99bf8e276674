"""Legends apply to figures with their sign only."""

from __future__ import annotations

import pytest
from case_tables import cases_from
from markdown_workbooks import workbook
from proposed import WORDS, proposed, tried
from shipped import CATALOGUE

from sdmxmig.conversion.convert import convert
from sdmxmig.conversion.suggestion import Proposal
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

HOLDS = "does this apply to all figures?"


def table(note: str, cell: str = "31", head: str = "2020", *, title: str = "", label: str = "Chad") -> str:
    over = f"| Immigrants by country of citizenship{title} |\n"
    heads = f"| Country of citizenship | 2019 | {head} |\n"
    rows = f"| Ghana | 100 | 200 |\n| {label} | 42 | {cell} |\n| Uganda | 43 | 56 |\n"
    return f"## Sheet S\n{over}{heads}{rows}\n| {note} |\n"


def proposal_of(text: str) -> Proposal:
    return proposed(text, "DF_IMM", "KE")


def asked(text: str) -> list[str]:
    listed = [
        question
        for question in proposal_of(text).open
        if question.part in ("title", "values") or "OBS_STATUS" in question.part
    ]
    return [f"{question.part} {question.label}: {question.chosen.reason}" for question in listed]


def status_of_chad(text: str) -> set[tuple[str, str, str]]:
    mapping = proposal_of(text).mapping
    conversion = convert(read("t.xlsx", workbook(text)), mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)
    columns = [name for name in ("OBS_STATUS", "REV_STAGE") if name in conversion.dataset.observations.columns]
    frame = conversion.dataset.observations.select("C_CITIZEN", "OBS_VALUE", *columns).fill_null("")
    return {(row[1], row[2], row[-1]) for row in frame.iter_rows() if row[0] == "TD"}


@cases_from("conversion/cases/notes_that_speak_of_figures_are_still_asked_about.csv")
def test_notes_about_figures_are_asked_about(note: str) -> None:
    assert [one for one in asked(table(note)) if HOLDS in one or one.startswith("note OBS_STATUS")]


@cases_from("conversion/cases/a_sign_is_read_as_the_legend_says.csv")
def test_sign_is_read_as_the_legend_states(note: str, cell: str, value: str, status: str) -> None:
    text = table(note, cell)
    assert not [question for question in asked(text) if not question.startswith("title [low]")]
    assert (value, status) in {(one[0], one[1]) for one in status_of_chad(text)}


@cases_from("conversion/cases/a_mark_behind_a_year_is_read_as_the_legend_says.csv")
def test_mark_after_a_year_is_read_as_the_legend_states(note: str, head: str, status: str) -> None:
    text = table(note, head=head)
    assert asked(text) == []
    assert ("31", status) in {(one[0], one[1]) for one in status_of_chad(text)}


@cases_from("conversion/cases/a_sign_behind_a_title_or_a_label_is_asked_about.csv")
def test_sign_after_a_title_or_label_is_asked_about(note: str, title: str, label: str) -> None:
    assert [question for question in asked(table(note, title=title, label=label)) if HOLDS in question]


@pytest.mark.parametrize("meaning", ["statistično zaupni podatki", "podatki v preverjanju", "unscharfe Angaben"])
def test_legend_of_a_sign_does_not_limit_other_figures(meaning: str) -> None:
    assert not [one for one in asked(table(f"z {meaning}", "z")) if one.startswith("title")]


@pytest.mark.parametrize("sign", ["[q]", "[zz]", "w", "31 w", "31 [q]", "n/a*"])
def test_unexplained_sign_is_asked_about(sign: str) -> None:
    assert asked(table("[p] provisional [r] revised; * estimated", sign))


def test_sign_with_two_meanings_is_asked_about() -> None:
    assert asked(table("w provisional; w estimated", "31 w"))


def test_legend_above_the_table_is_used() -> None:
    text = "## Sheet S\n| Immigrants by citizenship |\n| [z] = not applicable; [p] = provisional |\n"
    text += (
        "| Country of citizenship | 2019 | 2020 [p] |\n| Ghana | 100 | 200 |\n| Chad | 42 | [z] |\n| India | 3 | 4 |"
    )
    assert asked(text) == []
    assert ("", "M") in {(one[0], one[1]) for one in status_of_chad(text)}


@cases_from("conversion/cases/dash_is_zero_if_a_legend_states_it_in_one_or_two_languages.csv")
def test_dash_is_zero_if_the_legend_states_so(note: str) -> None:
    text = table(note, "-")
    assert not [question for question in asked(text) if "the sign “-”" in question]
    assert ("0", "A") in {(one[0], one[1]) for one in status_of_chad(text)}


@cases_from("conversion/cases/a_dash_that_may_be_something_else_is_asked_about.csv")
def test_ambiguous_dash_is_asked_about(note: str) -> None:
    assert [question for question in asked(table(note, "-")) if "the sign “-”" in question]


NOTES = "## Sheet Notes\n| Symbol | Meaning |\n| [x] | not available |\n"


def test_legend_on_a_sheet_of_notes_is_used() -> None:
    assert any("[x]" in question for question in asked(table("", "[x]")))
    assert not any("[x]" in question for question in asked(table("", "[x]") + NOTES))


@pytest.mark.parametrize("text", ["Figures are preliminary.", "Excluding asylum seekers.", "Women only."])
def test_limit_on_a_sheet_of_notes_is_asked_about(text: str) -> None:
    assert asked(table("")) == []
    assert asked(table("") + f"## Sheet Notes\n| {text} |\n")


@pytest.mark.parametrize("number", ["note", "1", "2."])
def test_rule_on_a_sheet_of_notes_is_proposed(number: str) -> None:
    rule = f"## Sheet Notes\n| {number} | Immigrants are people who stay for at least 12 months. |\n"
    text = table("") + rule
    tried = propose(read("t.xlsx", workbook(text)), "DF_IMM", CATALOGUE, WORDS, area="KE")
    (question,) = (question for question in tried.open if question.part == "fixed RES_RULE")
    assert question.chosen.code == "R12"
    assert tried.conversion is not None, "the note is on another sheet than the figures"


@cases_from("conversion/cases/sign_and_its_meaning_are_not_asked_about.csv")
def test_sign_and_its_meaning_are_not_asked_about(note: str, cell: str, code: str) -> None:
    text = table(note, cell)
    assert asked(text) == []
    assert code in {status for one in status_of_chad(text) for status in one}


def test_clause_behind_the_meaning_of_a_sign_is_asked_about() -> None:
    assert [
        one for one in asked(table("* Fewer than 5; figures of 2020 are provisional.", "*")) if "provisional" in one
    ]


def test_mark_with_a_stroke_after_a_year_sets_its_status() -> None:
    text = table("p/ - preliminary   r/ - revised", head="2020 p/")
    assert asked(text) == []
    assert status_of_chad(text) == {("42", "A", ""), ("31", "P", "")}


@pytest.mark.parametrize(
    "legend",
    ["Persons; p = provisional", "Unit: persons; (p) = provisional", "Persons (p = provisional)", "p – vorläufig"],
)
def test_legend_in_a_title_applies_only_to_its_sign(legend: str) -> None:
    text = table("Source: office", head="2020 p").replace("citizenship |\n", f"citizenship |\n| {legend} |\n")
    assert [("P" in row) for row in sorted(status_of_chad(text))] == [True, False]
    assert not any("fixed OBS_STATUS" in one for one in asked(text))


@pytest.mark.parametrize("legend", ["p - provisional; … - not available", "p = provisional; .. - not available"])
@pytest.mark.parametrize("source", ["Source: register of persons. ", "Persons. ", ""])
def test_missing_value_sign_in_a_title_sets_no_status(source: str, legend: str) -> None:
    text = table("Source: office", head="2020 p")
    text = text.replace("citizenship |\n", f"citizenship |\n| {source}{legend} |\n")
    assert [("P" in row) for row in sorted(status_of_chad(text))] == [True, False]
    assert asked(text) == []


def test_legend_ends_with_its_sentence() -> None:
    questions = asked(table("P Provisional. Estimates are on another page.", head="2020 P"))
    assert not any("OBS_STATUS" in question for question in questions)


def test_column_of_thousands_leaves_the_unit_as_persons() -> None:
    rows = "".join(f"| {item} | Thousand | 1.5 | 2.5 |\n" for item in ("Immigrants", "Emigrants", "Net migration"))
    proposal = proposed(f"## Sheet S\n| Migration |\n| Item | Unit | 2019 | 2020 |\n{rows}", "DF_ACCOUNT", "KE")
    assert "fixed UNIT_MEASURE" not in {question.part for question in proposal.open}
    assert dict(proposal.mapping.blocks[0].fixed).items() >= {"UNIT_MEASURE": "PS", "UNIT_MULT": "3"}.items()


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        ("F : famille ; M : mission ; E : études ; T : travail", {"F": "FAM", "E": "EDU", "T": "EMP"}),
        ("F = Familie, M = Mitarbeit, E = Studium, T = Erwerbstätigkeit", {"F": "FAM", "E": "EDU", "T": "EMP"}),
        ("F – rodinný příslušník; M – mise; E – student; T – zaměstnání", {"F": "FAM", "E": "EDU", "T": "EMP"}),
        ("Key: F - family, M - mission, E - study, T - work", {"F": "FAM", "E": "EDU", "T": "EMP"}),
    ],
)
def test_letters_explained_by_a_legend_have_only_its_meaning(note: str, codes: dict[str, str]) -> None:
    rows = "".join(f"| {letter} | {number} |\n" for number, letter in enumerate("FMET", start=10))
    trial = tried(f"## Sheet S\n| Permits, 2022 |\n| Reason | Number |\n{rows}| {note} |\n", "DF_PERMIT", "FR")
    read = [(each.component, dict(each.codes)) for each in trial.proposal.mapping.blocks[0].components]
    assert read == [("REASON", codes)]
    assert [question.label for question in trial.open if question.part.startswith("codes")] == ["M"]
    assert not any(question.part == "title" for question in trial.open)


@pytest.mark.parametrize("head", ["Purpose", "Gruppe", "Motif"])
def test_letters_under_another_header_are_not_certain_sexes(head: str) -> None:
    text = f"## Sheet S\n| Immigrants |\n| {head} | 2021 |\n| F | 5 |\n| M | 7 |\n| S | 9 |\n| T | 3 |\n"
    of_sexes = [each for each in tried(text, "DF_IMM", "FR").questions if each.chosen.code == "SEX"]
    assert of_sexes
    assert not any(question.has_proposal for question in of_sexes)
