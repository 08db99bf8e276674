"""Coverage estimates from records, and listed persons who are absent.

Source: evaluation of erroneous enumerations (H. Hogan, The 1990 Post-Enumeration Survey: operations and results,
Journal of the American Statistical Association 88, 1993).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import Flags, Floats, np, pl
from sdmxmig.records.coverage_rules import Rule, format_rule
from sdmxmig.records.group_estimates import Group, WrongRecords
from sdmxmig.records.reading import Check, check_rows
from sdmxmig.records.rows import ROW, Observation, RowNumbers, add_traits, number_dates, to_number
from sdmxmig.statistics.demography.capture import Share
from sdmxmig.statistics.demography.signs_of_life import (
    MIN_IN_CLASS,
    MIN_TRAINED,
    OverCoverage,
    Reliability,
    ResidenceIndex,
    SampleGroup,
    compute_index,
    estimate_over_coverages,
    estimate_share,
    find_unregistered_exits,
    measure_reliability,
    train_index,
)

REGISTER_BIT = 1
"""The history of people on the register only."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AbsentDistribution:
    """Absent persons by list history: `spread` on the register, from `sampled` persons, and `others` outside it."""

    spread: Floats
    sampled: int
    others: Mapping[tuple[int, bool], Share]


def estimate_absent_spread(rows: pl.DataFrame, lists: int) -> AbsentDistribution:
    """Estimate the distribution of absent persons from a sample (history, resident, left).

    If fewer than ten sampled persons are absent, all count as if only on the register. Others are estimated by history
    and registered exit (`left`); without an exit, at least ten sampled persons are needed.
    """
    absent = rows.filter((pl.col("history") % 2 == 1) & ~pl.col("resident"))["history"].to_numpy()
    spread = np.zeros(1 << lists)
    spread[REGISTER_BIT] = 1.0
    if len(absent) >= MIN_IN_CLASS:
        spread = np.bincount(absent, minlength=1 << lists) / len(absent)
    classes = (
        rows.filter(pl.col("history") % 2 == 0)
        .group_by("history", "left")
        .agg(sampled=pl.col("resident").count(), absent=(~pl.col("resident")).sum())
        .filter(pl.col("sampled") >= pl.when("left").then(1).otherwise(MIN_IN_CLASS))
        .filter(pl.col("absent") > 0)
        .sort("history", "left")
    )
    others = {
        (history, left): estimate_share(gone / sampled, sampled) for history, left, sampled, gone in classes.rows()
    }
    return AbsentDistribution(spread=spread, sampled=len(absent), others=others)


def estimate_wrong_records(rows: pl.DataFrame, over: OverCoverage, strays: AbsentDistribution) -> WrongRecords:
    size = len(strays.spread)
    histories = rows["history"].to_numpy()
    gone = rows["resident"].eq_missing(other=False).to_numpy()
    unknown = rows["resident"].is_null().to_numpy()
    number = np.bincount(histories[gone], minlength=size).astype(np.float64)
    free = np.bincount(histories[unknown], minlength=size)
    absent = over.absent - over.known_absent
    spread = np.minimum(absent * strays.spread, free)
    spread[REGISTER_BIT] += absent - spread.sum()
    number += spread
    moved = [reach * strays.spread for reach in over.moved]
    chance = [math.sqrt(over.chance) * strays.spread]
    for history in np.flatnonzero(strays.spread).tolist():
        if history == REGISTER_BIT:
            continue
        share = estimate_share(float(strays.spread[history]), strays.sampled)
        moved.append(absent * math.sqrt(share.variance) * contrast_with_register(history, size))
        chance.append(math.sqrt(absent * share.value * (1 - share.value)) * contrast_with_register(history, size))
    left = rows["left"].to_numpy()
    for (history, has_left), share in strays.others.items():
        many = int((unknown & (histories == history) & (left == has_left)).sum())
        place = np.eye(size)[history]
        number += many * share.value * place
        moved.append(many * math.sqrt(share.variance) * place)
        chance.append(math.sqrt(many * share.value * (1 - share.value)) * place)
    return WrongRecords(number=number, moved=tuple(moved), chance=tuple(chance))


def contrast_with_register(history: int, size: int) -> Floats:
    change = np.zeros(size)
    change[history], change[REGISTER_BIT] = 1.0, -1.0
    return change


ANY_SIGN = "any"
"""The kind of signs in tables that do not name one."""
MAX_YEARS = 40
MAX_PLACE_DAYS = 32
"""An upper bound of days in a month."""
DIMENSIONS = ("SEX", "AGE", "BIRTH_STATUS", "CTZ_STATUS", "C_BIRTH", "C_CITIZEN")
MIN_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reference:
    area: str
    day: date


@dataclass(frozen=True, slots=True)
class People:
    persons: pl.DataFrame
    citizenships: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class SignYears:
    """Signs of life by kind (persons, years); the last year ends before the reference date."""

    persons: pl.Series
    years: tuple[int, ...]
    kinds: Mapping[str, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class SignEvidence:
    silent: pl.Series
    sample: pl.DataFrame
    reliability: Reliability
    exits: pl.Series


def check_left(sample: pl.DataFrame, numbers: RowNumbers, day: date) -> None:
    rows = sample.lazy().with_row_index(ROW, 1)
    late = Check(pl.col("left") >= day, f"left is not before {day}, the reference day of resident")
    check_rows(rows, [late], numbers)


def compute_year_begun(column: str, day: date) -> pl.Expr:
    date_of = pl.col(column).dt
    place = date_of.month().cast(pl.Int64) * MAX_PLACE_DAYS + date_of.day()
    return date_of.year().cast(pl.Int64) - (place < day.month * MAX_PLACE_DAYS + day.day).cast(pl.Int64)


def select_signs_by_year(signs: pl.DataFrame, day: date) -> pl.DataFrame:
    return signs.with_columns(year=pl.coalesce(compute_year_begun("date", day), pl.col("year"))).drop("date")


def select_present(name: str, listed: pl.DataFrame, day: date) -> tuple[pl.DataFrame, list[str]]:
    """List persons present at the start of the day; raise `SdmxmigError` if the list is empty."""
    rows, notes = listed, [f"{name} has no dates: used unchanged for {day}"]
    if has_days(listed):
        night = day - timedelta(days=1)
        since = pl.col("begin").is_null() | (pl.col("begin") <= night)
        rows = listed.filter(since & (pl.col("end").is_null() | (pl.col("end") > night)))
        notes = [f"{name} as of the beginning of {day}"]
    persons = rows.select("person").unique()
    if persons.is_empty():
        raise SdmxmigError(f"{name} has no persons on {day}.", hint="Check the file and its dates of presence.")
    again = rows.height - persons.height
    if again:
        notes.append(
            f"{name}: {describe_small_count(again, 'row')} repeat a person of another row; each person counts once"
        )
    return persons, notes


def select_dead(day: date, persons: pl.DataFrame | None) -> pl.Series:
    if persons is None:
        return pl.Series("person", dtype=pl.String)
    return persons.filter(pl.col("death_date") < day)["person"]


def has_days(listed: pl.DataFrame) -> bool:
    if "begin" not in listed.columns:
        return False
    return bool(listed.select(pl.any_horizontal(pl.col("begin", "end").is_not_null()).any()).item())


def describe_small_count(count: int, thing: str) -> str:
    """Describe a number of rows without disclosing small numbers.

    >>> describe_small_count(3, "row"), describe_small_count(1234, "row")
    ('fewer than 5 rows', '1,234 rows')
    """
    return f"fewer than {MIN_SHOWN} {thing}s" if count < MIN_SHOWN else f"{count:,} {thing}s"


def join_lists(lists: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Join lists and add a history number; bit i means list i. Raises `SdmxmigError` for identical lists."""
    marks = [
        frame.select("person").unique().with_columns(history=pl.lit(1 << number, dtype=pl.Int64))
        for number, frame in enumerate(lists.values())
    ]
    listed = pl.concat(marks).group_by("person").agg(pl.col("history").sum()).sort("person")
    for (first, name), (second, other) in combinations(enumerate(lists), 2):
        both = (1 << first) | (1 << second)
        if listed.height and (listed["history"] & both).is_in([0, both]).all():
            raise SdmxmigError(
                f"{name} and {other} have the same persons.", hint="Use lists that are independent of each other."
            )
    return listed


def add_groups(listed: pl.DataFrame, by: Sequence[str], people: People | None, reference: Reference) -> pl.DataFrame:
    """Add a column per grouping dimension, as of the day before the reference date."""
    wrong = [name for name in by if name not in DIMENSIONS or list(by).count(name) > 1]
    if wrong:
        hint = f"Possible values, each once: {', '.join(DIMENSIONS)}."
        raise SdmxmigError(f"Cannot group by {', '.join(wrong)}.", hint=hint)
    if not by:
        return listed
    if people is None:
        raise SdmxmigError("The table of persons is missing.", hint="Add it with --persons.")
    day = to_number(reference.day) - 1
    rows = listed.with_columns(at=pl.lit(day, dtype=pl.Int64))
    return add_traits_on_day(rows, people, reference).select("person", "history", *by).sort("person")


def list_empty_groups(
    persons: pl.DataFrame, by: Sequence[str], people: People | None, reference: Reference
) -> list[tuple[str, ...]]:
    if not by or people is None:
        return []
    known = people.persons.select("person", at=pl.lit(to_number(reference.day) - 1, dtype=pl.Int64)).unique()
    groups = add_traits_on_day(known, people, reference).select(by).unique()
    return sorted(groups.join(persons.select(by).unique(), on=list(by), how="anti").rows())


def add_traits_on_day(rows: pl.DataFrame, people: People, reference: Reference) -> pl.DataFrame:
    day = to_number(reference.day)
    observation = Observation(reference.area, day - 1, until=day)
    changes = None if people.citizenships is None else number_dates(people.citizenships)
    known = number_dates(select_each_once(people.persons, "The table of persons"))
    return add_traits(rows, known, changes, observation)


def select_each_once(table: pl.DataFrame, name: str) -> pl.DataFrame:
    rows = table.unique(maintain_order=True)
    contradicted = rows["person"].is_duplicated().sum()
    if contradicted:
        raise SdmxmigError(
            f"{name} contradicts itself about the same person in {contradicted:,} rows.",
            hint="Keep one row for each person.",
        )
    return rows


def build_groups(persons: pl.DataFrame, by: Sequence[str], lists: int, seen: SignEvidence | None) -> list[Group]:
    rows = persons if seen is None else add_sample_results(persons, seen)
    frames = rows.partition_by(by, as_dict=True) if by else {(): rows}
    groups = [
        Group(tuple(map(str, codes)), np.bincount(frame["history"].to_numpy(), minlength=1 << lists))
        for codes, frame in frames.items()
    ]
    if seen is None:
        return groups
    overs = estimate_over_coverages([judge_group(seen, frame) for frame in frames.values()], seen.reliability)
    strays = estimate_absent_spread(rows, lists)
    return [
        replace(group, over=over, wrong=estimate_wrong_records(frame, over, strays))
        for group, over, frame in zip(groups, overs, frames.values(), strict=True)
    ]


def add_sample_results(persons: pl.DataFrame, seen: SignEvidence) -> pl.DataFrame:
    known = persons.join(seen.sample.select("person", "resident"), on="person", how="left", maintain_order="left")
    return known.with_columns(left=pl.col("person").is_in(seen.exits.implode()))


def judge_group(seen: SignEvidence, rows: pl.DataFrame) -> SampleGroup:
    registered = rows.filter(pl.col("history") % 2 == 1)
    residents = int(registered["resident"].sum())
    absent = registered["resident"].count() - residents
    others = registered.filter(pl.col("resident").is_null())["person"]
    silent = int(others.is_in(seen.silent.implode()).sum())
    return SampleGroup(registered.height, silent, known_residents=residents, known_absent=absent)


def find_sign_years(signs: pl.DataFrame, persons: pl.Series, reference: Reference) -> SignYears:
    past = signs.filter(pl.col("year") < reference.day.year).with_columns(pl.col("sign").fill_null(ANY_SIGN))
    all_kinds = sorted(past["sign"].unique())
    years = find_years_before(past, reference)
    first = years[0]
    numbers = pl.DataFrame({"record": persons}).with_row_index("row")
    placed = past.join(numbers, on="record", how="inner")
    kinds = {}
    for kind in all_kinds:
        counts = np.zeros((len(persons), len(years)))
        of_kind = placed.filter(pl.col("sign") == kind)
        counts[of_kind["row"].to_numpy(), of_kind["year"].to_numpy() - first] = 1.0
        kinds[kind] = counts
    return SignYears(persons=persons, years=tuple(years), kinds=kinds)


def find_years_before(past: pl.DataFrame, reference: Reference) -> range:
    first, last = past["year"].min(), reference.day.year
    if not isinstance(first, int):
        raise SdmxmigError(f"There is no sign of life before {last}.", hint="Add signs of the years before the day.")
    if past["year"].max() != last - 1:
        raise SdmxmigError(
            f"There is no sign of life in {last - 1}, the last year before the day.", hint="Add signs up to the day."
        )
    if last - first > MAX_YEARS:
        raise SdmxmigError(
            f"Signs of life go back more than {MAX_YEARS} years.", hint="Remove older signs, or correct the years."
        )
    return range(first, last)


def train_rule(training: pl.DataFrame, signs: pl.DataFrame, reference: Reference) -> Rule:
    """Train an index on every second person and test it on the others."""
    sample = select_each_once(training, "The training sample").sort("person")
    if sample.is_empty():
        raise SdmxmigError(
            "No person of the training sample is in the register.", hint="Use the person ids of the register."
        )
    first, second = sample[::2], sample[1::2]
    residents = int(first["resident"].sum())
    if min(residents, first.height - residents) < MIN_TRAINED:
        raise SdmxmigError(
            f"One half of the training sample measures the index, the other its errors. The first half has fewer than "
            f"{MIN_TRAINED} residents, or fewer than {MIN_TRAINED} others.",
            hint="Use a larger sample of persons whose residence is known.",
        )
    index = train_index(find_sign_years(signs, first["person"], reference).kinds, flag_residents(first))
    listed, resident = find_sign_years(signs, second["person"], reference), flag_residents(second)
    reliability = measure_reliability(compute_index(listed.kinds, index)[:, -1] >= index.threshold, resident)
    exits = list_exit_years(listed, find_silent_persons(listed, index))
    false = exits.join(second.filter("resident"), on="person").group_by("year").len()
    shares = {year: number / int(resident.sum()) for year, number in false.rows()}
    measured = f"measured in a training sample on {reference.day}, signs of {listed.years[0]} to {listed.years[-1]}"
    return format_rule(Rule(index, reliability, false_exits=shares, measured=measured))


def flag_residents(sample: pl.DataFrame) -> Flags:
    return np.asarray(sample["resident"].to_numpy(), dtype=bool)


def check_kinds(signs: pl.DataFrame, index: ResidenceIndex, reference: Reference) -> None:
    last = signs.filter(pl.col("year") == reference.day.year - 1)["sign"].fill_null(ANY_SIGN)
    missing = sorted(kind for kind, weight in index.weights.items() if weight and kind not in set(last.unique()))
    if missing:
        raise SdmxmigError(
            f"The index needs signs of {', '.join(missing)}, but the last year before the day has none.",
            hint="Add signs of all kinds up to the day, or estimate the index again with --training.",
        )


def find_silent_persons(listed: SignYears, index: ResidenceIndex) -> pl.Series:
    last = compute_index(listed.kinds, index)[:, -1]
    return listed.persons.filter(pl.Series(last < index.threshold))


def list_exit_years(listed: SignYears, silent: pl.Series) -> pl.DataFrame:
    active = np.any([counts > 0 for counts in listed.kinds.values()], axis=0)
    exits = find_unregistered_exits(active, listed.persons.is_in(silent.implode()).to_numpy())
    rows, places = np.nonzero(exits)
    return pl.DataFrame(
        {
            "person": listed.persons.gather(rows.tolist()),
            "year": np.array(listed.years, dtype=np.int64)[places],
        },
        schema={"person": pl.String, "year": pl.Int64},
    )
