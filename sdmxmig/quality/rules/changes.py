"""Changes between periods, outliers and repeated figures.

Two counts around v are equal by chance with probability about 1 in 2√(πv), more if rounded. Totals add no evidence.
Multiple testing is taken into account.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator

import polars as pl

from sdmxmig.quality.rules import KINDS, Check, build_untestable_error
from sdmxmig.quality.rules.series import (
    add_keys,
    build_change_fault,
    compute_value_before,
    drop_breaks,
    drop_explained,
    drop_returns,
    format_amount,
    format_number,
    is_opposite,
    is_reversal,
    list_breakdowns,
    pair_previous,
    read_decimal,
    read_period,
    select_series,
)
from sdmxmig.quality.rules.values import open_parameters
from sdmxmig.quality.rules.whole_periods import add_table_keys, build_period_fault, build_rows_by_group
from sdmxmig.quality.rules.words import TOTAL, join_any, write_number
from sdmxmig.sdmx.model.findings import Fault, NotTestable

NO_NEIGHBOURS = "no series has figures for two neighbouring periods, one of at least {least}"
NONE_APART = "no series of frequency {frequency} has figures {lag} periods apart, one of at least {least}"
NORMAL_FACTOR = 1.4826
"""The standard deviation divided by the median deviation in a normal distribution."""


@KINDS.add("CHANGE-WITHIN-LIMITS")
def changes_are_within_limits(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure does not change by a larger factor than expected for its size.

    Parameters: `base`, `spread`: the tolerated factor is exp(base + spread / √figure), larger for small figures;
    `least`: minimum figure; `breaks`: statuses of breaks in series; `lag`: periods between compared figures (1);
    `frequency` of series; `units`, `except`. Changes of parts like those of their total, and returns to an earlier
    level, are not reported.
    """
    with open_parameters(check) as parameters:
        base, spread, least = (
            read_decimal(parameters, "base"),
            read_decimal(parameters, "spread"),
            parameters.integer("least"),
        )
        breaks = parameters.strings("breaks")
        lag, frequency = parameters.integer("lag", 1), parameters.text("frequency", "")
    none = build_untestable_error(NO_NEIGHBOURS, least=least)
    if lag > 1:
        none = build_untestable_error(NONE_APART, frequency=frequency, lag=lag, least=least)
    pairs = pair_previous(check, none, steps=lag, frequency=frequency, breaks=breaks)
    larger, smaller = pl.max_horizontal("value", "before"), pl.min_horizontal("value", "before")
    pairs = pairs.filter(smaller >= 0, larger >= least).with_columns(
        factor=larger / smaller, limit=(base + spread / larger.sqrt()).exp(), up=pl.col("value") > pl.col("before")
    )
    if pairs.is_empty():
        raise none
    jumps = pairs.filter(pl.col("factor") > pl.col("limit"))
    unexplained = drop_explained(check, jumps, now="value", was="before", within=pl.col("limit").log())
    returns = is_return(lambda figure: (base + spread / figure.sqrt()).exp())
    yield from report_changes(check, drop_returns(unexplained, jumps, returns, lag=lag))


def is_return(limit_of: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Check whether a jump reverses the previous one."""
    first = pl.col("before").shift(1)
    most, fewest = pl.max_horizontal("value", first), pl.min_horizontal("value", first)
    half = pl.min_horizontal("factor", pl.col("factor").shift(1)).sqrt()
    near = pl.min_horizontal(limit_of(pl.max_horizontal(most, 1)), half)
    return is_opposite() & (most <= fewest * near)


def report_changes(check: Check, jumps: pl.DataFrame) -> Iterator[Fault]:
    for row, before, factor, limit in jumps.sort("row").select("row", "row_before", "factor", "limit").iter_rows():
        computed = {"factor": factor, "limit": limit}
        yield build_change_fault(check, row, before, computed, expected=f"within a factor of {limit:.2f}")


@KINDS.add("CHANGE-AS-USUAL")
def changes_are_usual(check: Check) -> Iterable[Fault | NotTestable]:
    """No change in a series is far from its median change, measured by the median deviation.

    Changes within the square root of a count are treated as chance and not reported.

    Parameters: `lag`: periods between compared figures; `frequency`: periods per year of the series (empty: all);
    `times`: tolerated standard deviations; `floor`: smallest deviation, as a logarithm; `changes`: minimum number;
    `least`; `breaks`; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        lag, needed, least = (parameters.integer(name) for name in ("lag", "changes", "least"))
        times, floor = read_decimal(parameters, "times"), read_decimal(parameters, "floor")
        frequency, breaks = parameters.text("frequency", ""), parameters.strings("breaks")
    none = build_untestable_error(
        "no series has {needed} changes of figures of at least {least}", needed=needed, least=least
    )
    pairs = pair_previous(check, none, steps=lag, frequency=frequency, breaks=breaks)
    pairs = pairs.filter(pl.min_horizontal("value", "before") > 0, pl.max_horizontal("value", "before") >= least)
    log = (pl.col("value") / pl.col("before")).log()
    pairs = pairs.with_columns(log=log).filter(pl.len().over("series") >= needed)
    if pairs.is_empty():
        raise none
    usual = pl.col("log").median().over("series")
    spread = (pl.col("log") - usual).abs().median().over("series")
    chance = (1 / pl.col("value") + 1 / pl.col("before")).sqrt()
    pairs = pairs.with_columns(
        usual=usual.exp(),
        limit=pl.max_horizontal(spread * NORMAL_FACTOR, floor, chance) * times,
        off=pl.col("log") - usual,
    ).with_columns(factor=pl.col("log").exp(), up=pl.col("off") > 0)
    far = pairs.filter(pl.col("off").abs() > pl.col("limit"))
    odd = drop_explained(check, far, now="value", was=pl.col("before") * pl.col("usual"), within=pl.col("limit"))
    odd = drop_returns(odd, far, is_reversal(pl.col("off")), lag=lag)
    for row, before, factor, usual_factor in odd.sort("row").select("row", "row_before", "factor", "usual").iter_rows():
        computed = {"factor": factor, "usual": usual_factor}
        yield build_change_fault(
            check, row, before, computed, expected=f"about {usual_factor:.2f} times the previous figure"
        )


@KINDS.add("CHANGE-AS-OTHERS")
def changes_resemble_others(check: Check) -> Iterable[Fault | NotTestable]:
    """No code of a breakdown changes very differently from the others; small figures weigh less.

    The reporting country is left out: its natives or citizens are not migrants.
    After Hidiroglou and Berthelot (1986): the effect of a change is its distance from the median change times a power
    of the figure. Parameters: `dimensions`: each a breakdown; `codes`: minimum number; `power`; `times`: tolerated
    quartile distances; `floor`: smallest quartile distance, as a share of the median effect; `chance`: standard
    deviations of counts explained by chance; `least`; `breaks`; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        listed, breaks = parameters.strings("dimensions", None), parameters.strings("breaks")
        needed, least = parameters.integer("codes"), parameters.integer("least")
        power, times, floor, chance = (read_decimal(parameters, name) for name in ("power", "times", "floor", "chance"))
    none = build_untestable_error(
        "no breakdown has {needed} codes with figures for two neighbouring periods", needed=needed
    )
    pairs = pair_previous(check, none, breaks=breaks).filter(pl.min_horizontal("value", "before") > 0)
    tested = False
    for _, divided in list_breakdowns(check, pairs, listed):
        parts = add_keys(check, divided, ["REF_AREA"]).filter(
            ~pl.col("code").str.starts_with("_"), pl.col("code") != pl.col("REF_AREA").cast(pl.String)
        )
        parts = parts.filter(pl.len().over("context", "period") >= needed)
        tested = tested or not parts.is_empty()
        effects = add_effects(parts, power, floor).filter(exceeds_chance(chance))
        large = pl.max_horizontal("value", "before") >= least
        odd = effects.filter(large, (pl.col("effect") - pl.col("middle")).abs() > pl.col("width") * times)
        odd = odd.with_columns(up=pl.col("ratio") > pl.col("usual"))
        odd = drop_returns(odd, odd, is_reversal((pl.col("ratio") / pl.col("usual")).log()))
        for row, before, factor, usual in odd.sort("row").select("row", "row_before", "ratio", "usual").iter_rows():
            computed = {"factor": factor, "usual": usual}
            yield build_change_fault(
                check, row, before, computed, expected=f"about {usual:.2f} times the previous figure"
            )
    if not tested:
        raise none


def add_effects(parts: pl.DataFrame, power: float, floor: float) -> pl.DataFrame:
    """Return changes with `effect`, group median `middle` and quartile distance `width`."""
    group = ["context", "period"]
    parts = parts.with_columns(ratio=pl.col("value") / pl.col("before"))
    parts = parts.with_columns(usual=pl.col("ratio").median().over(group))
    distance = (
        pl.when(pl.col("ratio") >= pl.col("usual"))
        .then(pl.col("ratio") / pl.col("usual") - 1)
        .otherwise(1 - pl.col("usual") / pl.col("ratio"))
    )
    parts = parts.with_columns(effect=distance * pl.max_horizontal("value", "before").pow(power))
    effect = pl.col("effect")
    quartiles = parts.group_by(group).agg(
        low=effect.quantile(0.25, "linear"), middle=effect.median(), high=effect.quantile(0.75, "linear")
    )
    width = pl.max_horizontal(
        pl.col("high") - pl.col("middle"), pl.col("middle") - pl.col("low"), floor * pl.col("middle").abs()
    )
    return parts.join(quartiles.with_columns(width=width), on=group, how="left", maintain_order="left")


def exceeds_chance(deviations: float) -> pl.Expr:
    off = (pl.col("ratio") / pl.col("usual")).log().abs()
    return off > deviations * (1 / pl.col("value") + 1 / pl.col("before")).sqrt()


@KINDS.add("NO-OUTLIER")
def no_outlier(check: Check) -> Iterable[Fault | NotTestable]:
    """No figure differs greatly from the median of itself and its neighbours in time (Hampel identifier).

    Figures between their neighbours, or explained by chance (the square root of a count), are not outliers.

    Parameters: `window`: neighbours on each side; `times`: tolerated standard deviations; `floor`: smallest deviation,
    as a logarithm; `figures`: minimum length; `least`: minimum median; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        window, needed, least = (parameters.integer(name) for name in ("window", "figures", "least"))
        times, floor = read_decimal(parameters, "times"), read_decimal(parameters, "floor")
    whole = select_series(check).drop_nulls("value").filter(pl.col("value") >= 0)
    whole = whole.filter(pl.len().over("series") >= needed)
    if whole.is_empty():
        raise build_untestable_error("no series has {needed} figures", needed=needed)
    series = add_neighbours(whole.with_columns(log=(pl.col("value") + 1).log()), window)
    if series.is_empty():
        raise build_untestable_error("no figure has {window} others within {window} periods", window=window)
    chance = 1 / pl.max_horizontal(pl.col("value"), 1).sqrt()
    limit = pl.max_horizontal(floor * NORMAL_FACTOR, chance) * times
    figures = name_neighbours(window)
    furthest = pl.max_horizontal(pl.max_horizontal(figures) - pl.col("log"), pl.col("log") - pl.min_horizontal(figures))
    series = add_median(series.filter(furthest > limit), figures)  # the median is nearer than the furthest figure
    is_between = pl.col("log").is_between(pl.min_horizontal("next", "last"), pl.max_horizontal("next", "last"))
    off = (pl.col("log") - pl.col("middle")).abs()
    spread = pl.concat_list([(pl.col(name) - pl.col("middle")).abs() for name in figures]).list.median()
    series = series.filter(off > limit, ~is_between)
    series = series.with_columns(off=off, within=pl.max_horizontal(limit, spread * NORMAL_FACTOR * times))
    series = series.filter(pl.col("off") > pl.col("within"))
    series = series.with_columns(usual=pl.col("middle").exp() - 1, up=pl.col("log") > pl.col("middle"))
    large = pl.max_horizontal("usual", "value") >= least
    odd = drop_explained(check, series.filter(large), now="value", was="usual", within=pl.col("within"))
    pairs = odd.select("series", outlier="row", at="period").join(whole, on="series")
    near = pairs.filter((pl.col("period") - pl.col("at")).abs() <= window * pl.col("step")).sort("outlier", "period")
    around = pl.col("value").median(), pl.col("row").first().alias("first"), pl.col("row").last().alias("last")
    for row, *words in near.group_by("outlier", maintain_order=True).agg(around).iter_rows():
        yield build_outlier_fault(check, row, *words)


def build_outlier_fault(check: Check, row: int, usual: float, first: int, last: int) -> Fault:
    value, periods = format_amount(check, row), {"first": read_period(check, first), "last": read_period(check, last)}

    def build_words(language: str) -> dict[str, str]:
        return {"value": write_number(value, language), "usual": format_number(usual, language, 0), **periods}

    return check.fault((row,), build_words, observed=value, expected=f"about {usual:.0f}")


def add_neighbours(series: pl.DataFrame, window: int) -> pl.DataFrame:
    shifts = dict(zip(name_neighbours(window), range(-window, window + 1), strict=True))
    around = series.with_columns(log_nearby(steps, window).alias(name) for name, steps in shifts.items())
    return around.filter(pl.sum_horizontal(pl.col(name).is_not_null() for name in shifts) > window)


def name_neighbours(window: int) -> list[str]:
    return [f"figure {steps}" for steps in range(-window, window + 1)]


def add_median(series: pl.DataFrame, figures: list[str]) -> pl.DataFrame:
    series = series.with_columns(middle=pl.concat_list(figures).list.median())
    return series.with_columns(
        last=pl.col("figure 1").fill_null(pl.col("middle")), next=pl.col("figure -1").fill_null(pl.col("middle"))
    )


def log_nearby(steps: int, window: int) -> pl.Expr:
    distance = (pl.col("period") - pl.col("period").shift(steps)).abs()
    is_near = (pl.col("series").shift(steps) == pl.col("series")) & (distance <= window * pl.col("step"))
    return pl.when(is_near).then(pl.col("log").shift(steps))


@KINDS.add("SHIFT-HAS-BREAK")
def level_shifts_have_breaks(check: Check) -> Iterable[Fault | NotTestable]:
    """A series that shifts between stable levels has a break status at the shift.

    Parameters: `share`: minimum difference of the levels and of adjacent figures; `steady`: tolerated variation around
    the median of a level; `figures`: minimum per level; `breaks`: statuses; `least`: minimum level; `units`, `except`.
    Zero is not a level.
    """
    with open_parameters(check) as parameters:
        share, steady = read_decimal(parameters, "share"), read_decimal(parameters, "steady")
        length, least = parameters.integer("figures"), parameters.integer("least")
        breaks = parameters.strings("breaks", None)
    old, new = ([f"{age} {steps}" for steps in range(length)] for age in ("old", "new"))
    series = select_series(check).with_columns(
        compute_value_before("row").alias("row_before"),
        compute_value_before("value").alias("before"),
        *(compute_value_before("value", steps + 1).alias(name) for steps, name in enumerate(old)),
        *(find_value_after(steps).alias(name) for steps, name in enumerate(new)),
    )
    long_enough = series.drop_nulls([*old, *new]).filter(pl.max_horizontal(*old, *new) >= least)
    if long_enough.is_empty():
        raise build_untestable_error("no series has {needed} consecutive figures", needed=2 * length)
    step_up, step_down = pl.max_horizontal("value", "before"), pl.min_horizontal("value", "before")
    steps_up = (
        drop_breaks(long_enough, breaks)
        .filter(step_up > (1 + share) * step_down)
        .with_columns(old_level=pl.concat_list(old).list.median(), new_level=pl.concat_list(new).list.median())
    )
    larger, smaller = pl.max_horizontal("old_level", "new_level"), pl.min_horizontal("old_level", "new_level")
    calm = [
        pl.max_horizontal(pl.max_horizontal(figures) - pl.col(level), pl.col(level) - pl.min_horizontal(figures))
        <= steady * pl.col(level)
        for figures, level in ((old, "old_level"), (new, "new_level"))
    ]
    shifts = steps_up.filter(larger > (1 + share) * smaller, larger >= least, smaller > 0, *calm)
    shifts = shifts.with_columns(up=pl.col("new_level") > pl.col("old_level"))
    within = (1 + pl.lit(share)).log()
    shifts = drop_explained(check, shifts, now="new_level", was="old_level", within=within).sort("row")
    for row, row_before, level, new_level in shifts.select("row", "row_before", "old_level", "new_level").iter_rows():
        expected = f"about {level:.0f}, or a status for a break in series"
        yield build_change_fault(check, row, row_before, {}, expected=expected, levels={"old": level, "new": new_level})


def find_value_after(steps: int) -> pl.Expr:
    same_series = pl.col("series").shift(-steps) == pl.col("series")
    is_neighbour = pl.col("period").shift(-steps) - pl.col("period") == pl.col("step") * steps
    return pl.when(same_series & is_neighbour).then(pl.col("value").shift(-steps))


@KINDS.add("BREAK-SHIFTS")
def breaks_change_level(check: Check) -> Iterable[Fault | NotTestable]:
    """A figure with a break status differs from the previous one.

    Parameters: `breaks`: statuses; `share`: minimum difference; `least`; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        breaks, share, least = (
            parameters.strings("breaks", None),
            read_decimal(parameters, "share"),
            parameters.integer("least"),
        )
    none = build_untestable_error(
        "no figure of at least {least} with an earlier figure has the status {statuses}",
        least=least,
        statuses=join_any(breaks),
    )
    pairs = pair_previous(check, none).filter(pl.col("status").is_in(breaks), pl.col("before") >= least)
    if pairs.is_empty():
        raise none
    change = (pl.col("value") / pl.col("before") - 1).abs()
    for row, row_before, moved in (
        pairs.with_columns(change=change).filter(change < share).select("row", "row_before", "change").iter_rows()
    ):
        yield build_change_fault(
            check, row, row_before, {"percent": 100 * moved}, expected="another level, or no break"
        )


@KINDS.add("ZEROS-STAY")
def zeros_are_consistent(check: Check) -> Iterable[Fault | NotTestable]:
    """No sudden figure follows years of zeros, and no sudden zero follows years of figures.

    Parameters: `periods`: number before; `least`: minimum figure; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        length, least = parameters.integer("periods"), parameters.integer("least")
    past = [f"past {steps}" for steps in range(1, length + 1)]
    series = select_series(check).with_columns(
        compute_value_before("row").alias("row_before"),
        *(compute_value_before("value", steps).alias(name) for steps, name in enumerate(past, start=1)),
    )
    series = series.drop_nulls(["value", *past])
    if series.is_empty():
        raise build_untestable_error("no series has figures for {needed} neighbouring periods", needed=length + 1)
    smallest, largest = pl.min_horizontal(past), pl.max_horizontal(past)
    appears = (largest == 0) & (smallest == 0) & (pl.col("value") >= least)
    vanishes = (smallest >= least) & (pl.col("value") == 0)
    odd = series.with_columns(up=appears).filter(appears | vanishes)
    for row, row_before in drop_explained(check, odd).sort("row").select("row", "row_before").iter_rows():
        yield build_change_fault(check, row, row_before, {}, expected=f"the same as in the previous {length} periods")


def compute_chance_of_equal(value: pl.Expr) -> pl.Expr:
    return (pl.col("printed") / (2 * (math.pi * value).sqrt())).clip(upper_bound=1.0)


@KINDS.add("SMALL-PERIOD-IS-NEW")
def small_tables_are_not_repeated(check: Check) -> Iterable[Fault | NotTestable]:
    """The figures of a small table do not all repeat the previous period, unless by chance.

    Parameters: `by`: dimensions whose codes are separate tables; `cells`: maximum size; `above`: minimum compared
    figure, in printed steps; `chance`: tolerated probability that any table repeats by chance; `estimates`: statuses of
    figures that may be carried forward; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        by, most, above = parameters.strings("by"), parameters.integer("cells"), parameters.integer("above")
        chance, estimates = read_decimal(parameters, "chance"), parameters.strings("estimates")
    none = build_untestable_error(
        "no table of at most {most} figures above {above} has a table of the previous period", most=most, above=above
    )
    pairs, group = add_table_keys(check, pair_previous(check, none), by)
    pairs = pairs.with_columns(cells=pl.len().over(group)).filter(pl.col("cells") <= most)
    pairs = pairs.filter(pl.col("before").min().over(group) > above * pl.col("printed").max().over(group))
    if pairs.is_empty():
        raise none
    tables = pairs.select(group).n_unique()
    is_same = (pl.col("value") == pl.col("before")).all().over(group)
    is_estimate = pl.col("status").is_in(estimates).fill_null(value=False).any().over(group)
    is_evidence = (pl.col("cells") == 1) | (pl.col("value").rank("ordinal", descending=True).over(group) > 1)
    likely = pl.when(is_evidence).then(compute_chance_of_equal(pl.col("value"))).otherwise(1.0).product().over(group)
    copied = pairs.with_columns(share=pl.lit(1.0)).filter(is_same, ~is_estimate, likely * tables <= chance)
    for rows, before, (cells, part) in build_rows_by_group(copied, group, ["cells", "share"]):
        counts = {"count": len(rows), "cells": cells, "share": part}
        yield build_period_fault(check, rows, before, counts, expected="other figures")


@KINDS.add("SERIES-VARIES")
def series_are_not_constant(check: Check) -> Iterable[Fault | NotTestable]:
    """A series does not have the same figure, or only zeros, in all periods, unless by chance.

    Parameters: `figures`: minimum length; `above`: minimum compared figure, in printed steps; `chance`: tolerated
    probability of any constant series; `zeros`: minimum run of zeros to report in a series at all totals except of
    `parts`; `estimates`: statuses of figures that may be carried forward; `units`, `except`.
    """
    with open_parameters(check) as parameters:
        needed, above, zeros = (parameters.integer(name) for name in ("figures", "above", "zeros"))
        chance, parts = read_decimal(parameters, "chance"), parameters.strings("parts")
        estimates = parameters.strings("estimates")
    figures = select_series(check).drop_nulls("value").filter(~pl.col("status").is_in(estimates).fill_null(value=False))
    series = figures.group_by("series", maintain_order=True).agg(
        pl.col("row").first(),
        pl.col("row").alias("rows"),
        pl.col("printed").max(),
        value=pl.col("value").max(),
        least=pl.col("value").min(),
        count=pl.len(),
    )
    series = series.filter(pl.col("count") >= needed)
    if series.is_empty():
        raise build_untestable_error("no series has {needed} figures", needed=needed)
    constant = series.filter(pl.col("value") == pl.col("least"))
    likely = compute_chance_of_equal(pl.col("value")) ** (pl.col("count") - 1) * series.height
    repeated = constant.filter(pl.col("value") > above * pl.col("printed"), likely <= chance)
    empty = select_totals(check, constant.filter(pl.col("value") == 0, pl.col("count") >= zeros), parts)
    for (rows,) in pl.concat([repeated, empty]).sort("row").select("rows").iter_rows():
        yield build_constant_fault(check, tuple(rows))


def select_totals(check: Check, series: pl.DataFrame, parts: Iterable[str]) -> pl.DataFrame:
    codelists = {name: check.flow.codelist(name) for name in check.structure.series_key if name not in parts}
    divided = [name for name, codelist in codelists.items() if codelist is not None and TOTAL in codelist]
    keyed = add_keys(check, series, divided)
    return (
        keyed.filter(pl.all_horizontal(pl.col(name) == TOTAL for name in divided)).drop(divided) if divided else keyed
    )


def build_constant_fault(check: Check, rows: tuple[int, ...]) -> Fault:
    value = format_amount(check, rows[0])

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(value, language),
            "count": format_number(len(rows), language, 0),
            "period": read_period(check, rows[0]),
            "last": read_period(check, rows[-1]),
        }

    return check.fault(rows, build_words, observed=value, expected="figures that vary")
