"""``sdmxmig map`` offers net migration for “Net” beside immigration and emigration."""

from __future__ import annotations

import polars as pl
import pytest
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


MOVES = "2021,1000,700,300,200,{}\n2022,1100,800,350,250,{}\n2023,1000,800,350,250,{}\n"


@pytest.mark.parametrize(
    "heads",
    [
        "Year,Live births,Deaths,Immigration,Emigration,Population",
        "Rok,Urodzenia żywe,Zgony,Imigracja,Emigracja,Ludność",
        "Jahr,Geburten,Sterbefälle,Zuwanderung,Abwanderung,Bevölkerung",
        "Année,Naissances vivantes,Décès,Immigration,Emigration,Population",
        "Rok Year,Urodzenia Births,Zgony Deaths,Imigracja Immigration,Emigracja Emigration,Ludność Population",
    ],
)
@pytest.mark.parametrize(
    ("populations", "codes"),
    [
        ((100000, 100400, 100800), ["POP_BEG"]),
        ((100400, 100800, 101100), ["POP_END"]),
        ((100000, 100401, 100700), ["POP_BEG", "POP_END", "POP_AVG"]),
    ],
    ids=["beginning", "end", "asked"],
)
def test_population_is_dated_by_births_and_moves(heads: str, populations: tuple[int, ...], codes: list[str]) -> None:
    table = f"Population and migration\n{heads}\n{MOVES.format(*populations)}"
    trial = propose(read("t.csv", table.encode()), "DF_ACCOUNT", CATALOGUE, words(), area="PL")
    head = heads.rsplit(",", maxsplit=1)[-1]
    asked = [[other.code for other in each.others[:3]] for each in trial.open if each.label == head]
    assert asked == ([codes] if len(codes) > 1 else [])
    assert trial.conversion is not None
    items = set(trial.conversion.dataset.observations["ACC_ITEM"].cast(pl.String))
    assert items == {"LBIRTH", "DEATH", "FLW_IMM", "FLW_EMI", *(codes if not asked else [])}
