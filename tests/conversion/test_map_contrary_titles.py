"""Titles of one sex or status over columns of both, and statuses that are not those of foreigners."""

from __future__ import annotations

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


def test_file_name_does_not_contradict_the_columns() -> None:
    table = read("rag.csv", b"Immigration by sex,,\nYear,Men,Women\n2021,11,10\n2022,12,13\n")
    assert asked(propose(table, "DF_IMM", CATALOGUE, WORDS, area="SE")) == []


def test_title_of_foreigners_over_both_groups_is_asked_about() -> None:
    assert asked(tried(BY_STATUS.format(title="Foreign population"), "DF_POP", "SE"))


def test_persons_of_undetermined_citizenship_have_their_own_code() -> None:
    trial = tried(BY_SEX.format(title="Population of undetermined citizenship by sex"), "DF_POP", "EE")
    assert dict(trial.proposal.mapping.blocks[0].fixed)["CTZ_STATUS"] == "UNDET"


def test_non_citizens_elsewhere_are_foreign_citizens() -> None:
    trial = tried(BY_SEX.format(title="Non-citizens by sex"), "DF_POP", "US")
    assert asked(trial) == []
    assert dict(trial.proposal.mapping.blocks[0].fixed)["CTZ_STATUS"] == "FC"


def test_label_of_non_citizens_does_not_mean_citizens() -> None:
    text = "## Sheet S\n| Population, 1 January |\n| Status | 2021 | 2022 |\n"
    text += "| Latvian citizens | 91 | 92 |\n| Latvian non-citizens | 13 | 12 |\n| Foreign citizens | 5 | 6 |\n"
    codes = {
        label: code
        for component in tried(text, "DF_POP", "LV").proposal.mapping.blocks[0].components
        for label, code in component.codes
    }
    assert codes.get("Latvian non-citizens") != "NC"
