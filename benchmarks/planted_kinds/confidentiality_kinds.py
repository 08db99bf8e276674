"""Planters of the family confidentiality: figures that should not be published or derivable."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl
from numpy.random import Generator

from benchmarks.planted_kinds.drawn import dimensions, draw_item, shuffled, table_of
from benchmarks.planted_kinds.planting import Plant, planter
from benchmarks.planted_kinds.sums import BIRTH, TOTAL, Key
from benchmarks.planted_kinds.suppressed import (
    FREE,
    MIN_COUNTS,
    SMALL,
    Pattern,
    Sums,
    is_lone,
    marked,
    shown,
    suppress,
    with_pattern,
)
from benchmarks.planted_kinds.tables import DIMENSIONS, EXACT, Published

EARLIER = "2025-07-31T12:00:00+00:00"
NARROW = 0.9
"""A range of at most so much of the protection width is too narrow."""
STOCK_AND_MOVES = (("DF_POP",), ("DF_IMM",), ("DF_EMI",))
EXACT_ONLY = (1,)
ROUNDED = (3, 5, 10)
DIFFERENT = 400
"""So often a pattern of small figures is drawn in one table."""


def protected_in(published: Published, rng: Generator) -> Iterator[tuple[str, Published, Pattern]]:
    """The dataset with the small table of its dataflow protected, for one of the least counts."""
    flow = next(iter(published.tables))
    for least in shuffled(rng, MIN_COUNTS):
        protected = with_pattern(published.seed, flow, least)
        if protected is not None:
            yield flow, *protected


def named(exact: Published, flow: str, keys: Sequence[Key]) -> tuple[dict[str, str], ...]:
    return table_of(exact, flow).named(keys)


def told(exact: Published, flow: str, pattern: Pattern, figures: Mapping[Key, int], *, status: str = "") -> Published:
    """Suppress the figures of a pattern except some, which are published with a status."""
    table = marked(exact.tables[flow], dimensions(flow), pattern)
    return exact.with_table(flow, shown(table, dimensions(flow), figures, status))


@planter("small-cell-published", *STOCK_AND_MOVES, bases=EXACT_ONLY, extent=SMALL)
def small_cell_published(published: Published, rng: Generator) -> Plant | None:
    """A figure below the least count is published and marked as free."""
    for flow, exact, pattern in protected_in(published, rng):
        if len(pattern.withheld) > 1:
            key = draw_item(rng, sorted(pattern.primary))
            value = pattern.grid.values[key] or 0
            changed = told(exact, flow, pattern, {key: value}, status=FREE)
            size, clean = f"{value} < {pattern.least}", suppress(exact, flow, pattern)
            return Plant(changed, flow, named(exact, flow, [key]), size=size, note=str(key), clean=clean)
    return None


@planter("value-left-under-flag", ("DF_POP",), ("DF_CITIZENSHIP",), bases=EXACT_ONLY, extent=SMALL)
def value_left_under_flag(published: Published, rng: Generator) -> Plant | None:
    """A suppressed figure is there with its value, its flags stay."""
    for flow, exact, pattern in protected_in(published, rng):
        key = draw_item(rng, sorted(pattern.withheld))
        place = table_of(exact, flow).grid.rows[key]
        here = pl.int_range(pl.len()) == place
        value = pl.when(here).then(pl.lit(str(pattern.grid.values[key]))).otherwise("OBS_VALUE").alias("OBS_VALUE")
        clean, keys = suppress(exact, flow, pattern), named(exact, flow, [key])
        changed = clean.with_table(flow, clean.tables[flow].with_columns(value))
        return Plant(changed, flow, keys, size=f"n_min {pattern.least}", note=str(key), clean=clean)
    return None


@planter("secondary-forgotten", *STOCK_AND_MOVES, bases=EXACT_ONLY, extent=SMALL)
def secondary_forgotten(published: Published, rng: Generator) -> Plant | None:
    """Of two suppressed figures in a line, the secondary one is published."""
    for flow, exact, pattern in protected_in(published, rng):
        for line in shuffled(rng, pattern.lines):
            withheld = [key for key in line.cells if key in pattern.withheld]
            secondary = [key for key in withheld if key in pattern.secondary]
            if len(withheld) != len(("primary", "secondary")) or not secondary:
                continue
            key = draw_item(rng, secondary)
            left = [other for other in withheld if other != key]
            changed = told(exact, flow, pattern, {key: pattern.grid.values[key] or 0})
            keys, clean = named(exact, flow, [*left, line.total]), suppress(exact, flow, pattern)
            note = f"{key} in {line.dimension}"
            return Plant(changed, flow, keys, size=f"n_min {pattern.least}", note=note, clean=clean)
    return None


@planter("interval-too-narrow", ("DF_IMM",), ("DF_EMI",), ("DF_CITIZENSHIP",), bases=EXACT_ONLY, extent=SMALL)
def interval_too_narrow(published: Published, rng: Generator) -> Plant | None:
    """Every line has no or two suppressed figures, but the interval of a confidential figure is too narrow."""
    for flow, exact, pattern in protected_in(published, rng):
        sums = Sums(pattern.grid, pattern.lines)
        for _ in range(DIFFERENT):
            closed = with_smallest(pattern, rng)
            if closed is None:
                break
            ranges = {key: sums.width(key, closed.withheld) for key in sorted(closed.primary)}
            narrow = [key for key, width in ranges.items() if width <= NARROW * closed.width(key)]
            if narrow:
                size = ", ".join(f"{ranges[key]:.0f} of {closed.width(key):.0f}" for key in narrow)
                changed, clean = (suppress(exact, flow, each) for each in (closed, pattern))
                return Plant(changed, flow, named(exact, flow, narrow), size=size, clean=clean)
    return None


def with_smallest(pattern: Pattern, rng: Generator) -> Pattern | None:
    """The pattern with other secondary figures: the smallest figures of the lines with one suppressed figure."""
    withheld = set(pattern.primary)
    while lonely := [line for line in pattern.lines if is_lone(line, frozenset(withheld))]:
        line = draw_item(rng, lonely)
        others = [key for key in line.cells if key not in withheld and (pattern.grid.values[key] or 0) >= pattern.least]
        if not others:
            return None
        smallest = sorted(others, key=lambda key: (pattern.grid.values[key] or 0, key))
        withheld.add(draw_item(rng, smallest[:2]))
    return replace(pattern, secondary=frozenset(withheld) - pattern.primary)


@planter("linked-table-published", ("DF_POP",), bases=EXACT_ONLY, extent=SMALL)
def linked_table_published(published: Published, rng: Generator) -> Plant | None:
    """A figure suppressed in two tables is published in one of them."""
    for flow, exact, pattern in protected_in(published, rng):
        sister, names = "DF_POP_TOPIC", ("FREQ", "REF_AREA", *DIMENSIONS["DF_POP_TOPIC"])
        of_first = suppress(exact, flow, pattern).tables[flow]
        second = of_first.filter(pl.col(BIRTH) == TOTAL).with_columns(
            pl.lit("RES" if name == "POP_BASE" else TOTAL).alias(name) for name in names if name not in of_first.columns
        )
        both = replace(
            exact,
            tables={flow: of_first, sister: second.select(*names, *(c for c in second.columns if c not in names))},
            declared={flow: exact.declared[flow], sister: exact.declared[flow]},
        )
        shared = [key for key in sorted(pattern.withheld) if pattern.grid.at(key, BIRTH) == TOTAL]
        for key in shuffled(rng, shared):
            where = draw_item(rng, (flow, sister))
            value, codes = pattern.grid.values[key] or 0, dict(zip(pattern.grid.dimensions, key, strict=True))
            other = tuple(codes.get(name, "RES" if name == "POP_BASE" else TOTAL) for name in dimensions(where))
            table = shown(both.tables[where], dimensions(where), {other: value})
            return Plant(
                both.with_table(where, table),
                where,
                ({**codes, "TIME_PERIOD": table_of(exact, flow).period},),
                flows=tuple(name for name in (flow, sister) if name != where),
                size=f"n_min {pattern.least}",
                note=f"{key} told in {where}",
                clean=both,
            )
    return None


@planter("off-base-cell", *STOCK_AND_MOVES, ("DF_PROTECTION",), bases=ROUNDED)
def off_base_cell(published: Published, rng: Generator) -> Plant | None:
    """A figure of a rounded table is not rounded."""
    flow = next(iter(published.tables))
    table = table_of(published, flow)
    exact = published.tables[flow][EXACT]
    for key in shuffled(rng, sorted(table.grid.values)):
        value = int(exact[table.grid.rows[key]])
        if value % table.base:
            rest = f"{value} = {value % table.base} modulo {table.base}"
            return Plant(table.written({key: value}), flow, table.named([key]), size=rest, note=str(key))
    return None


@planter("confidential-then-public", ("DF_POP",), bases=EXACT_ONLY, extent=SMALL)
def confidential_then_public(published: Published, rng: Generator) -> Plant | None:
    """A figure suppressed in the last release, and not small, is published without explanation."""
    for flow, exact, pattern in protected_in(published, rng):
        large = [key for key in sorted(pattern.secondary) if (pattern.grid.values[key] or 0) >= pattern.least]
        if large:
            key = draw_item(rng, large)
            earlier = replace(suppress(exact, flow, pattern), prepared=EARLIER)
            changed = replace(told(exact, flow, pattern, {key: pattern.grid.values[key] or 0}), earlier=earlier)
            keys, clean = named(exact, flow, [key]), replace(suppress(exact, flow, pattern), earlier=earlier)
            return Plant(changed, flow, keys, size=f"n_min {pattern.least}", note=str(key), clean=clean)
    return None


@planter("vintages-differenced", ("DF_IMM",), ("DF_EMI",), bases=EXACT_ONLY, extent=SMALL)
def vintages_differenced(published: Published, rng: Generator) -> Plant | None:
    """A total is a few more than in the last release, while all its parts are suppressed in both."""
    for flow, exact, pattern in protected_in(published, rng):
        hidden = [
            line for line in pattern.lines if line.total not in pattern.withheld and set(line.parts) <= pattern.withheld
        ]
        if hidden:
            line = draw_item(rng, hidden)
            more = int(rng.integers(1, pattern.least))
            earlier = replace(suppress(exact, flow, pattern), prepared=EARLIER)
            new = (pattern.grid.values[line.total] or 0) + more
            changed = replace(told(exact, flow, pattern, {line.total: new}), earlier=earlier)
            keys, clean = named(exact, flow, [line.total]), replace(suppress(exact, flow, pattern), earlier=earlier)
            size, note = f"+{more}, n_min {pattern.least}", f"{line.total} by {line.dimension}"
            return Plant(changed, flow, keys, size=size, note=note, clean=clean)
    return None
