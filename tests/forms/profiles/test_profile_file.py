"""Profiles as files: every key is checked on reading, and errors name their place."""

from __future__ import annotations

import pytest
from case_tables import cases_from, text_from
from shipped import CATALOGUE

from sdmxmig.catalogue.benchmarking import Answer, BenchmarkItem, Profile, Scale
from sdmxmig.forms.profiles.plan import read_questions, select_questions
from sdmxmig.forms.profiles.reading import read_profile
from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.sdmx.model.artefacts import Text

PROFILE = text_from("forms/cases/profile_file_profile.toml")
ITEMS = {
    item_id: BenchmarkItem(item_id, item_id[0], name=Text.of(en=item_id), recommendation=Text(), scale=scale)
    for item_id, scale in (("A01", "YNP"), ("B01", "ALIGN"), ("B02", "ALIGN"), ("H01", "YNP"))
}
QUESTIONS = [
    BenchmarkItem(item_id, item_id[0], name=Text.of(en=item_id), recommendation=Text(), scale=scale, of=of)
    for item_id, scale, of in (("L01", "AVAIL", "indicator"), ("S01", "", "source"), ("R05", "KIND", "action"))
]
SCALES = {
    name: Scale(name, tuple((code, Text.of(en=code)) for code in codes), points=())
    for name, codes in {"YNP": "YPN", "ALIGN": "0123", "AVAIL": "01234", "KIND": ("LAW", "DATA")}.items()
}
ASKED = select_questions(
    ITEMS.values(), QUESTIONS, indicators=["IMM_RATE", "EMI_RATE"], scales=SCALES, rules=CATALOGUE.rules
)


def profile_of(content: str) -> Profile:
    return read_profile("profile.toml", content.encode(), ASKED)


def test_profile_lists_answers_in_the_order_of_items() -> None:
    profile = profile_of(PROFILE)
    assert (profile.area, profile.year, profile.signed_off) == ("GE", "2024", "")
    assert list(profile.answers) == ["A01", "B01"], "what says nothing is left out"
    practice = Text.of(en="183 days in the 12 months before")
    assert profile.answers["B01"] == Answer("B01", "3", practice=practice, sources=("G45",), evidence="REPORTED")
    assert profile.of("L01", "IMM_RATE") == Answer(
        "L01", "3", practice=Text.of(en="Published every April"), subject="IMM_RATE"
    )
    assert profile.of("S01", "H01").practice == Text.of(en="The office")
    assert profile.of("R05", "LINK").answer == "DATA"
    assert profile.of("L01", "EMI_RATE") == Answer("L01", subject="EMI_RATE"), "not known"
    assert profile.sources["G45"] == "FactCheck.ge, 2022"


@cases_from("forms/cases/a_mistake_in_a_profile_is_named_with_what_was_meant.csv")
def test_mistake_in_a_profile_is_reported_with_a_suggestion(old: str, new: str, key: str, expected: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        profile_of(PROFILE.replace(old, new, 1))
    assert (caught.value.place.file, caught.value.place.key) == ("profile.toml", key)
    assert expected in str(caught.value)


def test_profile_with_invalid_toml_is_refused_with_its_line() -> None:
    with pytest.raises(DeclarationError, match=r"profile\.toml:1:"):
        profile_of("area = GE")


@cases_from("forms/cases/a_comment_on_what_does_not_exist_is_refused.csv")
def test_comment_on_an_unknown_subject_is_refused(subject: str, expected: str) -> None:
    content = f'area = "GE"\nyear = "2024"\n[comments.{subject}.O01]\npractice.en = "We disagree."\n'
    with pytest.raises(DeclarationError) as caught:
        read_profile("profile.toml", content.encode(), read_questions(CATALOGUE))
    assert caught.value.place.key == f"comments.{subject}"
    assert expected in str(caught.value)


@cases_from("forms/profiles/cases/items_indicators_rules_gaps_issues_and_actions_are_commented.csv")
def test_comments_on_every_kind_of_subject_are_loaded(subject: str) -> None:
    content = f"""
area = "GE"
year = "2024"
[comments.{subject}.O01]
practice.en = "We agree."
[actions.OUR_ACTION.R01]
practice.en = "Link the registers."
"""
    profile = read_profile("profile.toml", content.encode(), read_questions(CATALOGUE))
    assert profile.of("O01", subject).practice == Text.of(en="We agree.")
