"""Bounds of cells from surrounding totals, and missing totals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import DeclarationError
from sdmxmig.primitives.places import format_cell
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested, run_by_definition
from sdmxmig.quality.rules.outside_comparisons import AREA, find_outside_data, read_comparison, read_pairs, write_plain
from sdmxmig.quality.rules.outside_figures import OutsideCell, OutsideFigures, find_outside_figures
from sdmxmig.quality.rules.reports import EPSILON, select_moves_reported_twice
from sdmxmig.quality.rules.series import format_number, read_decimal
from sdmxmig.quality.rules.totals import (
    DimensionBreakdown,
    TotalSplit,
    build_breakdown,
    describe_sums,
    join_code_names,
    may_have_parts,
    name_dimension,
    select_margins_only,
    select_total_figures,
    split_by,
    sum_parts,
    write_rounding_tolerance,
)
from sdmxmig.quality.rules.words import TOTAL, name_in_words, translate_parameters, write_number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

NO_TWO_TOTALS = "no figure is reported with the totals of its two breakdowns"


@KINDS.add("JOINT-WITHIN-BOUNDS")
@run_by_definition
def overlap_is_within_bounds(check: Check) -> Iterable[Fault | NotTestable]:
    """The overlap of two groups is at least the excess of both over the total.

    If 70 of 100 are foreign-born and 60 foreign citizens, at least 30 are both. Parameters: `pairs` of dimensions;
    `except` as for other rules of totals. PART-WITHIN-TOTAL checks the upper bound.
    """
    parameters = check.parameters
    declared = parameters.tables("pairs")
    pairs = [(pair.text("first"), pair.text("second")) for pair in declared]
    parameters.table("except")
    for table in (*declared, parameters):
        table.close()
    if not pairs:
        raise DeclarationError("Write pairs of dimensions.", parameters.at("pairs"))
    tested = False
    for first, second in pairs:
        structure = check.structure
        if (
            not {first, second} <= set(structure.series_key)
            or not can_divide(check, first)
            or not can_divide(check, second)
        ):
            continue
        cells = combine_breakdowns(check, first, second)
        tested = tested or not cells.is_empty()
        for row in cells.filter((pl.col("least") - pl.col("amount")) * 2 > pl.col("slack_of_all")).iter_rows(
            named=True
        ):
            yield build_shortage_fault(check, first, second, row)
    if not tested:
        yield report_not_tested(NO_TWO_TOTALS)


def can_divide(check: Check, dimension: str) -> bool:
    return may_have_parts(check, (dimension,), TOTAL)


def combine_breakdowns(check: Check, first: str, second: str) -> pl.DataFrame:
    frame = select_total_figures(check, pl.col("amount").is_not_null())
    others = [name for name in check.structure.key if name not in (first, second)]
    at_first, at_second = pl.col(first) == TOTAL, pl.col(second) == TOTAL
    joint = frame.filter(~at_first, ~at_second)
    for name, margin, keys in (
        ("_a", frame.filter(~at_first, at_second), [*others, first]),
        ("_b", frame.filter(at_first, ~at_second), [*others, second]),
        ("_t", frame.filter(at_first, at_second), others),
    ):
        renamed = margin.select(*keys, *(pl.col(column).alias(column + name) for column in ("row", "amount", "slack")))
        joint = joint.join(renamed, on=keys, how="inner", nulls_equal=True, maintain_order="left")
    return joint.with_columns(
        least=pl.col("amount_a") + pl.col("amount_b") - pl.col("amount_t"),
        slack_of_all=pl.sum_horizontal("slack", "slack_a", "slack_b", "slack_t"),
    )


def build_shortage_fault(check: Check, first: str, second: str, row: dict[str, Any]) -> Fault:
    least = check.amounts.printed(row["least"], row["power"])

    def build_words(language: str) -> dict[str, str]:
        sums = {key: check.amounts.printed(row[f"amount_{key}"], row["power"]) for key in ("a", "b", "t")}
        return {
            "value": write_number(row["text"], language),
            "least": write_number(least, language),
            "first": f"{join_code_names(check, {first: row[first]}, language)} {write_number(sums['a'], language)}",
            "second": f"{join_code_names(check, {second: row[second]}, language)} {write_number(sums['b'], language)}",
            "total": write_number(sums["t"], language),
        }

    return check.fault(
        (row["row"],),
        build_words,
        observed=row["text"],
        expected=f"≥ {least}",
        related=(row["row_a"], row["row_b"], row["row_t"]),
        difference=check.amounts.printed(row["amount"] - row["least"], row["power"]),
        tolerance=write_rounding_tolerance(check, row["slack_of_all"], row["power"]),
    )


@KINDS.add("TOTAL-REPORTED")
def totals_are_reported(check: Check) -> Iterable[Fault | NotTestable]:
    """If all parts of the population are reported, their total is reported and is not zero.

    Parameter `parts`: by dimension, the codes that make up everybody. Unreported totals are searched only where other
    breakdowns are at their totals, since cells of a cross table may lack margins. A zero total is an error if rounding
    cannot explain its parts. One fault per breakdown for totals without a valid value, and one for unreported
    totals.
    """
    with check.parameters as parameters:
        parts = parameters.table("parts").lists()
        parameters.table("except")
    tested = False
    for dimension, codes in parts.items():
        if dimension not in check.structure.series_key or not set(codes) <= check.books[0].codes(dimension):
            continue
        frame = select_total_figures(check, pl.col(dimension).is_in([TOTAL, *codes]), pl.col("amount").is_not_null())
        others = [name for name in check.structure.key if name != dimension]
        zeros = find_zero_totals(check, dimension, codes, frame)
        yield from zeros
        frame = select_margins_only(check, frame, dimension)
        inside = frame.filter(pl.col(dimension).is_in(codes)).group_by(others, maintain_order=True).agg("row", pl.len())
        whole = inside.filter(pl.col("len") == len(codes))
        tested = tested or bool(zeros) or not whole.is_empty()
        if whole.is_empty():
            continue
        totals = frame.filter(pl.col(dimension) == TOTAL)
        lone = whole.join(totals, on=others, how="anti", nulls_equal=True, maintain_order="left")
        empty = select_total_figures(check, pl.col(dimension) == TOTAL, pl.col("amount").is_null()).select(
            *others, total="row"
        )
        lone = lone.join(empty, on=others, how="left", nulls_equal=True, maintain_order="left")
        yield from list_absent_totals(check, dimension, codes, lone.drop_nulls("total"), is_empty_cell=True)
        yield from list_absent_totals(
            check, dimension, codes, lone.filter(pl.col("total").is_null()), is_empty_cell=False
        )
    if not tested:
        yield report_not_tested("no breakdown is reported with all its parts")


def list_absent_totals(
    check: Check, dimension: str, codes: Sequence[str], absent: pl.DataFrame, *, is_empty_cell: bool
) -> Iterator[Fault]:
    """Yield faults for absent totals, at their own cells if present, else at their parts."""
    if absent.is_empty():
        return
    parts = tuple(absent["row"].list.explode(keep_nulls=False, empty_as_null=False))
    yield check.fault(
        tuple(absent["total"]) if is_empty_cell else parts,
        partial(phrase_absence, check, dimension, codes, count=absent.height),
        component=check.measure if is_empty_cell else dimension,
        observed=" + ".join(codes),
        expected=TOTAL,
        related=parts if is_empty_cell else (),
    )


def find_zero_totals(check: Check, dimension: str, codes: Sequence[str], frame: pl.DataFrame) -> list[Fault]:
    others = [name for name in check.structure.key if name != dimension]
    zeros = frame.filter(pl.col(dimension) == TOTAL, pl.col("amount") == 0)
    if zeros.is_empty():
        return []
    inside = (
        frame.filter(pl.col(dimension).is_in(codes))
        .join(zeros.select(others), on=others, how="semi", nulls_equal=True, maintain_order="left")
        .group_by(others, maintain_order=True)
        .agg(pl.col("amount").sum(), pl.col("slack").sum(), pl.len(), parts=pl.col("row"))
        .filter(pl.col("len") == len(codes))
    )
    both = zeros.join(inside, on=others, how="inner", suffix="_inside", nulls_equal=True, maintain_order="left")
    wrong = both.filter(pl.col("amount_inside") * 2 > pl.col("slack") + pl.col("slack_inside"))
    if wrong.is_empty():
        return []
    return [
        check.fault(
            wrong["row"],
            partial(phrase_absence, check, dimension, codes, count=wrong.height),
            observed="0",
            expected="more than 0",
            severity="error",
            related=tuple(wrong["parts"].list.explode(keep_nulls=False, empty_as_null=False)),
        )
    ]


def phrase_absence(check: Check, dimension: str, codes: Iterable[str], language: str, *, count: int) -> dict[str, str]:
    names = " + ".join(join_code_names(check, {dimension: code}, language) for code in codes)
    return {
        "dimension": name_in_words(dimension, check.flow, language),
        "parts": names,
        "count": write_number(str(count), language),
    }


MAX_ROUNDS = 100
"""Maximum number of alternating fits of rows and columns; small matrices need about ten."""


@KINDS.add("MATRIX-FITS")
def flows_fit_matrix(check: Check) -> Iterable[Fault | NotTestable]:
    """No flow is far from the estimate by the matrix of all flows between the countries.

    The matrix starts with the mean of both reports and is fitted to each country's total outflows and inflows
    (iterative proportional fitting; totals are first made equal). Both countries must report every flow. Parameters:
    those of REPORTS-IN-RATIO up to `pair`; `partner`: dimension of the other country; `countries`: minimum number;
    `share`: tolerated difference; `least`: minimum flow.
    """
    with check.parameters as parameters:
        comparison, pairs = read_comparison(parameters), read_pairs(parameters)
        partner, needed, least = (
            parameters.text("partner"),
            parameters.integer("countries"),
            parameters.integer("least"),
        )
        share = read_decimal(parameters, "share")
    outside = find_outside_data(check, comparison.domains, [pair.other for pair in pairs])
    tested = False
    for pair in pairs:
        cells = complete(
            select_moves_reported_twice(check, comparison, pair, outside), check.books[0].time, partner, needed
        )
        if cells.is_empty() or cells.get_column("row").null_count() == cells.height:
            continue
        tested = True
        cells = fit_to_totals(cells, check.books[0].time, partner).drop_nulls("row")
        off = (pl.col("cell") / pl.col("value") - 1).abs() > share + EPSILON
        for cell in cells.filter(off, pl.max_horizontal("value", "cell") >= least).iter_rows(named=True):
            yield build_matrix_fault(check, cell, share)
    if not tested:
        yield report_not_tested(
            "in no year are all flows between {needed} countries reported by both sides", needed=needed
        )


def complete(cells: pl.DataFrame, time: str, partner: str, needed: int) -> pl.DataFrame:
    counted = cells.with_columns(
        countries=pl.col(AREA).n_unique().over(time),
        partners=pl.col(partner).n_unique().over(time),
        flows=pl.len().over(time),
    )
    is_whole = pl.col("flows") == pl.col("countries") * (pl.col("countries") - 1)
    return counted.filter(is_whole, pl.col("countries") == pl.col("partners"), pl.col("countries") >= needed)


def fit_to_totals(cells: pl.DataFrame, time: str, partner: str) -> pl.DataFrame:
    """Return flows with their fitted size `cell`, so that rows and columns match reported totals."""
    value, other = pl.col("value"), pl.col("other")
    whole = (value.sum().over(time) + other.sum().over(time)) / 2
    cells = cells.with_columns(
        cell=(value + other) / 2,
        of_area=value.sum().over(time, AREA) * whole / value.sum().over(time),
        of_partner=other.sum().over(time, partner) * whole / other.sum().over(time),
    )
    for _ in range(MAX_ROUNDS):
        for name, margin in ((AREA, "of_area"), (partner, "of_partner")):
            factor = pl.col(margin) / pl.col("cell").sum().over(time, name)
            cells = cells.with_columns(cell=(pl.col("cell") * factor).fill_nan(0.0))
    return cells


def build_matrix_fault(check: Check, cell: Mapping[str, Any], share: float) -> Fault:
    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(write_plain(cell["value"]), language),
            "other": write_number(write_plain(cell["other"]), language),
            "fitted": write_number(write_plain(cell["cell"], 0), language),
            "count": write_number(str(cell["countries"]), language),
            "limit": format_number(share * 100, language, 0),
        }

    return check.fault(
        (cell["row"],),
        build_words,
        observed=write_plain(cell["value"]),
        expected=f"about {write_plain(cell['cell'], 0)}",
    )


MAX_CELLS = 8


@KINDS.add("LEFT-OUT-FITS-TOTAL")
@run_by_definition
def totals_exclude_omitted_figures(check: Check) -> Iterable[Fault | NotTestable]:
    """Totals do not exceed their parts if a mapping omits figures in the same rows or columns.

    Totals with a part that lacks a value are not compared: the part may be the difference. Parameter `units`: those of
    counts. Tolerance as for TOTAL-IS-SUM.
    """
    with check.parameters as parameters:
        parameters.strings("units")
    if check.unused_cells is None:
        raise build_untestable_error("the list of omitted figures is missing")
    figures = find_outside_figures(check)
    if not figures.lines:
        return
    for name in check.structure.series_key:
        codelist = check.flow.codelist(name)
        if codelist is None or TOTAL not in codelist or not may_have_parts(check, [name], TOTAL):
            continue
        of = build_breakdown(check.flow, [name], TOTAL, (), by_age=codelist.ref.id == "CL_AGE")
        split = split_by(check, of)
        yield from build_faults(check, of, list_omitted_figures(check, split), figures)


def list_omitted_figures(check: Check, split: TotalSplit) -> list[dict[str, Any]]:
    sums = sum_parts(split, split.disjoint)
    # One part alone, such as the foreign citizens, need not be all parts.
    short = sums.filter(pl.col("count") > 1, (pl.col("amount") - pl.col("sum")) * 2 > pl.col("slack"))
    totals = [{**total, "rows": sorted(total["rows"])} for total in describe_sums(check, split, split.disjoint, short)]
    return sorted(totals, key=lambda total: total["rows"])


def build_faults(
    check: Check,
    of: DimensionBreakdown,
    short: Sequence[dict[str, Any]],
    figures: OutsideFigures,
) -> Iterator[Fault]:
    groups: dict[tuple[object, ...], list[tuple[dict[str, Any], Sequence[OutsideCell]]]] = {}
    for total in short:
        for left_out in figures.beside(total):
            kind = tuple(sorted({(at[0] if left_out[0] == "column" else at[1], at[2]) for at in left_out[1]}))
            groups.setdefault((left_out[0], figures.explain(total), *kind), []).append((total, left_out[1]))
    for pairs in groups.values():
        total, left_cells = pairs[0]
        rows = tuple(sorted({beside["row"] for beside, _ in pairs}))
        yield check.fault(
            rows,
            build_parameters(check, of, total, left_cells, totals=len(rows)),
            observed=total["text"],
            expected="",
            related=tuple(total["rows"]),
            difference=check.amounts.printed(total["amount"] - total["sum"], total["power"]),
            tolerance=write_rounding_tolerance(check, total["slack"], total["power"]),
        )


def build_parameters(
    check: Check, of: DimensionBreakdown, total: dict[str, Any], left_out: Sequence[OutsideCell], *, totals: int
) -> dict[str, str]:
    names = [format_cell(row, column) for row, column, *_ in left_out]
    more = f" … (+ {len(names) - MAX_CELLS})" if len(names) > MAX_CELLS else ""
    printed, power = check.amounts.printed, total["power"]

    def build_words(language: str) -> dict[str, str]:
        return {
            "dimension": name_dimension(check, of, language),
            "value": write_number(total["text"], language),
            "difference": write_number(printed(total["amount"] - total["sum"], power), language),
            "cells": ", ".join(names[:MAX_CELLS]) + more,
            "reason": left_out[0][2],
            "totals": write_number(str(totals), language),
        }

    return translate_parameters(check.rule, build_words)
