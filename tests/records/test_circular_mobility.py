"""Circular mobility: crossings in ten years, each with a long stay, and refusal where records cover fewer years."""

from __future__ import annotations

import polars as pl
import pytest
from made_records import AREA, movements_of, number, persons_of
from night_by_night import Person
from shipped import CATALOGUE

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.records.circular import build_circular_rows, count_circular
from sdmxmig.records.counting import Statement
from sdmxmig.records.derivation import derive_events
from sdmxmig.records.residence_rules import Derivation, Question, build_rule, number_records
from sdmxmig.records.rows import Observation, Period

STATEMENT = Statement({"DUR_BASIS": "ACT"}, observation={"REF_AREA": AREA, "FREQ": "A", "UNIT_MEASURE": "PS"})
R12_16 = build_rule("R12_16", CATALOGUE.item_scheme("CL_RES_RULE"))
FIRST, UNTIL, END = number("2010-01-01"), number("2022-01-01"), number("2021-01-01")
Counts = dict[str, tuple[int, ...]]


def counts(people: dict[str, Person], *, first: int = FIRST, until: int = UNTIL) -> Counts:
    """Persons who are certainly circular, possibly circular, and unknown, by kind."""
    records = number_records({"movements": movements_of(people), "persons": persons_of(people)})
    period = Period("2020", number("2020-01-01"), end=END)
    question = Question(R12_16, Observation(AREA, first, until=until), periods=(period,))
    derivation = Derivation(records, question)
    sums = count_circular(derivation, derive_events(derivation), CATALOGUE.flows)
    dataset = build_circular_rows(question, sums, CATALOGUE.flows, STATEMENT)
    total = dataset.observations.filter(pl.all_horizontal(pl.col("SEX", "AGE", "C_CITIZEN") == "_T"))
    names = ("OBS_VALUE", "PERSONS_OPEN", "PERSONS_UNKNOWN")
    return {row["CIRCULAR"]: tuple(int(row[name]) for name in names) for row in total.iter_rows(named=True)}


def person(*steps: str, resident: bool | None = False) -> dict[str, Person]:
    directions = {"+": "ENTRY", "-": "EXIT"}
    crossings = [(number(step[1:]), directions[step[0]], None) for step in steps]
    return {"P": Person(crossings, resident=resident)}


NOBODY, SURE, MAYBE, HIDDEN = (0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)


@pytest.mark.parametrize(
    ("people", "long", "short"),
    [
        (person("+2012-01-01", "-2013-01-01", "+2014-01-01", "-2015-01-01"), SURE, SURE),
        (
            person("+2012-01-01", "-2013-01-01", "+2014-01-01", "-2014-12-31", "+2015-12-30", "-2016-06-01"),
            NOBODY,
            SURE,
        ),
        (person("+2012-01-01", "-2012-03-31", "+2012-06-29", "-2012-09-27"), NOBODY, SURE),
        (person("+2012-01-01", "-2012-03-30", "+2012-06-29", "-2012-09-27"), NOBODY, NOBODY),
        (person("+2012-01-01", "-2013-02-01", "+2013-02-08", "-2014-03-01", "+2014-03-08"), NOBODY, NOBODY),
        (person("+2010-02-01", "-2011-03-01", "+2012-04-01", resident=False), NOBODY, NOBODY),
        (person("+2017-01-01", "-2018-06-01", "+2020-12-15"), SURE, SURE),
        (person("+2017-01-01", "-2019-06-01", "+2020-12-15", "-2021-06-01"), NOBODY, SURE),
        (person("+2012-01-01", "+2013-06-01", "-2015-01-01", "+2017-01-01", "-2019-01-01"), SURE, SURE),
        (person("+2012-01-01", "+2015-06-01", "-2017-01-01"), HIDDEN, HIDDEN),
        (person("+2010-06-01", "+2012-06-01", "-2015-01-01", "+2017-01-01"), HIDDEN, HIDDEN),
    ],
    ids=[
        "three stays of a year, and more",
        "one of 364 days",
        "three of 90 days",
        "one of 89 days",
        "holidays",
        "one before the window",
        "the last stay ends after the window",
        "the last stay is short",
        "enough without what is hidden",
        "a missing record",
        "possible presence until the second entry",
    ],
)
def test_circular_migrants_are_counted_by_their_stays(
    people: dict[str, Person], long: tuple[int, int, int], short: tuple[int, int, int]
) -> None:
    assert counts(people) == {"CIRC_MIG": long, "CIRC_TMP": short}


def test_open_stay_may_become_long() -> None:
    late = person("+2017-01-01", "-2018-06-01", "+2020-12-15")
    assert counts(late, until=number("2021-12-14")) == {"CIRC_MIG": MAYBE, "CIRC_TMP": SURE}
    assert counts(late, until=number("2021-12-15")) == {"CIRC_MIG": SURE, "CIRC_TMP": SURE}


@pytest.mark.parametrize("first", ["2011-01-02", "2018-01-01"])
def test_records_of_fewer_than_10_years_are_refused(first: str) -> None:
    with pytest.raises(SdmxmigError, match="10 years"):
        counts(person("+2019-01-01"), first=number(first))
