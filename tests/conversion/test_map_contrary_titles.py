"""Titles of one sex or status over columns of both, and statuses that are not those of foreigners."""

from __future__ import annotations

import pytest
from proposed import WORDS, asked, tried
from shipped import CATALOGUE

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

BY_SEX = """## Sheet S
| {title} |
| Year | Total | Men | Women |
| 2021 | 2150 | 1100 | 1050 |
| 2022 | 2290 | 1160 | 1130 |
"""
BY_STATUS = BY_SEX.replace("Men", "Citizens").replace("Women", "Foreign citizens")


@pytest.mark.parametrize(
    ("title", "area", "flow"),
    [
        ("Immigration of women", "SE", "DF_IMM"),
        ("Immigration of foreign men", "SE", "DF_IMM"),
        ("Ausländische Männer", "DE", "DF_POP"),
        ("Émigration féminine", "FR", "DF_EMI"),
        ("Иммиграция женщин", "RU", "DF_IMM"),
        ("男性人口", "CN", "DF_POP"),
        ("Boys and girls immigrating", "SE", "DF_IMM"),
    ],
)
def test_title_of_one_sex_over_columns_of_both_is_asked_about(title: str, area: str, flow: str) -> None:
    assert asked(tried(BY_SEX.format(title=title), flow, area))


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Population: men and women", "SE"),
        ("Население: мужчины и женщины", "RU"),
        ("Population by sex", "SE"),
    ],
)
def test_title_of_both_sexes_raises_no_question(title: str, area: str) -> None:
    assert asked(tried(BY_SEX.format(title=title), "DF_POP", area)) == []


def test_word_of_a_file_name_contradicts_no_columns() -> None:
    table = read("rag.csv", b"Immigration by sex,,\nYear,Men,Women\n2021,11,10\n2022,12,13\n")
    assert asked(propose(table, "DF_IMM", CATALOGUE, WORDS, area="SE")) == []


def test_title_of_foreign_citizens_over_columns_of_both_is_asked_about() -> None:
    assert asked(tried(BY_STATUS.format(title="Foreign population"), "DF_POP", "SE"))


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Latvian non-citizens by sex", "LV"),
        ("Non-citizens in Latvia by sex", "LV"),
        ("Latvijas nepilsoņi pēc dzimuma", "LV"),
        ("Неграждане Латвии по полу", "LV"),
        ("Nichtbürger Lettlands nach Geschlecht", "LV"),
        ("Non-citizens by sex", "EE"),
    ],
)
def test_non_citizens_of_the_baltic_states_are_asked_about_with_their_status(title: str, area: str) -> None:
    trial = tried(BY_SEX.format(title=title), "DF_POP", area)
    (question,) = (question for question in trial.open if question.part == "fixed CTZ_STATUS")
    assert {"FC", "UNDET"} <= {question.chosen.code, *(offer.code for offer in question.others)}


def test_persons_of_undetermined_citizenship_have_their_own_code() -> None:
    trial = tried(BY_SEX.format(title="Population of undetermined citizenship by sex"), "DF_POP", "EE")
    assert dict(trial.proposal.mapping.blocks[0].fixed)["CTZ_STATUS"] == "UNDET"


def test_non_citizens_elsewhere_are_foreign_citizens() -> None:
    trial = tried(BY_SEX.format(title="Non-citizens by sex"), "DF_POP", "US")
    assert asked(trial) == []
    assert dict(trial.proposal.mapping.blocks[0].fixed)["CTZ_STATUS"] == "FC"


def test_label_of_non_citizens_of_the_country_is_not_one_of_its_citizens() -> None:
    text = "## Sheet S\n| Population, 1 January |\n| Status | 2021 | 2022 |\n"
    text += "| Latvian citizens | 91 | 92 |\n| Latvian non-citizens | 13 | 12 |\n| Foreign citizens | 5 | 6 |\n"
    codes = {
        label: code
        for component in tried(text, "DF_POP", "LV").proposal.mapping.blocks[0].components
        for label, code in component.codes
    }
    assert codes.get("Latvian non-citizens") != "NC"
