"""Years of which only a part is named: no mapping gives them as whole years without saying so, and a proposal asks."""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed, text_from
from markdown_workbooks import workbook
from proposed import ALWAYS, WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.convert import Conversion, convert
from sdmxmig.conversion.mapping import load
from sdmxmig.conversion.recognition.times import moment
from sdmxmig.conversion.suggestion import Decisions
from sdmxmig.conversion.suggestion.questions import LEAVE_OUT
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import TriedProposal, propose

RULE = "MIG-0-116"
MAPPING = text_from("conversion/cases/partial_years_mapping.toml")
NOTE = '[[block.notes]]\nwhere = { TIME_PERIOD = "2024" }\nset = { COMMENT_OBS = "January to September." }\n'
FOOTNOTES = '[block.footnotes]\nmarks = "[*¹]"\ncomponent = "COMMENT_OBS"\n'


def converted(label: str, notes: tuple[str, ...] = (), *, codes: str = "", more: str = "") -> Conversion:
    rows = ["Year,Total,Men,Women", "2023,30,10,20", f'"{label}",24,9,15', "", *(f'"{note}",,,' for note in notes)]
    mapping = load("m.toml", MAPPING.format(codes=codes, more=more).encode(), CATALOGUE.flows)
    table = read("office.csv", "\n".join(rows).encode())
    return convert(table, mapping, CATALOGUE.flows["DF_IMM"], CATALOGUE.rules)


def reported(label: str, *notes: str, codes: str = "", more: str = "") -> list[tuple[str, str]]:
    findings = converted(label, notes, codes=codes, more=more).findings.items
    return [(finding.build_parameters("en")["value"], finding.severity) for finding in findings if finding.rule == RULE]


LABELS = text_from("conversion/cases/partial_years_labels.txt")
ALL_LABELS = [label.strip() for line in LABELS.strip().splitlines() for label in line.split(";")]
WHOLE = [
    "2024",
    "2024*",
    "2024 (p)",
    "2024 provisional",
    "Year 2024",
    "2024 год",
    "2024年",
    "année 2024",
    "January–December 2024",
]
WHOLE += ["2024 (1-12)", "2024 I-XII", "2024 (12 months)", "2024 r", "2024 (31 December)", "2024年12月31日"]


def test_part_of_a_year_is_not_silently_read_as_the_year() -> None:
    assert [label for label in ALL_LABELS if reported(label) != [(label, "error")]] == []


def test_whole_years_are_not_reported() -> None:
    assert [label for label in WHOLE if reported(label)] == []


MARKED = [
    "* January to October",
    "* Data for January to September only.",
    "* Until October.",
    "* Nine months.",
    "* First half",
]
MARKED += [
    "* De janvier à octobre",
    "* Datos hasta septiembre",
    "* حتى سبتمبر",
    "* Январь–октябрь",
    "* 截至9月",
    "* Partial year.",
]
NAMED = ["2024: January to October", "Note: 2024 data cover January to October.", "2024年数据为1-9月。"]
NAMED += [
    "Data for 2024 are for the first nine months.",
    "Data for 2024 until September.",
    "Data for 2024 are partial.",
]
NAMED += ["Les données de 2024 portent sur janvier à septembre.", "Данные за 2024 год за январь-сентябрь."]
NAMED += ["Los datos de 2024 corresponden a enero-septiembre.", "بيانات 2024 من يناير إلى سبتمبر."]
OTHER_NOTES = ["Source: the office, October 2024.", "Last updated: 30 September 2024", "* Provisional."]
OTHER_NOTES += [
    "Persons who stayed more than 9 months in 2024.",
    "From January 2024 a new law holds.",
    "2020: January to March",
]


def test_notes_naming_part_of_a_year_are_always_reported() -> None:
    assert [note for note in MARKED if reported("2024*", note) != [(note, "error")]] == []
    assert [note for note in NAMED if reported("2024", note) != [(note, "error")]] == []


def test_other_notes_are_not_reported() -> None:
    assert [note for note in OTHER_NOTES if reported("2024*", note)] == []


@pytest.mark.parametrize(
    ("label", "note", "codes", "more"),
    [
        ("2024 (to September)", "", 'codes = { "2024 (to September)" = "2024" }', ""),
        ("2024 (to September)", "", 'codes = { "2024 (to September)" = "2024-01-01/P9M" }', ""),
        ("2024 (to September)", "", "", NOTE),
        ("2024*", "* January to September", "", NOTE),
        ("2024*", "* January to September", "", FOOTNOTES),
        ("2024", "2024: January to September", "", NOTE),
    ],
)
def test_partial_year_stated_in_the_mapping_is_not_reported(label: str, note: str, codes: str, more: str) -> None:
    assert not reported(label, *filter(None, [note]), codes=codes, more=more)


ASKED = text_from("conversion/cases/partial_years_asked.md")


def tried(label: str, note: str, decisions: Decisions | None = None) -> TriedProposal:
    tables = read("t.xlsx", workbook(ASKED.format(label=label, note=note)))
    return propose(tables, "DF_IMM", CATALOGUE, WORDS, area="GE", decisions=decisions)


@cases_from("conversion/cases/a_proposal_asks_and_the_answer_settles_it.csv", about=listed)
def test_partial_year_is_asked_about_until_answered(label: str, note: str, about: tuple[str, str, str]) -> None:
    open_questions = [
        (question.sheet, question.part, question.label, question.others[-1].code)
        for question in tried(label, note).open
        if question.part.startswith(("codes TIME", "note "))
    ]
    assert [asked[1:] for asked in open_questions] == [about]
    sheet, part, name, answer = open_questions[0]
    answered = tried(label, note, {(sheet, part, name): answer})
    assert not [question for question in answered.open if question.part == part]
    assert not [finding for finding in answered.conversion.findings.items if finding.rule == RULE]


@cases_from("conversion/cases/the_months_that_a_note_names_are_offered_for_its_year.csv")
def test_months_named_in_a_note_are_offered_for_its_year(label: str, note: str, period: str) -> None:
    asked = [question for question in tried(label, note).open if question.part not in ALWAYS]
    assert [(question.part, question.label) for question in asked] == [("codes TIME_PERIOD", label)]
    assert period in {offer.code for offer in asked[0].others}
    answered = tried(label, note, {(asked[0].sheet, asked[0].part, label): period})
    assert not [question for question in answered.open if question.part not in ALWAYS]
    assert {"2022", "2023", period} == {*answered.conversion.dataset.observations["TIME_PERIOD"]}


def test_mark_may_mean_a_status_and_a_partial_year() -> None:
    asked = tried("2024*", "* Provisional, January to September")
    assert "codes TIME_PERIOD" in {question.part for question in asked.open}
    assert "P" in {*asked.conversion.dataset.observations["OBS_STATUS"]}


def test_two_years_with_equal_marks_are_both_reported() -> None:
    table = ASKED.replace("| 2023 |", "| 2023* |").format(label="2024*", note="* January to September")
    open_questions = propose(read("t.xlsx", workbook(table)), "DF_IMM", CATALOGUE, WORDS, area="GE").open
    assert [question.label for question in open_questions if question.part == "codes TIME_PERIOD"] == ["2023*", "2024*"]


def test_end_of_a_span_of_months_is_not_read_as_a_month() -> None:
    assert [moment(text, WORDS.vocabulary) for text in ("2024 (to September)", "2024 (до сентября)")] == [None, None]


def test_figures_that_are_counted_on_a_day_may_name_its_month() -> None:
    text = MAPPING.format(codes="", more="").replace("DF_IMM", "DF_POP")
    text = text.replace('C_RESIDENCE = "_T"\nDIRECTION = "I"\n', "")
    table = read("office.csv", b"Year,Total\nJuly 2024,24\n")
    mapping = load("m.toml", text.encode(), CATALOGUE.flows)
    conversion = convert(table, mapping, CATALOGUE.flows["DF_POP"], CATALOGUE.rules)
    assert not [finding for finding in conversion.findings.items if finding.rule == RULE]


INCOMPLETE = text_from("conversion/cases/partial_years_incomplete.md").split("\n\n")


@pytest.mark.parametrize("text", INCOMPLETE)
def test_sum_of_some_parts_of_a_year_is_never_its_annual_figure(text: str) -> None:
    tables = read("t.xlsx", workbook(text))
    decisions = {("T", "codes TIME_PERIOD", "Ene"): "2024-01"} if "Ene" in text else {}
    found = propose(tables, "DF_IMM", CATALOGUE, WORDS, area="GE", decisions=decisions)
    annual = {*found.conversion.dataset.observations["TIME_PERIOD"]} & {"2024"}
    asked = [question for question in found.open if "2024" in question.label and question.part == "codes TIME_PERIOD"]
    assert len(asked) >= len(annual)
    for question in asked:
        for answer in (question.others[0].code, LEAVE_OUT):
            decisions[(question.sheet, question.part, question.label)] = answer
            answered = propose(tables, "DF_IMM", CATALOGUE, WORDS, area="GE", decisions=decisions)
            assert "2024" not in {*answered.conversion.dataset.observations["TIME_PERIOD"]}
            assert not [finding for finding in answered.conversion.findings.items if finding.rule == RULE]
