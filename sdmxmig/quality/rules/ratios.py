"""Ratios of related figures; rates and shares by numerator and population."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from sdmxmig.primitives.lazily import pl
from sdmxmig.primitives.text import write_shortest
from sdmxmig.quality.rules import (
    KINDS,
    Check,
    UntestableError,
    build_untestable_error,
    report_not_tested,
    run_by_definition,
)
from sdmxmig.quality.rules.additive import AGES, is_complete
from sdmxmig.quality.rules.series import compute_needed_decimals, format_number, read_decimal
from sdmxmig.quality.rules.terms import (
    YEAR_COLUMN,
    Term,
    list_term_figures,
    read_term,
    select_countries_only,
    sum_over_years,
    switch_to_book,
)
from sdmxmig.quality.rules.totals import build_breakdown, describe_sums, select_first_per_group, split_by, sum_parts
from sdmxmig.quality.rules.totals import build_fault as fault_of_sum
from sdmxmig.quality.rules.values import extract_column, open_parameters
from sdmxmig.quality.rules.words import (
    TOTAL,
    build_reason,
    find_code_name,
    join_all,
    join_any,
    name_in_words,
    write_number,
)
from sdmxmig.sdmx.declarations import Declared
from sdmxmig.sdmx.model.data import Flow
from sdmxmig.sdmx.model.findings import Fault, NotTestable, Reason
from sdmxmig.statistics.demography.ledger import AREA, Book

NO_COMMON_FIGURES = "{flow} and {other} together: no two figures of one year that the rule could compare"
FIGURE_COLUMNS = frozenset(
    {YEAR_COLUMN, "value", "half", "rows", "value_lower", "half_lower", "rows_lower", "low", "high"}
)
"""The columns of two compared figures; other columns distinguish series."""
TOLERANCE = 1e-9
"""Tolerance for binary fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two terms and the dimensions of comparison.

    If `by` is None, all shared dimensions that no side fixes. Figures with `beside` codes are tested by another rule.
    """

    upper: Term
    lower: Term
    by: tuple[str, ...] | None
    named: Mapping[str, str]
    beside: Mapping[str, tuple[str, ...]]


@KINDS.add("RATIO-WITHIN")
@run_by_definition
def ratios_are_within_limits(check: Check) -> Iterable[Fault | NotTestable]:
    """The ratio of two figures for the same people, place and year is within bounds.

    Parameters: `pair`: `upper` and `lower` terms (`flow`, `codes`, `sums`, `at`; see `Term`), dimensions `by` of
    comparison (default: shared ones), their names in the lower term (`named`), and codes `beside` that are excluded;
    `lowest`, `highest`: bounds, one of which may be absent; `least`: minimum lower figure; `size`: minimum of the
    larger figure; `years`: consecutive years that are added. With `by`, countries are compared separately. Rounding is
    allowed for.
    """
    with check.parameters as parameters:
        pairs = [read_pair(entry) for entry in parameters.tables("pair")]
        lowest = read_decimal(parameters, "lowest") if parameters.text("lowest", "") else None
        highest = read_decimal(parameters, "highest") if parameters.text("highest", "") else None
        least, size = parameters.integer("least", 0), parameters.integer("size", 1)
        years = parameters.integer("years", 1)
    reported = {book.flow for book in check.books} | {""}
    ours = [pair for pair in pairs if pair.upper.flow in ("", check.flow.id)]
    fitting = [pair for pair in ours if pair.lower.flow in reported]
    reasons, tested = [], False
    for pair in fitting:
        both = compare_pair(check, pair, years)
        if isinstance(both, Reason):
            reasons.append(both)
            continue
        largest = pl.max_horizontal("value", "value_lower")
        judged = both[1].filter(pl.col("value_lower") >= least, largest >= size)
        tested = tested or not judged.is_empty()
        if judged.is_empty():
            reasons.append(
                build_reason(
                    "no figures that could be compared with {flow} are {least} or more",
                    flow=both[0].flow,
                    least=max(least, size),
                )
            )
        bounds = judged.with_columns(low=pl.lit(lowest, dtype=pl.Float64), high=pl.lit(highest, dtype=pl.Float64))
        yield from find_outliers(check, both[0], bounds, years)
    yield from (NotTestable(reason, partial=tested) for reason in dict.fromkeys(reasons))
    if not fitting:
        flow, others = check.flow.id, dict.fromkeys(pair.lower.flow for pair in ours)
        named = build_reason("no figures of {others} are reported beside {flow}", others=join_any(others), flow=flow)
        unnamed = build_reason("no figures of other dataflows are reported beside {flow}", flow=flow)
        yield NotTestable(named if others else unnamed)


@KINDS.add("MEAN-WITHIN-CLASS")
@run_by_definition
def means_are_within_class(check: Check) -> Iterable[Fault | NotTestable]:
    """The mean of a class, such as the mean length of stays of three to five months, lies in that class.

    Parameters: `upper`, `lower`, `beside` as for RATIO-WITHIN, in one dataset; `breakdown`: dimension of classes;
    `classes`: `code`, lower limit `from`, optional upper limit `below`; `least`: minimum lower figure.
    """
    with check.parameters as parameters:
        pair = Pair(
            upper=read_term(parameters.table("upper")),
            lower=read_term(parameters.table("lower")),
            by=None,
            named={},
            beside=parameters.table("beside").lists(),
        )
        dimension, least = parameters.text("breakdown"), parameters.integer("least", 1)
        classes = pl.DataFrame(
            [read_class(entry) for entry in parameters.tables("classes")],
            schema={dimension: pl.String, "low": pl.Float64, "high": pl.Float64},
            orient="row",
        )
    if dimension not in check.structure.series_key:
        raise build_untestable_error(
            "{flow} is not broken down by {dimensions}", flow=check.flow.id, dimensions=dimension
        )
    both = compare_pair(check, pair, 1)
    if isinstance(both, Reason):
        raise UntestableError(both)
    judged = both[1].filter(pl.col("value_lower") >= least)
    judged = judged.join(classes, on=dimension, how="inner", maintain_order="left")
    if judged.is_empty():
        yield report_not_tested("no class of {component} has a mean", component=dimension)
    yield from find_outliers(check, both[0], judged, 1, below=True)


def read_pair(declared: Declared) -> Pair:
    with declared:
        by = declared.strings("by") if "by" in declared.values else None
        return Pair(
            upper=read_term(declared.table("upper", required=True)),
            lower=read_term(declared.table("lower", required=True)),
            by=by,
            named=declared.table("named").pairs(),
            beside=declared.table("beside").lists(),
        )


def read_class(declared: Declared) -> tuple[str, float, float | None]:
    with declared:
        below = declared.integer("below", -1)
        return (declared.text("code"), float(declared.integer("from")), None if below < 0 else float(below))


def compare_pair(check: Check, pair: Pair, years: int) -> tuple[Book, pl.DataFrame] | Reason:
    own = check.books[0]
    book = next(book for book in check.books if book.flow == (pair.lower.flow or own.flow))
    other = check if book is own else switch_to_book(check, book)
    by = list_shared_dimensions(check.flow, other.dataset.flow, pair)
    upper = list_term_figures(check, pair.upper, by)
    lower = list_term_figures(other, pair.lower, [pair.named.get(name, name) for name in by])
    if isinstance(upper, Reason):
        return upper
    if isinstance(lower, Reason):
        return lower
    lower = lower.rename({pair.named.get(name, name): name for name in by if pair.named.get(name, name) != name})
    if pair.by is not None:
        upper = select_countries_only(check, upper, pair.by)
    upper, lower = sum_over_years(upper, by, years), sum_over_years(lower, by, years)
    keys = [AREA, *by, YEAR_COLUMN]
    both = upper.join(lower, on=keys, suffix="_lower", nulls_equal=True, maintain_order="left")
    both = drop_excluded_figures(check, pair, both, by)
    if both.is_empty():
        if book is own:
            return build_reason("{flow}: no two figures of one year that the rule could compare", flow=own.flow)
        return build_reason(NO_COMMON_FIGURES, flow=own.flow, other=book.flow)
    return book, both


def list_shared_dimensions(flow: Flow, other: Flow, pair: Pair) -> list[str]:
    if pair.by is not None:
        return list(pair.by)
    decided = pair.upper.pinned | pair.lower.pinned
    there = other.structure.series_key
    return [name for name in flow.structure.series_key if name in there and name not in decided]


def drop_excluded_figures(check: Check, pair: Pair, both: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    if not pair.beside:
        return both
    codes = {**pair.lower.codes, **pair.beside}
    others = list_term_figures(check, Term(flow="", codes=codes, sums=pair.lower.sums, at=pair.lower.at), by)
    if isinstance(others, Reason):
        return both
    return both.join(others, on=[AREA, *by, YEAR_COLUMN], how="anti", nulls_equal=True, maintain_order="left")


def find_outliers(check: Check, book: Book, both: pl.DataFrame, years: int, *, below: bool = False) -> Iterator[Fault]:
    largest, smallest = pl.col("value") + pl.col("half"), pl.col("value") - pl.col("half")
    most = (pl.col("value_lower") + pl.col("half_lower")) * pl.col("high")
    fewest = (pl.col("value_lower") - pl.col("half_lower")) * pl.col("low")
    too_large = smallest >= most if below else smallest > most * (1 + TOLERANCE)
    too_small = largest < fewest * (1 - TOLERANCE)
    wrong = both.filter(too_large.fill_null(value=False) | too_small.fill_null(value=False))
    over = pl.col("value") / (pl.col("value_lower") * pl.col("high"))
    under = pl.col("value_lower") * pl.col("low") / pl.col("value")
    ordered = wrong.sort(pl.max_horizontal(over, under), descending=True, maintain_order=True)
    names = [name for name in ordered.columns if name not in FIGURE_COLUMNS]
    for _, series in ordered.group_by(names, maintain_order=True):
        yield build_fault(check, book, series, years)


def build_fault(check: Check, book: Book, series: pl.DataFrame, years: int) -> Fault:
    worst: dict[str, Any] = series.row(0, named=True)
    firsts = dict.fromkeys(rows[0] for rows in series.get_column("rows"))
    others = dict.fromkeys(row for rows in series.get_column("rows") for row in rows if row not in firsts)
    lower = dict.fromkeys(row for rows in series.get_column("rows_lower") for row in rows)
    is_own = book is check.books[0]
    power = int(check.amounts.frame.get_column("power")[next(iter(firsts))])
    limits = {name: None if worst[name] is None else worst[name] * worst["value_lower"] for name in ("low", "high")}
    low, high = (None if limit is None else convert_to_sent_unit(limit, power) for limit in limits.values())
    side = "low" if limits["low"] is not None and worst["value"] < limits["low"] else "high"
    hidden = worst["half"] + worst["half_lower"] * worst[side]
    apart = worst["value"] - limits[side]  # 0 if the bound itself is outside
    return check.fault(
        firsts,
        partial(describe_figures, worst, years),
        observed=convert_to_sent_unit(worst["value"], power),
        expected=write_range(low, high),
        related=(*others, *lower) if is_own else tuple(others),
        elsewhere=() if is_own else tuple((book.flow, row) for row in lower),
        difference=convert_to_sent_unit(apart, power) if apart else "",
        tolerance=convert_to_sent_unit(hidden, power) if apart else "",
    )


def describe_figures(row: Mapping[str, Any], years: int, language: str) -> dict[str, str]:
    lower = row["value_lower"]
    ratio = row["value"] / lower if lower else float("inf")
    bounds = {name: row[name] for name in ("low", "high")}
    known = [bound for bound in bounds.values() if bound is not None]
    places = max(
        compute_needed_decimals([ratio, *known]), *(len(write_plain(bound).partition(".")[2]) for bound in known)
    )
    return {
        "value": write_number(format_rounded(row["value"]), language),
        "other": write_number(format_rounded(lower), language),
        "period": str(row[YEAR_COLUMN]) if years == 1 else f"{row[YEAR_COLUMN] - years + 1}–{row[YEAR_COLUMN]}",
        "ratio": format_number(ratio, language, places),
        **{
            name: "–" if bound is None else write_number(write_plain(bound), language) for name, bound in bounds.items()
        },
    }


def write_range(low: str | None, high: str | None) -> str:
    """Write the bounds of a figure.

    >>> write_range("1", "2"), write_range(None, "2"), write_range("1", None)
    ('1 to 2', '≤ 2', '≥ 1')
    """
    if low is not None and high is not None:
        return f"{low} to {high}"
    return f"≤ {high}" if low is None else f"≥ {low}"


def write_plain(bound: float) -> str:
    """Write a bound without trailing zeros.

    >>> write_plain(0.005), write_plain(92.0), write_plain(100.0)
    ('0.005', '92', '100')
    """
    return write_shortest(Decimal(repr(bound)))


def convert_to_sent_unit(value: float, power: int) -> str:
    """Convert a computed figure to the unit of its cell, such as thousands for UNIT_MULT 3.

    >>> convert_to_sent_unit(1040.0, 3), convert_to_sent_unit(1040.0, 0)
    ('1.04', '1040')
    """
    return write_shortest(Decimal(format_rounded(value)).scaleb(-power))


def format_rounded(value: float) -> str:
    """Round a computed figure to at most one decimal.

    >>> format_rounded(12.0), format_rounded(0.27)
    ('12', '0.3')
    """
    text = f"{Decimal(repr(value)).quantize(Decimal('0.1')):f}"
    return text.removesuffix(".0")


HUNDRED = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    rate: Term
    numerator: Term
    population: Term
    per: int


@KINDS.add("RATE-FOLLOWS")
@run_by_definition
def rates_match_terms(check: Check) -> Iterable[Fault | NotTestable]:
    """A reported rate or share matches the reported numerator and population.

    Parameters: `rates`: terms `rate`, `numerator`, `population` (see `Term`), and `per`; `slight`: tolerated share
    beyond rounding; `by`: dimensions of comparison, where all three tables have them, besides the total.
    """
    with check.parameters as parameters:
        divided = parameters.strings("by")
        slight, listed = read_decimal(parameters, "slight"), [read_rate(entry) for entry in parameters.tables("rates")]
    tested, reasons = False, []
    for rate in listed:
        beside = {book.flow: switch_to_book(check, book) for book in check.books}
        lacking = [flow for flow in (rate.numerator.flow, rate.population.flow) if flow not in beside]
        concerned = [check, *(beside[term.flow] for term in (rate.numerator, rate.population) if not lacking)]
        by = [name for name in divided if all(name in each.dataset.flow.structure.series_key for each in concerned)]
        reported = list_term_figures(check, rate.rate, by)
        if isinstance(reported, Reason) or lacking:
            reasons += (
                []
                if isinstance(reported, Reason)
                else [build_reason("{flow} is not reported beside a rate computed from it", flow=lacking[0])]
            )
            continue
        terms = [list_term_figures(beside[term.flow], term, by) for term in (rate.numerator, rate.population)]
        made = recompute_rates(reported, terms, rate.per, by)
        if isinstance(made, Reason):
            reasons.append(made)
            continue
        tested = tested or not made.is_empty()
        room = made.with_columns(room=pl.col("half") + pl.col("hidden") + slight * pl.col("rate").abs() + TOLERANCE)
        wrong = room.filter((pl.col("value") - pl.col("rate")).abs() > pl.col("room"))
        for row in wrong.iter_rows(named=True):
            yield build_rate_fault(check, rate, row)
    yield from (NotTestable(reason, partial=tested) for reason in dict.fromkeys(reasons))
    if not (tested or reasons):
        yield report_not_tested("no rate is reported with its numerator and population")


def read_rate(declared: Declared) -> Rate:
    with declared:
        rate, numerator, population = (read_term(declared.table(key)) for key in ("rate", "numerator", "population"))
        return Rate(rate=rate, numerator=numerator, population=population, per=declared.integer("per"))


def recompute_rates(
    reported: pl.DataFrame, terms: list[pl.DataFrame | Reason], per: int, by: Sequence[str]
) -> pl.DataFrame | Reason:
    """Return each rate with `rate` recomputed from its terms, and rounding error `hidden`."""
    numerator, population = terms
    if isinstance(numerator, Reason):
        return numerator
    if isinstance(population, Reason):
        return population
    keys = [AREA, YEAR_COLUMN, *by]
    both = reported.join(numerator, on=keys, suffix="_upper", maintain_order="left")
    both = both.join(population.filter(pl.col("value") > 0), on=keys, suffix="_lower", maintain_order="left")
    if both.is_empty():
        return build_reason("no rate is reported for a year with its numerator and population")
    rate = pl.col("value_upper") / pl.col("value_lower") * per
    hidden = (pl.col("half_upper") * per + rate.abs() * pl.col("half_lower")) / pl.col("value_lower")
    return both.with_columns(rate=rate, hidden=hidden)


def build_rate_fault(check: Check, rate: Rate, row: Mapping[str, Any]) -> Fault:
    first, *others = row["rows"]
    text = str(check.amounts.frame.get_column(check.measure)[first])
    places = len(text.partition(".")[2])

    def build_words(language: str) -> dict[str, str]:
        return {
            "value": write_number(text, language),
            "rate": format_number(row["rate"], language, places + 1),
            "numerator": format_number(row["value_upper"], language, 0),
            "population": format_number(row["value_lower"], language, 0),
            "per": format_number(rate.per, language, 0),
        }

    return check.fault(
        (first,),
        build_words,
        observed=text,
        expected=f"{row['rate']:.{places + 1}f}",
        related=tuple(others),
        elsewhere=(
            *((rate.numerator.flow, other) for other in row["rows_upper"]),
            *((rate.population.flow, other) for other in row["rows_lower"]),
        ),
        difference=f"{row['value'] - row['rate']:.{places + 1}f}",
        tolerance=f"{row['room']:.{places + 1}f}",
    )


@KINDS.add("SHARES-MAKE-WHOLE")
@run_by_definition
def shares_add_up(check: Check) -> Iterable[Fault | NotTestable]:
    """The shares of a breakdown with total 100 per cent add up to 100, as exactly as their decimals allow.

    Complete breakdowns only; a sum over 100 is always a fault. Parameters: `units`: those of shares; `except` as for
    other rules on totals. Half a printed unit per share is tolerated.
    """
    open_parameters(check).close()
    flow, unit = check.flow, 10**check.amounts.scale
    has_whole = (check.amounts.frame["amount"] == HUNDRED * unit).any()
    tested = False
    for name in flow.structure.series_key if has_whole else ():
        codelist, codes = flow.codelist(name), check.books[0].codes(name)
        if codelist is None or TOTAL not in codes or len(codes) < len((TOTAL, "part", "other part")):
            continue
        of = build_breakdown(flow, [name], TOTAL, (), by_age=codelist.ref.id == AGES)
        split = split_by(check, of)
        is_whole = split.steps["amount"][split.parts["group"]] == HUNDRED * unit
        rounded = pl.when(pl.col("slack") == 0).then(pl.lit(unit)).otherwise(pl.col("slack"))
        split = replace(split, parts=split.parts.filter(is_whole), steps=split.steps.with_columns(slack=rounded))
        sums = sum_parts(split, split.whole).with_columns(slack="slack_of_parts")  # the whole is not rounded
        tested = tested or not sums.is_empty()
        wrong = sums.filter((pl.col("sum") - pl.col("amount")).abs() * 2 > pl.col("slack"))
        for row in describe_sums(check, split, split.whole, select_first_per_group(wrong)):
            if row["sum"] > row["amount"] or of.by_age or is_complete(tuple(row["codes"]), codelist):
                yield fault_of_sum(check, of, row)
    if not tested:
        yield report_not_tested("no shares are reported with a whole of 100 per cent")


@KINDS.add("TERMS-OF-ONE-SOURCE")
def terms_share_source(check: Check) -> Iterable[Fault | NotTestable]:
    """Numerator and denominator come from one source and one vintage.

    Parameters: `breakdown`: dimension with both `codes`; `attributes` that must agree.
    """
    with check.parameters as parameters:
        name, codes = parameters.text("breakdown"), parameters.strings("codes", None)
        listed = parameters.strings("attributes", None)
    structure = check.structure
    if name not in structure.series_key:
        raise build_untestable_error("{flow} has no {component}", flow=check.flow.id, component=name)
    keys = [key for key in structure.key if key != name]
    tested = False
    for attribute in (structure[attribute] for attribute in listed if attribute in structure):
        values = extract_column(check, attribute)
        frame = check.frame.select("row", *structure.key).join(values, on="row", maintain_order="left")
        first, second = (frame.filter(pl.col(name) == code).drop(name) for code in codes)
        both = first.join(second, on=keys, suffix="_other", nulls_equal=True, maintain_order="left")
        both = both.drop_nulls(["value", "value_other"])
        tested = tested or not both.is_empty()
        yield from list_source_differences(check, attribute.id, both.filter(pl.col("value") != pl.col("value_other")))
    if not tested:
        yield report_not_tested(
            "no figures of both {codes} state {attributes}", attributes=join_all(listed), codes=join_all(codes)
        )


def list_source_differences(check: Check, attribute: str, both: pl.DataFrame) -> Iterator[Fault]:
    groups = both.group_by("value", "value_other", maintain_order=True).agg("row", "row_other")
    for value, other, rows, others in groups.iter_rows():
        words = partial(phrase_source, check, (attribute, value, other))
        yield check.fault(rows, words, component=attribute, observed=value, expected=other, related=tuple(others))


def phrase_source(check: Check, codes: tuple[str, str, str], language: str) -> dict[str, str]:
    attribute, value, other = codes
    names = (find_code_name(check.flow, attribute, code, language) for code in (value, other))
    return dict(zip(("value", "other"), names, strict=True)) | {
        "dimension": name_in_words(attribute, check.flow, language)
    }
