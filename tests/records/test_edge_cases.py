"""Edge cases of residence rules, one by one: the person's moves, and the expected result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl
import pytest
from case_tables import as_list, cases_from, listed, optional, truth
from derived_accounts import account_rows
from made_records import AREA, number, table
from shipped import CATALOGUE

from sdmxmig.records.derivation import derive_events
from sdmxmig.records.files import CITIZENSHIPS, MOVEMENTS, PERSONS
from sdmxmig.records.residence_rules import Derivation, Question, build_rule, number_records
from sdmxmig.records.rows import DELIVERY, MOTHER, Observation, Period

RULES = CATALOGUE.item_scheme("CL_RES_RULE")
OUTCOMES = {
    "IMMIGRANT_IN_YEAR": "immigrant",
    "EMIGRANT_IN_YEAR": "emigrant",
    "NON_MIGRANT_CROSSING": "none",
    "UNDETERMINED_OPEN_SPELL": "open",
    "UNDETERMINED_MISSING_RECORD": "missing",
}
Row = Mapping[str, Any]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def crossings(*steps: str, **details: Any) -> list[Row]:
    """Crossings of one person: ``+2020-01-01`` is an entry, ``-2020-06-01`` an exit."""
    directions = {"+": "ENTRY", "-": "EXIT"}
    return [{"person": "P", "date": day(step[1:]), "direction": directions[step[0]], **details} for step in steps]


class Made:
    """Results for the records of one person (or a few), observed from 2018 to a day."""

    def __init__(self, rule: str, movements: list[Row], **more: Any) -> None:
        year, until = more.pop("year", 2021), more.pop("until", "2024-01-01")
        changes = more.pop("changes", [])
        person = {"person": "P", "birth_date": day("1980-05-05"), "c_birth": "BB", "c_citizen": "BB", "resident": False}
        persons = [person | more.pop("person", {})]
        observed = Observation(
            AREA, number("2018-01-01"), until=number(until), birth_place=more.pop("birth_place", MOTHER)
        )
        period = Period(str(year), number(f"{year}-01-01"), end=number(f"{year + 1}-01-01"))
        basis, parameters = more.pop("basis", "ACT"), more.pop("parameters", ())
        assert not more
        tables = {
            "movements": table(MOVEMENTS, movements),
            "persons": table(PERSONS, persons),
            "citizenships": table(CITIZENSHIPS, changes),
        }
        question = Question(build_rule(rule, RULES, parameters), observed, periods=(period,), basis=basis)
        derivation = Derivation(number_records(tables), question)
        events = derive_events(derivation)
        self.rows = events.rows.filter(pl.col("TIME_PERIOD") == str(year)).sort("at")
        self.outcomes = [OUTCOMES[outcome] for outcome in self.rows["outcome"]]
        self.items = {}
        if question.rule.has_stocks:
            self.items = {
                (row["ACC_ITEM"], row["BIRTH_STATUS"], row["CTZ_STATUS"]): row["OBS_VALUE"]
                for row in account_rows(derivation, events)
            }

    def item(self, name: str, group: str = "_T,_T") -> str:
        birth, citizenship = group.split(",")
        return self.items.get((name, birth, citizenship), "0")


@pytest.mark.parametrize(
    ("leaves", "counted"),
    [("2021-08-31", False), ("2021-09-01", True), ("2021-09-02", True)],
    ids=["182", "183", "184"],
)
def test_case_1_stays_of_182_to_184_days_follow_the_rule(leaves: str, counted: bool) -> None:
    made = Made("R6", crossings("+2021-03-02", f"-{leaves}"), year=2021)
    assert made.item("FLW_IMM") == str(int(counted))


@pytest.mark.parametrize(
    ("leaves", "twelve"), [("2021-02-28", "none"), ("2021-03-01", "immigrant"), ("2021-03-02", "immigrant")]
)
def test_case_1_stays_of_364_to_366_days_follow_the_rule(leaves: str, twelve: str) -> None:
    made = Made("R12_12", crossings("+2020-03-01", f"-{leaves}"), year=2020)
    assert made.outcomes == [twelve]


@pytest.mark.parametrize(("leaves", "counted"), [("2020-02-28", "0"), ("2020-02-29", "0"), ("2020-03-01", "1")])
def test_case_1_leap_year_has_366_nights(leaves: str, counted: str) -> None:
    made = Made("R12", crossings("+2019-03-01", f"-{leaves}"), year=2019)
    assert made.item("FLW_IMM") == counted


TRIPS = ("+2021-01-10", "-2021-03-20", "+2021-05-01", "-2021-07-10", "+2021-09-01", "-2021-11-10")


@pytest.mark.parametrize(
    ("rule", "parameters", "counted"),
    [("R6", (), "1"), ("R6", (("CONTINUITY", "continuous"),), "0"), ("R12_12", (), "0"), ("R12_16", (), "0")],
    ids=["R6 summed up", "R6 in one stay", "R12_12", "R12_16"],
)
def test_case_2_short_trips_add_up(rule: str, parameters: tuple[tuple[str, str], ...], counted: str) -> None:
    assert Made(rule, crossings(*TRIPS), parameters=parameters).item("FLW_IMM") == counted


def test_case_2_long_stays_with_trips_add_up() -> None:
    steps = ("+2021-01-10", "-2021-08-10", "+2021-10-01", "-2022-04-20")
    assert Made("R12_16", crossings(*steps)).outcomes[0] == "immigrant"
    assert Made("R12_12", crossings(*steps)).outcomes[0] == "none"


def test_case_3_unfulfilled_intention_is_corrected_later() -> None:
    came = crossings("+2021-09-01", intended_days=400)
    left = [*came, *crossings("-2022-01-01")]
    early = Made("R12_16", came, basis="MIX", until="2022-01-01")
    late = Made("R12_16", left, basis="MIX", until="2024-01-01")
    assert early.rows.select("outcome", "basis", "weight", "open").rows() == [("IMMIGRANT_IN_YEAR", "INT", 1000, 1)]
    assert late.rows.select("outcome", "basis", "weight", "open").rows() == [("NON_MIGRANT_CROSSING", "ACT", 0, 0)]
    assert (early.item("FLW_IMM"), late.item("FLW_IMM")) == ("1", "0")


@cases_from(
    "records/cases/stated_or_allowed_stays_count_instead_of_nights.csv",
    resident=truth,
    steps=listed,
    intended=optional,
    granted=optional,
    outcomes=as_list,
)
def test_stated_or_permitted_stay_counts_instead_of_nights(
    basis: str, resident: bool, steps: tuple[str, ...], intended: str | None, granted: str | None, outcomes: list[str]
) -> None:
    days = {"intended_days": intended and int(intended), "granted_days": granted and int(granted)}
    made = Made("R12_16", crossings(*steps, **days), basis=basis, person={"resident": resident})
    assert made.outcomes == outcomes


@pytest.mark.parametrize(
    ("leaves", "counted"), [("2022-05-01", "1"), ("2021-06-01", "0")], ids=["13 months", "2 months"]
)
def test_case_4_asylum_seeker_is_counted_by_length_of_stay(leaves: str, counted: str) -> None:
    steps = crossings("+2021-04-01", f"-{leaves}", purpose="TMP_PROT")
    assert Made("R12", steps).item("FLW_IMM") == counted


def test_case_5_citizen_born_abroad_immigrates_on_arrival() -> None:
    made = Made("R12_16", crossings("+2021-04-01"), person={"c_citizen": AREA})
    assert made.item("FLW_IMM", "FB,NC") == "1"


def test_cases_6_and_7_naturalisation_is_not_counted_as_a_flow() -> None:
    changes = [{"person": "P", "date": day("2021-06-01"), "c_citizen": AREA}]
    for birth, country in (("NB", AREA), ("FB", "BB")):
        person = {"c_birth": country, "resident": True}
        made = Made("R12_16", crossings("-2019-01-01", "+2019-01-08"), person=person, changes=changes)
        assert (made.item("POP_BEG", f"{birth},FC"), made.item("POP_END", f"{birth},NC")) == ("1", "1")
        assert made.item("CTZ_ACQ", f"{birth},_T") == "1"
        assert made.item("FLW_IMM") == made.item("FLW_EMI") == made.item("ADJ") == "0"


def test_second_citizenship_on_one_day_does_not_count_as_loss() -> None:
    changes = [{"person": "P", "date": day("2021-06-01"), "c_citizen": country} for country in (AREA, "CC")]
    made = Made("R12_16", [], person={"resident": True, "c_citizen": AREA}, changes=changes)
    assert (made.item("POP_BEG", "_T,NC"), made.item("POP_END", "_T,_U")) == ("1", "1")
    assert made.item("CTZ_LOSS") == made.item("CTZ_ACQ") == "0"


@pytest.mark.parametrize("rule", ["R6", "R12", "REU28", "R9_12", "R12_12", "R12_16"])
def test_case_8_two_short_spells_are_not_counted_as_migration(rule: str) -> None:
    made = Made(rule, crossings("+2021-02-01", "-2021-04-01", "+2021-08-01", "-2021-10-01"))
    assert made.item("FLW_IMM") == made.item("FLW_EMI") == made.item("POP_END") == "0"


def test_case_9_child_born_abroad_is_counted_by_birth_place_rule() -> None:
    child = {
        "birth_date": day("2021-03-03"), "c_birth": "BB", "c_mother": AREA, "c_citizen": AREA, "resident": None
    }  # fmt: skip
    steps = crossings("+2021-03-20")
    by_mother = Made("R12_16", steps, person=child, birth_place=MOTHER)
    assert (by_mother.item("LBIRTH", "NB,NC"), by_mother.item("FLW_IMM")) == ("1", "0")
    by_delivery = Made("R12_16", steps, person=child, birth_place=DELIVERY)
    assert (by_delivery.item("LBIRTH"), by_delivery.item("FLW_IMM", "FB,NC")) == ("0", "1")


def test_case_10_changed_birth_country_does_not_count_as_flow() -> None:
    for code in ("SU", "BB"):
        person = {"c_birth": code, "resident": True}
        made = Made("R12_16", crossings("-2019-01-01", "+2019-01-08"), person=person)
        assert (made.item("POP_END", "FB,FC"), made.item("FLW_IMM"), made.item("FLW_EMI")) == ("1", "0", "0")


@pytest.mark.parametrize(("citizenship", "group"), [("STLS", "FB,FC"), (None, "FB,_U")])
def test_case_11_stateless_and_unknown_citizenship_differ(citizenship: str | None, group: str) -> None:
    made = Made("R12_16", crossings("+2021-04-01"), person={"c_citizen": citizenship})
    assert (made.item("FLW_IMM", group), made.item("FLW_IMM", "_T,NC")) == ("1", "0")


@pytest.mark.parametrize("rule", ["R6", "R12", "R12_16"])
def test_case_12_death_of_visitor_is_not_counted(rule: str) -> None:
    visitor = {"death_date": day("2021-05-01")}
    made = Made(rule, crossings("+2021-04-01"), person=visitor)
    assert (made.item("DEATH"), made.item("FLW_IMM")) == ("0", "0")
    resident = Made(rule, crossings("-2021-04-01"), person=visitor | {"resident": True})
    assert (resident.item("DEATH"), resident.item("FLW_EMI")) == ("1", "0"), "who dies on a trip has not emigrated"


def test_case_13_unknown_previous_countries_stay_unknown() -> None:
    assert Made("R12_16", crossings("+2021-04-01")).rows["c_residence"].to_list() == [None]


def test_case_14_citizen_never_resident_does_not_emigrate() -> None:
    made = Made("R12_16", crossings("+2021-04-01", "-2021-04-20"), person={"c_citizen": AREA})
    assert made.outcomes == ["none", "none"]


def test_case_15_exit_without_entry_is_a_missing_record() -> None:
    steps = crossings("+2020-02-01", "-2020-03-01", "-2021-10-01")
    assert Made("R12_16", steps).outcomes == ["missing"]


def test_crossings_of_one_day_are_ordered_by_sequence() -> None:
    evening = {"person": "P", "date": day("2021-04-01"), "direction": "ENTRY", "sequence": 1200}
    morning = {"person": "P", "date": day("2021-04-01"), "direction": "EXIT", "sequence": 480}
    assert Made("R12_16", [evening, morning], person={"resident": True}).outcomes == []
    night = {"person": "P", "date": day("2021-04-01"), "direction": "ENTRY", "sequence": 100}
    assert Made("R12_16", [night, *[morning]], year=2021).outcomes == []


def of_a_day(*steps: str) -> list[Row]:
    """Crossings of one person in the order in which they were made."""
    return [{**step, "sequence": place} for place, step in enumerate(crossings(*steps))]


@cases_from(
    "records/cases/first_crossing_gives_origin_and_last_the_night.csv",
    steps=listed,
    resident=truth,
    outcomes=as_list,
)
def test_first_crossing_sets_origin_and_last_sets_the_night(
    steps: tuple[str, ...], resident: bool, outcomes: list[str], end: str
) -> None:
    made = Made("R12_16", of_a_day(*steps), person={"resident": resident}, until="2025-01-01")
    assert made.outcomes == outcomes
    later = Made("R12_16", of_a_day(*steps), person={"resident": resident}, until="2025-01-01", year=2022)
    assert later.item("POP_END") == end


def test_unordered_crossings_of_a_day_get_a_consistent_order() -> None:
    steps = crossings("+2021-03-01", "+2022-02-01", "-2022-02-01")
    assert Made("R12_16", steps, until="2025-01-01").outcomes == ["immigrant"]


def test_crossing_recorded_twice_counts_once() -> None:
    twice = [*crossings("+2021-04-01", c_residence="BB"), *crossings("+2021-04-01", c_residence="CC")]
    made = Made("R12_16", twice)
    assert made.outcomes == ["immigrant"]
    assert made.rows["c_residence"].to_list() == [None], "what the two contradict is not known"


@cases_from("records/cases/duplicate_crossing_cancels_with_its_opposite.csv", steps=listed, resident=truth)
def test_duplicate_crossing_cancels_with_its_opposite(steps: tuple[str, ...], resident: bool, end: str) -> None:
    made = Made("R12_16", crossings(*steps), person={"resident": resident})
    assert (made.outcomes, made.item("POP_END")) == ([], end)


def test_any_sequence_of_the_first_day_is_within_observation() -> None:
    for place in (-5, -1, 0, None):
        steps = crossings("-2018-01-01", sequence=place, c_residence="BB")
        made = Made("R12_16", steps, person={"resident": True}, year=2018)
        assert (made.outcomes, made.item("POP_END")) == (["emigrant"], "0")
        assert made.rows["c_residence"].to_list() == ["BB"]


@pytest.mark.parametrize("exit_at", [480, -480])
def test_crossing_without_sequence_leaves_its_day_unordered(exit_at: int) -> None:
    steps = [*crossings("-2021-03-01", sequence=exit_at), *crossings("+2021-03-01")]
    made = Made("R12_16", steps, person={"resident": True})
    assert (made.outcomes, made.item("POP_END")) == ([], "1")


@pytest.mark.parametrize("rule", ["R12_16", "R12"])
def test_death_on_the_first_day_counts_as_alive_at_the_start(rule: str) -> None:
    made = Made(rule, [], person={"resident": True, "death_date": day("2018-01-01")}, year=2018)
    assert [made.item(name) for name in ("POP_BEG", "DEATH", "POP_END")] == ["1", "1", "0"]


@pytest.mark.parametrize("died", ["2022-01-01", "2022-01-02", "2023-06-01"])
@pytest.mark.parametrize("rule", ["R12_16", "R12"])
def test_death_after_observation_leaves_the_outcome_open(rule: str, died: str) -> None:
    steps, person = crossings("+2021-06-01"), {"death_date": day(died)}
    made = Made(rule, steps, person=person, until="2022-01-01")
    assert made.outcomes == ["open"]


@pytest.mark.parametrize("person", [{"death_date": day("2015-01-01")}, {"birth_date": day("2025-01-01")}])
@pytest.mark.parametrize("rule", ["R12_16", "R6"])
def test_crossings_before_birth_or_after_death_are_ignored(rule: str, person: Mapping[str, Any]) -> None:
    made = Made(rule, crossings("+2021-04-01"), person=person)
    assert made.outcomes == []
    assert (made.item("FLW_IMM"), made.item("POP_END")) == ("0", "0")


@pytest.mark.parametrize(
    ("steps", "parameters", "moves"),
    [
        (("-2020-08-01", "+2021-06-01"), (), "0 0"),
        (("-2020-08-01", "+2021-06-01"), (("ABSENCE_MONTHS", "0"),), "1 1"),
        (("-2020-08-01", "+2021-07-31"), (), "0 0"),
        (("-2020-08-01", "+2021-08-01"), (), "1 1"),
        (("-2019-03-01", "+2020-02-29"), (), "0 0"),
        (("-2020-08-01", "+2021-06-01", "-2021-07-01", "+2022-05-01"), (), "0 0"),
    ],
    ids=["304 nights", "read with 90 days", "364 nights", "12 months", "365 nights with a leap day", "two absences"],
)
def test_residents_emigrate_by_an_absence_of_twelve_months(
    steps: tuple[str, ...], parameters: tuple[tuple[str, str], ...], moves: str
) -> None:
    found = []
    for year, item in ((2020 if "2020" in steps[0] else 2019, "FLW_EMI"), (2021, "FLW_IMM")):
        person = {"resident": True}
        made = Made("R12", crossings(*steps), person=person, parameters=parameters, year=year)
        found.append(made.item(item))
    assert " ".join(found) == moves


def test_yearly_visits_do_not_make_a_resident() -> None:
    days = [f"{sign}{year}-{month}-01" for year in range(2019, 2023) for sign, month in (("+", "06"), ("-", "09"))]
    assert Made("R12", crossings(*days), year=2020).item("FLW_IMM") == "0"
