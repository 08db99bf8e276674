"""Figures of random people: sums of what each of them did, and the same whichever periods are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl
import pytest
from compared_nights import FROM_CROSSINGS, LOOKING_BACK, in_words
from made_records import AREA, build_frames, number, people_drawn
from night_by_night import AWAY, HERE, Person, Turn, outcome_of, statuses_on, turns_of, watched, year_of
from shipped import CATALOGUE

from sdmxmig.records.counting import Statement
from sdmxmig.records.derivation import NO_EARLIER_ROWS, derive_events, sum_events
from sdmxmig.records.residence_rules import Derivation, Question, ResidenceRule, number_records
from sdmxmig.records.rows import Observation, Period
from sdmxmig.sdmx.model.data import Dataset
from sdmxmig.workspace.tasks.deriving import build_figures
from sdmxmig.workspace.tasks.further_figures import FIGURE_KINDS

RULES = {**FROM_CROSSINGS, **LOOKING_BACK}
STATEMENT = Statement({"RES_RULE": "OTH", "DUR_BASIS": "ACT"}, observation={"REF_AREA": AREA, "FREQ": "A"})
FIRST, UNTIL = number("2018-01-01"), number("2022-04-01")
YEARS = {
    str(year): Period(str(year), number(f"{year}-01-01"), end=number(f"{year + 1}-01-01")) for year in range(2019, 2022)
}
HALVES = {
    "2020-S1": Period("2020-S1", number("2020-01-01"), end=number("2020-07-01")),
    "2021-S1": Period("2021-S1", number("2021-01-01"), end=number("2021-07-01")),
}
MONTHS = {
    f"2021-{month:02}": Period(f"2021-{month:02}", number(f"2021-{month:02}-01"), end=number(f"2021-{month + 1:02}-01"))
    for month in (3, 8, 11)
}
TOTALS = ("BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN", "C_RESIDENCE", "STAY_DUR")
STOCKS = {"DF_POP", "PRES", "ABS"}
People = dict[str, Person]
Figures = dict[tuple[str, ...], tuple[str, ...]]
Counts = Counter[tuple[str, ...]]


def derived(
    rule: str,
    people: People,
    periods: Sequence[Period],
    *,
    weighed: bool = True,
) -> dict[str, Dataset]:
    """All figures that are derived for people and these periods, by dataflow; open crossings may weigh nothing."""
    question = Question(RULES[rule], Observation(AREA, FIRST, until=UNTIL), periods=tuple(periods))
    derivation = Derivation(number_records(build_frames(people, 5)), question)
    events = derive_events(derivation) if weighed else derive_events(derivation, NO_EARLIER_ROWS)
    datasets = list(build_figures(question, sum_events(derivation, events), CATALOGUE, STATEMENT))
    for name in ("temporary", "return", "overstays"):
        sums = FIGURE_KINDS[name].sums(derivation, events, CATALOGUE.flows)
        datasets.append(FIGURE_KINDS[name].data(question, sums, CATALOGUE.flows, STATEMENT))
    return {dataset.flow.id: dataset for dataset in datasets}


def figures_of(rule: str, periods: Sequence[Period]) -> Figures:
    """The figures and their status by their keys."""
    figures: Figures = {}
    for flow, dataset in derived(rule, people_drawn(5, 150, FIRST, UNTIL), periods).items():
        values = ("OBS_VALUE", "OBS_STATUS")
        keys = [name for name in dataset.observations.columns if name not in {*values, "COMMENT_OBS"}]
        for row in dataset.observations.rows(named=True):
            figures[flow, *(str(row[name]) for name in keys)] = tuple(row[name] for name in values)
    return figures


IN_CI = {("R12_16", "years"), ("R6", "years"), ("R9_12", "months")}
ASKED = {"years": YEARS, "halves": HALVES, "months": MONTHS}
CASES = [(rule, kind) for rule in RULES if rule != "R183_183" for kind in ASKED]


@pytest.mark.parametrize(
    ("rule", "kind"), [pytest.param(*case, marks=() if case in IN_CI else pytest.mark.long) for case in CASES]
)
def test_figure_is_independent_of_the_periods_requested(rule: str, kind: str) -> None:
    together = figures_of(rule, [*ASKED[kind].values()])
    for period in ASKED[kind].values():
        alone = figures_of(rule, [period])
        assert {key: together.get(key) for key in alone} == alone


def age_on(person: Person, day: int) -> str:
    if person.born is None or (age := year_of(day) - year_of(person.born)) < 0:
        return "_U"
    return "Y_GE85" if age >= 85 else f"Y{age // 5 * 5}T{age // 5 * 5 + 4}"


def settles(turn: Turn) -> bool:
    """Whether it is certain where a person lives from then on."""
    return len(turn.after) == 1 and (turn.answer == "yes" or turn.after != turn.before | {turn.place})


def home_on(person: Person, turns: Sequence[Turn], day: int) -> str | None:
    """Where a person lived last for certain when a day began."""
    if (person.died is not None and person.died < day) or (person.born is not None and person.born >= day):
        return None
    homes = [turn for turn in turns if settles(turn) and (turn.day < day or (turn.day == day and not turn.crossing))]
    return next(iter(homes[-1].after)) if homes else None


def items_of(person: Person, rule: ResidenceRule) -> Iterator[tuple[str, str, int]]:
    """Yield the contributions of a person to flows and stocks, by nights: item, year, and day of the age."""
    turns = turns_of(person, FIRST, UNTIL, needed=rule.threshold_days or 0, window=rule.window_days or 0)
    seen = watched(person, FIRST, UNTIL)
    for turn in turns:
        outcome, year = outcome_of(turn), str(year_of(turn.day))
        if turn.crossing and outcome in {"IMMIGRANT_IN_YEAR", "EMIGRANT_IN_YEAR"}:
            yield "DF_IMM" if turn.place == HERE else "DF_EMI", year, turn.day
        elif turn.crossing and turn.before == {AWAY if turn.place == HERE else HERE} and "MISSING" not in outcome:
            yield "ARR" if turn.place == HERE else "DEP", year, turn.day
    for year in (*YEARS, "2022"):
        day = number(f"{year}-01-01")
        home, place = home_on(person, turns, day), seen.nights.get(day - 1)
        if home == HERE:
            yield "DF_POP", year, day - 1
        if home == AWAY and place == HERE:
            yield "PRES", year, day
        if home == HERE and place == AWAY:
            yield "ABS", year, day


def counted(datasets: dict[str, Dataset]) -> Counts:
    """Flows and stocks by sex and age, and temporary movements in all, without zeros."""
    counts: Counts = Counter()
    for flow in ("DF_IMM", "DF_EMI", "DF_POP", "DF_TEMPMOB"):
        rows = datasets[flow].observations.filter(pl.col("OBS_VALUE") != "0")
        rows = rows.filter(pl.col(name) == "_T" for name in TOTALS if name in rows.columns)
        if flow == "DF_TEMPMOB":
            unit = pl.when(pl.col("TMP_ITEM").is_in(["PRES", "ABS"])).then(pl.lit("PS")).otherwise(pl.lit("NUMBER"))
            rows = rows.filter(pl.col("UNIT_MEASURE") == unit, MOB_TYPE="TMP", SEX="_T", AGE="_T")
        for row in rows.rows(named=True):
            item = row.get("TMP_ITEM", flow)
            counts[item, row["TIME_PERIOD"], row["SEX"], row["AGE"]] = int(row["OBS_VALUE"])
    return counts


def reckoned(people: People, rule: ResidenceRule) -> Counts:
    """The same, person by person."""
    sexes = dict(build_frames(people, 5)["persons"].select("person", pl.col("sex").fill_null("_U")).rows())
    counts: Counts = Counter()
    for name, person in people.items():
        for item, year, day in items_of(person, rule):
            if year in YEARS or item in STOCKS:
                sex, age = sexes[name], age_on(person, day)
                groups = {("_T", "_T"), (sex, "_T"), (sex, age)} if item.startswith("DF") else {("_T", "_T")}
                counts.update((item, year, *group) for group in groups)
    return counts


@pytest.mark.parametrize(("rule", "seed"), [("R12_16", 7), ("R12_12", 8)])
def test_figures_are_sums_over_persons(rule: str, seed: int) -> None:
    people = people_drawn(seed, 120, FIRST, UNTIL)
    datasets = derived(rule, people, [*YEARS.values()], weighed=False)
    assert counted(datasets) == reckoned(people, RULES[rule])


@pytest.mark.parametrize("rule", ["R6", "R12", "REU28", "R9_12"])
def test_new_residents_of_a_year_have_immigrated(rule: str) -> None:
    """If their residence is known on both days; known residents stay in the stock until they are known to have left."""
    drawn = people_drawn(9, 120, FIRST, UNTIL)
    people = {name: one for name, one in drawn.items() if one.died is None and (one.born or 0) < FIRST}
    counts: Counts = Counter()
    days = {year: number(f"{year}-01-01") for year in ("2018", *YEARS, "2022")}
    for person in people.values():
        lived = statuses_on(person, FIRST, UNTIL, days=[*days.values()], rule=in_words(RULES[rule]))
        before = known = ""
        for year, day in days.items():
            answer = lived.get(day, "")
            flow = {("no", "yes"): "DF_IMM", ("yes", "no"): "DF_EMI"}.get((before, answer))
            known = answer if answer in {"yes", "no"} else known
            counts[str(flow), str(int(year) - 1), "_T", "_T"] += 1
            counts["DF_POP", year, "_T", "_T"] += known == "yes"
            before = answer
    told = counted(derived(rule, people, [*YEARS.values()], weighed=False))
    for flow in ("DF_IMM", "DF_EMI", "DF_POP"):
        assert sum(told[flow, year, "_T", "_T"] for year in YEARS)
        for year in YEARS:
            assert told[flow, year, "_T", "_T"] == counts[flow, year, "_T", "_T"], (flow, year)
