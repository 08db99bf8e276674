"""Titles and labels of offices in many languages: usual words are explained, limits are mentions.

`titles_explained.csv` holds titles without unexplained words, with what they count and the limits that they state;
`titles_with_limits.csv` titles with limits that must be among their mentions.
"""

from __future__ import annotations

import pytest
from case_tables import cases_from, listed
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.recognition.mentions import Mention, read_title
from sdmxmig.conversion.suggestion.lines import find_meanings

LIMITS = (
    *("GROUP", "PLACE", "EXCLUDING", "NEGATION", "UNIT", "UNIT_MULT", "SEX"),
    *("CTZ_STATUS", "BIRTH_STATUS", "OBS_STATUS"),
)


def is_limit(mention: Mention) -> bool:
    """Check whether a mention limits the figures; persons are the usual unit, births belong to a breakdown."""
    return not mention.inner and mention.concept != "BIRTH_STATUS" and mention.code != "PS"


@cases_from("conversion/titles_explained.csv")
def test_title_is_fully_explained_and_states_no_other_limit(title: str, counted: str, limits: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.unexplained == ()
    assert not counted or counted in {mention.code for mention in reading.of("MEASURE", "DIRECTION")}
    stated = {f"{mention.concept} {mention.code}" for mention in reading.of(*LIMITS) if is_limit(mention)}
    assert stated == ({limits} if limits else set())


@cases_from("conversion/titles_with_limits.csv")
def test_limit_in_a_title_is_read_as_a_mention(title: str, limits: str) -> None:
    stated = {f"{mention.concept} {mention.code}" for mention in read_title(title, WORDS).mentions}
    assert set(limits.split(" | ")) <= stated


@cases_from("conversion/cases/label_has_one_code.csv")
def test_label_has_exactly_one_code(component: str, label: str, code: str) -> None:
    meanings = find_meanings((label,), component, CATALOGUE.flows["DF_POP"], WORDS)
    assert [meaning.code for meaning in meanings[label]] == [code]


@cases_from("conversion/cases/people_of_countries_are_named_in_titles.csv")
def test_people_of_countries_are_named_in_titles(title: str, area: str) -> None:
    assert {each.code for each in read_title(title, WORDS).of("COUNTRY")} == {area}


@cases_from("conversion/cases/word_for_granted_or_departed_stays_ambiguous.csv")
def test_word_for_granted_or_departed_stays_ambiguous(title: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.unexplained or reading.of("GROUP", "DECISION_ACTION", "CTZ_MODE")


def test_bulgarian_years_are_not_read_as_hours() -> None:
    assert not read_title("Години по пол", WORDS).of("UNIT")
    assert {each.code for each in read_title("Відпрацьовані години іммігрантів", WORDS).of("UNIT")} == {"DAYS"}


def test_names_of_countries_are_not_ordinary_words() -> None:
    for name in ("Latvija", "Eesti", "Magyarország", "Ísland", "Shqipëria", "Andorra", "Ελλάδα", "Беларусь"):
        assert not read_title(f"2020 {name}", WORDS).of("PLAIN"), name


@cases_from("conversion/cases/a_table_is_not_broken_down_by_what_limits_it.csv")
def test_limits_of_a_table_are_not_read_as_breakdowns(language: str, title: str, concept: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.of(concept)
    assert not {mention.at for mention in reading.of(concept)} & reading.broken_down


@cases_from("conversion/cases/labels_have_their_codes.csv", labels=listed)
def test_labels_have_their_codes(concept: str, code: str, labels: tuple[str, ...]) -> None:
    candidates = {label: WORDS.candidates(label, concept) for label in labels}
    assert {label: many[0].code if many else "" for label, many in candidates.items()} == dict.fromkeys(labels, code)


@pytest.mark.parametrize("title", ["Dân số theo quốc tịch, năm 2019", "Số liệu thống kê năm 2020"])
def test_similar_words_are_not_read_as_men(title: str) -> None:
    assert not read_title(title, WORDS).of("SEX")
