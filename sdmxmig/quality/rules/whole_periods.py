"""Whole periods that are repeated, in another unit, zero, or exchanged."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import polars as pl

from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.series import (
    add_keys,
    build_change_fault,
    find_pairs,
    format_amount,
    format_number,
    list_breakdowns,
    pair_previous,
    read_decimal,
    read_period,
    select_frequency,
    select_series,
)
from sdmxmig.quality.rules.terms import switch_to_book
from sdmxmig.quality.rules.values import open_parameters
from sdmxmig.quality.rules.words import TOTAL, build_reason, find_code_name, name_in_words, translate_parameters
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.ledger import Book

Rows = tuple[int, ...]
DIRECTION = "DIRECTION"


@KINDS.add("PERIOD-IS-NEW")
def periods_are_not_repeated(check: Check) -> Iterable[Fault | NotTestable]:
    """The figures of a period do not repeat those of the previous period.

    Parameters: `by`: dimensions whose codes are separate tables; `above`: minimum figure in printed steps, so that
    equality is not chance; `cells`: minimum number; `same`: minimum number of equal ones; `share`: tolerated share of
    equal figures; `error`: share that is an error; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        by, above = parameters.strings("by"), parameters.integer("above")
        needed, least_equal = parameters.integer("cells"), parameters.integer("same")
        share, error = read_decimal(parameters, "share"), read_decimal(parameters, "error")
    none = build_untestable_error("no table has {needed} figures for two neighbouring periods", needed=needed)
    pairs, group = add_table_keys(check, pair_previous(check, none), by)
    pairs = pairs.filter(pl.col("before") > above * pl.col("printed"))
    pairs = pairs.with_columns(same=pl.col("value") == pl.col("before"), cells=pl.len().over(group))
    tested = pairs.filter(pl.col("cells") >= needed)
    if tested.is_empty():
        raise none
    if tested.height < pairs.height:
        yield NotTestable(
            build_reason("some periods have fewer than {needed} figures with an earlier figure", needed=needed),
            partial=True,
        )
    copied = tested.with_columns(count=pl.col("same").sum().over(group), share=pl.col("same").mean().over(group))
    copied = copied.filter("same", pl.col("count") >= least_equal, pl.col("share") > share)
    for rows, before, (cells, part) in build_rows_by_group(copied, group, ["cells", "share"]):
        severity = "error" if part > error else ""
        counts = {"count": len(rows), "cells": cells, "share": part}
        yield build_period_fault(check, rows, before, counts, expected="other figures", severity=severity)


def add_table_keys(check: Check, pairs: pl.DataFrame, by: Sequence[str]) -> tuple[pl.DataFrame, list[str]]:
    names = [name for name in by if name in check.structure.series_key]
    return add_keys(check, pairs, names), [*names, "period", "step"]


def build_rows_by_group(
    faulty: pl.DataFrame, group: list[str], names: Sequence[str]
) -> Iterator[tuple[Rows, Rows, list[float]]]:
    if faulty.is_empty():
        return
    shared = [pl.col(name).first().cast(pl.Float64) for name in names]
    grouped = faulty.sort("row").group_by(group, maintain_order=True).agg("row", "row_before", *shared)
    for rows, before, *values in grouped.select("row", "row_before", *names).iter_rows():
        yield tuple(rows), tuple(before), values


def build_period_fault(
    check: Check, rows: Rows, before: Rows, counts: dict[str, float], *, expected: str, severity: str = ""
) -> Fault:
    period, previous = read_period(check, rows[0]), read_period(check, before[0])

    def build_parameters(language: str) -> dict[str, str]:
        numbers = {name: format_number(value, language, 0) for name, value in counts.items() if name != "share"}
        share = format_number(100 * counts["share"], language, 0)
        return {**numbers, "share": share, "period": period, "previous": previous}

    return check.fault(rows, build_parameters, observed=period, expected=expected, severity=severity, related=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMultiple:
    """A possible unit error: factor in persons, and name. `cells` is the number of figures needed; 0 disables it."""

    factor: int
    cells: int = 0
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity:
    """Limits of similarity to a multiple.

    `within` applies to one figure, `centre` to all, as shares; `telling` is the minimum figure; `sure_*` define
    certainty.
    """

    telling: int
    within: float
    centre: float
    sure_cells: int
    sure_share: float
    sure_within: float


@KINDS.add("UNIT-STAYS")
def unit_is_consistent(check: Check) -> Iterable[Fault | NotTestable]:
    """The figures of a period, or a part of them, are not all ten or a thousand times the previous ones.

    Parameters: `by`; `multiples`: a `factor` of unit errors with `name`, and `cells`: minimum number to search among
    figures with usual variation (0: never); `within`: relative tolerance where figures hardly vary; `usual`: tolerance
    elsewhere (see `Similarity`), a warning unless certain; `looks`: sentence that names the unit; `cells`: minimum
    number, and `share` of them; `least`: minimum of the larger figure; `units`, `except`. A return to the earlier unit
    is not reported.
    """
    with open_parameters(check) as parameters:
        by, multiples = parameters.strings("by"), [entry.read(UnitMultiple) for entry in parameters.tables("multiples")]
        usual, looks = read_likeness(parameters.table("usual", required=True)), parameters.texts("looks", required=True)
        within, share = read_decimal(parameters, "within"), read_decimal(parameters, "share")
        needed, least = parameters.integer("cells"), parameters.integer("least")
    none = build_untestable_error(
        "no table has {needed} figures of at least {least} for two neighbouring periods", needed=needed, least=least
    )
    pairs, group = add_table_keys(check, pair_previous(check, none), by)
    larger, smaller = pl.max_horizontal("value", "before"), pl.min_horizontal("value", "before")
    pairs = pairs.filter(smaller > 0, larger >= least).with_columns(
        larger=larger, smaller=smaller, factor=larger / smaller, up=pl.col("value") > pl.col("before")
    )
    tested = pairs.filter(pl.len().over(group) >= needed)
    if tested.is_empty():
        raise none
    slips = select_exact_slips(tested, group, multiples, within, share)
    largest = tested.select(pl.col("larger").max()).item()
    for multiple in (each for each in multiples if each.cells and largest >= usual.telling * each.factor):
        others = tested.join(slips.select("row"), on="row", how="anti", maintain_order="left")
        slips = pl.concat([slips, find_usual_slips(others, group, multiple, usual, share)])
    slips = drop_returned_units(slips, group)
    names = {multiple.factor: multiple.name for multiple in multiples}
    slips, every = slips.with_columns(slip="times", rises="up"), [*group, "slip", "rises"]
    for rows, before, (cells, part, times, up, sure) in build_rows_by_group(
        slips, every, ["cells", "share", "times", "up", "sure"]
    ):
        counts = {"count": len(rows), "cells": cells, "share": part, "times": times}
        smaller_period = read_period(check, before[0] if up else rows[0])
        fault = build_period_fault(
            check,
            rows,
            before,
            counts,
            expected="figures similar in size to earlier ones",
            severity="" if sure else "warning",
        )
        unit = phrase_unit(check, names[int(times)], looks, smaller_period)
        yield replace(fault, parameters={**fault.parameters, **unit})


def read_likeness(declared: Declared) -> Similarity:
    with declared:
        return Similarity(
            telling=declared.integer("telling"),
            within=read_decimal(declared, "within"),
            centre=read_decimal(declared, "centre"),
            sure_cells=declared.integer("sure_cells"),
            sure_share=read_decimal(declared, "sure_share"),
            sure_within=read_decimal(declared, "sure_within"),
        )


def select_exact_slips(
    pairs: pl.DataFrame, group: Sequence[str], multiples: Sequence[UnitMultiple], within: float, share: float
) -> pl.DataFrame:
    near = [
        pl.when((pl.col("factor") / multiple.factor - 1).abs() <= within).then(pl.lit(multiple.factor))
        for multiple in multiples
    ]
    slips = pairs.with_columns(times=pl.coalesce(near).cast(pl.Int64), cells=pl.len().over(group))
    slips = slips.with_columns(share=pl.len().over([*group, "times", "up"]) / pl.col("cells"), sure=pl.lit(value=True))
    return slips.filter(pl.col("times").is_not_null(), pl.col("share") >= share)


def find_usual_slips(
    pairs: pl.DataFrame, group: Sequence[str], multiple: UnitMultiple, usual: Similarity, share: float
) -> pl.DataFrame:
    """Find figures near a multiple of earlier ones; their sums must be nearer to the multiple than each figure."""
    factor = multiple.factor
    large = pairs.filter(pl.col("larger") >= usual.telling * factor).with_columns(cells=pl.len().over(group))
    off = (pl.col("factor") / factor).log().abs()
    every = [*group, "up"]
    near = large.filter(off <= math.log(1 + usual.within)).with_columns(count=pl.len().over(every))
    together = pl.col("larger").sum().over(every) / pl.col("smaller").sum().over(every)
    is_centred = (together / factor).log().abs() <= math.log(1 + usual.centre)
    part = pl.col("count") / pl.col("cells")
    is_sure = (pl.col("count") >= usual.sure_cells) & (
        (off <= math.log(1 + usual.sure_within)).sum().over(every) >= usual.sure_share * pl.col("cells")
    )
    near = near.with_columns(times=pl.lit(factor, dtype=pl.Int64), share=part, sure=is_sure)
    slips = near.filter(pl.col("count") >= multiple.cells, part >= share, is_centred)
    return slips.select([*pairs.columns, "times", "cells", "share", "sure"])


def drop_returned_units(slips: pl.DataFrame, group: Sequence[str]) -> pl.DataFrame:
    keys = [*group, "times", "up"]

    def undone(tables: pl.DataFrame) -> pl.DataFrame:
        return tables.with_columns(period=pl.col("period") + pl.col("step"), up=~pl.col("up"))

    tables = slips.select(keys).unique()
    returned = tables.join(undone(tables), on=keys, how="semi", nulls_equal=True)
    first_tables = tables.join(returned, on=keys, how="anti", nulls_equal=True)
    return slips.join(undone(first_tables), on=keys, how="anti", nulls_equal=True, maintain_order="left")


def phrase_unit(check: Check, unit: Text, looks: Text, period: str) -> dict[str, str]:
    def build_words(language: str) -> dict[str, str]:
        return {"looks": looks.in_language(language).format(period=period, unit=unit.in_language(language))}

    return translate_parameters(check.rule, build_words)


@KINDS.add("ZEROS-ARE-FEW")
def zeros_are_not_sudden(check: Check) -> Iterable[Fault | NotTestable]:
    """Figures do not all become zero from one period to the next, as when blanks are read as zeros.

    Parameters: `by`; `within`: dimensions whose codes are also judged separately, such as partners; `cells`: minimum
    number; `before`, `now`: maximum earlier and minimum present share of zeros; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        by, within, needed = parameters.strings("by"), parameters.strings("within"), parameters.integer("cells")
        few, many = read_decimal(parameters, "before"), read_decimal(parameters, "now")
    none = build_untestable_error("no table has {needed} figures for two neighbouring periods", needed=needed)
    pairs, group = add_table_keys(check, pair_previous(check, none), by)
    if pairs.filter(pl.len().over(group) >= needed).is_empty():
        raise none
    find_zeros = partial(select_zeros, needed=needed, few=few, many=many)
    emptied = find_zeros(pairs, group)
    yield from build_zero_faults(check, emptied, group)
    for name in (dimension for dimension in within if dimension in check.structure):
        suspicious = pairs.filter(pl.col("value") == 0, pl.col("before") > 0).join(emptied, on="row", how="anti")
        if suspicious.is_empty():
            return
        codes = add_keys(check, pairs, [name]).filter(~pl.col(name).is_in([TOTAL, "_Z"]))
        parts = [*group, name]
        concerned = codes.join(suspicious.select("row"), on="row", how="semi").select(parts).unique()
        emptied_codes = find_zeros(codes.join(concerned, on=parts, how="semi", nulls_equal=True), parts)
        emptied_codes = emptied_codes.join(emptied, on="row", how="anti")
        yield from build_zero_faults(check, emptied_codes, parts)
        emptied = pl.concat([emptied, emptied_codes.select(emptied.columns)])


def select_zeros(pairs: pl.DataFrame, group: list[str], *, needed: int, few: float, many: float) -> pl.DataFrame:
    zeros = pairs.with_columns(
        cells=pl.len().over(group),
        share=(pl.col("value") == 0).mean().over(group),
        earlier=(pl.col("before") == 0).mean().over(group),
    )
    many_became_zero = (pl.col("cells") >= needed) & (pl.col("share") >= many) & (pl.col("earlier") < few)
    return zeros.filter(many_became_zero, pl.col("value") == 0, pl.col("before") > 0)


def build_zero_faults(check: Check, emptied: pl.DataFrame, group: list[str]) -> Iterable[Fault]:
    for rows, before, (cells, part) in build_rows_by_group(emptied, group, ["cells", "share"]):
        counts = {"count": len(rows), "cells": cells, "share": part}
        yield build_period_fault(check, rows, before, counts, expected="figures, or missing values")


@KINDS.add("LABELS-STAY")
def codes_are_not_exchanged(check: Check) -> Iterable[Fault | NotTestable]:
    """Two codes of a dimension are not swapped from one period to the next.

    Parameters: `dimensions`; `share`: improvement by exchange; `near`: factor within which each must then be, or half
    of chance; `factor`: minimum change of both, beyond `chance` standard deviations of counts; `least`; `together`: ids
    of two flows in one text, such as immigration and emigration, judged by that share of figures; `units`, `except`.
    The change back is not reported.
    """
    with open_parameters(check) as parameters:
        listed, least = parameters.strings("dimensions", None), parameters.integer("least")
        limits = {name: read_decimal(parameters, name) for name in ("share", "near", "factor", "chance")}
        direction_pairs = [ids.split() for ids in parameters.strings("together")]
    pairs = build_changes(check, least)
    tested = False
    for name, divided in list_breakdowns(check, pairs, listed):
        parts = divided.filter(~pl.col("code").str.starts_with("_"))
        if parts.select("context", "period").is_duplicated().any():
            tested = True
            yield from find_exchanged_codes(check, name, drop_reversed_exchanges(find_swaps(parts, **limits)))
    for book in check.books[1:]:
        if [check.flow.id, book.flow] in direction_pairs:
            tested = True
            other = switch_to_book(check, book)
            sides = [(check, pairs), (other, build_changes(other, least))]
            moved = [(part, select_moved(changes, limits["factor"], limits["chance"])) for part, changes in sides]
            periods = find_swaps(join_both_flows(moved), **limits)["period"].unique().implode()
            both = join_both_flows([(part, changes.filter(pl.col("period").is_in(periods))) for part, changes in sides])
            pairs_of_flows = drop_reversed_exchanges(
                keep_whole_periods(find_swaps(both, **limits), both, share=limits["share"], factor=limits["factor"])
            )
            yield from find_exchanged_flows(check, book, pairs_of_flows)
    if not tested:
        yield report_not_tested(
            "no two codes have figures of at least {least} for two neighbouring periods", least=least
        )


def build_changes(check: Check, least: int) -> pl.DataFrame:
    pairs = find_pairs(check).filter(pl.min_horizontal("value", "before") >= least)
    return pairs.with_columns(log=pl.col("value").log(), log_before=pl.col("before").log())


def join_both_flows(changes: Sequence[tuple[Check, pl.DataFrame]]) -> pl.DataFrame:
    """Return changes of a flow and its counterpart; `code` is the flow, the rest `context`."""
    here, there = (set(part.dataset.flow.structure.series_key) for part, _ in changes)
    names = sorted((here & there) - {DIRECTION})
    sides = [add_keys(part, pairs, names).with_columns(code=pl.lit(part.dataset.flow.id)) for part, pairs in changes]
    both = pl.concat(sides, how="diagonal")
    contexts = both.select(names).unique(maintain_order=True).with_row_index("context")
    return both.join(contexts, on=names, nulls_equal=True, maintain_order="left").drop(names)


def keep_whole_periods(pairs: pl.DataFrame, both: pl.DataFrame, *, share: float, factor: float) -> pl.DataFrame:
    groups = both.group_by("context", "period").agg(
        size=pl.len(), apart=pl.col("log_before").max() - pl.col("log_before").min()
    )
    telling = groups.filter(pl.col("size") > 1, pl.col("apart") > pl.lit(factor).log())
    periods = telling.group_by("period").agg(telling=pl.len())
    exchanged_in = pairs.join(telling, on=["context", "period"], how="semi")
    counted = exchanged_in.with_columns(exchanged=pl.len().over("period")).join(periods, on="period")
    return counted.filter(pl.col("exchanged") >= share * pl.col("telling"))


def drop_reversed_exchanges(pairs: pl.DataFrame) -> pl.DataFrame:
    keys = ["row_before", "row_before_down", "code", "code_down"]

    def undone(exchanges: pl.DataFrame) -> pl.DataFrame:
        return exchanges.select(row_before="row_down", row_before_down="row", code="code_down", code_down="code")

    returned = pairs.join(undone(pairs), on=keys, how="semi")
    first_pairs = pairs.join(returned, on=["row", "row_down", "code", "code_down"], how="anti")
    return pairs.join(undone(first_pairs), on=keys, how="anti", maintain_order="left")


def find_exchanged_flows(check: Check, book: Book, pairs: pl.DataFrame) -> Iterator[Fault]:
    own = check.flow.id
    first, name = check.flow.dataflow.name, book.dataset.flow.dataflow.name
    for row, other, before, code, row_down, before_down in (
        pairs.sort("context", "period")
        .select(["row", "code_down", "row_before", "code", "row_down", "row_before_down"])
        .iter_rows()
    ):
        if code == other:
            continue
        ours, theirs = ((row, before), row_down) if code == own else ((row_down, before_down), row)

        def build_parameters(language: str) -> dict[str, str]:
            return {
                "first": first.in_language(language) or own,
                "second": name.in_language(language) or book.flow,
                "dimension": name_in_words(DIRECTION, check.flow, language),
            }

        observed, expected = format_amount(check, ours[0]), format_amount(switch_to_book(check, book), theirs)
        yield check.fault(
            (ours[0],),
            translate_parameters(check.rule, build_parameters) | {"period": read_period(check, ours[0])},
            observed=observed,
            expected=expected,
            related=(ours[1],),
            elsewhere=((book.flow, theirs),),
        )


def find_swaps(parts: pl.DataFrame, *, share: float, near: float, factor: float, chance: float) -> pl.DataFrame:
    moved = select_moved(parts, factor, chance)
    columns = ["context", "period", "code", "row", "row_before", "log", "log_before", "by_chance"]
    up = moved.filter(pl.col("log") > pl.col("log_before")).select(columns)
    down = moved.filter(pl.col("log") < pl.col("log_before")).select(columns)
    both = up.join(down, on=["context", "period"], suffix="_down")
    apart = (pl.col("log") - pl.col("log_before")).abs() + (pl.col("log_down") - pl.col("log_before_down")).abs()
    crossed = [(pl.col("log") - pl.col("log_before_down")).abs(), (pl.col("log_down") - pl.col("log_before")).abs()]
    both = both.with_columns(apart=apart, crossed=pl.sum_horizontal(crossed))
    is_near = pl.max_horizontal(crossed) <= pl.max_horizontal(pl.lit(near).log(), "by_chance", "by_chance_down")
    return both.filter(is_near, pl.col("crossed") <= (1 - share) * pl.col("apart"))


def select_moved(parts: pl.DataFrame, factor: float, chance: float) -> pl.DataFrame:
    """Return the figures that changed by more than a factor and more than by chance (`by_chance`: half of that)."""
    by_chance = chance * (1 / pl.col("value") + 1 / pl.col("before")).sqrt()
    explained = pl.max_horizontal(pl.lit(factor).log(), by_chance)
    is_moved = (pl.col("log") - pl.col("log_before")).abs() > explained
    return parts.filter(is_moved).with_columns(by_chance=by_chance / 2)


def find_exchanged_codes(check: Check, dimension: str, pairs: pl.DataFrame) -> Iterator[Fault]:
    best = pairs.sort("crossed").unique("row", keep="first", maintain_order=True)
    best = best.unique("row_down", keep="first", maintain_order=True).sort("row")
    for row, other, before, other_before, code, other_code in best.select(
        ["row", "row_down", "row_before", "row_before_down", "code", "code_down"]
    ).iter_rows():

        def build_parameters(language: str, codes: tuple[str, str] = (code, other_code)) -> dict[str, str]:
            first, second = (find_code_name(check.flow, dimension, code, language) for code in codes)
            return {"first": first, "second": second, "dimension": name_in_words(dimension, check.flow, language)}

        yield check.fault(
            (row, other),
            translate_parameters(check.rule, build_parameters) | {"period": read_period(check, row)},
            observed=f"{format_amount(check, row)} and {format_amount(check, other)}",
            expected="the two codes swapped",
            related=(before, other_before),
        )


@KINDS.add("YEAR-END-AS-USUAL")
def year_end_is_usual(check: Check) -> Iterable[Fault | NotTestable]:
    """The last period of a year is not many times the others, which suggests a register clean-up.

    Parameters: `frequency`: its code; `periods` per year; `times`: tolerated factor of the mean of the others; `least`:
    minimum mean; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        frequency, count = parameters.text("frequency"), parameters.integer("periods")
        times, least = read_decimal(parameters, "times"), parameters.integer("least")
    series = select_frequency(check, select_series(check), frequency)
    years = series.drop_nulls("value").with_columns(year=pl.col("period") // count).sort("series", "period")
    whole = years.filter(pl.len().over("series", "year") == count)
    others = (pl.col("value").sum() - pl.col("value").last()).over("series", "year") / (count - 1)
    last = whole.with_columns(others=others, row_before=pl.col("row").shift(1)).filter(
        pl.col("period") % count == count - 1, others >= least
    )
    if last.is_empty():
        raise build_untestable_error(
            "no series has a whole year of figures of at least {least} by frequency {frequency}",
            least=least,
            frequency=frequency,
        )
    for row, row_before, mean, ratio in (
        last.with_columns(ratio=pl.col("value") / pl.col("others"))
        .filter(pl.col("ratio") > times)
        .sort("row")
        .select("row", "row_before", "others", "ratio")
        .iter_rows()
    ):
        expected, levels = f"about {mean:.0f}", {"others": mean}
        yield build_change_fault(check, row, row_before, {"ratio": ratio}, expected=expected, levels=levels)
