"""Annual emigration, including late and unregistered exits.

Persons are classified by their last sign of life. Those outside the sample left as often as sampled persons of their
class. Leavers among persons on the register at the end of the year are estimated by class; other exits are added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import compress
from typing import Any

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.periods import shift_months
from sdmxmig.records.counting import Row
from sdmxmig.records.coverage_release import Codes, RoundedInterval, build_cube, round_interval, round_together
from sdmxmig.records.coverage_tables import build_effect_row
from sdmxmig.records.register_coverage import People, Reference, add_traits_on_day, compute_year_begun, select_each_once
from sdmxmig.records.rows import TOTAL, to_number
from sdmxmig.statistics.demography.signs_of_life import (
    MIN_IN_CLASS,
    MIN_INFORMATION,
    MIN_TRAINED,
    NOBODY_OF_CLASS,
    CorrectedExits,
    LateExits,
    Reliability,
    SampleGroup,
    SignClass,
    add_classes,
    add_exits,
    correct_exits,
    estimate_late_by_sample,
    estimate_late_by_signs,
    estimate_over_coverages,
    measure_share,
    sum_classes,
)

AGE, EMIGRATION = "AGE", "emigration"
MONTHS = 12
MIN_LEAVERS = 8
NEVER_RETURNS = 0
"""The year of the last sign of people without any."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sources:
    """Sources of corrected emigration; `exits` are registered exits of the year (person, date)."""

    register: pl.Series
    signs: pl.DataFrame
    sample: pl.DataFrame
    exits: pl.DataFrame
    people: People | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedYear:
    """Emigrants of a year by group and in total, from `begin` to before `end`."""

    begin: date
    end: date
    groups: Mapping[Codes, CorrectedExits]
    small: Mapping[Codes, CorrectedExits]
    total: CorrectedExits

    @property
    def label(self) -> str:
        return str(self.begin.year) if (self.begin.month, self.begin.day) == (1, 1) else f"{self.begin}/P1Y"


def list_flow_dimensions(by: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in by if name != AGE)


def subtract_year(day: date) -> date:
    return shift_months(day, -MONTHS)


def compute_corrected_year(sources: Sources, by: Sequence[str], reference: Reference) -> CorrectedYear:
    """Compute the emigration of the previous year; raise `SdmxmigError` for samples that are too small."""
    begin = subtract_year(reference.day)
    sample = select_each_once(sources.sample, "The training sample")
    dated = sample.filter(pl.col("resident") | pl.col("left").is_not_null())
    known = dated.select("person", left=(pl.col("left") >= begin).fill_null(value=False))
    listed = add_codes(find_sign_classes(sources, reference), sources.people, by, reference)
    judged = listed.join(known, on="person", how="left")
    if judged["left"].count() < MIN_TRAINED:
        raise SdmxmigError(
            f"Fewer than {MIN_TRAINED} persons are in the sample.",
            hint="Find out for more persons whether they left.",
        )
    by_class = count_sign_classes(judged)
    active = sources.signs.filter(pl.col("year") == begin.year)["record"].unique()
    exits = add_codes(find_exits(sources, active), sources.people, by, reference)
    others = exits.filter(~pl.col("person").is_in(sources.register.implode())).sort("person", "at")
    others = others.unique("person", keep="last", maintain_order=True)
    by_sign = count_sign_classes(others.join(known, on="person", how="left"))
    counts = {tuple(codes): number for codes, number in exits.group_by("codes").len().rows()}
    gone = {codes: EmigrantClasses(registered=number, **by_sign.get(codes, {})) for codes, number in counts.items()}
    reliability = estimate_sign_reliability(dated.filter(pl.col("left").is_not_null()), sources.signs, reference)
    return compute_emigration((begin, reference.day), by_class, gone, reliability)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmigrantClasses:
    registered: int = 0
    silent: SignClass = NOBODY_OF_CLASS
    active: SignClass = NOBODY_OF_CLASS

    @property
    def others(self) -> SignClass:
        return add_classes(self.silent, self.active)


def find_exits(sources: Sources, active: pl.Series) -> pl.DataFrame:
    has_sign = pl.col("person").is_in(active.implode())
    return sources.exits.select(
        "person",
        at=pl.col("date").cast(pl.Int32).cast(pl.Int64),
        last=pl.when(has_sign).then(pl.lit("active")).otherwise(pl.lit("silent")),
    )


def count_sign_classes(persons: pl.DataFrame) -> dict[Codes, dict[Any, SignClass]]:
    classes = persons.group_by("codes", "last").agg(
        registered=pl.len(), sampled=pl.col("left").count(), left=pl.col("left").fill_null(value=False).sum()
    )
    by_group: dict[Codes, dict[Any, SignClass]] = {}
    for row in classes.sort("last", descending=True).rows(named=True):
        by_group.setdefault(tuple(row["codes"]), {})[row["last"]] = SignClass(
            registered=row["registered"], sampled=row["sampled"], left=row["left"]
        )
    return by_group


def find_sign_classes(sources: Sources, reference: Reference) -> pl.DataFrame:
    past = sources.signs.filter(pl.col("year") < reference.day.year).group_by("record").agg(last=pl.col("year").max())
    return (
        pl.DataFrame({"person": sources.register})
        .join(past, left_on="person", right_on="record", how="left")
        .with_columns(pl.col("last").fill_null(NEVER_RETURNS), at=pl.lit(to_number(reference.day) - 1, dtype=pl.Int64))
    )


def estimate_sign_reliability(gone: pl.DataFrame, signs: pl.DataFrame, reference: Reference) -> Reliability | None:
    """Estimate how often emigrants show signs of life, from the latest years with thirty leavers; None if unknown."""
    begin = subtract_year(reference.day)
    own = gone.with_columns(year=compute_year_begun("left", begin)).filter(pl.col("year") <= begin.year)
    years = signs.select("year").unique()
    has_sign = signs.select(pl.col("record").alias("person"), "year", active=pl.lit(value=True)).unique()
    sizes = own.join(years, on="year", how="semi").group_by("year").len().sort("year", descending=True)
    enough = sizes.filter(pl.col("len").cum_sum() - pl.col("len") < MIN_TRAINED)
    leaving = own.join(enough, on="year", how="semi").join(has_sign, on=["person", "year"], how="left")
    before = own.filter(pl.col("left") < begin).with_columns(year=pl.lit(begin.year, dtype=pl.Int64))
    before = before.join(has_sign, on=["person", "year"], how="left")
    if min(leaving.height, before.height) < MIN_LEAVERS:
        return None
    reliability = Reliability(
        residents=measure_share(leaving["active"].is_not_null().to_numpy()),
        others=measure_share(before["active"].is_null().to_numpy()),
    )
    telling = reliability.residents.value + reliability.others.value - 1
    return reliability if telling >= MIN_INFORMATION else None


def compute_emigration(
    ends: tuple[date, date],
    by_class: Mapping[Codes, Mapping[Any, SignClass]],
    gone: Mapping[Codes, EmigrantClasses],
    reliability: Reliability | None,
) -> CorrectedYear:
    """Compute the emigration of a year by group; small groups count only in the total."""
    sampled = {codes: sum_classes([*classes.values()]).sampled for codes, classes in by_class.items()}
    tiny = {codes for codes in {*by_class, *gone} if sampled.get(codes, 0) < MIN_TRAINED}
    others = sorted((size, codes) for codes, size in sampled.items() if codes not in tiny)
    while others and tiny and (len(tiny) == 1 or sum(sampled.get(codes, 0) for codes in tiny) < MIN_TRAINED):
        tiny.add(others.pop(0)[1])
    own = sorted({*by_class} - tiny)
    pooled = list_pooled_classes([by_class[codes] for codes in sorted(tiny) if codes in by_class])
    few = [gone[codes] for codes in sorted(tiny) if codes in gone]
    left = EmigrantClasses(
        registered=sum(part.registered for part in few),
        silent=sum_classes([part.silent for part in few]),
        active=sum_classes([part.active for part in few]),
    )
    parts = [(gone.get(codes, EmigrantClasses()), [*by_class[codes].values()]) for codes in own]
    parts += [(left, pooled)] if tiny else []
    late = find_late_exits([part for part, _ in parts], reliability)
    exits = [correct_exits(part.registered, later, classes) for (part, classes), later in zip(parts, late, strict=True)]
    return CorrectedYear(
        begin=ends[0],
        end=ends[1],
        groups=dict(zip(own, exits, strict=False)),
        small=dict.fromkeys(sorted(tiny), exits[-1]),
        total=add_exits(exits),
    )


def list_pooled_classes(groups: Sequence[Mapping[Any, SignClass]]) -> list[SignClass]:
    lasts = sorted({last for classes in groups for last in classes}, reverse=True)
    return [sum_classes([classes[last] for classes in groups if last in classes]) for last in lasts]


def find_late_exits(gone: Sequence[EmigrantClasses], reliability: Reliability | None) -> list[LateExits]:
    by_signs = [
        part.others.registered > 0 and not has_enough_sampled(part.others) and bool(reliability) for part in gone
    ]
    judged = [SampleGroup(part.others.registered, part.silent.registered) for part in compress(gone, by_signs)]
    overs = iter(estimate_over_coverages(judged, reliability) if reliability else [])
    exits = []
    for part, is_by_signs in zip(gone, by_signs, strict=True):
        late = LateExits()
        if is_by_signs:
            late = estimate_late_by_signs(next(overs))
        elif part.others.registered and has_enough_sampled(part.others):
            late = estimate_late_by_sample([part.silent, part.active])
        exits.append(replace(late, count=late.count + part.registered - part.others.registered))
    return exits


def has_enough_sampled(exits: SignClass) -> bool:
    return exits.sampled >= MIN_IN_CLASS or exits.sampled == exits.registered


def add_codes(rows: pl.DataFrame, people: People | None, by: Sequence[str], reference: Reference) -> pl.DataFrame:
    if not by or people is None:
        return rows.with_columns(codes=pl.lit([], dtype=pl.List(pl.String)))
    return add_traits_on_day(rows, people, reference).with_columns(codes=pl.concat_list(by))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedExits:
    exact: CorrectedExits
    registered: int
    late: int
    unregistered: int
    exits: RoundedInterval


def round_year(year: CorrectedYear, base: int) -> tuple[dict[Codes, ReleasedExits], ReleasedExits]:
    """Round the emigrants of groups and total for release; small groups are combined."""
    groups = [*year.groups.values(), *list(year.small.values())[:1]]
    known = round_together([float(exits.registered) for exits in groups], base)
    late = round_together([exits.late.count for exits in groups], base)
    more = round_together([exits.unregistered for exits in groups], base)
    values = [max(number - before + after, 0) for number, before, after in zip(known, late, more, strict=True)]
    parts = [
        ReleasedExits(
            exact=exits,
            registered=known[number],
            late=late[number],
            unregistered=more[number],
            exits=round_interval(values[number], exits.interval, base),
        )
        for number, exits in enumerate(groups)
    ]
    return dict(zip(year.groups, parts, strict=False)), sum_exits(parts, base)


def build_emigration_rows(year: CorrectedYear, by: Sequence[str], base: int) -> list[Row]:
    parts, total = round_year(year, base)
    rows = []
    for codes, members in build_cube(by, parts, year.small, [total]):
        counts = sum_exits(members, base) if codes else total
        rows.append(
            {
                **codes,
                "DIRECTION": "E",
                "TIME_PERIOD": year.label,
                "OBS_VALUE": str(counts.exits.value),
                "OBS_STATUS": "E",
                "COMMENT_OBS": (
                    f"95% interval {counts.exits.low} to {counts.exits.high}; {counts.registered:,} exits registered "
                    f"in the year, {counts.late:,} of them of persons who had left before or live there, and "
                    f"{counts.unregistered:,} who left in the year and are still in the register."
                ),
            }
        )
    return rows


def sum_exits(parts: Sequence[ReleasedExits], base: int) -> ReleasedExits:
    exact = add_exits([part.exact for part in parts])
    return ReleasedExits(
        exact=exact,
        registered=sum(part.registered for part in parts),
        late=sum(part.late for part in parts),
        unregistered=sum(part.unregistered for part in parts),
        exits=round_interval(sum(part.exits.value for part in parts), exact.interval, base),
    )


def build_emigration_effect_rows(year: CorrectedYear, by: Sequence[str], base: int) -> list[Row]:
    parts, total = round_year(year, base)
    everything = {(TOTAL,) * len(by): total}
    return [
        build_effect_row(EMIGRATION, year.label, dict(zip(by, codes, strict=True)), counts.registered, counts.exits)
        for codes, counts in {**(parts if by else {}), **everything}.items()
    ]
