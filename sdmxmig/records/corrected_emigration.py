"""Emigration of the year before a day, with those whose exit was registered late, or not at all.

The register and the sample are looked at by classes of the last sign of life: of persons with alike last signs those
who are not in the sample left as often as those in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import date
from typing import TYPE_CHECKING

from sdmxmig.demography.deregistration import CorrectedExits, SignClass, all_exits, corrected_exits
from sdmxmig.demography.signs_of_life import (
    LEAST_TELLING,
    LEAST_TRAINED,
    OverCoverage,
    Reliability,
    over_coverage,
    reliability_of,
)
from sdmxmig.errors import SdmxmigError
from sdmxmig.lazily import np, pl
from sdmxmig.records.coverage_release import Codes, Ends, cube, ends_of, together
from sdmxmig.records.coverage_tables import effect_row
from sdmxmig.records.days import months_later, number_of
from sdmxmig.records.people import TOTAL
from sdmxmig.records.register_coverage import (
    People,
    Reference,
    described_on_days,
    each_once,
)

if TYPE_CHECKING:
    from sdmxmig.records.counting import Row

AGE, EMIGRATION = "AGE", "emigration"
MONTHS = 12
LEAST_LEFT = 8
"""So many persons of the sample who left in the year, and before, tell how often either have a sign in it."""
NEVER = 0
"""The year of the last sign of who never had one."""


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """The tables that emigration is corrected by: persons of the register, signs, the sample, exits, and persons.

    `exits` are the exits that were registered in the year (columns: person, date); the sample says who does not live
    in the country, and when such persons left.
    """

    register: pl.Series
    signs: pl.DataFrame
    _: KW_ONLY
    sample: pl.DataFrame
    exits: pl.DataFrame
    people: People | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedYear:
    """The emigrants of a year by group, those of groups too small for a figure of their own, and in all.

    `begin` is the first day of the year, `end` the day after its last. `is_late_known` says whether the sample tells
    which exits were registered late.
    """

    begin: date
    end: date
    groups: Mapping[Codes, CorrectedExits]
    small: Mapping[Codes, CorrectedExits]
    total: CorrectedExits
    is_late_known: bool

    @property
    def label(self) -> str:
        """The year as SDMX writes it."""
        return str(self.begin.year) if (self.begin.month, self.begin.day) == (1, 1) else f"{self.begin}/P1Y"


def flow_dimensions(by: Sequence[str]) -> tuple[str, ...]:
    """By what emigration is broken down: everything that groups are but age, which changes within the year."""
    return tuple(name for name in by if name != AGE)


def year_before(day: date) -> date:
    """The first day of the year that ends before a day."""
    return months_later(day, -MONTHS)


def corrected_year(sources: Sources, by: Sequence[str], reference: Reference) -> CorrectedYear:
    """The emigration of the year before the reference day.

    Raises `SdmxmigError` where the sample has fewer than thirty persons, or residents or others are missing from it.
    """
    begin = year_before(reference.day)
    sample = each_once(sources.sample, "The training sample")
    if sample.height < LEAST_TRAINED:
        raise SdmxmigError(
            f"Fewer than {LEAST_TRAINED} persons are in the sample.", hint="Find out of more persons whether they left."
        )
    registered = with_codes(classes_of(sources, reference), sources.people, by, reference)
    dated = sample.filter(pl.col("resident") | pl.col("left").is_not_null())
    known = dated.select("person", left=(pl.col("left") >= begin).fill_null(value=False))
    judged = registered.join(known, on="person", how="left")
    classes = judged.group_by("codes", "last").agg(
        registered=pl.len(), sampled=pl.col("left").count(), left=pl.col("left").fill_null(value=False).sum()
    )
    by_class: dict[Codes, list[SignClass]] = {}
    for row in classes.sort("last", descending=True).rows(named=True):
        by_class.setdefault(tuple(row["codes"]), []).append(
            SignClass(registered=row["registered"], sampled=row["sampled"], left=row["left"])
        )
    exits = sources.exits.select("person", at=pl.col("date").cast(pl.Int32).cast(pl.Int64))
    active = active_in_year(sources.signs, (begin, reference.day))
    leaving = with_codes(exits, sources.people, by, reference).group_by("codes").agg(
        exits=pl.len(), silent=(~pl.col("person").is_in(active.implode())).sum()
    )  # fmt: skip
    gone = {tuple(row["codes"]): (int(row["exits"]), int(row["silent"])) for row in leaving.rows(named=True)}
    reliability = reliability_of_signs(dated, active, begin)
    return year_of((begin, reference.day), by_class, gone, reliability)


def classes_of(sources: Sources, reference: Reference) -> pl.DataFrame:
    """The persons of the register with the year of the last sign of life; columns: person, last, at."""
    past = sources.signs.filter(pl.col("year") < reference.day.year).group_by("record").agg(last=pl.col("year").max())
    return (
        pl.DataFrame({"person": sources.register})
        .join(past, left_on="person", right_on="record", how="left")
        .with_columns(pl.col("last").fill_null(NEVER), at=pl.lit(number_of(reference.day) - 1, dtype=pl.Int64))
    )


def active_in_year(signs: pl.DataFrame, ends: tuple[date, date]) -> pl.Series:
    """The persons with a sign of life in the year: in calendar years from that of its begin to that before its end."""
    years = (pl.col("year") >= ends[0].year) & (pl.col("year") < ends[1].year)
    return signs.filter(years)["record"].unique()


def reliability_of_signs(sample: pl.DataFrame, active: pl.Series, begin: date) -> Reliability | None:
    """How well a sign in the year tells who left in it from who had left before; None where the sample tells it not.

    `sample` has persons with the day on which they left (`left`); residents stand for nobody here.
    """
    gone = sample.filter(pl.col("left").is_not_null())
    in_year = np.asarray((gone["left"] >= begin).to_numpy(), dtype=bool)
    if min(int(in_year.sum()), int((~in_year).sum())) < LEAST_LEFT:
        return None
    has_sign = np.asarray(gone["person"].is_in(active.implode()).to_numpy(), dtype=bool)
    reliability = reliability_of(has_sign, in_year)
    telling = reliability.residents.value + reliability.others.value - 1
    return reliability if telling >= LEAST_TELLING else None


def year_of(
    ends: tuple[date, date],
    by_class: Mapping[Codes, list[SignClass]],
    gone: Mapping[Codes, tuple[int, int]],
    reliability: Reliability | None,
) -> CorrectedYear:
    """The emigration of a year from what is known of each group; those that are too small are in the total alone."""
    sampled = {codes: sum(part.sampled for part in classes) for codes, classes in by_class.items()}
    tiny = {codes for codes in {*by_class, *gone} if sampled.get(codes, 0) < LEAST_TRAINED}
    others = sorted((size, codes) for codes, size in sampled.items() if codes not in tiny)
    while others and tiny and (len(tiny) == 1 or sum(sampled.get(codes, 0) for codes in tiny) < LEAST_TRAINED):
        tiny.add(others.pop(0)[1])
    groups = {
        codes: corrected_exits(gone.get(codes, (0, 0))[0], late_of(gone.get(codes, (0, 0)), reliability), classes)
        for codes, classes in sorted(by_class.items())
        if codes not in tiny
    }
    pooled: list[SignClass] = [part for codes in sorted(tiny) for part in by_class.get(codes, [])]
    few = [gone.get(codes, (0, 0)) for codes in tiny]
    left = (sum(exits for exits, _ in few), sum(silent for _, silent in few))
    small = {codes: corrected_exits(left[0], late_of(left, reliability), pooled) for codes in sorted(tiny)[:1]}
    parts = [*groups.values(), *small.values()]
    lacking = dict.fromkeys(sorted(tiny), small[min(tiny)]) if tiny else {}
    return CorrectedYear(
        begin=ends[0],
        end=ends[1],
        groups=groups,
        small=lacking,
        total=all_exits(parts),
        is_late_known=reliability is not None,
    )


def late_of(gone: tuple[int, int], reliability: Reliability | None) -> OverCoverage | None:
    """How many of those whose exit was registered had left before the year; None where that cannot be told."""
    exits, silent = gone
    return over_coverage(exits, silent, reliability) if exits and reliability else None


def with_codes(rows: pl.DataFrame, people: People | None, by: Sequence[str], reference: Reference) -> pl.DataFrame:
    """Rows of persons and days with the codes of the groups that they are in, as a list."""
    if not by or people is None:
        return rows.with_columns(codes=pl.lit([], dtype=pl.List(pl.String)))
    return described_on_days(rows, people, reference).with_columns(codes=pl.concat_list(by))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedExits:
    """The emigrants of a group as they go out: those who were registered, late ones, those who were not, and all."""

    registered: int
    late: int
    unregistered: int
    exits: Ends


def released_year(year: CorrectedYear, base: int) -> tuple[dict[Codes, ReleasedExits], ReleasedExits]:
    """The emigrants of each group, and of all, as they go out: groups and what small ones have are all."""
    groups = [*year.groups.values(), *list(year.small.values())[:1]]
    known = together([float(exits.registered) for exits in groups], base)
    late = together([exits.late for exits in groups], base)
    more = together([exits.unregistered for exits in groups], base)
    values = [number - before + after for number, before, after in zip(known, late, more, strict=True)]
    parts = {
        codes: ReleasedExits(
            registered=known[number],
            late=late[number],
            unregistered=more[number],
            exits=ends_of(max(values[number], 0), (exits.low, exits.high), base),
        )
        for number, (codes, exits) in enumerate(year.groups.items())
    }
    total = ReleasedExits(
        registered=sum(known),
        late=sum(late),
        unregistered=sum(more),
        exits=ends_of(max(sum(values), 0), (year.total.low, year.total.high), base),
    )
    return parts, total


def emigration_rows(year: CorrectedYear, by: Sequence[str], base: int) -> list[Row]:
    """Corrected emigration as rows of DF_EMI: groups, sums over the other dimensions, and totals."""
    parts, total = released_year(year, base)
    rows = []
    for codes, members in cube(by, parts, year.small, [total]):
        counts = summed_exits(members) if codes else total
        rows.append(
            {
                **codes,
                "DIRECTION": "E",
                "TIME_PERIOD": year.label,
                "OBS_VALUE": str(counts.exits.value),
                "OBS_STATUS": "E",
                "COMMENT_OBS": (
                    f"95 % interval {counts.exits.low} to {counts.exits.high}; {counts.registered:,} exits registered "
                    f"in the year, {counts.late:,} of them of persons who had left before, and {counts.unregistered:,} "
                    "who left in the year and are still in the register."
                ),
            }
        )
    return rows


def summed_exits(parts: Sequence[ReleasedExits]) -> ReleasedExits:
    """The emigrants of several groups; the ends of intervals add up, which makes them a little too wide."""
    return ReleasedExits(
        registered=sum(part.registered for part in parts),
        late=sum(part.late for part in parts),
        unregistered=sum(part.unregistered for part in parts),
        exits=Ends(
            value=sum(part.exits.value for part in parts),
            low=sum(part.exits.low for part in parts),
            high=sum(part.exits.high for part in parts),
        ),
    )


def emigration_effects(year: CorrectedYear, by: Sequence[str], base: int) -> list[Row]:
    """What the correction does to the emigration of the year, by group and in all."""
    parts, total = released_year(year, base)
    everything = {(TOTAL,) * len(by): total}
    return [
        effect_row((EMIGRATION, year.label), dict(zip(by, codes, strict=True)), counts.registered, counts.exits)
        for codes, counts in {**(parts if by else {}), **everything}.items()
    ]
