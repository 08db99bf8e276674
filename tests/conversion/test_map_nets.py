"""``sdmxmig map`` offers net migration for “Net” beside immigration and emigration."""

from __future__ import annotations

from case_tables import cases_from
from shipped import CATALOGUE, words

from sdmxmig.conversion.suggestion import Question
from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

ROWS = "2018,420,130,290\n2019,515,260,255\n2020,390,405,-15\n"


def question_about_last_head(heads: str) -> Question | None:
    trial = propose(read("t.csv", f"{heads}\n{ROWS}".encode()), "DF_ACCOUNT", CATALOGUE, words(), area="KE")
    net = heads.rsplit(",", maxsplit=1)[-1]
    return next((each for each in trial.open if each.part == "codes ACC_ITEM" and each.label == net), None)


@cases_from("conversion/cases/balance_is_offered_as_net_migration.csv")
def test_balance_is_offered_as_net_migration(heads: str) -> None:
    question = question_about_last_head(heads)
    assert question.others[0].code == "NET_MIG"


@cases_from("conversion/cases/other_words_are_not_net_migration.csv")
def test_other_words_are_not_offered_as_net_migration(heads: str) -> None:
    question = question_about_last_head(heads)
    assert question is None or question.others[0].code != "NET_MIG"
