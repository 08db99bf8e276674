"""What goes out of an estimated coverage: figures, a table by group, one of exits, and a report.

Figures are whole persons and add up. Counts of registers are rounded, and rates behind which few persons stand are
withheld.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from itertools import chain, combinations

from sdmxmig.demography.capture import Estimate, summed
from sdmxmig.demography.signs_of_life import HardToCount, reasons_hard_to_count
from sdmxmig.disclosure.primary import SafetyRules, small
from sdmxmig.disclosure.rounding import nearest
from sdmxmig.errors import counted
from sdmxmig.formulas import shielded
from sdmxmig.lazily import np, pl
from sdmxmig.records.counting import Row
from sdmxmig.records.people import TOTAL
from sdmxmig.records.population_groups import Measured, Population

TOGETHER, WITHHELD, NOT_KNOWN = "together", "withheld", "not known"
FEW = 3
"""Fewer silent persons than this, but not none, are withheld with the rate that would tell them."""
DISTINCT = ("registered", "over_coverage", "over_low", "over_high", "absent")
ESTIMATED = ("population", "error", "low", "high", "coverage")


@dataclass(frozen=True, slots=True)
class Release:
    """How figures go out: dimensions of groups, the year, the base of rounding, and when a group is hard to count."""

    by: tuple[str, ...]
    year: int
    _: KW_ONLY
    base: int = 5
    limits: HardToCount = field(default_factory=HardToCount)


def stock_rows(population: Population, release: Release) -> list[Row]:
    """The population in whole persons: groups, sums of groups over the other dimensions, and the total.

    Each sum is one of whole figures, so that they add up. Where a group without an own figure belongs to a sum, only
    the total has it.
    """
    missing = [result.group.codes for result in population.refused]
    rows = []
    for kept in subsets(range(len(release.by))):
        sums: dict[tuple[str, ...], list[Measured]] = {}
        for result in population.groups:
            sums.setdefault(tuple(result.group.codes[place] for place in kept), []).append(result)
        if not kept and population.together:
            sums.setdefault((), []).append(population.together)
        lacking = {tuple(codes[place] for place in kept) for codes in missing} if kept else set()
        for codes, results in sorted(sums.items()):
            if codes not in lacking:
                rows.append(stock_row(dict(zip((release.by[i] for i in kept), codes, strict=True)), results, release))
    return rows


def subsets(places: Sequence[int]) -> Iterable[tuple[int, ...]]:
    """All choices of places, none first."""
    return chain.from_iterable(combinations(places, size) for size in range(len(places) + 1))


def stock_row(codes: Mapping[str, str], results: Sequence[Measured], release: Release) -> Row:
    """One figure with its interval and the models that it comes from."""
    estimates = [result.estimate for result in results if result.estimate]
    estimate = estimates[0] if len(estimates) == 1 else summed(estimates)
    models = results[0].model if len(results) == 1 else f"sum of {len(results)} groups"
    return {
        **codes,
        "TIME_PERIOD": str(release.year),
        "OBS_VALUE": str(sum(round(part.value) for part in estimates)),
        "OBS_STATUS": "E",
        "COMMENT_OBS": f"95 % interval {estimate.low:.0f} to {estimate.high:.0f}; {models}.",
    }


def group_rows(population: Population, release: Release) -> list[Row]:
    """What is known of each group: the register, who has left, the population, and why it is hard to count."""
    results = [*population.groups, *([population.together] if population.together else [])]
    rows = []
    for result in results:
        codes = dict(zip(release.by, result.group.codes, strict=True))
        if result is population.together:
            codes = dict.fromkeys(release.by, TOGETHER)
        rows.append({**codes, **figures_of(result, release)})
    empty = dict.fromkeys((*DISTINCT, *ESTIMATED), "")
    for result in population.refused:
        codes = dict(zip(release.by, result.group.codes, strict=True))
        why = result.refused or "Put together with others, since their total would tell it."
        rows.append({**codes, **empty, "method": "", "hard_to_count": "no estimate", "refused": why})
    if len(results) > 1:
        total = {**empty, **estimate_cells(population.total, None), "method": f"sum of {len(results)} groups"}
        rows.append({**dict.fromkeys(release.by, TOTAL), **total, "hard_to_count": "", "refused": ""})
    return rows


def figures_of(result: Measured, release: Release) -> Row:
    """The figures of one group as texts."""
    cells = dict.fromkeys(DISTINCT, "")
    cells["registered"] = rounded(result.group.registered, release.base)
    if result.over is not None:
        silent = np.array([result.group.silent], dtype=np.float64)
        if small(silent, SafetyRules(threshold=FEW))[0]:
            cells |= dict.fromkeys(DISTINCT[1:], WITHHELD)
        else:
            over = result.over
            cells |= {"over_coverage": share(over.rate), "over_low": share(over.low), "over_high": share(over.high)}
            cells["absent"] = rounded(over.absent, release.base)
    estimate = result.estimate
    precision = (estimate.high - estimate.low) / 2 / estimate.value if estimate and estimate.value else None
    reasons = reasons_hard_to_count(release.limits, over=result.over, coverage=result.coverage, precision=precision)
    return {
        **cells,
        **(estimate_cells(estimate, result.coverage) if estimate else dict.fromkeys(ESTIMATED, "")),
        "method": result.model,
        "hard_to_count": ", ".join(reasons),
        "refused": result.refused,
    }


def estimate_cells(estimate: Estimate, coverage_rate: float | None) -> Row:
    """An estimate as texts."""
    return {
        "population": f"{estimate.value:.0f}",
        "error": f"{estimate.error:.1f}",
        "low": f"{estimate.low:.0f}",
        "high": f"{estimate.high:.0f}",
        "coverage": "" if coverage_rate is None else share(coverage_rate),
    }


def share(value: float) -> str:
    """A share with three decimals."""
    return f"{value:.3f}"


def rounded(value: float, base: int) -> str:
    """A count rounded to a base."""
    return f"{nearest(np.array([value]), base)[0]:.0f}"


@dataclass(frozen=True, slots=True, eq=False)
class Exits:
    """Exits that the signs of persons tell, with the year (columns: person, year), and what is known besides.

    `false` is the share of residents of whom signs tell an exit in a year all the same, `movements` the movements with
    the exits that were registered.
    """

    told: pl.DataFrame
    _: KW_ONLY
    false: Mapping[int, float]
    movements: pl.DataFrame | None = None


def exit_rows(exits: Exits, persons: pl.DataFrame, population: Population, release: Release) -> list[Row]:
    """Exits by year and group: not registered, registered, and how many there are at least; rounded each for itself.

    From the exits of a year those are taken off that signs tell of as many residents. What is missing from the number
    of those who have left is of a year that is not known: nobody ever saw a sign of them, or there was one after they
    had left, or they left so lately that their silence does not tell yet. So stocks and flows agree.
    """
    pool = (TOGETHER,) * len(release.by)
    results = {result.group.codes: result for result in population.groups}
    table = exits.told.join(persons, on="person").with_columns(
        group=pl.concat_list(release.by) if release.by else pl.lit([], dtype=pl.List(pl.String))
    )
    counts: dict[tuple[int, tuple[str, ...]], int] = {}
    for year, codes, number in table.group_by("year", "group").len().rows():
        key = year, tuple(codes) if tuple(codes) in results else pool
        counts[key] = counts.get(key, 0) + number
    rows: dict[tuple[str, tuple[str, ...]], float] = {}
    for codes, result in {**results, **({pool: population.together} if population.together else {})}.items():
        absent = result.over.absent if result.over else 0.0
        residents = result.group.registered - absent
        years = sorted(year for year, group in counts if group == codes)
        left = [max(counts[year, codes] - residents * exits.false.get(year, 0.0), 0.0) for year in years]
        scale = min(1.0, absent / sum(left)) if sum(left) else 0.0
        rows |= {(str(year), codes): number * scale for year, number in zip(years, left, strict=True)}
        rows[NOT_KNOWN, codes] = max(absent - scale * sum(left), 0.0)
    totals: dict[str, float] = {}
    for (year, _), number in rows.items():
        totals[year] = totals.get(year, 0.0) + number
    everything = (TOTAL,) * len(release.by)
    all_rows = {**(rows if release.by else {}), **{(year, everything): number for year, number in totals.items()}}
    registered = registered_exits(exits.movements)
    return [
        {
            "year": year,
            **dict(zip(release.by, codes, strict=True)),
            "not_registered": rounded(number, release.base),
            **known_exits(registered, (year, codes), number, release.base),
        }
        for (year, codes), number in sorted(all_rows.items())
    ]


def registered_exits(movements: pl.DataFrame | None) -> dict[str, int] | None:
    """Registered exits by year, of everybody; None where no table has them."""
    if movements is None:
        return None
    table = movements.filter(pl.col("direction") == "EXIT").with_columns(year=pl.col("date").dt.year().cast(pl.String))
    return dict(table.group_by("year").len().rows())


def known_exits(
    registered: Mapping[str, int] | None, key: tuple[str, tuple[str, ...]], number: float, base: int
) -> Row:
    """Registered exits beside the others, and their sum; for totals of years alone, as the table has no groups."""
    year, codes = key
    if registered is None:
        return {}
    if set(codes) - {TOTAL} or year == NOT_KNOWN:
        return {"registered": "", "at_least": ""}
    known = registered.get(year, 0)
    return {"registered": rounded(known, base), "at_least": rounded(known + number, base)}


def report_of(
    population: Population, release: Release, notes: Sequence[str], tables: tuple[list[Row], list[Row]]
) -> str:
    """A report in Markdown: the notes on the method, groups, which are hard to count, and what the correction does."""
    groups, exits = tables
    results = [*population.groups, *([population.together] if population.together else [])]
    registered = sum(result.group.registered for result in results)
    total = population.total
    stock = (
        f"Before: {rounded(registered, release.base)} persons in the register. After: {total.value:.0f} persons, 95 % "
        f"interval {total.low:.0f} to {total.high:.0f}."
    )
    hard = (
        f"Hard to count is a group with over-coverage above {release.limits.over_coverage:g}, coverage below "
        f"{release.limits.coverage:g} or half an interval above {release.limits.precision:g} of its estimate "
        f"({release.limits.status}): {counted(sum(bool(row['hard_to_count']) for row in groups), 'group')}."
    )
    lines = [
        f"# Coverage on 1 January {release.year}",
        "",
        *(f"- {note}." for note in notes),
        "",
        "## Effect on the stock",
        "",
        stock,
        "",
        "## Groups",
        "",
        *table_lines(groups),
        "",
        hard,
    ]
    if exits:
        lines += [
            "",
            "## Effect on emigration",
            "",
            f"Exits that nobody registered, of persons who are still in the register, rounded to {release.base}.",
            "Of those of a year not known most left lately, as silence does not tell yet.",
            "",
            *table_lines(exits),
        ]
    return "\n".join(lines) + "\n"


def table_lines(rows: Sequence[Row]) -> list[str]:
    """Rows as a table of Markdown."""
    names = list(rows[0])
    cells = [[row[name].replace("|", "\\|") for name in names] for row in rows]
    return [f"| {' | '.join(line)} |" for line in (names, ["---"] * len(names), *cells)]


def csv_of(rows: Sequence[Row]) -> bytes:
    """Rows as CSV; what a spreadsheet program would run as a formula is shielded."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: shielded(text) for name, text in row.items()} for row in rows)
    return buffer.getvalue().encode()
