"""Circular mobility: crossings in ten years, each with a long stay, and refusal where records cover fewer years."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from made_records import AREA, movements_of, number, persons_of, written
from night_by_night import Person, months_later, random_person, watched
from shipped import CATALOGUE

from sdmxmig.errors import SdmxmigError
from sdmxmig.records.circular import circular_persons, circular_rules
from sdmxmig.records.derivation import Derivation, Question, Records, events_of
from sdmxmig.records.engines import DUCKDB, POLARS, SPARK, engine_of, scanned
from sdmxmig.records.observation import Observation
from sdmxmig.records.residence_rules import rule_of
from sdmxmig.records.spans import Period

RULES = circular_rules(CATALOGUE.item_scheme("CL_CIRCULAR"))
R12_16 = rule_of("R12_16", CATALOGUE.item_scheme("CL_RES_RULE"))
FIRST, UNTIL, END = number("2010-01-01"), number("2022-01-01"), number("2021-01-01")
Counts = dict[str, tuple[int, int, int]]


def counts(
    folder: Path, people: dict[str, Person], engine_name: str = POLARS, *, first: int = FIRST, until: int = UNTIL
) -> Counts:
    """Persons who are certainly circular, may still be, and of whom it is not known, by kind."""
    paths = written(folder, movements=movements_of(people), persons=persons_of(people))
    with engine_of(engine_name, folder) as engine:
        records = Records(scanned(engine, paths["movements"]), persons=scanned(engine, paths["persons"]))
        period = Period("2020", number("2020-01-01"), end=END)
        question = Question(R12_16, Observation(AREA, first, until=until), periods=(period,))
        derivation = Derivation(engine, records, question=question)
        table = circular_persons(derivation, events_of(derivation), RULES)
    return {
        row["CIRCULAR"]: (int(row["PERSONS"]), int(row["OPEN"]), int(row["NOT_KNOWN"]))
        for row in table.iter_rows(named=True)
    }


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
    ],
)
def test_who_is_circular(
    people: dict[str, Person], long: tuple[int, int, int], short: tuple[int, int, int], tmp_path: Path
) -> None:
    assert counts(tmp_path, people) == {"CIRC_MIG": long, "CIRC_TMP": short}


def test_a_stay_that_lasts_may_become_long(tmp_path: Path) -> None:
    late = person("+2017-01-01", "-2018-06-01", "+2020-12-15")
    assert counts(tmp_path, late, until=number("2021-12-14")) == {"CIRC_MIG": MAYBE, "CIRC_TMP": SURE}
    assert counts(tmp_path, late, until=number("2021-12-15")) == {"CIRC_MIG": SURE, "CIRC_TMP": SURE}


@pytest.mark.parametrize("first", ["2011-01-02", "2018-01-01"])
def test_records_that_go_back_fewer_years_are_refused(first: str, tmp_path: Path) -> None:
    with pytest.raises(SdmxmigError, match="10 years"):
        counts(tmp_path, person("+2019-01-01"), first=number(first))


def reckoned(people: dict[str, Person]) -> Counts:
    """The same, night by night."""
    result: dict[str, list[int]] = {"CIRC_MIG": [0, 0, 0], "CIRC_TMP": [0, 0, 0]}
    begin = months_later(END, -120)
    for somebody in people.values():
        seen = watched(somebody, FIRST, UNTIL)
        nights = {night: place for night, place in seen.nights.items() if night >= FIRST - 4000}
        stretches: list[list[int]] = []
        steps = {day for day, _, _ in seen.steps}
        for night in sorted(nights):
            if stretches and nights[stretches[-1][-1]] == nights[night] and (night not in steps):
                stretches[-1].append(night)
            else:
                stretches.append([night])
        for kind, months in (("CIRC_MIG", 12), ("CIRC_TMP", None)):
            if any(place == "unknown" for place in nights.values()):
                continue
            last, moves = "", 0
            for stretch in stretches:
                needed = 90 if months is None else months_later(stretch[0], months) - stretch[0]
                place = nights[stretch[0]]
                if len(stretch) >= needed:
                    crossed = stretch[0] in steps and begin <= stretch[0] < END
                    moves += crossed and place != last
                    last = place
            result[kind][0] += moves >= 3
    return {kind: (values[0], values[1], values[2]) for kind, values in result.items()}


def compared(seed: int, count: int, engine_name: str, folder: Path) -> tuple[Counts, Counts]:
    dice = random.Random(seed)
    people = {f"P{index}": random_person(dice, FIRST, UNTIL) for index in range(count)}
    certain = {
        name: somebody
        for name, somebody in people.items()
        if somebody.resident is not None and "unknown" not in watched(somebody, FIRST, UNTIL).nights.values()
    }
    return counts(folder, certain, engine_name), reckoned(certain)


@pytest.mark.parametrize(
    ("engine_name", "count"),
    [(POLARS, 150), pytest.param(DUCKDB, 60, marks=pytest.mark.long), pytest.param(SPARK, 40, marks=pytest.mark.long)],
)
def test_circular_persons_are_those_of_reckoning_night_by_night(engine_name: str, count: int, tmp_path: Path) -> None:
    derived, expected = compared(41, count, engine_name, tmp_path)
    assert {kind: values[0] for kind, values in derived.items()} == {
        kind: values[0] for kind, values in expected.items()
    }
    assert expected["CIRC_TMP"][0]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(400, 440))
def test_circular_persons_of_100_000(seed: int, tmp_path: Path) -> None:
    derived, expected = compared(seed, 2500, POLARS, tmp_path)
    assert {kind: values[0] for kind, values in derived.items()} == {
        kind: values[0] for kind, values in expected.items()
    }
