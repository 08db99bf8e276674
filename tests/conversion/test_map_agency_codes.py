"""``sdmxmig map`` asks about an agency's codes in a table that is no data message, with our codes as answers."""

from __future__ import annotations

import pytest
from shipped import CATALOGUE, words

from sdmxmig.conversion.tables import read
from sdmxmig.workspace.proposals import propose

COUNTRIES = ("AT", "BE", "BG", "CZ", "DK", "EE")


def table(heads: str, codes: str) -> str:
    """A table in the layout of SDMX-CSV that names no dataflow, for six countries and two years."""
    rows = [
        f"A,{codes},{geo},{year},{100 * at + year % 7}"
        for at, geo in enumerate(COUNTRIES, start=1)
        for year in (2018, 2019)
    ]
    return "\n".join([f"freq,{heads},geo,TIME_PERIOD,OBS_VALUE", *rows]) + "\n"


@pytest.mark.parametrize(
    ("name", "heads", "codes", "flow", "part", "offered"),
    [
        ("immigration.csv", "sex,age,unit", "T,TOTAL,NR", "DF_IMM", "fixed SEX", "_T"),
        ("migr_resfirst.csv", "reason,citizen,unit", "EDUC,TOTAL,PER", "DF_PERMIT", "fixed REASON", "EDU"),
        ("migr_resfirst.csv", "reason,citizen,unit", "EDUC,TOTAL,PER", "DF_PERMIT", "fixed ADM_ITEM", "PERMIT_LONG"),
    ],
)
def test_code_of_an_agency_is_asked_about(
    name: str, heads: str, codes: str, flow: str, part: str, offered: str
) -> None:
    trial = propose(read(name, table(heads, codes).encode()), flow, CATALOGUE, words(), area="AT")
    (question,) = [each for each in trial.open if each.part == part]
    assert offered in (question.chosen.code, *(other.code for other in question.others))
