"""Tables of a coverage estimate, with released counts (`sdmxmig.records.coverage_release`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sdmxmig.primitives.lazily import np, pl
from sdmxmig.quality.disclosure.suppression import round_to_base
from sdmxmig.records.counting import Row
from sdmxmig.records.coverage_release import (
    Codes,
    Population,
    Release,
    ReleasedCoverage,
    ReleasedGroup,
    RoundedInterval,
    build_cube,
    round_sum,
    round_together,
)
from sdmxmig.records.group_estimates import GroupEstimate
from sdmxmig.records.register_coverage import compute_year_begun
from sdmxmig.records.rows import TOTAL
from sdmxmig.statistics.demography.signs_of_life import HardToCount, explain_hard_to_count, fit_within_limits

TOGETHER, NOT_KNOWN = "together", "not known"
DISTINCT_COUNTS = ("registered", "over_coverage", "over_low", "over_high", "absent")
ESTIMATED_COLUMNS = ("population", "error", "low", "high", "coverage")


def list_codes(part: GroupEstimate, release: Release, population: Population) -> Codes:
    return (TOGETHER,) * len(release.by) if part is population.together else part.group.codes


def build_stock_rows(population: Population, figures: ReleasedCoverage, release: Release) -> list[Row]:
    own = {group.part.group.codes: group for group in figures.parts if group.part is not population.together}
    rest = [group for group in figures.parts if group.part is population.together]
    missing = [*population.refused]
    rows = []
    for codes, parts in build_cube(release.by, own, missing, rest):
        ends = round_sum(parts, release.base) if codes else figures.population
        rows.append(build_stock_row(codes, parts, ends, release))
    return rows


def build_stock_row(
    codes: Mapping[str, str], parts: Sequence[ReleasedGroup], ends: RoundedInterval, release: Release
) -> Row:
    model = parts[0].part.model if len(parts) == 1 else f"sum of {len(parts)} groups"
    registered = sum(part.registered for part in parts)
    gone = sum(part.absent.value for part in parts if part.absent)
    taken_off = f", {gone:,} of them absent" if parts[0].absent else ""
    return {
        **codes,
        "TIME_PERIOD": str(release.day.year),
        "OBS_VALUE": str(ends.value),
        "OBS_STATUS": "E",
        "COMMENT_OBS": f"95% interval {ends.low} to {ends.high}; {model}; {registered:,} in the register{taken_off}.",
    }


def build_group_rows(
    population: Population, figures: ReleasedCoverage, release: Release, empty: Sequence[Codes]
) -> list[Row]:
    rows = [
        {
            **dict(zip(release.by, list_codes(group.part, release, population), strict=True)),
            **build_figures(group, release.rules.limits),
        }
        for group in figures.parts
    ]
    blank = dict.fromkeys((*DISTINCT_COUNTS, *ESTIMATED_COLUMNS), "")
    together = "Merged with other groups, because their total would disclose it."
    without = {codes: why or together for codes, why in population.refused.items()}
    without |= dict.fromkeys(empty, "No person of the group is on a list.")
    for codes, why in sorted(without.items()):
        named = dict(zip(release.by, codes, strict=True))
        rows.append({**named, **blank, "method": "", "hard_to_count": "no estimate", "refused": why})
    if len(figures.parts) > 1:
        total = {**count_cells(figures.registered, figures.absent), **build_population_cells(figures.population, None)}
        named = dict.fromkeys(release.by, TOTAL)
        rows.append(
            {**named, **total, "method": f"sum of {len(figures.parts)} groups", "hard_to_count": "", "refused": ""}
        )
    return rows


def build_figures(group: ReleasedGroup, limits: HardToCount) -> Row:
    ends = group.population
    precision = (ends.high - ends.low) / 2 / ends.value if ends.value else None
    over = group.absent.value / group.registered if group.absent and group.registered else None
    reasons = explain_hard_to_count(limits, over_coverage=over, coverage=group.coverage, precision=precision)
    return {
        **count_cells(group.registered, group.absent),
        **build_population_cells(ends, group.coverage),
        "method": group.part.model,
        "hard_to_count": ", ".join(reasons),
        "refused": "",
    }


def count_cells(registered: int, absent: RoundedInterval | None) -> Row:
    cells = {**dict.fromkeys(DISTINCT_COUNTS, ""), "registered": str(registered)}
    if absent is not None:
        rates = {"over_coverage": absent.value, "over_low": absent.low, "over_high": absent.high}
        cells |= {name: write_share(count, registered) for name, count in rates.items()}
        cells["absent"] = str(absent.value)
    return cells


def build_population_cells(ends: RoundedInterval, coverage_rate: float | None) -> Row:
    return {
        "population": str(ends.value),
        "error": f"{ends.error:.1f}",
        "low": str(ends.low),
        "high": str(ends.high),
        "coverage": "" if coverage_rate is None else f"{coverage_rate:.3f}",
    }


def write_share(count: int, of: int) -> str:
    return f"{min(count / of, 1.0) if of else 0.0:.3f}"


def round_value(value: float, base: int) -> int:
    return int(round_to_base(np.array([value]), base)[0])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Exits:
    """Exits inferred from signs of life (person, year). `false` is the annual share of residents with false exits."""

    by_person: pl.DataFrame
    false: Mapping[int, float]
    movements: pl.DataFrame | None = None


def build_exit_rows(
    exits: Exits, persons: pl.DataFrame, population: Population, figures: ReleasedCoverage, release: Release
) -> list[Row]:
    """Return exits by year after the last sign and by group, without residents' false exits."""
    exits_by_part = compute_exits_by_part(
        population.parts, list_exits_by_year(exits, persons, population, release), exits.false
    )
    leaves: dict[tuple[str, Codes], int] = {}
    for group, years in zip(figures.parts, exits_by_part, strict=True):
        codes = list_codes(group.part, release, population)
        whole = round_together(list(years.values()), release.base)
        gone = group.absent.value if group.absent else 0
        whole[-1] += gone - sum(whole)
        leaves |= {(year, codes): number for year, number in zip(years, carry_negative_counts(whole), strict=True)}
    totals: dict[str, int] = {}
    for (year, _), number in leaves.items():
        totals[year] = totals.get(year, 0) + number
    everything = (TOTAL,) * len(release.by)
    rows = {**(leaves if release.by else {}), **{(year, everything): number for year, number in totals.items()}}
    registered = count_registered_exits(exits.movements, release.day)
    return [
        {
            "year": year,
            **dict(zip(release.by, codes, strict=True)),
            "not_registered": str(number),
            **build_exit_row(registered, year, codes, number, release.base),
        }
        for (year, codes), number in sorted(rows.items())
    ]


def carry_negative_counts(whole: list[int]) -> list[int]:
    for place in range(len(whole) - 1, 0, -1):
        if whole[place] < 0:
            whole[place - 1] += whole[place]
            whole[place] = 0
    return whole


def list_exits_by_year(
    exits: Exits, persons: pl.DataFrame, population: Population, release: Release
) -> list[dict[int, int]]:
    own = {part.group.codes for part in population.groups}
    table = exits.by_person.join(persons, on="person").with_columns(
        group=pl.concat_list(release.by) if release.by else pl.lit([], dtype=pl.List(pl.String))
    )
    counts: dict[Codes, dict[int, int]] = {}
    for year, codes, number in table.group_by("year", "group").len().sort("year").rows():
        key = tuple(codes) if tuple(codes) in own else (TOGETHER,) * len(release.by)
        years = counts.setdefault(key, {})
        years[year] = years.get(year, 0) + number
    return [counts.get(list_codes(part, release, population), {}) for part in population.parts]


def compute_exits_by_part(
    parts: Sequence[GroupEstimate], counts: Sequence[Mapping[int, int]], false: Mapping[int, float]
) -> list[dict[str, float]]:
    absent = np.array([part.group.over.absent if part.group.over else 0.0 for part in parts])
    residents = np.array([part.group.registered for part in parts]) - absent
    left = {}
    for year in sorted({year for years in counts for year in years}):
        numbers = np.array([float(years.get(year, 0)) for years in counts])
        left[year] = fit_within_limits(numbers - residents * false.get(year, 0.0), numbers)
    total = sum(left.values(), start=np.zeros(len(parts)))
    scale = np.minimum(1.0, np.divide(absent, total, out=np.ones(len(parts)), where=total > 0))
    rest = np.maximum(absent - scale * total, 0.0)
    return [
        {
            **{str(year): float(numbers[place] * scale[place]) for year, numbers in left.items() if year in years},
            NOT_KNOWN: float(rest[place]),
        }
        for place, years in enumerate(counts)
    ]


def count_registered_exits(movements: pl.DataFrame | None, day: date) -> dict[str, int] | None:
    if movements is None:
        return None
    table = movements.filter(pl.col("direction") == "EXIT").with_columns(
        year=compute_year_begun("date", day).cast(pl.String)
    )
    return dict(table.group_by("year").len().rows())


def build_exit_row(registered: Mapping[str, int] | None, year: str, codes: Codes, number: int, base: int) -> Row:
    if registered is None:
        return {}
    if set(codes) - {TOTAL} or year == NOT_KNOWN:
        return {"registered": "", "at_least": ""}
    known = round_value(registered.get(year, 0), base)
    return {"registered": str(known), "at_least": str(known + number)}


def build_effect_row(figure: str, period: str, codes: Mapping[str, str], before: int, after: RoundedInterval) -> Row:
    return {
        "figure": figure,
        "TIME_PERIOD": period,
        **codes,
        "before": str(before),
        "after": str(after.value),
        "difference": str(after.value - before),
        "low": str(after.low),
        "high": str(after.high),
    }


def build_stock_effect_rows(population: Population, figures: ReleasedCoverage, release: Release) -> list[Row]:
    figure, year = "population", str(release.day.year)
    parts = figures.parts if len(figures.parts) > 1 else ()
    rows = [
        build_effect_row(
            figure,
            year,
            dict(zip(release.by, list_codes(part.part, release, population), strict=True)),
            part.registered,
            part.population,
        )
        for part in parts
    ]
    return [
        *rows,
        build_effect_row(figure, year, dict.fromkeys(release.by, TOTAL), figures.registered, figures.population),
    ]


def build_sensitivity_rows(population: Population, figures: ReleasedCoverage, release: Release) -> list[Row]:
    ends = figures.population
    rows = [{"supposed": "as estimated", "population": str(ends.value), "difference": "0"}]
    for label, value in population.others.items():
        other = round_value(value, release.base)
        rows.append({"supposed": label, "population": str(other), "difference": str(other - ends.value)})
    return rows
