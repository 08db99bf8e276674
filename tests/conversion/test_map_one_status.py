"""``sdmxmig map`` on words for a status that may hold for all figures: asked about as a code, and answered by one."""

from __future__ import annotations

import pytest
from proposed import proposed

from sdmxmig.conversion.suggestion import Decisions, Question

SHEET = """
## Sheet {name}
| {title} | | |
| Country of citizenship | {year} | {next_year} |
| Fiji | {first} | 11 |
| Tonga | 20 | 22 |
| {note} | | |
"""


def moves(title: str = "Immigrants by citizenship", note: str = "", name: str = "A", first: str = "10") -> str:
    year = 2011 + 2 * "ABC".index(name)
    return SHEET.format(title=title, note=note, name=name, first=first, year=year, next_year=year + 1)


def asked(text: str, decisions: Decisions | None = None) -> list[Question]:
    proposal = proposed(text, "DF_IMM", decisions=decisions).open
    return [question for question in proposal if question.part in ("title", "fixed OBS_STATUS", "fixed CTZ_STATUS")]


OF_ALL = [
    (moves("Immigrants by citizenship (preliminary)"), "P"),
    (moves("Immigrants by citizenship (p)"), "P"),
    (moves("Immigrants by citizenship. Datos preliminares"), "P"),
    (moves(note="Preliminary data."), "P"),
    (moves(note="Cifras preliminares."), "P"),
    (moves(note="Предварительные данные."), "P"),
    (moves(note="Estimates."), "E"),
]


@pytest.mark.parametrize(("text", "code"), OF_ALL)
def test_status_is_asked_about_with_its_code(text: str, code: str) -> None:
    (question,) = asked(text)
    assert question.part == "fixed OBS_STATUS"
    assert question.chosen.code == code or {other.code for other in question.others} == {"A", code}


@pytest.mark.parametrize(("text", "code"), OF_ALL)
def test_answered_status_applies_to_all_figures(text: str, code: str) -> None:
    decisions = {("A", "fixed OBS_STATUS", ""): code}
    assert not asked(text, decisions)
    assert ("OBS_STATUS", code) in proposed(text, "DF_IMM", decisions=decisions).mapping.blocks[0].fixed


@pytest.mark.parametrize(("text", "code"), OF_ALL)
def test_figures_can_be_answered_as_final(text: str, code: str) -> None:
    decisions = {("A", "fixed OBS_STATUS", ""): "A"}
    assert not asked(text, decisions)
    assert ("OBS_STATUS", code) not in proposed(text, "DF_IMM", decisions=decisions).mapping.blocks[0].fixed


@pytest.mark.parametrize("note", ["Preliminary data.", "Provisional figures.", "Données provisoires."])
@pytest.mark.parametrize("last", ["", "Source: statistical office.", "Without asylum seekers.", "Women only."])
def test_answer_applies_to_all_sheets_with_the_note(note: str, last: str) -> None:
    text = moves(note=note) + moves(note=note, name="B", first="12") + moves(note=last, name="C", first="13")
    (question,) = (question for question in asked(text) if question.part == "fixed OBS_STATUS")
    assert question.sheets == ("A", "B")
    proposal = proposed(text, "DF_IMM", decisions={("*", "fixed OBS_STATUS", ""): "P"})
    fixed = [dict(block.fixed).get("OBS_STATUS", "") for block in proposal.mapping.blocks]
    assert fixed == ["P", "P", ""]


@pytest.mark.parametrize(
    "text",
    [
        moves(note="p = provisional", first="10p"),
        moves(note="* provisional", first="10*"),
        moves(note="Final data."),
        moves(note="Source: statistical office."),
        moves("Immigrants by citizenship, final data"),
        moves(),
    ],
)
def test_status_of_only_some_figures_is_not_asked_about(text: str) -> None:
    assert "fixed OBS_STATUS" not in [question.part for question in asked(text)]


@pytest.mark.parametrize(
    ("title", "answer"),
    [
        (title, said)
        for title in (
            "Georgian immigrants",
            "Georgian citizens who immigrated",
            "Immigration of Georgian citizens",
            "Immigration of nationals",
            "Georgische Einwanderer",
            "Immigrants géorgiens",
        )
        for said in ("_T", "FC")
    ],
)
def test_answered_group_is_not_asked_about_again(title: str, answer: str) -> None:
    text = f"""
## Sheet A
| {title} by sex | | |
| Sex | 2021 | 2022 |
| Men | 10 | 11 |
| Women | 20 | 22 |
"""
    first = asked(text)
    assert first, "it is asked at all"
    answers = {
        ("A", question.part, question.label): answer for question in first if question.part == "fixed CTZ_STATUS"
    }
    again = asked(text, answers) if answers else []
    assert not [question for question in again if question.part == "title" and question not in first]


@pytest.mark.parametrize("title", ["Immigrants born abroad", "Immigrants, women and refugees", "Immigrant workers"])
def test_answered_group_does_not_answer_another_group(title: str) -> None:
    text = f"""
## Sheet A
| Foreign {title} by age | | |
| Age | 2021 | 2022 |
| 0-14 | 10 | 11 |
| 15-64 | 20 | 22 |
"""
    before = {question.label for question in asked(text) if question.part == "title"}
    after = {
        question.label for question in asked(text, {("A", "fixed CTZ_STATUS", ""): "FC"}) if question.part == "title"
    }
    assert {label for label in before if "oreign" not in label} <= after
