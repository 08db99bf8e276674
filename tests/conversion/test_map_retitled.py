"""Tables that return with another title, header or column: differences are asked about or refused.

Each list of cases is a class of changes that were once accepted silently, with harmless ones that resemble them.
"""

from __future__ import annotations

import pytest
from case_tables import as_set, cases_from, listed, text_from, truth
from proposed import WORDS, tried
from shipped import CATALOGUE

from sdmxmig.conversion.mapping.grid import is_match
from sdmxmig.conversion.mapping.meanings import extract_relevant_part
from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.earlier_mapping import build_pattern
from sdmxmig.conversion.suggestion.periods import build_year_expression
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

pytestmark = pytest.mark.sampled(6)


@cases_from("conversion/cases/no_word_may_come_between_the_number_of_a_table_and_its_title.csv")
def test_table_number_directly_precedes_its_title(title: str, later: str) -> None:
    pattern = build_pattern(title, dated=False)
    assert pattern != title or "7" in title
    assert is_match(title, pattern)
    assert not is_match(later, pattern)


@cases_from("conversion/cases/the_number_of_a_table_may_be_another_one.csv")
def test_table_number_may_change_between_editions(title: str, later: str) -> None:
    assert is_match(later, build_pattern(title, dated=False))


@cases_from("conversion/cases/year_with_another_word_is_not_read_as_last_year.csv", labels=listed)
def test_year_with_another_word_is_not_read_as_last_year(labels: tuple[str, ...], later: str) -> None:
    assert [extract_relevant_part(label, build_year_expression(labels)) for label in labels] == ["2022", "2023"]
    assert extract_relevant_part(later, build_year_expression(labels)) == later


@cases_from("conversion/cases/year_in_the_form_of_earlier_years_is_recognised.csv", labels=listed)
def test_year_in_the_form_of_earlier_years_is_recognised(labels: tuple[str, ...], later: str) -> None:
    assert extract_relevant_part(later, build_year_expression(labels)) == "2024"


STUBS = text_from("conversion/cases/map_retitled_stubs.md")


@cases_from("conversion/cases/countries_of_another_kind_than_the_title_says_are_asked_about.csv")
def test_countries_unlike_those_of_title_are_asked_about(title: str, head: str, flow: str) -> None:
    trial = tried(STUBS.format(title=title, head=head), flow, "KE")
    assert any(
        "is the breakdown by" in question.chosen.reason or question.part == "line column 1" for question in trial.open
    )


@cases_from("conversion/cases/components_named_by_title_and_head_are_offered.csv", named=as_set)
def test_components_named_by_title_and_header_are_offered(title: str, head: str, labels: str, named: set[str]) -> None:
    rows = "".join(f"| {label} | {900 - at} |\n" for at, label in enumerate(labels.split("; ")))
    trial = tried(f"## Sheet S\n| {title} | |\n| {head} | 2023 |\n{rows}", "DF_IMM", "KE")
    (question,) = [question for question in trial.open if question.part == "line column 1"]
    assert not question.chosen.code
    assert {other.code for other in question.others} == named


@cases_from("conversion/cases/a_group_of_people_that_a_title_names_is_no_other_list.csv")
def test_group_in_a_title_raises_no_question_on_the_list(title: str, head: str) -> None:
    trial = tried(STUBS.format(title=title, head=head), "DF_IMM", "KE")
    assert "line column 1" not in {question.part for question in trial.open}


@cases_from("conversion/cases/countries_of_the_kind_in_the_title_raise_no_question.csv")
def test_countries_of_the_kind_in_the_title_raise_no_question(title: str, head: str, flow: str) -> None:
    trial = tried(STUBS.format(title=title, head=head), flow, "KE")
    assert not [question for question in trial.open if "is the breakdown by" in question.chosen.reason]


@cases_from("conversion/cases/a_negation_of_several_words_negates_too.csv")
def test_negation_of_several_words_is_recognised(title: str, phrase: str) -> None:
    assert [mention.phrase for mention in read_title(title, WORDS).mentions if mention.negated] == [phrase]


@pytest.mark.parametrize(
    ("title", "negated"),
    [
        ("Imigrantes no Brasil por país de nacionalidade", []),
        ("População residente no Reino Unido", []),
        ("Estrangeiros residentes no distrito", []),
        ("Ciudadanos no kenianos", ["kenianos"]),
        ("Persons with no UK citizenship", ["UK"]),
    ],
)
def test_foreign_prepositions_do_not_negate_places(title: str, negated: list[str]) -> None:
    mentions = read_title(title, WORDS).mentions
    assert [
        mention.phrase for mention in mentions if mention.negated and mention.concept in ("COUNTRY", "PLACE")
    ] == negated


LONG = text_from("conversion/cases/map_retitled_long.md")


@pytest.mark.parametrize(
    ("head", "first"),
    [("No.", 1), ("№", 4), ("Nº", 1), ("#", 4), ("Row", 1), ("S/N", 8), ("N°", 1), ("Nr.", 4), ("رقم", 1), ("序号", 1)],
)
def test_running_numbers_do_not_replace_country_column(head: str, first: int) -> None:
    numbers = dict(zip("abcdefgh", range(first, first + 8), strict=True))
    trial = tried(LONG.format(head=head, **numbers), "DF_IMM", "KE")
    assert "C_CITIZEN" in {
        component_map.component for block in trial.proposal.mapping.blocks for component_map in block.components
    }


YEARS = STUBS + "\n| {note} | | |\n"


def asked(title: str, flow: str, area: str, head: str = "Country of citizenship", note: str = "Source: x") -> str:
    trial = tried(YEARS.format(title=title, head=head, note=note), flow, area)
    never_said = {"fixed RES_RULE", "fixed DUR_BASIS", "fixed REF_DATE", "fixed PROT_ITEM", "fixed CTZ_ITEM"}
    return "; ".join(
        f"{question.part} {question.label} {question.chosen.reason}"
        for question in trial.open
        if question.part not in never_said
    )


@cases_from("conversion/cases/a_year_that_is_100_makes_an_index.csv")
def test_year_equal_to_100_means_an_index(title: str) -> None:
    assert any(mention.code == "INDEX" for mention in read_title(title, WORDS).mentions)
    questions = asked(title, "DF_EMI", "KE")
    assert "in what unit" in questions or "shares or rates" in questions


@cases_from("conversion/cases/other_signs_that_are_100_make_none.csv")
def test_other_values_equal_to_100_do_not_mean_an_index(title: str) -> None:
    assert not any(mention.code == "INDEX" for mention in read_title(title, WORDS).mentions)


@cases_from("conversion/cases/calendar_years_and_count_days_raise_no_question.csv")
def test_calendar_years_and_count_days_raise_no_question(title: str, flow: str, area: str) -> None:
    questions = asked(title, flow, area)
    assert "years begin or end" not in questions
    assert "do the years begin" not in questions


def test_group_in_two_languages_is_asked_about_once() -> None:
    questions = asked("Workers, trabajadores, travailleurs by citizenship", "DF_POP", "KE")
    assert questions.count("this group only") == 1
    questions = asked("International migration and emigration of migrants by citizenship", "DF_POP", "KE")
    assert questions.count("what the dataset counts") == 1


COMMAS = """{title},,
,,
Country of citizenship,2018,2019
Germany,"1,100","1,160"
Canada,"21,050","21,130"
France,"5,150","5,130"
"""


@cases_from("conversion/cases/persons_are_counted_in_whole_numbers.csv", is_asked=truth)
def test_persons_are_counted_in_whole_numbers(title: str, is_asked: bool) -> None:
    tables = read("t.csv", COMMAS.format(title=title).encode())
    trial = propose(tables, "DF_EMI", CATALOGUE, WORDS, area="KE").open
    assert any(line.label == "the signs in numbers" for line in trial) is is_asked


SECTIONS = text_from("conversion/cases/map_retitled_sections.md")


@pytest.mark.parametrize("mark", [" 1)", "1)", " (1)", "*", " *", "¹", " ²", " 2)", " (3)", "†"])
def test_note_mark_in_one_section_does_not_change_the_label(mark: str) -> None:
    labels = (f"France{mark}", "France") if mark.startswith(" ") else ("France", f"France{mark}")
    trial = tried(SECTIONS.format(a=labels[0], b=labels[1], c="Norway"), "DF_IMM", "KE")
    assert not [
        question
        for question in trial.open
        if question.part.startswith(("codes", "sums")) or question.part in ("totals", "keys", "rows")
    ]


@pytest.mark.parametrize(
    "label", ["France 1)", "France*", "France ¹", "France (2)", "FRANCE", "French Republic", "Francia"]
)
def test_label_repeated_in_one_section_is_asked_about(label: str) -> None:
    trial = tried(SECTIONS.format(a="France", b="France", c=label), "DF_IMM", "KE")
    assert [
        question
        for question in trial.open
        if question.part.startswith(("codes", "sums")) or question.part in ("totals", "keys", "rows")
    ]


STATUS = text_from("conversion/cases/map_retitled_status.md")


@cases_from("conversion/cases/a_column_of_statuses_is_no_region.csv")
def test_column_of_statuses_is_not_read_as_regions(head: str, first: str, last: str) -> None:
    trial = tried(STATUS.format(head=head, first=first, last=last), "DF_POP_TOPIC", "KE")
    read_by = {
        component_map.component: str(component_map.source)
        for block in trial.proposal.mapping.blocks
        for component_map in block.components
    }
    assert "REGION" not in read_by
    assert read_by.get("OBS_STATUS") == "column 3"


@cases_from("conversion/cases/a_column_of_places_is_still_asked_about_as_a_region.csv")
def test_column_of_places_is_asked_about_as_regions(head: str, first: str, last: str) -> None:
    trial = tried(STATUS.format(head=head, first=first, last=last), "DF_POP_TOPIC", "KE")
    assert any(question.part == "line column 3" for question in trial.open)
