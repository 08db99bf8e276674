"""Temporary mobility: crossings without a change of residence, by purpose and length, in movements and persons."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest
from made_records import AREA, number, persons_of, table
from night_by_night import random_person
from shipped import CATALOGUE
from test_edge_cases import crossings

from sdmxmig.records.counting import Statement
from sdmxmig.records.derivation import derive_events
from sdmxmig.records.files import MOVEMENTS
from sdmxmig.records.residence_rules import Derivation, Question, build_rule, number_records
from sdmxmig.records.rows import Observation, Period
from sdmxmig.records.temporary import build_temporary_rows, sum_temporary

RULES = CATALOGUE.item_scheme("CL_RES_RULE")
FIRST, UNTIL = number("2018-01-01"), number("2024-01-01")
TOTAL = {"SEX": "_T", "AGE": "_T", "C_CITIZEN": "_T", "C_RESIDENCE": "_T", "STAY_DUR": "_T", "MOB_TYPE": "TMP"}


def asked(rule: str, until: int, *years: int, **frames: Any) -> Derivation:
    periods = tuple(Period(str(year), number(f"{year}-01-01"), end=number(f"{year + 1}-01-01")) for year in years)
    question = Question(build_rule(rule, RULES), Observation(AREA, FIRST, until=until), periods=periods)
    return Derivation(number_records(frames), question)


class Moved:
    """The figures of temporary mobility of one year, of one person who is resident or not when observation begins."""

    def __init__(self, steps: list[Any], *, rule: str = "R12_16", resident: bool = False, **more: Any):
        until, year = number(more.pop("until", "2024-01-01")), more.pop("year", 2021)
        years = more.pop("years", [year])
        people = persons_of({"P": random_person(random.Random(1), FIRST, UNTIL)}).with_columns(
            *[_null(name) for name in ("birth_date", "death_date")], resident=_truth(resident)
        )
        people = people.with_columns(**more.pop("register", {}))
        derivation = asked(rule, until, *years, movements=table(MOVEMENTS, steps), persons=people)
        statement = Statement({"RES_RULE": rule, "DUR_BASIS": "ACT"}, observation={"REF_AREA": AREA, "FREQ": "A"})
        sums = sum_temporary(derivation, derive_events(derivation), CATALOGUE.flows)
        dataset = build_temporary_rows(derivation.question, sums, CATALOGUE.flows, statement)
        key = dataset.flow.structure.series_key
        self.rows = dataset.observations.join(dataset.series, on=key, how="inner").rows(named=True)

    def figure(self, item: str, unit: str = "NUMBER", *, year: int = 2021, **key: str) -> tuple[str, str]:
        wanted = {**TOTAL, "TMP_ITEM": item, "UNIT_MEASURE": unit, "TIME_PERIOD": str(year), **key}
        rows = [row for row in self.rows if all(row[name] == code for name, code in wanted.items())]
        return (rows[0]["OBS_VALUE"], rows[0]["OBS_STATUS"]) if rows else ("", "")


def _null(name: str) -> Any:
    return pl.lit(None, dtype=pl.Date()).alias(name)


def _truth(value: bool) -> Any:
    return pl.lit(value, dtype=pl.Boolean())


@pytest.mark.parametrize("rule", ["R12_16", "R6", "R12"])
def test_visits_are_arrivals_without_departures(rule: str) -> None:
    steps = crossings("+2021-02-01", "-2021-03-01", "+2021-06-01", "-2021-06-20", purpose="TMP_LAB")
    moved = Moved(steps, rule=rule)
    assert moved.figure("ARR") == ("2", "A")
    assert moved.figure("ARR", "PS") == ("1", "A")
    assert moved.figure("DEP") == ("0", "A")
    assert moved.figure("ARR", MOB_TYPE="TMP_LAB") == moved.figure("ARR", MOB_TYPE="TMP_SI") == ("2", "A")
    assert moved.figure("ARR", MOB_TYPE="TMP_U") == ("", "")


@pytest.mark.parametrize("rule", ["R12_16", "R6", "R12"])
def test_trips_of_residents_are_departures_without_arrivals(rule: str) -> None:
    steps = crossings("-2021-02-01", "+2021-03-01", c_residence="CC")
    moved = Moved(steps, rule=rule, resident=True)
    assert (moved.figure("DEP"), moved.figure("ARR")) == (("1", "A"), ("0", "A"))
    assert moved.figure("DEP", C_RESIDENCE="CC") == ("1", "A")
    assert moved.figure("DEP", MOB_TYPE="TMP_U") == ("1", "A"), "nobody said what for"


@pytest.mark.parametrize(("rule", "arrivals", "departures"), [("R12_16", "0", "2"), ("R6", "2", "0")])
def test_migration_does_not_count_as_temporary_movement(rule: str, arrivals: str, departures: str) -> None:
    """R12_16 dates it by the first entry, so that the trips after it are those of a resident; R6 by the last one."""
    steps = crossings("+2021-01-20", "-2021-01-28", "+2021-02-20", "-2021-11-01", "+2021-11-20")
    moved = Moved(steps, rule=rule)
    assert (moved.figure("ARR"), moved.figure("DEP")) == ((arrivals, "A"), (departures, "A"))


@pytest.mark.parametrize(
    ("leaves", "band"),
    [("2021-04-29", "M_LT3"), ("2021-04-30", "M3T5"), ("2021-07-30", "M3T5"), ("2021-07-31", "M6T11")],
)
def test_stays_are_counted_in_calendar_months(leaves: str, band: str) -> None:
    moved = Moved(crossings("+2021-01-31", f"-{leaves}"))
    assert moved.figure("ARR", STAY_DUR=band) == ("1", "A")


def test_open_stay_is_provisional_with_unknown_length() -> None:
    moved = Moved(crossings("+2021-12-01"), until="2022-01-01")
    assert moved.figure("ARR") == ("1", "P")
    assert moved.figure("ARR", STAY_DUR="_U") == ("1", "P")
    assert moved.figure("PRES", "PS", year=2022) == ("1", "P")


@pytest.mark.parametrize("year", [2020, 2021])
def test_late_emigration_does_not_count_as_temporary_departure(year: int) -> None:
    """Under R6 the person is still resident when the year ends, and has emigrated when the next one does."""
    for years in ([2020, 2021], [year]):
        moved = Moved(crossings("-2020-10-01"), rule="R6", resident=True, year=year, years=years)
        assert moved.figure("DEP", year=year) == ("0", "A"), "whichever years are asked for"


def test_late_departures_of_the_last_year_stay_open() -> None:
    steps = crossings("-2020-10-01")
    alone = Moved(steps, rule="R6", resident=True, year=2020, until="2021-11-01")
    assert alone.figure("DEP", year=2020) == ("1", "P")


def test_person_of_unknown_residence_has_no_certain_movement() -> None:
    steps = crossings("+2019-02-01", "+2021-03-01", "-2021-04-01")
    assert Moved(steps).figure("ARR") == ("0", "U"), "and it may have been for a time"


def test_temporary_stocks_count_people_away_from_home() -> None:
    visitor = Moved(crossings("+2020-12-01", "-2021-02-01"))
    assert (visitor.figure("PRES", "PS"), visitor.figure("ABS", "PS")) == (("1", "A"), ("0", "A"))
    resident = Moved(crossings("-2020-12-01", "+2021-02-01"), resident=True)
    assert (resident.figure("PRES", "PS"), resident.figure("ABS", "PS")) == (("0", "A"), ("1", "A"))


@pytest.mark.parametrize(
    ("until", "later", "expected"),
    [("2022-04-01", [], ("0", "P")), ("2023-01-01", ["-2022-03-01"], ("1", "A")), ("2023-01-01", [], ("0", "A"))],
    ids=["open", "has emigrated", "has not"],
)
def test_resident_may_later_count_as_temporary(until: str, later: list[str], expected: tuple[str, str]) -> None:
    """Of 487 nights from the first exit on 355 are abroad before the last entry, and ten more would decide it."""
    steps = crossings("-2020-12-19", "+2020-12-22", "-2021-02-20", "+2022-02-07", *later)
    moved = Moved(steps, resident=True, until=until)
    assert moved.figure("PRES", "PS") == expected


@pytest.mark.parametrize("rule", ["R6", "R9_12"])
def test_certain_nonresidence_is_kept_afterwards(rule: str) -> None:
    """Between the two exits the place is unknown, and so is residence on 1 January 2020."""
    steps = crossings("-2019-01-24", "-2019-10-23", "+2020-06-06", "-2020-07-08", "+2021-12-11", "-2022-01-12")
    moved = Moved(steps, rule=rule, years=[2020, 2021])
    assert moved.figure("ARR", year=2020) == ("0", "U"), "not known on 1 January 2020"
    assert moved.figure("ARR", year=2021) == ("1", "A"), "the records tell how the stay ended, in a year not asked for"
    assert moved.figure("PRES", "PS", year=2022) == ("1", "A")


@pytest.mark.parametrize("rule", ["R12", "R9_12"])
def test_nonresident_at_birth_can_be_resident_in_the_first_year(rule: str) -> None:
    """The child of a mother abroad entered twice: its place on 1 January 2020 is unknown."""
    register = {"birth_date": pl.lit("2018-11-30").str.to_date(), "c_mother": pl.lit("BB"), "c_birth": pl.lit("BB")}
    steps = crossings("+2018-12-06", "+2020-01-15", "-2020-07-17")
    moved = Moved(steps, rule=rule, year=2020, register=register)
    assert moved.figure("ARR", year=2020) == ("0", "U")
