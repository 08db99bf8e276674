"""Markdown report of a coverage estimate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sdmxmig.primitives.errors import counted
from sdmxmig.records.counting import Row
from sdmxmig.records.coverage_release import Release, Released
from sdmxmig.records.population_groups import Population


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageTables:
    groups: list[Row]
    effects: list[Row]
    sensitivity: list[Row]
    exits: list[Row]


def report_of(
    population: Population, figures: Released, release: Release, said_of: tuple[Sequence[str], CoverageTables]
) -> str:
    notes, tables = said_of
    limits = release.rules.limits
    hard = (
        f"Hard to count is a group with over-coverage above {limits.over_coverage:g}, coverage below "
        f"{limits.coverage:g} or half an interval above {limits.precision:g} of its estimate "
        f"({limits.status}): {counted(sum(bool(row['hard_to_count']) for row in tables.groups), 'group')}."
    )
    lines = [
        f"# Coverage at the beginning of {release.day}",
        "",
        *(f"- {note}." for note in notes),
        "",
        *section("Effect on the stock", [stock_words(figures)], []),
        *section("Effects of corrections", [EFFECTS], tables.effects),
        *section(
            "Groups", [f"Counts are multiples of {release.base}; rates are those of these counts."], tables.groups
        ),
        hard,
        "",
        *section("If something else were supposed", [*OTHERWISE, *doubts(population)], tables.sensitivity),
    ]
    if tables.exits:
        lines += section("Exits of persons who are still in the register", EXITS, tables.exits)
    return "\n".join(lines).rstrip("\n") + "\n"


EFFECTS = "Before is what the register says, after what was estimated, with the ends of its 95 % interval."
OTHERWISE = (
    "The interval knows of chance alone. What lists cannot show is tried here;",
    "where a figure lies beyond the interval, the estimate rests on what was supposed.",
)
EXITS = (
    "By the year after the last sign of life, of persons whom nobody took off the register.",
    "Of those of a year not known most left lately, as silence does not tell yet.",
)


def stock_words(figures: Released) -> str:
    ends = figures.population
    return (
        f"Before: {figures.registered:,} persons in the register. After: {ends.value:,} persons, 95 % interval "
        f"{ends.low:,} to {ends.high:,}."
    )


def doubts(population: Population) -> list[str]:
    return [f"Doubtful: {doubt}." for doubt in population.doubts]


def section(title: str, words: Sequence[str], rows: Sequence[Row]) -> list[str]:
    return [f"## {title}", "", *words, "", *([*table_lines(rows), ""] if rows else [])]


def table_lines(rows: Sequence[Mapping[str, str]]) -> list[str]:
    names = list(rows[0])
    cells = [[row[name].replace("|", "\\|") for name in names] for row in rows]
    return [f"| {' | '.join(line)} |" for line in (names, ["---"] * len(names), *cells)]
