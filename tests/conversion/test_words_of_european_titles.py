"""Titles in smaller European languages: every word is explained, limits are reported."""

from __future__ import annotations

import pytest
from case_tables import cases_from_csv
from proposed import WORDS
from shipped import CATALOGUE

from sdmxmig.conversion.recognition.mentions import read_title
from sdmxmig.conversion.suggestion.lines import meanings_of

LIMITS = frozenset({"GROUP", "PLACE", "EXCLUDING", "NEGATION", "UNIT_MULT", "CTZ_STATUS", "BIRTH_STATUS", "OBS_STATUS"})
PEOPLE = [
    ("Български имигранти", "BG"),
    ("Ukrajinski državljani", "UA"),
    ("Αλβανοί μετανάστες", "AL"),
    ("Shqiptarë të kthyer", "AL"),
    ("Poblacio andorrana", "AD"),
    ("Беларускія эмігранты", "BY"),
]


@cases_from_csv
def test_title_without_limits_is_fully_explained(area: str, title: str, counted: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.unexplained == (), area
    assert counted in {mention.code for mention in reading.of("MEASURE", "DIRECTION")}
    assert not {
        mention.phrase for mention in reading.of(*LIMITS) if not mention.inner and mention.concept != "BIRTH_STATUS"
    }


@cases_from_csv
def test_title_with_limits_mentions_them(title: str, codes: str) -> None:
    reading = {each.code for each in read_title(title, WORDS).of(*LIMITS)}
    assert set(codes.split()) <= reading


@cases_from_csv
def test_label_has_one_code(component: str, label: str, code: str) -> None:
    meanings = meanings_of((label,), component, CATALOGUE.flows["DF_POP"], WORDS)
    assert [meaning.code for meaning in meanings[label]] == [code]


@pytest.mark.parametrize(("title", "area"), PEOPLE)
def test_people_of_countries_are_named_in_titles(title: str, area: str) -> None:
    assert {each.code for each in read_title(title, WORDS).of("COUNTRY")} == {area}


@cases_from_csv
def test_that_papers_were_handed_in_or_out_limits_nothing(title: str) -> None:
    assert read_title(title, WORDS).unexplained == ()


@cases_from_csv
def test_word_for_granted_or_departed_stays_ambiguous(title: str) -> None:
    reading = read_title(title, WORDS)
    assert reading.unexplained or reading.of("GROUP", "DECISION_ACTION", "CTZ_MODE")


def test_years_in_bulgarian_are_no_unit_and_hours_in_ukrainian_are() -> None:
    assert not read_title("Години по пол", WORDS).of("UNIT")
    assert {each.code for each in read_title("Відпрацьовані години іммігрантів", WORDS).of("UNIT")} == {"DAYS"}


def test_a_country_of_another_office_is_never_an_ordinary_word() -> None:
    for name in ("Latvija", "Eesti", "Magyarország", "Ísland", "Shqipëria", "Andorra", "Ελλάδα", "Беларусь"):
        assert not read_title(f"2020 {name}", WORDS).of("PLAIN"), name
