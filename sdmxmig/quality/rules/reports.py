"""Comparison with outside reports, as published or corrected by factors of both countries."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from sdmxmig.primitives.errors import check_known
from sdmxmig.quality.rules import KINDS, Check, build_untestable_error, report_not_tested
from sdmxmig.quality.rules.outside_comparisons import (
    ANY_SOURCE,
    AREA,
    Comparison,
    Side,
    SidePair,
    build_comparison_fault,
    build_empty_pairs,
    explain_no_match,
    find_outside_data,
    pair_figures,
    read_comparison,
    read_pairs,
    select_figures,
    write_plain,
)
from sdmxmig.quality.rules.series import format_number, read_decimal
from sdmxmig.quality.rules.values import drop_excepted
from sdmxmig.quality.rules.words import list_names, write_number
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.findings import Fault, NotTestable
from sdmxmig.statistics.demography.revisions import OutsideData

EPSILON = 1e-9
WIDENS_LIMITS, IS_LIMITS = "widens", "is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    low: float
    high: float
    error_low: float
    error_high: float
    least: float
    margin: str


def read_bounds(parameters: Declared) -> Bounds:
    margin = parameters.text("margin", "")
    check_known("use of a margin", margin, ("", WIDENS_LIMITS, IS_LIMITS), parameters.at("margin"))
    return Bounds(
        low=read_decimal(parameters, "low"),
        high=read_decimal(parameters, "high"),
        error_low=read_decimal(parameters, "error_low", "-inf"),
        error_high=read_decimal(parameters, "error_high", "inf"),
        least=read_decimal(parameters, "least", "0"),
        margin=margin,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitSlip:
    """The condition under which a ratio is a likely unit error.

    The ratio is within `within` of one of `factors`, while `others` pairs, and `share` of all, are normal.
    """

    factors: tuple[int, ...]
    within: float
    others: int
    share: float
    wording: Text


def read_slip(parameters: Declared) -> UnitSlip | None:
    declared = parameters.table("slip")
    if not declared.values:
        return None
    with declared:
        return UnitSlip(
            factors=declared.numbers("factors"),
            within=read_decimal(declared, "within"),
            others=declared.integer("others"),
            share=read_decimal(declared, "share"),
            wording=declared.texts("wording", required=True),
        )


@KINDS.add("REPORTS-IN-RATIO")
def ratios_are_within_limits(check: Check) -> Iterable[Fault | NotTestable]:
    """The ratio of a figure to outside data is within limits.

    Parameters: `domains`, `same`, `crossed`, `implied` as for all rules on outside data; `pair`: sides `own` and
    `other`, and `turned` if the other figure is divided; `low`, `high`, `error_low`, `error_high`, `least`, `margin`;
    `areas`: lists of countries, if both countries of the dimensions `between` must share one; `without`: excluded codes
    by dimension; `slip`: a warning for ratios near 10, 100 or 1,000 that other pairs lack (see `UnitSlip`).
    """
    with check.parameters as parameters:
        comparison, pairs = read_comparison(parameters), read_pairs(parameters)
        bounds, slip = read_bounds(parameters), read_slip(parameters)
        areas, between = parameters.table("areas").lists(), parameters.strings("between")
        excepted = parameters.table("without").lists()
    outside = find_outside_data(check, comparison.domains, [pair.other for pair in pairs])
    if bounds.margin == IS_LIMITS and not any(data.margin for data in outside):
        raise build_untestable_error("the comparison data do not state their margin of error in per cent")
    tested = False
    for pair in pairs:
        both = keep_pairs_inside_areas(pair_figures(check, comparison, pair, outside), areas, between)
        both = drop_excepted(both, excepted).filter(pl.max_horizontal("value", "other") >= bounds.least)
        both = add_ratios(add_limits(both, outside, bounds), turned=pair.turned)
        tested = tested or not both.is_empty()
        both = add_slips(both, check.structure.key[-1], slip)
        yield from list_ratio_faults(check, both, outside, bounds, slip, turned=pair.turned)
    if not tested:
        yield explain_no_match(check, outside, bounds.least)


def keep_pairs_inside_areas(
    both: pl.DataFrame, areas: Mapping[str, tuple[str, ...]], between: tuple[str, ...]
) -> pl.DataFrame:
    if not areas or both.is_empty():
        return both
    inside = [pl.all_horizontal(pl.col(name).is_in(codes) for name in between) for codes in areas.values()]
    return both.filter(pl.any_horizontal(inside))


def add_limits(both: pl.DataFrame, outside: list[OutsideData], bounds: Bounds) -> pl.DataFrame:
    """Add limits to pairs: those of the rule, or those from the margin of the outside figures."""
    margins = [(number, *find_factors(data.margin)) for number, data in enumerate(outside) if data.margin]
    schema = {"report": pl.UInt32, "least": pl.Float64, "most": pl.Float64}
    both = both.join(pl.DataFrame(margins, schema, orient="row"), on="report", how="left", maintain_order="left")
    low, high = pl.lit(bounds.low), pl.lit(bounds.high)
    if bounds.margin == IS_LIMITS:
        both = both.drop_nulls("least")
        low, high = pl.col("least"), pl.col("most")
    elif bounds.margin == WIDENS_LIMITS:
        low, high = pl.min_horizontal(low, "least"), pl.max_horizontal(high, "most")
    return both.with_columns(low=low, high=high)


def find_factors(margin: str) -> tuple[float, float]:
    """Return the possible factors of a figure, by the provider's margin in per cent, signed if known.

    >>> find_factors("1.5"), find_factors("+1.5")
    ((0.985, 1.015), (1.0145, 1.0155))
    """
    stated = Decimal(margin)
    if margin[0] not in "+-":
        return float(1 - stated / 100), float(1 + stated / 100)
    half = Decimal(1).scaleb(int(stated.as_tuple().exponent)) / 2
    return float(1 + (stated - half) / 100), float(1 + (stated + half) / 100)


def add_ratios(both: pl.DataFrame, *, turned: bool) -> pl.DataFrame:
    top, bottom, slack = ("other", "value", "step_other") if turned else ("value", "other", "step")
    rest = "step" if turned else "step_other"
    least_ratio = (pl.col(top) - compute_rounding(slack)) / (pl.col(bottom) + compute_rounding(rest))
    most_ratio = (pl.col(top) + compute_rounding(slack)) / (pl.col(bottom) - compute_rounding(rest)).clip(0)
    too_much = least_ratio > pl.col("high") * (1 + EPSILON)
    too_little = most_ratio < pl.col("low") * (1 - EPSILON)
    return both.with_columns(ratio=pl.col(top) / pl.col(bottom), beyond=too_much | too_little)


def add_slips(both: pl.DataFrame, time: str, slip: UnitSlip | None) -> pl.DataFrame:
    """Add the factor `slip` of a likely unit error to pairs; null if none."""
    if slip is None or both.is_empty():
        return both.with_columns(slip=pl.lit(None, dtype=pl.Int64))
    size = pl.col("ratio").log().abs()
    near = [
        pl.when((size - math.log(factor)).abs() <= math.log(1 + slip.within) + EPSILON).then(pl.lit(factor))
        for factor in slip.factors
    ]
    numbers = {*build_empty_pairs().columns, "low", "high", "least", "most", "ratio", "beyond"}
    series = [name for name in both.columns if name not in numbers and name != time]
    agree = pl.lit(value=False)
    for group in ([time], [*series, "report"]):
        if group[0] in both.columns:
            others, alike = pl.len().over(group) - 1, (~pl.col("beyond")).sum().over(group)
            agree |= (alike >= slip.others) & (alike >= slip.share * others)
    return both.with_columns(slip=pl.when(pl.col("beyond") & agree).then(pl.coalesce(near)).cast(pl.Int64))


def list_ratio_faults(
    check: Check, both: pl.DataFrame, outside: list[OutsideData], bounds: Bounds, slip: UnitSlip | None, *, turned: bool
) -> Iterator[Fault]:
    for pair in both.filter("beyond").iter_rows(named=True):
        share = pair["ratio"]
        places = count_distinguishing_decimals([share, pair["low"], pair["high"]])

        def build_words(language: str, pair: Mapping[str, Any] = pair, places: int = places) -> dict[str, str]:
            shares = {name: format_number(pair[name], language, places) for name in ("ratio", "low", "high")}
            return shares | (phrase_slip(slip, pair["slip"], language) if slip else {})

        grave = share < bounds.error_low * (1 - EPSILON) or share > bounds.error_high * (1 + EPSILON)
        yield build_comparison_fault(
            check,
            pair,
            outside[pair["report"]],
            build_words,
            expected=write_usual_range(pair, turned=turned),
            severity="error" if grave else "warning" if pair["slip"] else "",
        )


def phrase_slip(slip: UnitSlip, factor: int | None, language: str) -> dict[str, str]:
    wording = slip.wording.in_language(language)
    return {"slip": wording.format(factor=format_number(factor, language, 0)) if factor else ""}


def count_distinguishing_decimals(shares: Iterable[float]) -> int:
    """Return the decimals needed to distinguish shares, at least two.

    >>> count_distinguishing_decimals([1.016, 0.985, 1.015])
    3
    """
    different = set(shares)
    return next(
        (places for places in (2, 3) if len({format_number(s, "en", places) for s in different}) == len(different)), 4
    )


def compute_rounding(step: str) -> pl.Expr:
    return pl.when(pl.col(step) == 1).then(0.0).otherwise(pl.col(step) / 2)


def write_usual_range(pair: Mapping[str, Any], *, turned: bool) -> str:
    other, low, high = pair["other"], pair["low"], pair["high"]
    if turned:
        low, high = 1 / high, (1 / low if low else float("inf"))
    if high == float("inf"):
        return f"at least {write_plain(other * low, 0)}"
    return f"{write_plain(other * low, 0)} to {write_plain(other * high, 0)}"


@KINDS.add("REPORTS-EQUAL")
def reports_equal(check: Check) -> Iterable[Fault | NotTestable]:
    """Another provider's copy of these data equals the reported figures, except for rounding.

    Parameter `domains` of the compared data, which follow the structure of the dataset in any dataflow. Figures rounded
    to a base may differ by less than it, as after random rounding.
    """
    with check.parameters as parameters:
        domains = parameters.strings("domains", None)
    side = Side(structures=(ANY_SOURCE,))
    outside = find_outside_data(check, domains, [side])
    every = tuple(check.structure.series_key)
    comparison = Comparison(domains=domains, same=every)
    both = pair_figures(check, comparison, SidePair(own=side, other=side), outside)
    if both.is_empty():
        yield explain_no_match(check, outside)
        return
    step = pl.max_horizontal("step", "step_other")
    difference = (pl.col("value") - pl.col("other")).abs()
    slack = pl.when(step == 1).then(EPSILON).otherwise(step * (1 - EPSILON))
    wrong = both.with_columns(difference=difference).filter(pl.col("difference") > slack)
    for pair in wrong.iter_rows(named=True):

        def build_words(language: str, pair: Mapping[str, Any] = pair) -> dict[str, str]:
            return {"difference": write_number(write_plain(pair["difference"]), language)}

        yield build_comparison_fault(
            check, pair, outside[pair["report"]], build_words, expected=write_plain(pair["other"])
        )


@KINDS.add("ASYMMETRY-AS-USUAL")
def asymmetry_is_usual(check: Check) -> Iterable[Fault | NotTestable]:
    """Two reports of a flow do not differ more than in earlier years.

    Asymmetry is the difference divided by the mean. Parameters: those of REPORTS-IN-RATIO up to `pair`; `years`:
    required number before; `times`: tolerated median deviations above the median; `floor`: smallest such deviation;
    `least`: minimum mean.
    """
    with check.parameters as parameters:
        comparison, pairs = read_comparison(parameters), read_pairs(parameters)
        years, least = parameters.integer("years"), parameters.integer("least")
        times, floor = read_decimal(parameters, "times"), read_decimal(parameters, "floor")
    outside = find_outside_data(check, comparison.domains, [pair.other for pair in pairs])
    tested = False
    for pair in pairs:
        both = pair_figures(check, comparison, pair, outside)
        compared = add_usual_asymmetry(check, both, years).filter(pl.col("mean") >= least)
        tested = tested or not compared.is_empty()
        limit = pl.col("usual") + pl.max_horizontal(pl.col("spread") * times, floor)
        wrong = compared.with_columns(limit=limit).filter(pl.col("asymmetry") > pl.col("limit") * (1 + EPSILON))
        for row in wrong.iter_rows(named=True):

            def build_words(language: str, row: Mapping[str, Any] = row) -> dict[str, str]:
                shares = {name: format_number(row[name] * 100, language, 0) for name in ("asymmetry", "usual", "limit")}
                return {**shares, "years": str(years)}

            expected = f"an asymmetry of at most {row['limit'] * 100:.0f}%"
            yield build_comparison_fault(check, row, outside[row["report"]], build_words, expected=expected)
    if not tested:
        yield report_not_tested(
            "no flow of at least {least} is reported by both sides in {years} consecutive years",
            least=least,
            years=years + 1,
        )


def add_usual_asymmetry(check: Check, both: pl.DataFrame, years: int) -> pl.DataFrame:
    """Add `asymmetry`, `usual` asymmetry and its `spread` to pairs with enough earlier years."""
    time = check.structure.key[-1]
    if both.is_empty() or time not in both.columns:
        return both.with_columns(pl.lit(0.0).alias(name) for name in ("mean", "asymmetry", "usual", "spread")).clear()
    mean = (pl.col("value") + pl.col("other")) / 2
    both = both.filter(pl.col(time).str.contains(r"^\d{4}$"), mean > 0).with_columns(
        mean=mean, asymmetry=(pl.col("value") - pl.col("other")).abs() / mean, year=pl.col(time).cast(pl.Int32)
    )
    known = ("row", "rows", "value", "step", "row_other", "other", "step_other", "mean", "asymmetry", "year", time)
    keys = [name for name in both.columns if name not in known]
    past = both.select(*keys, before="year", then="asymmetry")
    usual = (
        both.select(*keys, "year")
        .join(past, on=keys, how="inner", nulls_equal=True)
        .filter((pl.col("before") < pl.col("year")) & (pl.col("before") >= pl.col("year") - years))
        .group_by(*keys, "year")
        .agg(
            usual=pl.col("then").median(),
            spread=(pl.col("then") - pl.col("then").median()).abs().median(),
            count=pl.len(),
        )
        .filter(pl.col("count") == years)
    )
    return both.join(usual, on=[*keys, "year"], how="inner", nulls_equal=True, maintain_order="left")


@KINDS.add("PARTNERS-RANK-ALIKE")
def partner_ranks_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """Partners have a similar rank in both reports of the flows.

    Parameters: those of REPORTS-IN-RATIO up to `pair`; `partner`: their dimension; `partners`: minimum number; `least`:
    minimum rank correlation (Spearman).
    """
    with check.parameters as parameters:
        comparison, pairs = read_comparison(parameters), read_pairs(parameters)
        partner, needed = parameters.text("partner"), parameters.integer("partners")
        least = read_decimal(parameters, "least")
    outside = find_outside_data(check, comparison.domains, [pair.other for pair in pairs])
    tested = False
    for pair in pairs:
        both = pair_figures(check, comparison, pair, outside)
        if both.is_empty():
            continue
        both = both.unique(
            [*comparison.keys(check.dataset, outside[0].book.dataset)], keep="first", maintain_order=True
        )
        time = check.structure.key[-1]
        ranked = (
            both.group_by(AREA, time, maintain_order=True)
            .agg(
                pl.col("row"),
                report=pl.col("report").first(),
                value=pl.col("value").sum(),
                other=pl.col("other").sum(),
                count=pl.col(partner).n_unique(),
                correlation=pl.corr("value", "other", method="spearman"),
            )
            .filter(pl.col("count") >= needed, pl.col("correlation").is_not_nan())
        )
        tested = tested or not ranked.is_empty()
        yield from find_rank_differences(check, ranked.filter(pl.col("correlation") < least - EPSILON), least)
    if not tested:
        yield report_not_tested("not {needed} partners report the same flows in any year", needed=needed)


def find_rank_differences(check: Check, ranked: pl.DataFrame, least: float) -> Iterator[Fault]:
    for row in ranked.iter_rows(named=True):

        def build_words(language: str, row: Mapping[str, Any] = row) -> dict[str, str]:
            return {
                "count": write_number(str(row["count"]), language),
                "correlation": format_number(row["correlation"], language),
                "limit": format_number(least, language),
            }

        yield check.fault(
            row["row"],
            build_words,
            observed=f"{row['correlation']:.2f}",
            expected=f"a rank correlation of at least {least:g}",
        )


@KINDS.add("AREA-BALANCES")
def area_is_balanced(check: Check) -> Iterable[Fault | NotTestable]:
    """Within an area, immigration is about as large as emigration, since each move is counted twice.

    Adds only flows reported by both countries. Parameters: those of REPORTS-IN-RATIO; `areas`: lists of countries with
    `names`; `between`: dimensions of both countries; `flows`: minimum number.
    """
    with check.parameters as parameters:
        comparison, pairs = read_comparison(parameters), read_pairs(parameters)
        bounds = read_bounds(parameters)
        areas, between = parameters.table("areas").lists(), parameters.strings("between", None)
        names = parameters.table("names", required=True)
        area_names = {name: names.texts(name, required=True) for name in areas}
        needed = parameters.integer("flows")
    outside = find_outside_data(check, comparison.domains, [pair.other for pair in pairs])
    time = check.structure.key[-1]
    tested = False
    for pair in pairs:
        both = select_moves_reported_twice(check, comparison, pair, outside)
        for name, countries in areas.items():
            sums = (
                keep_pairs_inside_areas(both, {name: countries}, between)
                .group_by(time, maintain_order=True)
                .agg(pl.col("row").drop_nulls(), pl.col("value", "other").sum(), count=pl.len())
                .filter(pl.col("count") >= needed, pl.col("row").list.len() > 0)
                .with_columns(low=pl.lit(bounds.low), high=pl.lit(bounds.high))
            )
            tested = tested or not sums.is_empty()
            yield from find_imbalances(check, sums, area_names[name])
    if not tested:
        yield report_not_tested(
            "no area has {needed} flows that both countries report: {areas}", needed=needed, areas=list_names(areas)
        )


def select_moves_reported_twice(
    check: Check, comparison: Comparison, pair: SidePair, outside: Sequence[OutsideData]
) -> pl.DataFrame:
    """Return flows reported by both countries: `value` by one, `other` by the other."""
    own = check.books[0]
    keys = comparison.keys(own.dataset, own.dataset)
    books = [*check.books, *(data.book for data in outside)]
    here = {name: name for name in keys}
    arrivals = pl.concat(
        select_figures(book, pair.own, here, comparison).with_columns(
            row=pl.col("row") if book is own else pl.lit(None, dtype=pl.UInt32)
        )
        for book in books
    ).unique(list(keys), keep="first", maintain_order=True)
    departures = pl.concat(select_figures(book, pair.other, keys, comparison) for book in books).unique(
        list(keys), keep="first", maintain_order=True
    )
    ends = departures.select(*keys, other="value")
    return arrivals.join(ends, on=list(keys), how="inner", nulls_equal=True, maintain_order="left")


def find_imbalances(check: Check, sums: pl.DataFrame, area: Text) -> Iterator[Fault]:
    time = check.structure.key[-1]
    ratio = pl.col("value") / pl.col("other")
    wrong = sums.with_columns(ratio=ratio).filter(
        (pl.col("ratio") > pl.col("high") * (1 + EPSILON)) | (pl.col("ratio") < pl.col("low") * (1 - EPSILON))
    )
    for row in wrong.iter_rows(named=True):

        def build_words(language: str, row: Mapping[str, Any] = row) -> dict[str, str]:
            shares = {name: format_number(row[name], language) for name in ("ratio", "low", "high")}
            sums_of = {name: write_number(write_plain(row[name]), language) for name in ("value", "other")}
            count = write_number(str(row["count"]), language)
            return {"area": area.in_language(language), "period": row[time], "count": count, **shares, **sums_of}

        yield check.fault(
            row["row"], build_words, observed=write_plain(row["value"]), expected=write_usual_range(row, turned=False)
        )


DIRECTION = "DIRECTION"


@KINDS.add("CORRECTED-REPORTS-AGREE")
def corrected_reports_agree(check: Check) -> Iterable[Fault | NotTestable]:
    """Both reports of a flow agree after correction for definition and coverage.

    Compares logarithms. Parameters: those of REPORTS-IN-RATIO up to `pair`, whose sides name a direction; `partner`:
    dimension of the other country; `most`: tolerated distance; `least`: minimum corrected figure.
    """
    with check.parameters as parameters:
        comparison, pairs = read_comparison(parameters), read_pairs(parameters)
        partner, most, least = (
            parameters.text("partner"),
            read_decimal(parameters, "most"),
            parameters.integer("least"),
        )
    outside = find_outside_data(check, comparison.domains, [pair.other for pair in pairs])
    tested = False
    for pair in pairs:
        both = select_corrected(check, pair_figures(check, comparison, pair, outside), pair, partner)
        both = both.filter(pl.max_horizontal("own_corrected", "other_corrected") >= least)
        tested = tested or not both.is_empty()
        wrong = both.filter(pl.col("distance") > most + EPSILON)
        for row in wrong.iter_rows(named=True):

            def build_words(language: str, row: Mapping[str, Any] = row) -> dict[str, str]:
                figures = {
                    name: write_number(write_plain(row[name], 0), language)
                    for name in ("own_corrected", "other_corrected")
                }
                places = count_distinguishing_decimals([row["distance"], most])
                limits = {"distance": row["distance"], "limit": most}
                return {**{name: format_number(value, language, places) for name, value in limits.items()}, **figures}

            expected = f"about {write_plain(row['other_corrected'] / row['own_factor'], 0)}"
            yield build_comparison_fault(check, row, outside[row["report"]], build_words, expected=expected)
    if not tested:
        yield report_not_tested(
            "there are no correction factors of both countries for a flow of at least {least}", least=least
        )


def select_corrected(check: Check, both: pl.DataFrame, pair: SidePair, partner: str) -> pl.DataFrame:
    factors = pl.DataFrame(
        [(factor.area, factor.direction, factor.factor) for factor in check.outside.factors],
        schema={"area": pl.String, DIRECTION: pl.String, "factor": pl.Float64},
        orient="row",
    ).unique(["area", DIRECTION], keep="last", maintain_order=True)
    if AREA not in both.columns or partner not in both.columns:
        return both.with_columns(
            pl.lit(0.0).alias(name) for name in ("own_corrected", "other_corrected", "distance")
        ).clear()
    for name, area, side in (("own_factor", AREA, pair.own), ("other_factor", partner, pair.other)):
        of_side = factors.filter(pl.col(DIRECTION) == side.codes[DIRECTION]).select(
            pl.col("area").alias(area), factor="factor"
        )
        both = both.join(of_side.rename({"factor": name}), on=area, how="inner", maintain_order="left")
    both = both.with_columns(
        own_corrected=pl.col("value") * pl.col("own_factor"), other_corrected=pl.col("other") * pl.col("other_factor")
    )
    return both.with_columns(distance=(pl.col("own_corrected") / pl.col("other_corrected")).log().abs())
