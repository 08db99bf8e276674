"""Omitted figures needed for a total."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from sdmxmig.primitives.places import cell_name
from sdmxmig.quality.rules import KINDS, Check
from sdmxmig.quality.rules.figures import half
from sdmxmig.quality.rules.parts import DimensionBreakdown, breakdown
from sdmxmig.quality.rules.totals import TOTAL, TotalSplit, added_up, dimension_name, in_words, may_have_parts, split_by
from sdmxmig.quality.rules.words import because, in_languages, number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

Line = tuple[str, str, str, int]
"""A row or column of a sheet: file, sheet, ``row`` or ``column``, and its number."""
LeftOut = tuple[int, int, str]
"""A figure that was left out: row, column and reason."""
MOST_CELLS = 8
"""How many cells a message names before it only counts them."""
SKIPPED = "skipped"


@KINDS.add("LEFT-OUT-FITS-TOTAL")
def left_out_fits_total(check: Check) -> Iterable[Fault | NotTestable]:
    """No total is more than its parts where a mapping leaves out figures in the same rows or columns.

    Parameter: `units`, those that are counts. Tolerance as for TOTAL-IS-SUM.
    """
    parameters = check.parameters
    parameters.strings("units")
    parameters.close()
    if check.unused_cells is None:
        yield NotTestable(because("nothing tells which figures of the tables were left out"))
        return
    places = places_of(check)
    held = {line for place in places.values() for line in lines_of(*place)}
    lines = {line: left_out for line, left_out in by_line(check.unused_cells).items() if line in held}
    if not lines:
        return
    for name in check.dataset.flow.structure.series_key:
        codelist = check.dataset.flow.codelist(name)
        if codelist is None or TOTAL not in codelist or not may_have_parts(check, [name], TOTAL):
            continue
        of = breakdown(check.dataset.flow, [name], TOTAL, (), by_age=codelist.ref.id == "CL_AGE")
        split = split_by(check, of)
        yield from faults(check, of, lacking(check, split), (places, lines))


def by_line(unused_cells: pl.DataFrame) -> dict[Line, list[LeftOut]]:
    lines: dict[Line, list[LeftOut]] = {}
    skipped = unused_cells.filter(pl.col("fate") == SKIPPED).select(["file", "sheet", "row", "column", "reason"])
    for file, sheet, row, column, reason in skipped.iter_rows():
        for line in lines_of(file, sheet, row, column):
            lines.setdefault(line, []).append((row, column, reason))
    return lines


def lines_of(file: str, sheet: str, row: int, column: int) -> tuple[Line, Line]:
    return (file, sheet, "row", row), (file, sheet, "column", column)


def places_of(check: Check) -> Mapping[int, tuple[str, str, int, int]]:
    measure = check.dataset.flow.structure.measure.id
    origins = check.dataset.origins.filter(pl.col("component").cast(pl.String) == measure)
    single = origins.filter(pl.col("observation").is_unique())
    cells = single.select("observation", pl.col("file", "sheet").cast(pl.String), "row", "column")
    return {number: (file, sheet, row, column) for number, file, sheet, row, column in cells.iter_rows()}


def lacking(check: Check, split: TotalSplit) -> list[dict[str, Any]]:
    sums = added_up(split, split.disjoint, known=True)
    short = sums.filter((pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack"))
    totals = [
        {**total, "rows": sorted(total["rows"])} for total in in_words(check, split, split.disjoint, short, known=True)
    ]
    return sorted(totals, key=lambda total: total["rows"])


def faults(
    check: Check,
    of: DimensionBreakdown,
    short: Sequence[dict[str, Any]],
    cells: tuple[Mapping[int, tuple[str, str, int, int]], Mapping[Line, Sequence[LeftOut]]],
) -> Iterator[Fault]:
    """One fault for all totals that lack what was left out in the same rows or columns."""
    places, lines = cells
    measure = check.dataset.flow.structure.measure.id
    groups: dict[tuple[object, ...], list[tuple[dict[str, Any], list[LeftOut]]]] = {}
    for total in short:
        for left_out in left_beside(total, places, lines):
            kind = tuple(sorted({(at[0] if left_out[0] == "column" else at[1], at[2]) for at in left_out[1]}))
            groups.setdefault((left_out[0], *kind), []).append((total, left_out[1]))
    for pairs in groups.values():
        total, left_cells = pairs[0]
        rows = tuple(sorted({beside["row"] for beside, _ in pairs}))
        yield Fault(
            rows,
            measure,
            parameters=parameters_of(check, of, total, left_cells),
            observed=total["text"],
            expected="",
            related=tuple(total["rows"]),
            difference=check.amounts.printed(total["amount"] - total["sum"], total["power"]),
            tolerance=half(check, total["slack"], total["power"]),
        )


def left_beside(
    total: dict[str, Any],
    places: Mapping[int, tuple[str, str, int, int]],
    lines: Mapping[Line, Sequence[LeftOut]],
) -> Iterator[tuple[str, list[LeftOut]]]:
    cells = [places.get(row) for row in (total["row"], *total["rows"])]
    known_cells = [cell for cell in cells if cell is not None]
    if len(known_cells) < len(cells):
        return
    for kind in ("row", "column"):
        shared = {(file, sheet, row if kind == "row" else column) for file, sheet, row, column in known_cells}
        if len(shared) == 1:
            file, sheet, line = shared.pop()
            left_out = list(lines.get((file, sheet, kind, line), ()))
            if left_out:
                yield kind, left_out


def parameters_of(
    check: Check, of: DimensionBreakdown, total: dict[str, Any], left_out: Sequence[LeftOut]
) -> dict[str, str]:
    names = [cell_name(row, column) for row, column, _ in left_out]
    more = f" … (+ {len(names) - MOST_CELLS})" if len(names) > MOST_CELLS else ""
    printed, power = check.amounts.printed, total["power"]

    def parameters_in(language: str) -> dict[str, str]:
        return {
            "dimension": dimension_name(check, of, language),
            "value": number(total["text"], language),
            "difference": number(printed(total["amount"] - total["sum"], power), language),
            "cells": ", ".join(names[:MOST_CELLS]) + more,
            "reason": left_out[0][2],
        }

    return in_languages(check.rule, parameters_in)
